//! What is left out at the beginning and the end of a decoded stream.

/// The part of a stream that is sound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trim {
    /// Frames to leave out at the start.
    pub start: u64,
    /// How many frames there are then at most.
    pub frames: Option<u64>,
}
