//! Numbers in memory that begin where a line of the processor's cache does.

use super::vector::LANES;

/// As many numbers as a line of the cache and a vector have. Vectors that lie across two lines take
/// twice as long to load.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub struct Line(pub [f32; LANES]);

/// Numbers, the first one at the beginning of a line.
pub struct Lines {
    lines: Vec<Line>,
    len: usize,
}

impl Lines {
    /// As many zeros.
    #[must_use]
    pub fn zeros(len: usize) -> Self {
        Self {
            lines: vec![Line([0.0; LANES]); len.div_ceil(LANES)],
            len,
        }
    }

    /// The numbers.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        // SAFETY: a line is an array of numbers and nothing else, and the lines, which are adjacent,
        // have at least as many numbers.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }

    /// The numbers, to be changed.
    pub fn values_mut(&mut self) -> &mut [f32] {
        // SAFETY: as in `values`; and nobody else has them while this is borrowed.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}
