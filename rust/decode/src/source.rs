//! A file as decoders see it: it begins after its tags, and what is read of it is counted.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use symphonia::core::io::MediaSource;

use crate::error::Result;
use crate::limits::Meter;

/// Bytes that can be read from any place.
pub trait Bytes: Read + Seek + Send + Sync {}

impl<T: Read + Seek + Send + Sync> Bytes for T {}

/// A file from a byte on, perhaps with another beginning.
pub struct Source {
    bytes: Box<dyn Bytes>,
    /// What is read before the file.
    head: Vec<u8>,
    start: u64,
    /// Where the file ends, whatever it seems to be.
    end: u64,
    len: u64,
    at: u64,
    meter: Arc<Meter>,
    is_streamed: bool,
}

impl Source {
    /// What follows the first `start` of `size` bytes.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn new(
        mut bytes: Box<dyn Bytes>,
        start: u64,
        size: u64,
        meter: Arc<Meter>,
    ) -> Result<Self> {
        bytes.seek(SeekFrom::Start(start))?;
        Ok(Self {
            bytes,
            head: Vec::new(),
            start,
            end: size,
            len: size.saturating_sub(start),
            at: 0,
            meter,
            is_streamed: false,
        })
    }

    /// Its size.
    pub fn size(&self) -> u64 {
        self.len
    }

    /// Puts other bytes in place of what comes before a place.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn replace_head(&mut self, head: Vec<u8>, until: u64) -> Result<()> {
        self.len = self.len.saturating_sub(until) + head.len() as u64;
        self.start += until;
        self.head = head;
        self.seek(SeekFrom::Start(0))?;
        Ok(())
    }

    /// Makes it seem longer. Reading stops where it stopped before.
    pub fn lengthen(&mut self, size: u64) {
        self.len = self.len.max(size);
    }

    /// Lets symphonia read it from front to back only.
    pub fn stream(&mut self) {
        self.is_streamed = true;
    }

    /// What counts the work on it.
    pub fn meter(&self) -> Arc<Meter> {
        Arc::clone(&self.meter)
    }
}

impl Read for Source {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        if self.meter.check().is_err() {
            return Err(io::Error::other("the limit of work is reached"));
        }
        let left = usize::try_from(self.at)
            .ok()
            .and_then(|at| self.head.get(at..));
        let count = match left {
            Some(mut left) if !left.is_empty() => left.read(target)?,
            _ => self.bytes.read(target)?,
        };
        self.at += count as u64;
        // At the end of a file, asking again and again is work too.
        if self.meter.take(count.max(1) as u64) {
            Ok(count)
        } else {
            Err(io::Error::other("the limit of work is reached"))
        }
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
        };
        let head = self.head.len() as u64;
        let place = at.and_then(|at| self.start.checked_add(at.saturating_sub(head)));
        let (Some(at), Some(place)) = (at, place) else {
            let message = "a position outside of what a file can have";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        };
        // The system refuses places that no file can have. Nothing can be read there anyway.
        self.bytes.seek(SeekFrom::Start(place.min(self.end)))?;
        self.at = at;
        Ok(at)
    }
}

impl MediaSource for Source {
    fn is_seekable(&self) -> bool {
        !self.is_streamed
    }

    fn byte_len(&self) -> Option<u64> {
        (!self.is_streamed).then_some(self.len)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::limits::Limits;

    #[test]
    fn a_head_is_read_as_if_it_were_in_the_file() {
        let bytes = b"tagOLDHEADsound".to_vec();
        let meter = Arc::new(Meter::new(&Limits::default(), 15));
        let mut source = Source::new(Box::new(Cursor::new(bytes)), 3, 15, meter).unwrap();
        source.replace_head(b"new".to_vec(), 7).unwrap();
        assert_eq!(source.byte_len(), Some(8));
        for at in 0..10 {
            assert_eq!(source.seek(SeekFrom::Start(at)).unwrap(), at);
            let mut text = String::new();
            source.read_to_string(&mut text).unwrap();
            assert_eq!(text, "newsound"[8.min(at as usize)..]);
        }
        source.lengthen(10);
        assert_eq!(source.seek(SeekFrom::End(-8)).unwrap(), 2);
        assert!(source.seek(SeekFrom::Current(-3)).is_err());
        source.seek(SeekFrom::Start(u64::MAX / 2)).unwrap();
        assert_eq!(source.read(&mut [0; 9]).unwrap(), 0);
    }
}
