//! Features of the spectrum as a whole.

use super::{Feature, Frame};
use crate::Analysis;

/// Spread of the magnitude around its centroid, in Hz.
pub struct Bandwidth {
    /// Width of an FFT bin in Hz.
    bin_width: f32,
    /// The bins' numbers.
    places: Vec<f32>,
}

impl Bandwidth {
    pub fn new(analysis: &Analysis) -> Self {
        Self {
            bin_width: analysis.frequency(1) as f32,
            places: (0..analysis.n_bins()).map(|bin| bin as f32).collect(),
        }
    }
}

impl Feature for Bandwidth {
    fn n_columns(&self) -> usize {
        1
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        let (sum, first) = frame.level.weighted_sum(frame.magnitude, &self.places);
        // As in librosa, what is too faint to be a number is not brought to a sum of 1.
        let norm = if sum < f32::MIN_POSITIVE { 1.0 } else { sum };
        let second = frame
            .level
            .spread(frame.magnitude, &self.places, first / norm);
        bands[0] = (second / norm).sqrt() * self.bin_width;
    }
}

/// Geometric over arithmetic mean of the power.
pub struct Flatness;

impl Feature for Flatness {
    fn n_columns(&self) -> usize {
        1
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        let (logs, sum) = frame.level.log_sum_and_sum(frame.power);
        let n = frame.power.len() as f64;
        bands[0] = ((logs / n).exp() / (f64::from(sum) / n)) as f32;
    }
}
