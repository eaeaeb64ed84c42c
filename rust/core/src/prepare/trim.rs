//! Where a signal becomes loud and where it ends to be, from one pass over it.

use std::collections::VecDeque;
use std::ops::Range;

use crate::extract::intake::Intake;
use crate::simd::Level;
use crate::{Error, Result};

/// Number of samples from one frame to the next.
const HOP: usize = 128;

/// Number of hops in a frame.
const HOPS: usize = 4;

/// Mean squares below this count as this, as in librosa.
const LEAST: f64 = 1e-10;

/// Finds what `librosa.effects.trim(y, top_db, frame_length=512, hop_length=128)` finds, in a
/// signal that comes block by block.
///
/// Frames overlap, and frame `t` is centred on sample `t * HOP`; outside the signal there are zeros.
/// A frame counts if its mean square is less than `top_db` below the largest, and what lies before
/// the first and after the last of these is left out. Which they are is known when the loudest frame
/// is. Until then only frames are kept that are louder than all before them, or than all after.
/// Levels are whole thousandths of a decibel, so that these cannot be many however the signal swells
/// or fades.
pub struct Trim {
    /// How far below the loudest frame others count, in thousandths of a decibel.
    below: i32,
    intake: Intake,
    /// The sums of squares of the last hops.
    hops: [f64; HOPS],
    /// Number of hops so far.
    n_hops: usize,
    /// The sum of squares, and the number of samples, of the hop at hand.
    sum: f64,
    filled: usize,
    loudest: i32,
    /// Frames that count and are louder than all before them.
    risen: VecDeque<Marked>,
    /// Frames that count and are louder than all after them.
    fallen: Vec<Marked>,
}

#[derive(Debug, Clone, Copy)]
struct Marked {
    level: i32,
    frame: usize,
}

impl Trim {
    /// A search for what is at most `top_db` below the loudest frame; it must be above 0.
    #[must_use]
    pub fn new(top_db: f64) -> Self {
        Self {
            below: ((top_db * 1000.0).round() as i32).max(1),
            intake: Intake::new(Level::best()),
            hops: [0.0; HOPS],
            n_hops: 0,
            sum: 0.0,
            filled: 0,
            loudest: i32::MIN,
            risen: VecDeque::new(),
            fallen: Vec::new(),
        }
    }

    /// Adds the next samples.
    ///
    /// # Errors
    /// [`Error::NonFiniteSample`].
    pub fn push(&mut self, mut y: &[f32]) -> Result<()> {
        self.intake.take_in(y)?;
        while !y.is_empty() {
            let (now, later) = y.split_at(y.len().min(HOP - self.filled));
            for &value in now {
                self.sum += f64::from(value) * f64::from(value);
            }
            self.filled += now.len();
            if self.filled == HOP {
                self.end_hop();
            }
            y = later;
        }
        Ok(())
    }

    /// Ends the signal and gives the samples to keep.
    ///
    /// # Errors
    /// [`Error::Empty`] without a sample.
    pub fn finish(mut self) -> Result<Range<u64>> {
        let samples = self.intake.samples;
        if samples == 0 {
            return Err(Error::Empty);
        }
        // The last frame is centred on the last multiple of a hop, or just behind the last sample.
        self.end_hop();
        self.end_hop();
        // The loudest frame is both the first and the last of these at least.
        let (Some(first), Some(last)) = (self.risen.front(), self.fallen.last()) else {
            return Err(Error::Empty);
        };
        let start = (first.frame * HOP) as u64;
        let end = ((last.frame + 1) * HOP) as u64;
        Ok(start..end.min(samples))
    }

    /// Ends a hop, and so the frame in which it is the last one.
    fn end_hop(&mut self) {
        self.hops.rotate_left(1);
        self.hops[HOPS - 1] = self.sum;
        self.sum = 0.0;
        self.filled = 0;
        self.n_hops += 1;
        // The first hop alone would be the end of the frame centred before the signal.
        if let Some(frame) = self.n_hops.checked_sub(HOPS / 2) {
            self.mark(frame);
        }
    }

    fn mark(&mut self, frame: usize) {
        let power = self.hops.iter().sum::<f64>() / (HOPS * HOP) as f64;
        let level = (10_000.0 * power.max(LEAST).log10()).floor() as i32;
        let marked = Marked { level, frame };
        if level > self.loudest {
            self.loudest = level;
            self.risen.push_back(marked);
            while self.risen.front().is_some_and(|first| !self.counts(*first)) {
                self.risen.pop_front();
            }
        }
        if self.counts(marked) {
            while self.fallen.last().is_some_and(|last| last.level <= level) {
                self.fallen.pop();
            }
            self.fallen.push(marked);
        }
    }

    fn counts(&self, marked: Marked) -> bool {
        marked.level > self.loudest.saturating_sub(self.below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn trimmed(blocks: &[&[f32]], top_db: f64) -> Range<u64> {
        let mut trim = Trim::new(top_db);
        for block in blocks {
            trim.push(block).unwrap();
        }
        trim.finish().unwrap()
    }

    /// The definition, of a whole signal.
    fn searched(y: &[f32], top_db: f64) -> Range<u64> {
        let at = |i: isize| usize::try_from(i).ok().and_then(|i| y.get(i));
        let powers: Vec<f64> = (0..=y.len() / HOP)
            .map(|t| {
                let start = (t * HOP).cast_signed() - 256;
                let squares = (start..start + 512)
                    .filter_map(at)
                    .map(|v| f64::from(*v).powi(2));
                10.0 * (squares.sum::<f64>() / 512.0).max(LEAST).log10()
            })
            .collect();
        let loudest = powers.iter().copied().fold(f64::MIN, f64::max);
        let loud = |power: &f64| *power > loudest - top_db;
        let first = powers.iter().position(loud).unwrap();
        let last = powers.iter().rposition(loud).unwrap();
        (first * HOP) as u64..((last + 1) * HOP).min(y.len()) as u64
    }

    /// Noise at levels that change: loud, quiet and silent stretches.
    fn stretches(parts: &[(usize, i32)]) -> Vec<f32> {
        let mut state = 1_u32;
        let mut noise = |exponent: i32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if exponent < -5 {
                return 0.0;
            }
            ((state >> 8) as f32 / 8_388_608.0 - 1.0) * 10_f32.powi(exponent)
        };
        let values = parts.iter().flat_map(|&(n, exponent)| vec![exponent; n]);
        values.map(&mut noise).collect()
    }

    proptest! {
        #[test]
        fn blocks_of_any_size_find_what_is_defined(
            parts in prop::collection::vec((1usize..1500, -7i32..1), 1..8),
            cut in 0usize..4000,
            // Levels of noise differ by 20 dB and a little: none lies within a thousandth of these.
            top_db in prop::sample::select(vec![10.0, 30.0, 50.0, 70.0]),
        ) {
            let y = stretches(&parts);
            let (a, b) = y.split_at(cut.min(y.len()));
            let found = trimmed(&[a, b], top_db);
            prop_assert_eq!(&found, &trimmed(&[&y], top_db));
            // A frame on the edge of a stretch may have any level, also one at the threshold.
            let [low, high] = [-0.002, 0.002].map(|slack| searched(&y, top_db + slack));
            prop_assert!(high.start <= found.start && found.start <= low.start);
            prop_assert!(low.end <= found.end && found.end <= high.end);
        }
    }

    #[test]
    fn silence_and_single_samples_are_kept_whole() {
        for n in [1, 127, 128, 129, 1000] {
            assert_eq!(trimmed(&[&vec![0.0; n]], 40.0), 0..n as u64);
            assert_eq!(trimmed(&[&vec![0.5; n]], 40.0), 0..n as u64);
        }
    }

    #[test]
    fn what_is_kept_meanwhile_does_not_grow_with_the_signal() {
        let mut trim = Trim::new(40.0);
        // A swell and then a fade, each by 30 dB, of frames that each have a level of their own.
        for i in 0..200_000_i32 {
            let level = f64::from((i - 100_000).abs()) * -30.0 / 100_000.0;
            trim.push(&[10_f64.powf(level / 20.0) as f32; HOP]).unwrap();
        }
        assert!(trim.risen.len() < 40_000 && trim.fallen.len() < 40_000);
        assert_eq!(trim.finish().unwrap(), 0..200_000 * HOP as u64);
    }

    #[test]
    fn what_cannot_be_searched_is_said() {
        assert_eq!(Trim::new(40.0).finish(), Err(Error::Empty));
        let error = Trim::new(40.0).push(&[0.0, f32::NAN]).unwrap_err();
        assert!(matches!(error, Error::NonFiniteSample { index: 1, .. }));
    }
}
