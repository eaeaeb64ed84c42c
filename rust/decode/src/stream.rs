//! What every decoder of this crate is to the code that trims and counts.

use crate::error::{Error, Result};
use crate::limits::{MAX_CHANNELS, MAX_RATE, MIN_RATE};

/// The rate and the channels of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// Frames per second.
    pub sr: u32,
    /// Samples per frame.
    pub channels: usize,
}

impl Spec {
    /// Refuses what no sound has.
    ///
    /// # Errors
    /// If the rate or the number of channels is out of range.
    pub fn check(self) -> Result<Self> {
        let Self { sr, channels } = self;
        if !(MIN_RATE..=MAX_RATE).contains(&sr) {
            return Err(Error::unsupported(format!(
                "its sampling rate is {sr} Hz, which is not from {MIN_RATE} to {MAX_RATE}"
            )));
        }
        if !(1..=MAX_CHANNELS).contains(&channels) {
            return Err(Error::unsupported(format!(
                "it has {channels} channels: expected 1 to {MAX_CHANNELS}"
            )));
        }
        Ok(self)
    }
}

/// What a step gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Perhaps some frames; there may be more.
    More,
    /// The stream has ended where it should.
    End,
    /// The stream has ended, and this is why it was not where it should have.
    Cut(String),
}

/// A stream of packets that are decoded one by one.
pub trait Stream: Send {
    /// The library that decodes it.
    fn name(&self) -> &'static str;

    /// The rate and the channels of what was decoded last. None before that.
    fn spec(&self) -> Option<Spec>;

    /// Decodes a packet and appends its frames.
    ///
    /// # Errors
    /// If the file cannot be read or too much work was done. What is wrong with the contents is a
    /// [`Step::Cut`].
    fn step(&mut self, out: &mut Vec<f32>) -> Result<Step>;

    /// Goes to a frame near the beginning of which decoding gives exactly what it would give
    /// anyway, if that is cheap. Gives the frame it went to, at most `frame`.
    fn seek(&mut self, frame: u64) -> Option<u64> {
        let _ = frame;
        None
    }

    /// How many frames it has by what it says of itself, if that is reliable.
    fn stated(&self) -> Option<u64> {
        None
    }

    /// What is wrong with what was decoded, in words.
    fn faults(&mut self) -> Vec<String> {
        Vec::new()
    }
}
