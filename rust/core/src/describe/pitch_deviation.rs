//! The tuning of a signal in bounded memory.

use crate::describe::plan::N_TUNINGS;
use crate::describe::{N_FFT, RATE};
use crate::feature::N_CHROMA;
use crate::signal::tuning::{Peak, find_peaks};

/// Number of levels in which peaks are counted: one for each power of two.
const N_LEVELS: usize = 256;

/// Counts how far spectral peaks lie from the semitones of A4 = 440 Hz.
///
/// It is [`tuning::estimate`](crate::signal::tuning::estimate), librosa's method: the most common
/// deviation of the louder half of all peaks. The median height that halves them is known only at
/// the end. So peaks are counted by their level as well, in steps of 3 dB, and those of the
/// median's level count as loud.
#[derive(Default)]
pub struct PitchDeviation {
    peaks: Vec<Peak>,
    /// For each level, the number of peaks with each deviation; empty without a peak.
    counts: Vec<[u32; N_TUNINGS]>,
}

impl PitchDeviation {
    /// Adds the peaks of a power spectrum.
    pub fn push(&mut self, power: &[f32]) {
        find_peaks(power, f64::from(RATE), N_FFT, &mut self.peaks);
        for peak in self.peaks.drain(..) {
            self.counts.resize(N_LEVELS, [0; N_TUNINGS]);
            // The exponent of the float.
            let level = (peak.height.to_bits() >> 23) as usize % N_LEVELS;
            let count = &mut self.counts[level][peak.step(N_CHROMA, N_TUNINGS)];
            *count = count.saturating_add(1);
        }
    }

    /// The most common deviation, as a step of the plan's tunings; that of 0 without a peak.
    #[must_use]
    pub fn finish(self) -> usize {
        let in_level =
            |counts: &[u32; N_TUNINGS]| counts.iter().map(|&n| u64::from(n)).sum::<u64>();
        let total: u64 = self.counts.iter().map(in_level).sum();
        let mut louder = [0_u64; N_TUNINGS];
        let mut n_louder = 0;
        for counts in self.counts.iter().rev() {
            for (sum, &count) in louder.iter_mut().zip(counts) {
                *sum += u64::from(count);
            }
            n_louder += in_level(counts);
            if 2 * n_louder >= total {
                break;
            }
        }
        let mut commonest = 0;
        for (step, &count) in louder.iter().enumerate() {
            if count > louder[commonest] {
                commonest = step;
            }
        }
        if total == 0 { N_TUNINGS / 2 } else { commonest }
    }
}
