//! A decoder as callers see it: trimmed, limited, and with panics caught.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::format::{Format, SNIFFED, sniff};
use crate::guard::guarded;
use crate::limits::{Limits, Meter};
use crate::mp3::Mp3;
use crate::packets::Packets;
use crate::source::{Bytes, Source};
use crate::stream::{Spec, Step, Stream};
use crate::tags::{bytes_at, skip_tags};

/// A sound while it is decoded.
pub struct Decoder {
    /// None after the end.
    stream: Option<Box<dyn Stream>>,
    name: &'static str,
    format: Format,
    spec: Spec,
    /// Decoded samples, of which the first `at` are given away.
    pending: Vec<f32>,
    at: usize,
    /// Frames decoded, whatever was left out of them.
    decoded: u64,
    /// Frames to leave out before the next one.
    skip: u64,
    /// Frames that there may still be.
    left: Option<u64>,
    /// Frames to leave out at the end.
    tail: u64,
    /// Frames that there are by what the file says, if that is reliable.
    stated: Option<u64>,
    limits: Limits,
    failed: Option<Error>,
    warnings: Vec<String>,
}

const PACKETS_AFTER_THE_END: usize = 4;

/// Where a search for a frame led.
enum Sought {
    /// To the frame, which is decoded, or to an error that is kept for later.
    There,
    /// After the end of what can be decoded.
    BeyondTheEnd,
    /// Nowhere else than before.
    Nowhere,
}

/// Opens a sound.
///
/// Its first samples are decoded, so that what is broken from the start is an error here.
///
/// # Arguments
/// * `bytes` - A file, or anything else that can be read from any place.
/// * `format` - What to decode it as. If it is None, the first bytes tell.
/// * `limits` - How much it may take.
///
/// # Errors
/// [`Error::Unsupported`] if the format is not decoded here, [`Error::Corrupt`] if it is broken,
/// [`Error::Unreadable`] if the system does not let it be read, [`Error::Empty`] without a sample.
pub fn open<B: Bytes + 'static>(
    mut bytes: B,
    format: Option<Format>,
    limits: &Limits,
) -> Result<Decoder> {
    let size = bytes.seek(SeekFrom::End(0))?;
    if size == 0 {
        return Err(Error::Empty);
    }
    let (found, start) = sniff_file(&mut bytes)?;
    let format = format.or(found);
    let format = format.ok_or_else(|| {
        Error::unsupported("it does not begin as a file of any format that is known does")
    })?;
    if !format.is_decoded() {
        let name = format.name();
        return Err(Error::unsupported(format!(
            "it is {name}, which is not supported"
        )));
    }
    let meter = Arc::new(Meter::new(limits, size));
    let source = Source::new(Box::new(bytes), start, size, meter)?;
    let mut decoder = guarded(|| Decoder::new(source, format, limits))?;
    decoder.prime()?;
    Ok(decoder)
}

/// The format of a file, by its first bytes, and where the tags before it end.
///
/// # Errors
/// If it cannot be read, is not a regular file, or is empty. A device might never end, and opening
/// a pipe waits until something is written to it.
pub fn sniff_path(path: &Path) -> Result<(Option<Format>, u64)> {
    let about = fs::metadata(path)?;
    if !about.is_file() {
        return Err(Error::Unreadable(io::Error::other(
            "it is not a regular file",
        )));
    }
    if about.len() == 0 {
        return Err(Error::NoBytes);
    }
    sniff_file(&mut File::open(path)?)
}

/// As [`sniff_path`], of a file that is open.
///
/// # Errors
/// If the file cannot be read.
pub fn sniff_file<R: Read + Seek>(file: &mut R) -> Result<(Option<Format>, u64)> {
    let start = skip_tags(file)?;
    let format = sniff(&bytes_at(file, start, SNIFFED)?);
    Ok((format, start))
}

impl Decoder {
    fn new(source: Source, format: Format, limits: &Limits) -> Result<Self> {
        let mut decoder = Self {
            stream: None,
            name: "",
            format,
            spec: Spec { sr: 0, channels: 1 },
            pending: Vec::new(),
            at: 0,
            decoded: 0,
            skip: 0,
            left: None,
            tail: 0,
            stated: None,
            limits: *limits,
            failed: None,
            warnings: Vec::new(),
        };
        if format == Format::Mp3 {
            let mp3 = Mp3::open(source)?;
            decoder.stated = mp3.stated();
            decoder.stream = Some(Box::new(mp3));
        } else {
            let opened = Packets::open(source, format)?;
            (decoder.skip, decoder.left) = (opened.trim.start, opened.trim.frames);
            decoder.tail = opened.tail;
            decoder.stated = opened.stated();
            decoder.stream = Some(Box::new(opened.stream));
        }
        Ok(decoder)
    }

    /// Decodes up to the first samples, which tell what the stream really has.
    fn prime(&mut self) -> Result<()> {
        self.name = self.stream.as_ref().map_or("", |stream| stream.name());
        while self.available() == 0 && !self.has_ended() {
            self.fill()?;
        }
        if self.available() > 0 {
            return Ok(());
        }
        let why = self.warnings.join("; ");
        Err(if why.is_empty() {
            Error::Empty
        } else {
            Error::Corrupt(why)
        })
    }

    /// Frames per second.
    #[must_use]
    pub fn sr(&self) -> u32 {
        self.spec.sr
    }

    /// Samples per frame.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.spec.channels
    }

    /// How many frames there are by what the file says of itself, if that is reliable. There may
    /// be fewer if it is damaged.
    #[must_use]
    pub fn frames(&self) -> Option<u64> {
        self.stated
    }

    /// The library that decodes it: "symphonia", "nanomp3" or "ropus".
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// What was wrong with the sound, in words. Complete only after its end. If there is any, not
    /// all of the sound was decoded, or not as it was when it was encoded.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Decodes the next frames, interleaved, in place of what is in `out`.
    ///
    /// Gives their number, which is less than `frames` only at the end or before an error, and 0
    /// after the end. What is broken ends the sound with a warning.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if the file cannot be read any more, and [`Error::Limit`] if the sound
    /// takes more than it may. What was decoded before that is given first.
    pub fn read(&mut self, frames: usize, out: &mut Vec<f32>) -> Result<usize> {
        out.clear();
        self.pass(frames as u64, |samples| out.extend_from_slice(samples))
            .map(|count| count as usize)
    }

    /// Leaves out the next frames, and gives their number, which is less only at the end or before
    /// an error.
    ///
    /// # Errors
    /// As [`Decoder::read`].
    pub fn skip(&mut self, frames: u64) -> Result<u64> {
        if self.seek(frames) {
            return Ok(frames);
        }
        self.pass(frames, |_| ())
    }

    /// Hands the next frames to a function, in pieces, and gives their number.
    fn pass(&mut self, frames: u64, mut give: impl FnMut(&[f32])) -> Result<u64> {
        let mut missing = frames;
        while missing > 0 {
            let count = self.available().min(missing);
            if count > 0 {
                give(self.take(count));
                missing -= count;
            } else if self.failed.is_some() && missing < frames {
                break;
            } else if let Some(why) = self.failed.take() {
                self.stream = None;
                return Err(why);
            } else if self.has_ended() {
                break;
            } else {
                self.failed = self.fill().err();
            }
        }
        Ok(frames - missing)
    }

    /// Leaves out frames by going to another place in the file, if that is cheap and exact.
    fn seek(&mut self, frames: u64) -> bool {
        let ready = self.available();
        if frames <= ready || self.left.is_some() || self.tail > 0 || self.skip > 0 {
            return false;
        }
        let from = self.decoded - ready;
        // There may be fewer frames than the header says, so the last one must be there.
        match self.go_to(from.saturating_add(frames - 1)) {
            Sought::There => {
                self.take(self.available().min(1));
                true
            }
            Sought::Nowhere => false,
            Sought::BeyondTheEnd => {
                self.go_to(from);
                false
            }
        }
    }

    /// Goes to a frame and decodes it.
    fn go_to(&mut self, frame: u64) -> Sought {
        let Some(stream) = &mut self.stream else {
            return Sought::Nowhere;
        };
        let Ok(Some(at)) = guarded(|| Ok(stream.seek(frame))) else {
            return Sought::Nowhere;
        };
        self.pending.clear();
        let Some(skip) = frame.checked_sub(at) else {
            self.end(Some("a place in it cannot be found".to_owned()));
            return Sought::Nowhere;
        };
        (self.at, self.decoded, self.skip) = (0, at, skip);
        while self.available() == 0 && self.failed.is_none() {
            match self.step() {
                Ok(Step::More) => {}
                Ok(_) => return Sought::BeyondTheEnd,
                Err(why) => self.failed = Some(why),
            }
        }
        Sought::There
    }

    fn has_ended(&self) -> bool {
        self.stream.is_none()
    }

    /// Frames that can be given away now.
    fn available(&self) -> u64 {
        let ready = ((self.pending.len() - self.at) / self.spec.channels) as u64;
        let ready = ready.saturating_sub(self.tail);
        self.left.map_or(ready, |left| ready.min(left))
    }

    /// Gives away frames that are available.
    fn take(&mut self, frames: u64) -> &[f32] {
        let from = self.at;
        self.at += frames as usize * self.spec.channels;
        if let Some(left) = &mut self.left {
            *left -= frames;
        }
        &self.pending[from..self.at]
    }

    /// Decodes one more packet, or ends.
    fn fill(&mut self) -> Result<()> {
        // What is given away makes room, once that is worth moving the rest.
        if self.at * 2 >= self.pending.len() {
            self.pending.drain(..self.at);
            self.at = 0;
        }
        if self.left == Some(0) {
            return self.look_for_the_end();
        }
        match self.step()? {
            Step::More => Ok(()),
            Step::End => {
                let kept = self
                    .pending
                    .len()
                    .saturating_sub(self.tail as usize * self.spec.channels);
                self.pending.truncate(kept.max(self.at));
                self.end(None);
                Ok(())
            }
            Step::Cut(why) => {
                self.end(Some(why));
                Ok(())
            }
        }
    }

    /// A file that says where its sound ends has a packet or two after that. Only the end of all
    /// packets tells whether a checksum is right.
    fn look_for_the_end(&mut self) -> Result<()> {
        let kept = self.pending.len();
        for _ in 0..PACKETS_AFTER_THE_END {
            if self.step()? != Step::More {
                break;
            }
            self.pending.truncate(kept);
        }
        self.pending.truncate(kept);
        self.end(None);
        Ok(())
    }

    fn step(&mut self) -> Result<Step> {
        let Self {
            stream: Some(stream),
            pending,
            ..
        } = self
        else {
            return Ok(Step::End);
        };
        let before = pending.len();
        let step = match guarded(|| stream.step(pending)) {
            Ok(step) => step,
            // After a panic nothing of the decoder is used any more.
            Err(Error::Corrupt(why)) => {
                pending.truncate(before);
                self.stream = None;
                return Ok(Step::Cut(why));
            }
            Err(why) => return Err(why),
        };
        if let Some(spec) = stream.spec() {
            self.spec = spec.check()?;
        }
        self.count(before)?;
        Ok(step)
    }

    /// Counts what was decoded, and leaves out what is before the beginning.
    fn count(&mut self, before: usize) -> Result<()> {
        let channels = self.spec.channels;
        let frames = ((self.pending.len() - before) / channels) as u64;
        self.decoded += frames;
        let seconds = self.limits.seconds;
        if self.decoded as f64 > seconds * f64::from(self.spec.sr) {
            self.pending.truncate(before);
            return Err(Error::Limit(format!(
                "it is longer than {seconds} seconds, which is the limit"
            )));
        }
        let skipped = self.skip.min(frames);
        self.skip -= skipped;
        self.pending
            .drain(before..before + skipped as usize * channels);
        Ok(())
    }

    fn end(&mut self, why: Option<String>) {
        self.warnings.extend(why);
        self.tail = 0;
        if let Some(mut stream) = self.stream.take() {
            let faults = guarded(|| Ok(stream.faults()));
            self.warnings.extend(faults.unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor};

    use proptest::prelude::*;

    use super::*;

    /// A WAV file of 16 bits, stereo.
    fn wav(samples: &[i16]) -> Vec<u8> {
        let data: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
        let size = data.len() as u32;
        let mut file = [b"RIFF", (size + 36).to_le_bytes().as_slice(), b"WAVEfmt "].concat();
        file.extend([
            16, 0, 0, 0, 1, 0, 2, 0, 0x40, 0x1f, 0, 0, 0, 0x7d, 0, 0, 4, 0, 16, 0,
        ]);
        [file.as_slice(), b"data", &size.to_le_bytes(), &data].concat()
    }

    fn all(file: Vec<u8>, block: usize) -> (Vec<f32>, Vec<String>) {
        let mut decoder = open(Cursor::new(file), None, &Limits::default()).unwrap();
        let (mut all, mut samples) = (Vec::new(), Vec::new());
        while decoder.read(block, &mut samples).unwrap() > 0 {
            all.extend_from_slice(&samples);
        }
        (all, decoder.warnings().to_vec())
    }

    /// Reads of the file, of which the one with this number fails.
    struct Failing(Cursor<Vec<u8>>, usize);

    impl Read for Failing {
        fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
            self.1 = self.1.wrapping_sub(1);
            if self.1 == 0 {
                return Err(io::Error::from_raw_os_error(5));
            }
            self.0.read(target)
        }
    }

    impl Seek for Failing {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn what_the_system_does_not_let_be_read_is_unreadable() {
        let file = wav(&vec![1; 200_000]);
        let mut failures = 0;
        for failing in 1..20 {
            let bytes = Failing(Cursor::new(file.clone()), failing);
            let mut samples = Vec::new();
            let done = open(bytes, None, &Limits::default()).and_then(|mut decoder| {
                decoder.read(usize::MAX, &mut samples)?;
                decoder.read(1, &mut samples)
            });
            if let Err(why) = done {
                assert_eq!(why.kind(), "unreadable", "{failing}: {why}");
                failures += 1;
            }
        }
        assert!(failures > 10);
    }

    #[test]
    fn skipping_counts_only_frames_that_are_there() {
        let mut file = wav(&(0..30_000).collect::<Vec<i16>>());
        file.truncate(44 + 4 * 10_000);
        for (first, skipped, count) in [
            (0, 14_000, 10_000),
            (0, 10_000, 10_000),
            (100, 12_500, 9_900),
            (10_000, 5, 0),
            (100, 9_000, 9_000),
        ] {
            let bytes = Cursor::new(file.clone());
            let mut decoder = open(bytes, None, &Limits::default()).unwrap();
            assert_eq!(decoder.frames(), Some(15_000));
            let mut samples = Vec::new();
            decoder.read(first, &mut samples).unwrap();
            assert_eq!(decoder.skip(skipped).unwrap(), count, "{first}, {skipped}");
            let rest = decoder.read(1 << 20, &mut samples).unwrap() as u64;
            assert_eq!(first as u64 + count + rest, 10_000);
            if rest > 0 {
                let next = 2 * (first as u64 + count);
                assert_eq!(samples[0] * 32_768.0, next as f32);
            }
        }
    }

    #[test]
    fn a_limit_is_told_from_damage() {
        let limits = Limits {
            seconds: 1.0,
            ..Limits::default()
        };
        let mut decoder = open(Cursor::new(wav(&vec![1; 20_000])), None, &limits).unwrap();
        let mut samples = Vec::new();
        let mut read = || decoder.read(20_000, &mut samples);
        let why = read().and_then(|_| read()).unwrap_err();
        assert!(why.is_limit() && why.kind() == "corrupt");
        let why = open(Cursor::new(b"RIFF\0\0\0\0WAVE"), None, &limits).err();
        assert!(!why.unwrap().is_limit());
    }

    #[test]
    fn a_tag_before_the_sound_changes_nothing() {
        let plain = wav(&[1, 2, 3, 4]);
        let tag = [b"ID3\x04\0\0\0\0\0\x0c", b"RIFFnot audio".as_slice()].concat();
        let tagged = [&tag[..22], &plain].concat();
        assert_eq!(all(tagged, 7), all(plain, 7));
    }

    proptest! {
        #[test]
        fn blocks_of_any_size_make_up_the_whole(
            samples in prop::collection::vec(any::<i16>(), 2..3000),
            block in 1_usize..2000,
        ) {
            let whole = &samples[..samples.len() / 2 * 2];
            let expected: Vec<f32> = whole.iter().map(|&s| f32::from(s) / 32_768.0).collect();
            prop_assert_eq!(all(wav(whole), block), (expected, vec![]));
        }

        #[test]
        fn any_bytes_are_a_sound_or_an_error_in_words(
            bytes in prop::collection::vec(any::<u8>(), 0..600),
            which in 0_usize..12,
        ) {
            let begins: [&[u8]; 12] = [
                b"fLaC\x80\0\0\x22", b"OggS\0\x02", b"\0\0\0\x0cftypM4A \0\0", b"caff\0\x01\0\0desc",
                b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67", b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0",
                b"FORM\0\xff\xff\xffAIFFCOMM\0\0\0\x12", b"\xff\xf1\x50\x80", b"\xff\xfb\x90\x44",
                b"ID3\x03\0\0\0\0\0\x02", b"\0", b"caff\0\x01\0\0",
            ];
            let file = [begins[which], &bytes].concat();
            for format in [None, sniff(begins[which])] {
                let mut samples = Vec::new();
                let done = open(Cursor::new(file.clone()), format, &Limits::default())
                    .and_then(|mut decoder| decoder.read(1 << 20, &mut samples));
                if let Err(why) = done {
                    prop_assert!(why.kind() != "unreadable" && !why.to_string().is_empty());
                }
            }
        }
    }
}
