//! Windowed FFT, magnitude and power of a frame.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use crate::Analysis;
use crate::simd::{LANES, Level};

/// Zeros after the last bin of [`Spectrum::padded_power`].
pub const PADDING: usize = LANES;

/// A frame whose largest power is below this is so faint that powers of its other bins may
/// vanish in single precision; then roots are taken in double precision.
const FAINT: f32 = 1e-20;

/// The shared part of a transform: the FFT's tables and the window.
pub struct SpectrumPlan {
    level: Level,
    fft: Arc<dyn RealToComplex<f64>>,
    window: Vec<f64>,
}

impl SpectrumPlan {
    /// A plan for the frames of `analysis`.
    #[must_use]
    pub fn new(level: Level, analysis: &Analysis) -> Self {
        Self {
            level,
            fft: RealFftPlanner::new().plan_fft_forward(analysis.n_fft()),
            window: analysis.window().to_vec(),
        }
    }

    /// Buffers for transforming with this plan.
    #[must_use]
    pub fn spectrum(&self) -> Spectrum {
        let bins = self.window.len() / 2 + 1;
        Spectrum {
            windowed: self.fft.make_input_vec(),
            bins: self.fft.make_output_vec(),
            scratch: self.fft.make_scratch_vec(),
            magnitude: vec![0.0; bins],
            power: vec![0.0; bins + PADDING],
        }
    }

    /// Transforms one frame of as many samples as the window has.
    ///
    /// Window and FFT are double precision and only their result is cast, as in librosa: the
    /// quietest bins, which spectral contrast looks at, drown in a single-precision FFT's noise.
    pub fn transform(&self, samples: &[f32], into: &mut Spectrum) {
        self.level
            .apply_window(samples, &self.window, &mut into.windowed);
        let done =
            self.fft
                .process_with_scratch(&mut into.windowed, &mut into.bins, &mut into.scratch);
        // It fails on buffers of another length only, and these are the plan's own.
        debug_assert!(done.is_ok());
        let power = &mut into.power[..into.bins.len()];
        let largest = self
            .level
            .magnitude_and_power(&into.bins, &mut into.magnitude, power);
        if largest < FAINT {
            for (magnitude, bin) in into.magnitude.iter_mut().zip(&into.bins) {
                *magnitude = bin.norm_sqr().sqrt() as f32;
            }
        }
    }
}

/// The spectrum of one frame, and the buffers it took.
pub struct Spectrum {
    windowed: Vec<f64>,
    bins: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
    magnitude: Vec<f32>,
    power: Vec<f32>,
}

impl Spectrum {
    /// Absolute value of each bin.
    #[must_use]
    pub fn magnitude(&self) -> &[f32] {
        &self.magnitude
    }

    /// Squared absolute value of each bin.
    #[must_use]
    pub fn power(&self) -> &[f32] {
        &self.power[..self.magnitude.len()]
    }

    /// The power, followed by [`PADDING`] zeros.
    #[must_use]
    pub fn padded_power(&self) -> &[f32] {
        &self.power
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tests_analysis;

    #[test]
    fn the_fast_transform_equals_the_sum_it_stands_for() {
        for n_fft in [2, 5, 16, 31] {
            let analysis = tests_analysis(8000.0, n_fft, 4);
            let y: Vec<f32> = (0..n_fft).map(|i| ((i * 7 % 5) as f32) - 1.5).collect();
            let plan = SpectrumPlan::new(Level::best(), &analysis);
            let mut spectrum = plan.spectrum();
            plan.transform(&y, &mut spectrum);
            for (k, (&magnitude, &power)) in spectrum
                .magnitude()
                .iter()
                .zip(spectrum.power())
                .enumerate()
            {
                let sum: Complex<f64> = (0..n_fft)
                    .map(|i| {
                        let turn = -std::f64::consts::TAU * (i * k) as f64 / n_fft as f64;
                        Complex::cis(turn) * f64::from(y[i]) * analysis.window()[i]
                    })
                    .sum();
                assert!((f64::from(magnitude) - sum.norm()).abs() < 1e-6);
                assert!((f64::from(power) - sum.norm_sqr()).abs() < 1e-6 * sum.norm_sqr().max(1.0));
            }
        }
    }
}
