//! Extremes and energies of a few samples.

use super::{HOP, TOGETHER};
use crate::simd::{Energies, LANES, Level, larger, smaller};

/// Measures stretches, and keeps the extremes of those that were measured last.
pub struct Stretches {
    level: Level,
    channels: usize,
    /// Smallest and largest sample of each channel, stretch by stretch.
    low: Vec<f32>,
    high: Vec<f32>,
}

impl Stretches {
    pub fn new(level: Level, channels: usize) -> Self {
        Self {
            level,
            channels,
            low: vec![0.0; TOGETHER * channels],
            high: vec![0.0; TOGETHER * channels],
        }
    }

    /// Whether all samples of a stretch are zero.
    pub fn is_zero(&self, place: usize) -> bool {
        let own = place * self.channels..(place + 1) * self.channels;
        let mut extremes = self.low[own.clone()].iter().chain(&self.high[own]);
        extremes.all(|&value| value == 0.0)
    }

    /// Smallest and largest sample of each channel in a stretch.
    pub fn extremes(&self, place: usize) -> impl Iterator<Item = (f32, f32)> {
        let first = place * self.channels;
        let low = self.low[first..].iter().copied();
        low.zip(self.high[first..].iter().copied())
    }

    /// Looks at up to [`TOGETHER`] stretches, of [`HOP`] moments each, and writes their energies.
    pub fn measure(&mut self, samples: &[f32], mix: &[f32], energies: &mut [Energies]) {
        if self.fits_lanes() {
            let (low, high) = (&mut self.low, &mut self.high);
            self.level
                .stretches(samples, mix, self.channels, low, high, energies);
            return;
        }
        self.forget();
        let stretches = samples.chunks_exact(HOP * self.channels);
        let stretches = stretches.zip(mix.chunks_exact(HOP)).zip(energies);
        for (place, ((samples, mix), energies)) in stretches.enumerate() {
            energies.all = self.add_moments(place, 0.0, samples);
            energies.mix = self.level.sum_of_squares(mix);
        }
    }

    /// Looks at samples that make no stretch, and gives their energies. Their extremes are those of
    /// place 0.
    pub fn measure_rest(&mut self, samples: &[f32], mix: &[f32]) -> Energies {
        self.forget();
        let mut energies = [Energies::default()];
        let mut rest = samples;
        if self.fits_lanes() {
            let (vectors, others) = samples.split_at(samples.len() / LANES * LANES);
            self.measure(vectors, mix, &mut energies);
            rest = others;
        }
        let all = self.add_moments(0, energies[0].all, rest);
        let mix = match self.channels {
            1 => all,
            _ => self.level.sum_of_squares(mix),
        };
        Energies { all, mix }
    }

    /// Whether each lane of a vector sees one channel only.
    fn fits_lanes(&self) -> bool {
        LANES.is_multiple_of(self.channels)
    }

    fn forget(&mut self) {
        self.low.fill(f32::INFINITY);
        self.high.fill(f32::NEG_INFINITY);
    }

    /// Widens the range of each channel moment by moment, and adds to the energy of all.
    fn add_moments(&mut self, place: usize, energy: f32, samples: &[f32]) -> f32 {
        let own = place * self.channels..(place + 1) * self.channels;
        let (low, high) = (&mut self.low[own.clone()], &mut self.high[own]);
        let mut energy = energy;
        for moment in samples.chunks_exact(self.channels) {
            for ((low, high), &x) in low.iter_mut().zip(high.iter_mut()).zip(moment) {
                (*low, *high) = (smaller(*low, x), larger(*high, x));
            }
            energy += moment.iter().map(|x| x * x).sum::<f32>();
        }
        energy
    }
}
