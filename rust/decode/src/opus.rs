//! Opus packets to samples, by ropus.
//!
//! The header: <https://www.rfc-editor.org/rfc/rfc7845#section-5.1>. In MP4 it has other byte
//! order: <https://opus-codec.org/docs/opus_in_isobmff.html>, section 4.3.2.

use ropus::OpusMSDecoder;

use crate::error::{Error, Result};
use crate::unclipped::{is_celt, refine, split};

/// Opus always decodes to this rate.
pub const RATE: u32 = 48_000;
/// The frames of the longest packet: 120 ms.
const MAX_FRAMES: u16 = 5_760;
const MAGIC: &[u8] = b"OpusHead";

/// The byte order of the numbers in a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As in Ogg and Matroska.
    Little,
    /// As in MP4.
    Big,
}

/// What the header of an Opus stream says.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// The number of channels.
    pub channels: u8,
    /// How many frames at the start are no sound yet.
    pub pre_skip: u64,
    /// What samples are to be multiplied with.
    gain: f32,
    streams: u8,
    coupled: u8,
    mapping: Vec<u8>,
}

impl Head {
    /// Reads a header.
    ///
    /// # Errors
    /// If it is no header, or one of a kind that is not decoded.
    pub fn parse(bytes: &[u8], order: Order) -> Result<Self> {
        let cut = || Error::corrupt("its Opus header is too short");
        let body = bytes.strip_prefix(MAGIC).ok_or_else(cut)?;
        let (fixed, rest) = body.split_first_chunk::<11>().ok_or_else(cut)?;
        let &[
            _version,
            channels,
            skip_0,
            skip_1,
            _,
            _,
            _,
            _,
            gain_0,
            gain_1,
            family,
        ] = fixed;
        let number = |bytes: [u8; 2]| match order {
            Order::Little => u16::from_le_bytes(bytes),
            Order::Big => u16::from_be_bytes(bytes),
        };
        let gain_db = f64::from(number([gain_0, gain_1]).cast_signed()) / 256.0;
        let mut head = Self {
            channels,
            pre_skip: u64::from(number([skip_0, skip_1])),
            gain: 10_f64.powf(gain_db / 20.0) as f32,
            streams: 1,
            coupled: 0,
            mapping: vec![0],
        };
        match (family, channels) {
            (_, 0) => {
                return Err(Error::corrupt(
                    "its Opus header says that it has 0 channels",
                ));
            }
            (0, 1) => {}
            (0, 2) => (head.coupled, head.mapping) = (1, vec![0, 1]),
            (1 | 255, _) => {
                let (&[streams, coupled], mapping) =
                    rest.split_first_chunk::<2>().ok_or_else(cut)?;
                (head.streams, head.coupled) = (streams, coupled);
                head.mapping = mapping
                    .get(..usize::from(channels))
                    .ok_or_else(cut)?
                    .to_vec();
            }
            _ => {
                return Err(Error::unsupported(format!(
                    "Opus with {channels} channels in mapping family {family}: expected family \
                     0, 1 or 255"
                )));
            }
        }
        Ok(head)
    }
}

/// Decodes packets.
pub struct OpusDecoder {
    gain: f32,
    streams: u8,
    coupled: u8,
    mapping: Vec<u8>,
    inner: OpusMSDecoder,
    integers: Vec<i16>,
    samples: Vec<f32>,
}

impl OpusDecoder {
    /// A decoder for a stream with this header.
    ///
    /// # Errors
    /// If the header has numbers that do not fit each other.
    pub fn new(head: &Head) -> Result<Self> {
        let inner = OpusMSDecoder::new(
            RATE.cast_signed(),
            i32::from(head.channels),
            i32::from(head.streams),
            i32::from(head.coupled),
            &head.mapping,
        );
        Ok(Self {
            gain: head.gain / 32_768.0,
            streams: head.streams,
            coupled: head.coupled,
            mapping: head.mapping.clone(),
            inner: inner.map_err(|_| {
                Error::corrupt("its Opus header maps channels to streams that it does not have")
            })?,
            integers: vec![0; usize::from(MAX_FRAMES) * usize::from(head.channels)],
            samples: Vec::new(),
        })
    }

    /// The number of channels.
    pub fn channels(&self) -> usize {
        self.mapping.len()
    }

    /// The samples of a packet, which may be beyond full scale.
    ///
    /// # Errors
    /// If it is broken.
    pub fn decode(&mut self, packet: &[u8]) -> Result<&[f32]> {
        self.samples.clear();
        // ropus keeps the finer values of its last frames only, so it gets them one by one.
        let frames = (self.streams == 1).then(|| split(packet)).flatten();
        match frames {
            Some(frames) => {
                for frame in &frames {
                    self.decode_some(frame)?;
                }
            }
            None => self.decode_some(packet)?,
        }
        for sample in &mut self.samples {
            *sample *= self.gain;
        }
        Ok(&self.samples)
    }

    /// Appends the samples of a packet, in units of ropus's integers.
    fn decode_some(&mut self, packet: &[u8]) -> Result<()> {
        let len = i32::try_from(packet.len()).ok().filter(|&len| len > 0);
        let len = len.ok_or_else(|| Error::corrupt("an Opus packet has no bytes"))?;
        let states = self.states();
        let frames = self
            .inner
            .decode(
                Some(packet),
                len,
                &mut self.integers,
                i32::from(MAX_FRAMES),
                false,
            )
            .map_err(|code| Error::corrupt(format!("a broken Opus packet, error {code}")))?;
        let count = usize::try_from(frames).unwrap_or(0) * self.channels();
        let before = self.samples.len();
        let integers = self.integers.iter().take(count);
        self.samples
            .extend(integers.map(|&sample| f32::from(sample)));
        if is_celt(packet) {
            self.refine(before, &states);
        }
        Ok(())
    }

    /// The state of the last filter of each stream.
    fn states(&self) -> Vec<[i32; 2]> {
        (0..usize::from(self.streams))
            .map(|stream| {
                let decoder = self.inner.get_decoder(stream);
                decoder.map_or([0; 2], ropus::OpusDecoder::debug_get_preemph_mem)
            })
            .collect()
    }

    /// Undoes the rounding and clipping of the samples from a place on.
    fn refine(&mut self, from: usize, states: &[[i32; 2]]) {
        for (channel, &source) in self.mapping.iter().enumerate() {
            let (stream, side) = if source < self.coupled.saturating_mul(2) {
                (source / 2, usize::from(source % 2))
            } else {
                (source.saturating_sub(self.coupled), 0)
            };
            let stream = usize::from(stream);
            // A channel that is mapped to no stream is silent.
            if let (Some(decoder), Some(state)) =
                (self.inner.get_decoder(stream), states.get(stream))
            {
                let samples = self.samples.iter_mut().skip(from + channel);
                refine(
                    decoder,
                    side,
                    state[side],
                    samples.step_by(self.mapping.len()),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(order: Order) -> Vec<u8> {
        let two = |number: i16| match order {
            Order::Little => number.to_le_bytes(),
            Order::Big => number.to_be_bytes(),
        };
        let mut bytes = MAGIC.to_vec();
        bytes.extend([1, 2]);
        bytes.extend(two(312));
        bytes.extend([0; 4]);
        bytes.extend(two(-1536));
        bytes.push(0);
        bytes
    }

    #[test]
    fn a_header_is_read_in_either_byte_order() {
        for order in [Order::Little, Order::Big] {
            let head = Head::parse(&bytes(order), order).unwrap();
            assert_eq!((head.channels, head.pre_skip), (2, 312));
            assert!((head.gain - 0.501_187).abs() < 1e-6); // -6 dB
        }
    }

    #[test]
    fn a_broken_header_is_an_error() {
        let whole = bytes(Order::Little);
        for len in 0..whole.len() {
            assert!(Head::parse(&whole[..len], Order::Little).is_err());
        }
        let mut none = whole.clone();
        none[9] = 0;
        assert!(Head::parse(&none, Order::Little).is_err());
        let mut family = whole;
        family[18] = 3;
        let error = Head::parse(&family, Order::Little).unwrap_err();
        assert_eq!(error.kind(), "unsupported");
    }
}
