//! Extremes and energies of a few samples.

use super::HOP;
use crate::simd::{LANES, Level};

/// What is measured of each stretch, with the buffers for it.
pub struct Stretch {
    level: Level,
    channels: usize,
    /// Whether each lane of a vector sees one channel only.
    fits_lanes: bool,
    /// Smallest and largest sample of each channel.
    low: Vec<f32>,
    high: Vec<f32>,
    mix: [f32; HOP],
    /// Sum of the squares of the mean of the channels.
    pub mix_energy: f32,
    /// Sum of the squares of all samples.
    pub energy: f32,
}

impl Stretch {
    pub fn new(level: Level, channels: usize) -> Self {
        Self {
            level,
            channels,
            fits_lanes: LANES.is_multiple_of(channels),
            low: vec![0.0; channels],
            high: vec![0.0; channels],
            mix: [0.0; HOP],
            mix_energy: 0.0,
            energy: 0.0,
        }
    }

    /// Whether all samples are zero, and there are any.
    pub fn is_zero(&self) -> bool {
        self.low.iter().chain(&self.high).all(|&value| value == 0.0)
    }

    /// Smallest and largest sample of a channel.
    pub fn extremes(&self, channel: usize) -> (f32, f32) {
        (self.low[channel], self.high[channel])
    }

    /// The mean of the channels of the stretch, whose samples these are.
    pub fn mix<'a>(&'a self, samples: &'a [f32]) -> &'a [f32] {
        if self.channels == 1 {
            samples
        } else {
            &self.mix
        }
    }

    /// Looks at the samples of all channels, of at most [`HOP`] moments.
    pub fn measure(&mut self, samples: &[f32]) {
        self.low.fill(f32::INFINITY);
        self.high.fill(f32::NEG_INFINITY);
        self.energy = 0.0;
        let mut rest = samples;
        if self.fits_lanes {
            let in_vectors = samples.len() / LANES * LANES;
            self.measure_vectors(&samples[..in_vectors]);
            rest = &samples[in_vectors..];
        }
        if !rest.is_empty() {
            for moment in rest.chunks_exact(self.channels) {
                widen(&mut self.low, &mut self.high, moment, moment);
                self.energy += moment.iter().map(|x| x * x).sum::<f32>();
            }
        }
        self.measure_mix(samples);
    }

    fn measure_vectors(&mut self, samples: &[f32]) {
        let mut low = [f32::INFINITY; LANES];
        let mut high = [f32::NEG_INFINITY; LANES];
        self.energy = self.level.lane_ranges(samples, &mut low, &mut high);
        // Halves are folded onto each other until one lane is left for each channel.
        let mut width = LANES;
        while width > self.channels {
            width /= 2;
            for lane in 0..width {
                low[lane] = smaller(low[lane], low[lane + width]);
                high[lane] = larger(high[lane], high[lane + width]);
            }
        }
        widen(&mut self.low, &mut self.high, &low, &high);
    }

    /// Number of moments, without a division for a whole stretch.
    fn n_moments(&self, samples: &[f32]) -> usize {
        if samples.len() == HOP * self.channels {
            HOP
        } else {
            samples.len() / self.channels
        }
    }

    fn measure_mix(&mut self, samples: &[f32]) {
        if self.channels == 1 {
            self.mix_energy = self.energy;
            return;
        }
        let n = self.n_moments(samples);
        let mix = &mut self.mix[..n];
        if self.channels == 2 {
            self.level.means_of_pairs(samples, mix);
        } else {
            let share = 1.0 / self.channels as f32;
            for (mean, moment) in mix.iter_mut().zip(samples.chunks_exact(self.channels)) {
                *mean = share * moment.iter().sum::<f32>();
            }
        }
        self.mix_energy = self.level.sum_of_squares(mix);
    }
}

/// Widens the range of each channel so that it has these values in it.
fn widen(low: &mut [f32], high: &mut [f32], lows: &[f32], highs: &[f32]) {
    for (own, &x) in low.iter_mut().zip(lows) {
        *own = smaller(*own, x);
    }
    for (own, &x) in high.iter_mut().zip(highs) {
        *own = larger(*own, x);
    }
}

/// The smaller one; the first if either is NaN.
fn smaller(a: f32, b: f32) -> f32 {
    if b < a { b } else { a }
}

/// The larger one; the first if either is NaN.
fn larger(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}
