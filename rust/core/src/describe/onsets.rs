//! How many onsets there are.

use crate::describe::FRAMES_PER_SECOND;
use crate::onset::{PeakSettings, peaks};

/// Number of frames in which onsets are counted together: ten minutes.
const SECTION: usize = 25_840;

/// Number of frames in 30 ms and in 100 ms, rounded down.
const SHORT: usize = (0.03 * FRAMES_PER_SECOND) as usize;
const LONG: usize = (0.1 * FRAMES_PER_SECOND) as usize;

/// What `librosa.onset.onset_detect` takes for a peak of the strength, in a range from 0 to 1.
const PEAK: PeakSettings = PeakSettings {
    pre_max: SHORT,
    post_max: 1,
    pre_avg: LONG,
    post_avg: LONG + 1,
    delta: 0.07,
    wait: SHORT,
};

/// Counts onsets as `librosa.onset.onset_detect` finds them, from the onset strength.
///
/// librosa compares strengths with the largest of the signal. Here it is the largest of ten
/// minutes, so that memory does not grow, and one bang does not hide the onsets of hours.
#[derive(Default)]
pub struct Onsets {
    strengths: Vec<f64>,
    count: usize,
}

impl Onsets {
    /// Adds the strength of the next frame.
    pub fn push(&mut self, strength: f32) {
        self.strengths.push(f64::from(strength));
        if self.strengths.len() == SECTION {
            self.end_section();
        }
    }

    /// The number of onsets.
    #[must_use]
    pub fn finish(mut self) -> usize {
        self.end_section();
        self.count
    }

    fn end_section(&mut self) {
        let least = self.strengths.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self.strengths.iter().copied().fold(0.0, f64::max);
        if most > least {
            for strength in &mut self.strengths {
                *strength = (*strength - least) / (most - least);
            }
            self.count += peaks(&self.strengths, &PEAK).len();
        }
        self.strengths.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_counted_by_themselves() {
        let mut onsets = Onsets::default();
        for t in 0..2 * SECTION {
            let loud = if t < SECTION { 1.0 } else { 1000.0 };
            onsets.push(if t % 100 == 50 { loud } else { 0.0 });
        }
        assert_eq!(onsets.finish(), 2 * (SECTION + 50) / 100);
    }

    #[test]
    fn nothing_that_changes_has_no_onset() {
        for value in [0.0, 1.0] {
            let mut onsets = Onsets::default();
            (0..50).for_each(|_| onsets.push(value));
            assert_eq!(onsets.finish(), 0);
        }
        assert_eq!(Onsets::default().finish(), 0);
    }
}
