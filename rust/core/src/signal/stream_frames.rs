//! Cutting a stream of samples, block by block, into centred overlapping frames.

use crate::simd::Level;

/// One frame of the stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StreamFrame<'a> {
    /// The samples. Before the start and after the end of the stream they are zeros.
    pub values: &'a [f32],
    /// Number of sign changes inside the frame, without the padding.
    pub crossings: u32,
}

/// When crossings are counted, samples with an absolute value of at most this count as zero, which
/// is positive.
const ZERO: f32 = 1e-10;

/// Frames of a stream. Frame `t` is centred on sample `t * hop_length`.
///
/// For an even frame length, `n` samples give `1 + n / hop_length` frames. This is the centring of
/// librosa: outside the signal, spectra see zeros, and zero crossings see the value at the signal's
/// edge, which adds no crossing. The buffer holds one frame and one block, however long the stream
/// is.
#[derive(Debug)]
pub struct StreamFrames {
    level: Level,
    frame_length: usize,
    hop_length: usize,
    values: Vec<f32>,
    /// For each buffered sample 1 if the sign changes at it, else 0.
    marks: Vec<u8>,
    /// Index in the buffer at which the next frame starts. It may lie beyond the end of the buffer.
    next: usize,
    /// The newest sample, or none before the first.
    newest: Option<f32>,
}

impl StreamFrames {
    /// Frames of `frame_length` samples every `hop_length` samples. Both must be at least 1.
    #[must_use]
    pub fn new(level: Level, frame_length: usize, hop_length: usize) -> Self {
        let mut framer = Self {
            level,
            frame_length,
            hop_length,
            values: Vec::new(),
            marks: Vec::new(),
            next: 0,
            newest: None,
        };
        framer.pad();
        framer
    }

    /// Adds samples at the end of the stream.
    pub fn push(&mut self, block: &[f32]) {
        let (Some(&first), Some(&last)) = (block.first(), block.last()) else {
            return;
        };
        self.discard();
        self.values.extend_from_slice(block);
        let start = self.marks.len();
        self.marks.resize(self.values.len(), 0);
        let before = self.newest.unwrap_or(first);
        self.level
            .mark_crossings(before, block, ZERO, &mut self.marks[start..]);
        self.newest = Some(last);
    }

    /// Ends the stream, so that the last frames become available.
    pub fn finish(&mut self) {
        self.discard();
        self.pad();
    }

    /// The samples of the frame that comes `ahead` frames after the next one, if it is complete.
    #[must_use]
    pub fn samples(&self, ahead: usize) -> Option<&[f32]> {
        let start = self.next + ahead * self.hop_length;
        self.values.get(start..start + self.frame_length)
    }

    /// The frame that comes `ahead` frames after the next one, if it is complete.
    #[must_use]
    pub fn frame(&self, ahead: usize) -> Option<StreamFrame<'_>> {
        let start = self.next + ahead * self.hop_length;
        Some(StreamFrame {
            values: self.samples(ahead)?,
            // The mark of the first sample is a change from a sample outside the frame.
            crossings: (self.level).count_marks(&self.marks[start + 1..start + self.frame_length]),
        })
    }

    /// Goes on to the frame that comes `n` frames after the next one.
    pub fn skip(&mut self, n: usize) {
        self.next += n * self.hop_length;
    }

    fn pad(&mut self) {
        let padded = self.values.len() + self.frame_length / 2;
        self.values.resize(padded, 0.0);
        self.marks.resize(padded, 0);
    }

    /// Drops the samples that no further frame needs.
    fn discard(&mut self) {
        let spent = self.next.min(self.values.len());
        self.values.drain(..spent);
        self.marks.drain(..spent);
        self.next -= spent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Frames = Vec<(Vec<f32>, u32)>;

    fn streamed(blocks: &[&[f32]], frame_length: usize, hop_length: usize) -> Frames {
        let mut framer = StreamFrames::new(Level::best(), frame_length, hop_length);
        let mut taken = Frames::new();
        let mut take = |framer: &mut StreamFrames| {
            // Two frames at a time, as long as there are two.
            while framer.frame(0).is_some() {
                let two = [0, 1].map(|ahead| framer.frame(ahead));
                let two: Vec<_> = two.into_iter().flatten().collect();
                taken.extend(two.iter().map(|f| (f.values.to_vec(), f.crossings)));
                let n = two.len();
                framer.skip(n);
            }
        };
        for block in blocks {
            framer.push(block);
            take(&mut framer);
        }
        framer.finish();
        take(&mut framer);
        taken
    }

    /// The definition: pad both ends, then slice. Crossings use edge padding.
    fn sliced(y: &[f32], frame_length: usize, hop_length: usize) -> Frames {
        let pad = frame_length / 2;
        let padded =
            |before: f32, after: f32| [vec![before; pad], y.to_vec(), vec![after; pad]].concat();
        let (zeros, edges) = (padded(0.0, 0.0), padded(y[0], y[y.len() - 1]));
        let negative = |v: &f32| *v < -ZERO;
        (0..=(zeros.len() - frame_length) / hop_length)
            .map(|t| t * hop_length..t * hop_length + frame_length)
            .map(|range| {
                let crossings = edges[range.clone()]
                    .windows(2)
                    .filter(|pair| negative(&pair[0]) != negative(&pair[1]));
                (zeros[range.clone()].to_vec(), crossings.count() as u32)
            })
            .collect()
    }

    proptest! {
        #[test]
        fn frames_do_not_depend_on_the_blocks(
            y in prop::collection::vec(-1.0f32..1.0, 1..200),
            cuts in prop::collection::vec(0usize..200, 0..6),
            frame_length in 1usize..40,
            hop_length in 1usize..60,
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(y.len())).collect();
            cuts.extend([0, y.len()]);
            cuts.sort_unstable();
            let blocks: Vec<&[f32]> = cuts.windows(2).map(|w| &y[w[0]..w[1]]).collect();
            prop_assert_eq!(
                streamed(&blocks, frame_length, hop_length),
                sliced(&y, frame_length, hop_length)
            );
        }
    }

    #[test]
    fn an_even_frame_gives_one_frame_a_hop_and_one_more() {
        for n in [1, 511, 512, 513, 5000] {
            assert_eq!(streamed(&[&vec![0.5; n]], 2048, 512).len(), 1 + n / 512);
        }
    }

    #[test]
    fn values_within_the_threshold_count_as_positive_zero() {
        let frames = streamed(&[&[1.0, -1e-11, 1.0, -0.0, -1.0]], 10, 10);
        assert_eq!(frames[0].1, 1);
    }

    #[test]
    fn the_buffer_does_not_grow_with_the_stream() {
        let mut framer = StreamFrames::new(Level::best(), 2048, 512);
        for _ in 0..100 {
            framer.push(&[0.1; 1000]);
            while framer.frame(0).is_some() {
                framer.skip(1);
            }
            assert!(framer.values.len() < 2048 + 1000);
        }
    }
}
