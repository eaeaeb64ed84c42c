//! Containers by symphonia, and the packets in them.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Seek};
use std::sync::Arc;

use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::packet::Packet;
use symphonia::core::units::Timestamp;
use symphonia::default::formats as readers;

use crate::aac;
use crate::codec::{Chosen, choose};
use crate::error::{Error, Result};
use crate::flac;
use crate::format::Format;
use crate::limits::Meter;
use crate::mkv::Segment;
use crate::mp4::Movie;
use crate::opus::Order;
use crate::source::Source;
use crate::stream::{Spec, Step, Stream};
use crate::trim::Trim;
use crate::wav;

/// A track of a container.
pub struct Packets {
    reader: Box<dyn FormatReader>,
    track: Chosen,
    order: Order,
    format: Format,
    meter: Arc<Meter>,
    /// Packets that were read ahead.
    ahead: VecDeque<Packet>,
    scratch: Vec<f32>,
    spec: Option<Spec>,
    /// Frames of this link of a chain that are still to be left out.
    skip: u64,
    /// Frames decoded in this link, whatever is left out of them.
    frames: u64,
    /// Where the next packet should begin, in frames.
    next: Option<i64>,
    missing: u64,
    /// Bytes of the packets so far, and those of the file.
    bytes: u64,
    size: u64,
    damaged: u64,
    faults: Vec<String>,
    was_sought: bool,
    /// Whether the end of the file is the end of the sound, though nothing says so.
    is_live: bool,
}

/// A container's track, and what is to be left out of it.
pub struct Opened {
    /// The track.
    pub stream: Packets,
    /// What the container says about its beginning and end.
    pub trim: Trim,
    /// Frames to leave out at the end, wherever that is.
    pub tail: u64,
}

impl Opened {
    /// How many frames are left by what the file says, if that is reliable.
    pub fn stated(&self) -> Option<u64> {
        let rest = self.stream.stated()?.saturating_sub(self.trim.start);
        Some(self.trim.frames.map_or(rest, |frames| frames.min(rest)))
    }
}

impl Packets {
    /// Opens a container that begins as one of its format does.
    ///
    /// # Errors
    /// If it cannot be read, is broken, or has no track that can be decoded.
    pub fn open(mut source: Source, format: Format) -> Result<Opened> {
        let meter = source.meter();
        match format {
            Format::Wav => wav::check_format(&mut source)?,
            Format::Flac => {
                if let Some((head, until)) = flac::without_metadata(&mut source)? {
                    source.replace_head(head, until)?;
                }
            }
            _ => {}
        }
        let size = source.size();
        let movie = match format {
            Format::Mp4 => Some(Movie::read(&mut source).map_err(|why| or_limit(why, &meter))?),
            _ => None,
        };
        let segment = match format {
            Format::Matroska => {
                Some(Segment::read(&mut source).map_err(|why| or_limit(why, &meter))?)
            }
            _ => None,
        };
        if let Some(movie) = &movie {
            // symphonia passes over a box that does not fit into the file, with all sound in it.
            source.lengthen(movie.end());
        }
        // It would look at the end of Ogg first, and give up if the file was cut there, as it does
        // if an element of Matroska does not fit into the file.
        if is_ogg(format) || segment.as_ref().is_some_and(Segment::is_cut) {
            source.stream();
        }
        let order = if format == Format::Mp4 {
            Order::Big
        } else {
            Order::Little
        };
        let reader = container(source, format).map_err(|why| limited(why, &meter))?;
        let track = choose(reader.as_ref(), order)?;
        let mut stream = Self {
            reader,
            track,
            order,
            format,
            meter,
            ahead: VecDeque::new(),
            scratch: Vec::new(),
            spec: None,
            skip: 0,
            frames: 0,
            next: None,
            missing: 0,
            bytes: 0,
            size,
            damaged: 0,
            faults: Vec::new(),
            was_sought: false,
            is_live: segment.as_ref().is_some_and(Segment::is_live),
        };
        stream.check_aac()?;
        let (trim, tail) = stream.said(movie.as_ref(), segment.as_ref());
        Ok(Opened { stream, trim, tail })
    }

    /// What the container or the codec says about beginning and end.
    fn said(&mut self, movie: Option<&Movie>, segment: Option<&Segment>) -> (Trim, u64) {
        let (id, sr) = (self.track.id, self.track.sr.unwrap_or(0));
        let mut trim = Trim {
            start: self.track.pre_skip,
            frames: None,
        };
        if let Some(movie) = movie {
            let (said, total) = movie.trim(id, sr);
            self.track.frames = total;
            // Some programs write no edit list for Opus: then its header counts.
            if let Some(said) = said.filter(|said| said.start > 0 || trim.start == 0) {
                trim = said;
            }
        }
        if let Some(segment) = segment {
            if trim.start == 0 {
                trim.start = segment.delay(id, sr);
            }
            return (trim, segment.padding(id, sr));
        }
        if trim.frames.is_none() {
            // Each link of a chain of Ogg streams has a beginning of its own.
            self.skip = std::mem::take(&mut trim.start);
        }
        (trim, 0)
    }

    /// Refuses HE-AAC, by the first packets.
    fn check_aac(&mut self) -> Result<()> {
        if !self.track.is_aac {
            return Ok(());
        }
        while self.ahead.len() < aac::LOOKED_AT {
            self.meter.take_packet()?;
            // What goes wrong here goes wrong again when it is decoded.
            match self.reader.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track.id => {
                    self.ahead.push_back(packet);
                }
                Ok(Some(_)) => {}
                _ => break,
            }
        }
        let packets: Vec<&[u8]> = self
            .ahead
            .iter()
            .map(|packet| packet.data.as_ref())
            .collect();
        aac::check_packets(&packets)
    }

    fn next_packet(&mut self) -> Result<Next> {
        if let Some(packet) = self.ahead.pop_front() {
            return Ok(Next::Packet(packet));
        }
        self.meter.take_packet()?;
        match self.reader.next_packet() {
            Ok(Some(packet)) if packet.track_id == self.track.id => Ok(Next::Packet(packet)),
            Ok(Some(_)) => Ok(Next::Nothing),
            Ok(None) => Ok(Next::End),
            Err(SymphoniaError::ResetRequired) => Ok(Next::Link),
            Err(SymphoniaError::IoError(why))
                if self.is_live && why.kind() == ErrorKind::UnexpectedEof =>
            {
                Ok(Next::End)
            }
            Err(why) => match limited(why, &self.meter) {
                why @ (Error::Unreadable(_) | Error::Limit(_)) => Err(why),
                why => Ok(Next::Broken(why.to_string())),
            },
        }
    }

    fn decode(&mut self, packet: &Packet, out: &mut Vec<f32>) -> Option<String> {
        let before = out.len();
        self.bytes += packet.data.len() as u64;
        self.note_gap(packet);
        let decoded = self.track.codec.decode(packet, out, &mut self.scratch);
        let Ok(spec) = decoded else {
            out.truncate(before);
            self.damaged += 1;
            return None;
        };
        if self.spec.is_some_and(|first| first != spec) {
            out.truncate(before);
            return Some(CHANGES.to_owned());
        }
        self.spec = Some(spec);
        let frames = ((out.len() - before) / spec.channels.max(1)) as u64;
        self.frames += frames;
        if self.skip > 0 {
            let skipped = self.skip.min(frames);
            self.skip -= skipped;
            out.drain(before..before + skipped as usize * spec.channels);
        }
        None
    }

    /// Notes what a page of Ogg had that was lost: symphonia passes over a page whose checksum is
    /// wrong and says nothing, but the next page tells where it begins.
    fn note_gap(&mut self, packet: &Packet) {
        let start = packet.pts.get();
        let gap = start.saturating_sub(self.next.unwrap_or(start));
        if is_ogg(self.format) && gap >= LEAST_GAP {
            self.missing += gap.unsigned_abs();
        }
        let frames = i64::try_from(packet.dur.get()).unwrap_or(i64::MAX);
        self.next = Some(start.saturating_add(frames));
    }

    /// Goes on with the next link of a chain of Ogg streams.
    fn next_link(&mut self) -> Option<String> {
        self.end_link();
        match choose(self.reader.as_ref(), self.order) {
            Ok(track) => {
                self.skip = track.pre_skip;
                self.frames = 0;
                self.next = None;
                self.track = track;
                None
            }
            Err(why) => Some(format!("another stream follows, which is left out: {why}")),
        }
    }

    /// Notes what is wrong with the link that has ended.
    fn end_link(&mut self) {
        if self.was_sought {
            return;
        }
        let is_verified = self.track.codec.is_verified();
        if is_verified == Some(false) {
            self.faults
                .push("the checksum of its samples is not theirs".to_owned());
        }
        let frames = self.frames;
        let stated = self.stated();
        if let Some(stated) = stated.filter(|&stated| frames < stated) {
            self.faults
                .push(format!("it ends after {frames} of {stated} frames"));
        }
        if stated.is_none() && is_verified != Some(true) {
            self.check_rest();
        }
    }

    /// symphonia passes over what it does not take for a frame of FLAC, such as one with another
    /// number of channels than before. If nothing else tells, the size of the file does.
    fn check_rest(&mut self) {
        let rest = self.size.saturating_sub(self.bytes);
        if self.format == Format::Flac && rest > MOST_AFTER_THE_END {
            self.faults
                .push(format!("{rest} of its {} bytes are left out", self.size));
        }
    }

    /// Whether the number of frames that the container gives is exact. That of CAF counts the
    /// padding of the last packet.
    fn states_length(&self) -> bool {
        match self.format {
            Format::Flac | Format::Wav | Format::Aiff | Format::Mp4 => true,
            Format::Caf => self.track.codec.is_pcm(),
            _ => false,
        }
    }
}

/// A shorter gap may be a way of counting: Vorbis packets overlap.
const LEAST_GAP: i64 = 1024;
/// Tags may follow the last frame.
const MOST_AFTER_THE_END: u64 = 1 << 16;
const CHANGES: &str = "the rate or the number of channels changes; what follows is left out";

enum Next {
    Packet(Packet),
    /// Of another track.
    Nothing,
    Link,
    End,
    Broken(String),
}

impl Stream for Packets {
    fn name(&self) -> &'static str {
        self.track.codec.name()
    }

    fn spec(&self) -> Option<Spec> {
        self.spec
    }

    fn step(&mut self, out: &mut Vec<f32>) -> Result<Step> {
        let cut = match self.next_packet()? {
            Next::Packet(packet) => self.decode(&packet, out),
            Next::Nothing => None,
            Next::Link => self.next_link(),
            Next::End => {
                self.end_link();
                return Ok(Step::End);
            }
            Next::Broken(why) => {
                self.end_link();
                Some(why)
            }
        };
        Ok(cut.map_or(Step::More, Step::Cut))
    }

    fn stated(&self) -> Option<u64> {
        self.track.frames.filter(|_| self.states_length())
    }

    fn seek(&mut self, frame: u64) -> Option<u64> {
        if !self.track.codec.is_pcm()
            || !matches!(self.format, Format::Wav | Format::Aiff | Format::Caf)
        {
            return None;
        }
        let to = SeekTo::Timestamp {
            ts: Timestamp::new(i64::try_from(frame).ok()?),
            track_id: self.track.id,
        };
        let at = self
            .reader
            .seek(SeekMode::Accurate, to)
            .ok()?
            .actual_ts
            .get();
        self.ahead.clear();
        self.was_sought = true;
        u64::try_from(at).ok()
    }

    fn faults(&mut self) -> Vec<String> {
        let mut faults = std::mem::take(&mut self.faults);
        if self.missing > 0 {
            faults.push(format!("{} frames inside of it are missing", self.missing));
        }
        match self.damaged {
            0 => {}
            1 => faults.push("a damaged packet was left out".to_owned()),
            count => faults.push(format!("{count} damaged packets were left out")),
        }
        faults
    }
}

/// The reader of a container. None of them searches for where it begins.
fn container(
    mut source: Source,
    format: Format,
) -> std::result::Result<Box<dyn FormatReader>, SymphoniaError> {
    source.rewind()?;
    let options = MediaSourceStreamOptions::default();
    let mut bytes = MediaSourceStream::new(Box::new(source), options);
    let options = FormatOptions::default();
    Ok(match format {
        Format::Flac => Box::new(readers::FlacReader::try_new(bytes, options)?),
        Format::OggFlac | Format::OggVorbis | Format::OggOpus => {
            Box::new(readers::OggReader::try_new(bytes, options)?)
        }
        Format::Mp4 => {
            // This reader expects that the size of the first box has been read.
            bytes.read_exact(&mut [0; 4])?;
            Box::new(readers::IsoMp4Reader::try_new(bytes, options)?)
        }
        Format::Matroska => Box::new(readers::MkvReader::try_new(bytes, options)?),
        Format::Caf => Box::new(readers::CafReader::try_new(bytes, options)?),
        Format::Adts => Box::new(readers::AdtsReader::try_new(bytes, options)?),
        Format::Wav => Box::new(readers::WavReader::try_new(bytes, options)?),
        Format::Aiff => Box::new(readers::AiffReader::try_new(bytes, options)?),
        _ => return Err(SymphoniaError::Unsupported("this format")),
    })
}

fn is_ogg(format: Format) -> bool {
    matches!(
        format,
        Format::OggFlac | Format::OggVorbis | Format::OggOpus
    )
}

fn limited(why: SymphoniaError, meter: &Meter) -> Error {
    or_limit(why.into(), meter)
}

/// The limit that was reached, if one was, since what went wrong then follows from it.
fn or_limit(why: Error, meter: &Meter) -> Error {
    meter.check().err().unwrap_or(why)
}
