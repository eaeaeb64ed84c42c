//! Integrated loudness in bounded memory.

use ebur128::{EbuR128, Mode};

use crate::describe::RATE;

/// Number of samples in a tenth of a second, the distance between the blocks of the measurement.
const TENTH: usize = (RATE as usize + 5) / 10;

/// Number of tenths in a block.
const TENTHS: u64 = 4;

/// The absolute gate in LUFS.
const GATE: f64 = -70.0;

/// Number of bins of a LUFS in which blocks are collected.
const BINS_PER_LUFS: f64 = 10.0;

/// Number of bins, from the absolute gate up to 30 LUFS.
const N_BINS: usize = 1000;

/// Blocks whose loudness lies in one bin.
#[derive(Clone, Copy, Default)]
struct Bin {
    energy: f64,
    count: u64,
}

/// Measures the integrated loudness of ITU-R BS.1770-4 of one channel at [`RATE`] Hz.
///
/// The recommendation keeps the energy of each block until the end, since the relative gate is
/// known only then. Here blocks of nearly the same loudness share a bin with their exact energy,
/// so that memory does not grow. Only the bin that the gate cuts through counts as a whole.
pub struct Loudness {
    meter: Option<EbuR128>,
    /// Samples of the tenth of a second that is not complete yet.
    pending: Vec<f32>,
    tenths: u64,
    bins: Vec<Bin>,
}

impl Default for Loudness {
    fn default() -> Self {
        Self {
            meter: EbuR128::new(1, RATE, Mode::M).ok(),
            pending: Vec::with_capacity(TENTH),
            tenths: 0,
            bins: Vec::new(),
        }
    }
}

impl Loudness {
    /// Adds the next samples.
    pub fn push(&mut self, mut y: &[f32]) {
        // Always whole tenths for the meter, so that its state does not depend on the blocks.
        while !y.is_empty() {
            let (now, later) = y.split_at(y.len().min(TENTH - self.pending.len()));
            self.pending.extend_from_slice(now);
            y = later;
            if self.pending.len() == TENTH {
                self.take_in();
                if self.tenths >= TENTHS {
                    self.collect();
                }
            }
        }
    }

    /// The integrated loudness in LUFS; NaN for what is below the absolute gate. A signal shorter
    /// than a block of 400 ms has no block: its loudness is the mean over all of it, without a
    /// gate.
    #[must_use]
    pub fn finish(mut self) -> f64 {
        if self.tenths < TENTHS {
            return self.of_short_signal();
        }
        // The relative gate: 10 LU below the mean of what passes the absolute one.
        let threshold = 0.1 * mean(self.bins.iter());
        let loud = |bin: &&Bin| bin.energy >= threshold * bin.count as f64;
        lufs(mean(self.bins.iter().filter(loud)))
    }

    fn take_in(&mut self) {
        if let Some(meter) = &mut self.meter {
            // It fails only if channels are missing.
            let _ = meter.add_frames_f32(&self.pending);
        }
        self.pending.clear();
        self.tenths += 1;
    }

    /// The loudness of the last 400 ms in LUFS.
    fn momentary(&self) -> f64 {
        let meter = self.meter.as_ref();
        let found = meter.and_then(|meter| meter.loudness_momentary().ok());
        found.unwrap_or(f64::NAN)
    }

    fn collect(&mut self) {
        let loudness = self.momentary();
        if loudness.is_nan() || loudness < GATE {
            return;
        }
        self.bins.resize(N_BINS, Bin::default());
        let place = (((loudness - GATE) * BINS_PER_LUFS) as usize).min(N_BINS - 1);
        self.bins[place].energy += energy(loudness);
        self.bins[place].count += 1;
    }

    fn of_short_signal(&mut self) -> f64 {
        let length = self.tenths as usize * TENTH + self.pending.len();
        while self.tenths < TENTHS {
            self.pending.resize(TENTH, 0.0);
            self.take_in();
        }
        // The block is the signal and silence after it, over which the meter took the mean.
        let block = TENTHS as usize * TENTH;
        let loudness = self.momentary() + 10.0 * (block as f64 / length as f64).log10();
        if loudness < GATE { f64::NAN } else { loudness }
    }
}

/// The mean energy of the blocks in bins; NaN without a block.
fn mean<'a>(bins: impl Iterator<Item = &'a Bin>) -> f64 {
    let (energy, count) = bins.fold((0.0, 0), |(energy, count), bin| {
        (energy + bin.energy, count + bin.count)
    });
    energy / count as f64
}

/// The loudness of a mean energy, by the recommendation's constant.
fn lufs(energy: f64) -> f64 {
    10.0 * energy.log10() - 0.691
}

fn energy(lufs: f64) -> f64 {
    10_f64.powf((lufs + 0.691) / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::tests_sounds::{noise, sine};

    fn loudness(y: &[f32]) -> f64 {
        let mut meter = Loudness::default();
        meter.push(y);
        meter.finish()
    }

    #[test]
    fn a_sine_of_full_scale_has_the_loudness_of_the_recommendation() {
        // -3.01 LUFS for 997 Hz; the filter at this rate is off by a few hundredths.
        assert!((loudness(&sine(997.0, 1.0, 5.0)) + 3.01).abs() < 0.05);
    }

    #[test]
    fn twice_the_amplitude_is_six_decibels_more() {
        let y = noise(60_000, 0.1);
        let twice: Vec<f32> = y.iter().map(|y| 2.0 * y).collect();
        for n in [60_000, 5_000] {
            let step = loudness(&twice[..n]) - loudness(&y[..n]);
            // Doubling is exact in floats; what is left is the edge of a bin.
            assert!((step - 20.0 * 2_f64.log10()).abs() < 1e-2, "{step}");
        }
    }

    #[test]
    fn it_equals_the_meter_that_keeps_all_blocks() {
        // Loud and quiet stretches, so that the relative gate matters.
        let mut y = noise(400_000, 0.2);
        for (i, y) in y.iter_mut().enumerate() {
            *y *= 0.5 + 0.5 * (i as f32 / 9_000.0).sin();
        }
        let mut judge = EbuR128::new(1, RATE, Mode::I).unwrap();
        judge.add_frames_f32(&y).unwrap();
        // The bin at the gate, a tenth of a LUFS wide, counts as a whole.
        assert!((loudness(&y) - judge.loudness_global().unwrap()).abs() < 0.02);
    }

    #[test]
    fn a_short_sound_is_as_loud_as_a_long_one_like_it() {
        let long = loudness(&sine(1000.0, 0.5, 3.0));
        for seconds in [0.39, 0.2, 0.05] {
            // The filter settles for some milliseconds at the beginning and rings at the end.
            let short = loudness(&sine(1000.0, 0.5, seconds));
            assert!((short - long).abs() < 0.1, "{seconds}: {short} {long}");
        }
    }

    #[test]
    fn what_is_below_the_gate_has_none() {
        assert!(loudness(&[0.0; 50_000]).is_nan());
        assert!(loudness(&[0.0; 50]).is_nan());
        assert!(loudness(&sine(1000.0, 1e-4, 1.0)).is_nan());
    }
}
