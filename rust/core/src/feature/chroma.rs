//! Energy of the twelve pitch classes.

use super::{Feature, Frame};
use crate::Analysis;
use crate::simd::{LANES, Level};

/// Number of pitch classes.
pub const N_CHROMA: usize = 12;

/// Weights that gather FFT bins into pitch classes.
///
/// A Gaussian around each semitone, its width that of an FFT bin but at least one semitone, and
/// one over the octaves around the fifth. D. P. W. Ellis, "Chroma feature analysis and
/// synthesis" (2007); constants as in librosa, for a tuning of A4 = 440 Hz.
pub struct ChromaFilter {
    level: Level,
    /// The weights of each bin, followed by zeros.
    weights: Vec<[f32; LANES]>,
}

impl ChromaFilter {
    /// The filter for an analysis.
    #[must_use]
    pub fn new(level: Level, analysis: &Analysis) -> Self {
        let weights = (0..analysis.n_bins()).map(|bin| Self::bin_weights(analysis, bin));
        Self {
            level,
            weights: weights.collect(),
        }
    }

    /// Semitones from A0 of a bin's frequency; bin 0 lies an octave and a half below bin 1.
    fn semitones(analysis: &Analysis, bin: usize) -> f64 {
        let classes = N_CHROMA as f64;
        match bin {
            0 => Self::semitones(analysis, 1) - 1.5 * classes,
            _ => classes * (analysis.frequency(bin) / (440.0 / 16.0)).log2(),
        }
    }

    fn bin_weights(analysis: &Analysis, bin: usize) -> [f32; LANES] {
        const CENTRE_OCTAVE: f64 = 5.0;
        const OCTAVE_WIDTH: f64 = 2.0;
        let classes = N_CHROMA as f64;
        let place = Self::semitones(analysis, bin);
        // The last bin of the whole transform has no neighbour above; librosa gives it 1.
        let width = if bin + 1 < analysis.n_fft() {
            (Self::semitones(analysis, bin + 1) - place).max(1.0)
        } else {
            1.0
        };
        let octave = (place / classes - CENTRE_OCTAVE) / OCTAVE_WIDTH;
        let gain = (-0.5 * octave * octave).exp();
        let mut weights = [0.0; N_CHROMA];
        for (class, weight) in weights.iter_mut().enumerate() {
            // The distance to the class, wrapped to half an octave on either side.
            let distance = place - class as f64 + classes / 2.0;
            let distance = distance.rem_euclid(classes) - classes / 2.0;
            *weight = (-0.5 * (2.0 * distance / width).powi(2)).exp();
        }
        let norm = weights.iter().map(|w: &f64| w * w).sum::<f64>().sqrt();
        // The classes above count from A; a chromagram starts at C.
        std::array::from_fn(|class| match class {
            0..N_CHROMA => (weights[(class + 3) % N_CHROMA] / norm * gain) as f32,
            _ => 0.0,
        })
    }

    /// Gathers a power spectrum into pitch classes, the largest of which becomes 1.
    pub fn apply(&self, power: &[f32], chroma: &mut [f32]) {
        let sums = self.level.gather_classes(power, &self.weights);
        let peak = sums.iter().copied().fold(0.0, f32::max);
        // As in librosa, what is too faint to be a number is not brought to a peak of 1.
        let norm = if peak < f32::MIN_POSITIVE { 1.0 } else { peak };
        for (class, sum) in chroma.iter_mut().zip(sums) {
            *class = sum / norm;
        }
    }
}

/// The pitch classes, from C.
pub struct Chroma;

impl Feature for Chroma {
    fn n_columns(&self) -> usize {
        N_CHROMA
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        bands.copy_from_slice(frame.chroma);
    }
}

/// Mean of the pitch classes: low for a single tone, high for noise.
pub struct ChromaMean;

impl Feature for ChromaMean {
    fn n_columns(&self) -> usize {
        1
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        bands[0] = frame.chroma.iter().sum::<f32>() / N_CHROMA as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tests_analysis;

    #[test]
    fn a_tone_is_strongest_in_its_own_class() {
        let analysis = tests_analysis(22050.0, 2048, 512);
        let filter = ChromaFilter::new(Level::best(), &analysis);
        for (frequency, class) in [(261.63, 0), (440.0, 9), (880.0, 9), (1975.53, 11)] {
            let mut power = vec![0.0; analysis.n_bins()];
            power[(frequency / analysis.frequency(1)).round() as usize] = 1.0;
            let mut chroma = [0.0; N_CHROMA];
            filter.apply(&power, &mut chroma);
            assert_eq!(chroma.iter().position(|&c| c >= 1.0), Some(class));
        }
    }
}
