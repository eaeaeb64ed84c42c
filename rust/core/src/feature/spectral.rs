//! Features of the spectrum as a whole.

use super::{AMIN, Feature, Frame};
use crate::Analysis;

/// Spread of the magnitude around its centroid, in Hz.
pub struct Bandwidth {
    /// Width of an FFT bin in Hz.
    bin_width: f64,
}

impl Bandwidth {
    pub fn new(analysis: &Analysis) -> Self {
        Self {
            bin_width: analysis.frequency(1),
        }
    }
}

impl Feature for Bandwidth {
    fn n_columns(&self) -> usize {
        1
    }

    fn bands(&self, frame: &Frame<'_>, _scratch: &mut Vec<f32>, bands: &mut [f32]) {
        let (mut sum, mut first, mut second) = (0.0, 0.0, 0.0);
        for (bin, &magnitude) in frame.magnitude.iter().enumerate() {
            let (bin, magnitude) = (bin as f64, f64::from(magnitude));
            sum += magnitude;
            first += magnitude * bin;
            second += magnitude * bin * bin;
        }
        // As in librosa, what is too faint to be a number is not brought to a sum of 1.
        let norm = if sum < f64::from(f32::MIN_POSITIVE) {
            1.0
        } else {
            sum
        };
        let centroid = first / norm;
        let variance = (second - 2.0 * centroid * first + centroid * centroid * sum) / norm;
        bands[0] = (variance.max(0.0).sqrt() * self.bin_width) as f32;
    }
}

/// Geometric over arithmetic mean of the power.
pub struct Flatness;

impl Feature for Flatness {
    fn n_columns(&self) -> usize {
        1
    }

    fn bands(&self, frame: &Frame<'_>, _scratch: &mut Vec<f32>, bands: &mut [f32]) {
        let (mut logs, mut sum) = (0.0, 0.0);
        // One logarithm for eight bins: their product stays within a double's range, since
        // each is between 1e-10 and the largest single-precision number, 3.4e38.
        for eight in frame.power.chunks(8) {
            let mut product = 1.0;
            for &power in eight {
                let power = f64::from(power.max(AMIN));
                product *= power;
                sum += power;
            }
            logs += f64::ln(product);
        }
        let n = frame.power.len() as f64;
        bands[0] = ((logs / n).exp() / (sum / n)) as f32;
    }
}
