//! A file as decoders see it: it begins after its tags, and what is read of it is counted.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use symphonia::core::io::MediaSource;

use crate::error::Result;
use crate::limits::Meter;

/// Bytes that can be read from any place.
pub trait Bytes: Read + Seek + Send + Sync {}

impl<T: Read + Seek + Send + Sync> Bytes for T {}

/// A file from a byte on.
pub struct Source {
    bytes: Box<dyn Bytes>,
    start: u64,
    len: u64,
    at: u64,
    meter: Arc<Meter>,
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
            start,
            len: size.saturating_sub(start),
            at: 0,
            meter,
        })
    }

    /// What counts the work on it.
    pub fn meter(&self) -> Arc<Meter> {
        Arc::clone(&self.meter)
    }
}

impl Read for Source {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        if !self.meter.take(0) {
            return Err(io::Error::other("the limit of work is reached"));
        }
        let count = self.bytes.read(target)?;
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
        let place = at.and_then(|at| Some((at, self.start.checked_add(at)?)));
        let (at, place) = place.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "a position before the file")
        })?;
        self.bytes.seek(SeekFrom::Start(place))?;
        self.at = at;
        Ok(at)
    }
}

impl MediaSource for Source {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.len)
    }
}
