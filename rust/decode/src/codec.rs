//! The codec of a track, and a decoder for it.

use symphonia::core::audio::Channels;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known as known;
use symphonia::core::codecs::audio::{
    AudioCodecId, AudioCodecParameters, AudioDecoder, AudioDecoderOptions,
};
use symphonia::core::formats::{FormatReader, Track, TrackFlags};
use symphonia::core::packet::Packet;
use symphonia::default::get_codecs;

use crate::aac;
use crate::error::{Error, Result};
use crate::limits::MAX_CHANNELS;
use crate::opus::{Head, OpusDecoder, Order, RATE};
use crate::stream::Spec;

/// Decoders get memory for as many frames at once as a packet may have.
const MAX_PACKET_FRAMES: u64 = 1 << 17;

/// A decoder of packets.
pub enum Codec {
    /// One of symphonia's.
    Symphonia(Box<dyn AudioDecoder>),
    /// Opus.
    Opus(Box<OpusDecoder>),
}

/// A track that can be decoded.
pub struct Chosen {
    /// Its number in the container.
    pub id: u32,
    /// The decoder.
    pub codec: Codec,
    /// Whether it is AAC, which may be HE-AAC that nothing announces.
    pub is_aac: bool,
    /// Frames that its codec says to leave out at the start.
    pub pre_skip: u64,
    /// Its rate, if that is known before something is decoded.
    pub sr: Option<u32>,
    /// How many frames it is said to have.
    pub frames: Option<u64>,
}

/// The first track of sound that can be decoded, one that is marked as the default before others.
///
/// # Errors
/// If there is none: why the first one of sound cannot be decoded.
pub fn choose(reader: &dyn FormatReader, order: Order) -> Result<Chosen> {
    let (first, others): (Vec<&Track>, Vec<&Track>) = reader
        .tracks()
        .iter()
        .partition(|track| track.flags.contains(TrackFlags::DEFAULT));
    let mut reason = None;
    for track in first.into_iter().chain(others) {
        let Some(CodecParameters::Audio(params)) = &track.codec_params else {
            continue;
        };
        match decoder(params, order) {
            Ok((codec, pre_skip)) => {
                return Ok(Chosen {
                    id: track.id,
                    is_aac: params.codec == known::CODEC_ID_AAC,
                    sr: match codec {
                        Codec::Opus(_) => Some(RATE),
                        Codec::Symphonia(ref decoder) => decoder.codec_params().sample_rate,
                    },
                    codec,
                    pre_skip,
                    frames: track.num_frames,
                });
            }
            Err(why) => reason = reason.or(Some(why)),
        }
    }
    Err(reason.unwrap_or_else(|| Error::unsupported("there is no track of sound in it")))
}

fn decoder(params: &AudioCodecParameters, order: Order) -> Result<(Codec, u64)> {
    let extra = params.extra_data.as_deref().unwrap_or_default();
    match params.codec {
        known::CODEC_ID_OPUS => {
            let head = Head::parse(extra, order)?;
            check_size(None, Some(usize::from(head.channels)))?;
            let decoder = OpusDecoder::new(&head)?;
            return Ok((Codec::Opus(Box::new(decoder)), head.pre_skip));
        }
        known::CODEC_ID_AAC => aac::check_config(extra)?,
        known::CODEC_ID_ALAC => check_size(alac_packet(extra), None)?,
        _ => {}
    }
    let channels = params.channels.as_ref().map(Channels::count);
    check_size(params.max_frames_per_packet, channels)?;
    if let Some(sr) = params.sample_rate {
        Spec { sr, channels: 1 }.check()?;
    }
    let options = AudioDecoderOptions::default().verify(true);
    if get_codecs().get_audio_decoder(params.codec).is_none() {
        let name = codec_name(params.codec);
        return Err(Error::unsupported(format!(
            "its sound is {name}, which is not supported"
        )));
    }
    let decoder = get_codecs().make_audio_decoder(params, &options)?;
    Ok((Codec::Symphonia(decoder), 0))
}

/// Refuses sizes that a decoder would ask much memory for.
fn check_size(packet_frames: Option<u64>, channels: Option<usize>) -> Result<()> {
    if let Some(channels) = channels.filter(|channels| !(1..=MAX_CHANNELS).contains(channels)) {
        return Err(Error::unsupported(format!(
            "it has {channels} channels: expected 1 to {MAX_CHANNELS}"
        )));
    }
    if let Some(frames) = packet_frames.filter(|&frames| frames > MAX_PACKET_FRAMES) {
        return Err(Error::corrupt(format!(
            "its packets are said to have up to {frames} frames: expected at most \
             {MAX_PACKET_FRAMES}"
        )));
    }
    Ok(())
}

/// The frames of a packet of ALAC, the first number of its configuration.
fn alac_packet(config: &[u8]) -> Option<u64> {
    let bytes = config.get(..4)?.try_into().ok()?;
    Some(u64::from(u32::from_be_bytes(bytes)))
}

fn codec_name(codec: AudioCodecId) -> &'static str {
    match codec {
        known::CODEC_ID_MP1 | known::CODEC_ID_MP2 | known::CODEC_ID_MP3 => {
            "MPEG audio in a container"
        }
        known::CODEC_ID_AC3 => "AC-3",
        known::CODEC_ID_EAC3 => "Enhanced AC-3",
        known::CODEC_ID_AC4 => "AC-4",
        known::CODEC_ID_DCA => "DTS",
        known::CODEC_ID_SPEEX => "Speex",
        known::CODEC_ID_WMA => "Windows Media Audio",
        known::CODEC_ID_WAVPACK => "WavPack",
        known::CODEC_ID_TTA => "True Audio",
        known::CODEC_ID_MUSEPACK => "Musepack",
        _ => "of a kind that is not known",
    }
}

impl Codec {
    /// The library that decodes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Symphonia(_) => "symphonia",
            Self::Opus(_) => "ropus",
        }
    }

    /// Whether each sample is decoded on its own.
    pub fn is_pcm(&self) -> bool {
        match self {
            Self::Symphonia(decoder) => decoder.codec_info().short_name.starts_with("pcm"),
            Self::Opus(_) => false,
        }
    }

    /// Whether the checksum of all samples that the stream has, if it has one, is theirs.
    pub fn is_verified(&mut self) -> Option<bool> {
        match self {
            Self::Symphonia(decoder) => decoder.finalize().verify_ok,
            Self::Opus(_) => None,
        }
    }

    /// Appends the frames of a packet.
    ///
    /// # Errors
    /// If it is broken.
    pub fn decode(
        &mut self,
        packet: &Packet,
        out: &mut Vec<f32>,
        scratch: &mut Vec<f32>,
    ) -> Result<Spec> {
        match self {
            Self::Symphonia(decoder) => {
                let buffer = decoder.decode(packet)?;
                let spec = Spec {
                    sr: buffer.spec().rate(),
                    channels: buffer.num_planes(),
                };
                buffer.copy_to_vec_interleaved(scratch);
                out.extend_from_slice(scratch);
                Ok(spec)
            }
            Self::Opus(decoder) => {
                let channels = decoder.channels();
                let samples = decoder.decode(&packet.data)?;
                let frames = (samples.len() / channels) as u64;
                let kept = frames.saturating_sub(packet.trim_end.get()) as usize;
                out.extend_from_slice(samples.get(..kept * channels).unwrap_or_default());
                Ok(Spec { sr: RATE, channels })
            }
        }
    }
}
