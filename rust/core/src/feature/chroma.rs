//! Energy of the pitch classes.

use super::{BandedMatrix, Feature, Frame, Product, WideFeature};
use crate::signal::sample::Sample;
use crate::simd::Level;
use crate::{Analysis, Error, Result};

/// Number of pitch classes, unless another is asked for.
pub const N_CHROMA: usize = 12;

/// A norm of all values of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Norm {
    /// The largest magnitude.
    Max,
    /// The p-th root of the sum of the p-th powers.
    Power(f64),
}

impl Norm {
    fn of<S: Sample>(self, values: &[S]) -> f64 {
        let sizes = values.iter().map(|value| value.double().abs());
        match self {
            Self::Max => sizes.fold(0.0, f64::max),
            Self::Power(p) => {
                let powers = sizes.map(|size| size.powf(p));
                powers.sum::<f64>().powf(1.0 / p)
            }
        }
    }

    /// Divides the values by their norm, so that it becomes 1.
    pub fn apply<S: Sample>(self, values: &mut [S]) {
        let norm = self.of(values);
        // As in librosa, values whose norm is below the smallest normal number stay as they are.
        if norm >= S::LEAST {
            for value in values {
                *value = S::nearest(value.double() / norm);
            }
        }
    }
}

/// How FFT bins are gathered into pitch classes; [`ChromaSettings::new`] has librosa's defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct ChromaSettings {
    /// Sampling rate in Hz.
    pub sr: f64,
    /// Length of the FFT, in samples.
    pub n_fft: usize,
    /// Number of pitch classes in an octave.
    pub n_chroma: usize,
    /// Deviation of A4 from 440 Hz, in pitch classes.
    pub tuning: f64,
    /// The octave with the largest weight, counted from A0.
    pub centre_octave: f64,
    /// Width of the Gaussian weighting of octaves, in octaves; if `None`, all octaves count
    /// equally.
    pub octave_width: Option<f64>,
    /// The norm that each bin's weights are divided by, if any.
    pub norm: Option<Norm>,
    /// Whether classes start at C; otherwise they start at A.
    pub base_c: bool,
}

impl ChromaSettings {
    /// The settings for spectra of signals of `sr` Hz.
    #[must_use]
    pub fn new(sr: f64, n_fft: usize) -> Self {
        Self {
            sr,
            n_fft,
            n_chroma: N_CHROMA,
            tuning: 0.0,
            centre_octave: 5.0,
            octave_width: Some(2.0),
            norm: Some(Norm::Power(2.0)),
            base_c: true,
        }
    }

    /// Position of a bin's frequency in pitch classes above A0. Bin 0 is placed an octave and a
    /// half below bin 1.
    fn place(&self, bin: usize) -> f64 {
        let classes = self.n_chroma as f64;
        if bin == 0 {
            return self.place(1) - 1.5 * classes;
        }
        let a0 = 440.0 / 16.0 * (self.tuning / classes).exp2();
        let frequency = bin as f64 * self.sr / self.n_fft as f64;
        classes * (frequency / a0).log2()
    }

    /// The weights of a bin, one for each pitch class.
    fn bin_weights(&self, bin: usize) -> Vec<f32> {
        let classes = self.n_chroma as f64;
        let place = self.place(bin);
        // The last bin of the full transform has no neighbour above; librosa gives it a width of 1.
        let width = if bin + 1 < self.n_fft {
            (self.place(bin + 1) - place).max(1.0)
        } else {
            1.0
        };
        let half = (classes / 2.0).round_ties_even();
        let weight = |class: usize| {
            // The distance to the class, wrapped to half an octave on either side.
            let distance = (place - class as f64 + half).rem_euclid(classes) - half;
            (-0.5 * (2.0 * distance / width).powi(2)).exp()
        };
        let mut weights: Vec<f32> = (0..self.n_chroma).map(|c| weight(c) as f32).collect();
        if let Some(norm) = self.norm {
            norm.apply(&mut weights);
        }
        if let Some(octaves) = self.octave_width {
            let octave = (place / classes - self.centre_octave) / octaves;
            let gain = (-0.5 * octave * octave).exp();
            for weight in &mut weights {
                *weight = (f64::from(*weight) * gain) as f32;
            }
        }
        if self.base_c {
            // The classes above count from A; C is three semitones up.
            weights.rotate_left(3 * (self.n_chroma / 12));
        }
        weights
    }
}

/// Weights that gather FFT bins into pitch classes.
///
/// Each semitone has a Gaussian as wide as an FFT bin, but at least one semitone wide. Another
/// Gaussian weights the octaves, with its centre at the fifth. D. P. W. Ellis, "Chroma feature
/// analysis and synthesis" (2007); constants as in librosa.
pub struct ChromaFilter {
    matrix: BandedMatrix,
}

impl ChromaFilter {
    /// Weights below this share of the largest weight of their bin are left out. It is the
    /// resolution of single precision.
    const NEGLIGIBLE: f32 = 1e-7;

    /// The filter for some settings.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a value outside its domain.
    pub fn new(level: Level, settings: &ChromaSettings) -> Result<Self> {
        if settings.n_chroma == 0 {
            return Err(Error::parameter("n_chroma", 0, "at least 1"));
        }
        if settings.n_fft < 2 {
            return Err(Error::parameter("n_fft", settings.n_fft, "at least 2"));
        }
        let n_bins = settings.n_fft / 2 + 1;
        let mut weights: Vec<Vec<f32>> = (0..n_bins).map(|b| settings.bin_weights(b)).collect();
        for weights in &mut weights {
            let largest = weights.iter().copied().fold(0.0, f32::max);
            let least = largest * Self::NEGLIGIBLE;
            for weight in weights.iter_mut().filter(|weight| **weight < least) {
                *weight = 0.0;
            }
        }
        let mut matrix = BandedMatrix::new(level, settings.n_chroma);
        for class in 0..settings.n_chroma {
            let column: Vec<f32> = weights.iter().map(|w| w[class]).collect();
            let mut start = 0;
            for run in column.chunk_by(|a, b| (*a > 0.0) == (*b > 0.0)) {
                if run[0] > 0.0 {
                    matrix.add_run(class, start, run);
                }
                start += run.len();
            }
        }
        Ok(Self { matrix })
    }

    /// Gathers a power spectrum into pitch classes, and divides these by their norm if `norm` is
    /// given. The spectrum must be followed by [`PADDING`](crate::signal::spectrum::PADDING) zeros.
    pub fn apply(&self, padded_power: &[f32], norm: Option<Norm>, chroma: &mut [f32]) {
        self.apply_each(&[padded_power], norm, chroma);
    }

    /// Does the same as [`ChromaFilter::apply`] for several spectra. Their pitch classes are written
    /// one after the other.
    pub fn apply_each(&self, padded_powers: &[&[f32]], norm: Option<Norm>, chroma: &mut [f32]) {
        self.matrix.apply_each(padded_powers, chroma);
        if let Some(norm) = norm {
            for chroma in chroma.chunks_mut(self.matrix.n_rows()) {
                norm.apply(chroma);
            }
        }
    }
}

/// The filter that the features of one analysis share.
pub fn default_filter(level: Level, analysis: &Analysis) -> Result<ChromaFilter> {
    ChromaFilter::new(level, &ChromaSettings::new(analysis.sr(), analysis.n_fft()))
}

/// Pitch classes with any settings.
pub struct Chromagram {
    filter: ChromaFilter,
    norm: Option<Norm>,
}

impl Chromagram {
    /// Pitch classes, divided by their norm if `norm` is given.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a value outside its domain.
    pub fn new(settings: &ChromaSettings, norm: Option<Norm>) -> Result<Self> {
        let filter = ChromaFilter::new(Level::best(), settings)?;
        Ok(Self { filter, norm })
    }
}

impl Feature for Chromagram {
    fn n_columns(&self) -> usize {
        self.filter.matrix.n_rows()
    }

    fn needs(&self) -> &'static [Product] {
        &[Product::Spectrum]
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        self.filter.apply(frame.padded_power, self.norm, bands);
    }
}

impl WideFeature for Chromagram {
    fn wide_bands(&self, frame: &Frame<'_>, bands: &mut [f64]) {
        self.filter.matrix.wide_apply(frame.wide.power, bands);
        if let Some(norm) = self.norm {
            norm.apply(bands);
        }
    }
}

/// Energy of the twelve pitch classes, from C; the largest is 1.
pub struct Chroma;

impl Feature for Chroma {
    fn n_columns(&self) -> usize {
        N_CHROMA
    }

    fn needs(&self) -> &'static [Product] {
        &[Product::Spectrum, Product::Chroma]
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

    fn needs(&self) -> &'static [Product] {
        &[Product::Spectrum, Product::Chroma]
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        bands[0] = frame.chroma.iter().sum::<f32>() / N_CHROMA as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::LANES;

    #[test]
    fn a_tone_is_strongest_in_its_own_class() {
        let settings = ChromaSettings::new(22050.0, 2048);
        let filter = ChromaFilter::new(Level::best(), &settings).unwrap();
        for (frequency, class) in [(261.63, 0), (440.0, 9), (880.0, 9), (1975.53, 11)] {
            let mut power = vec![0.0; 1025 + LANES];
            power[(frequency * 2048.0 / 22050.0_f64).round() as usize] = 1.0;
            let mut chroma = [0.0; N_CHROMA];
            filter.apply(&power, Some(Norm::Max), &mut chroma);
            assert_eq!(chroma.iter().position(|&c| c >= 1.0), Some(class));
        }
    }

    #[test]
    fn runs_leave_out_nothing_that_counts() {
        let settings = ChromaSettings::new(22050.0, 2048);
        let filter = ChromaFilter::new(Level::best(), &settings).unwrap();
        let power: Vec<f32> = (0..1025).map(|i| ((i * 37) % 101) as f32).collect();
        let padded = [power.clone(), vec![0.0; LANES]].concat();
        let mut chroma = [0.0; N_CHROMA];
        filter.apply(&padded, None, &mut chroma);
        for (class, &sum) in chroma.iter().enumerate() {
            let products = power.iter().enumerate();
            let products = products.map(|(bin, p)| settings.bin_weights(bin)[class] * p);
            let expected: f32 = products.sum();
            assert!((sum - expected).abs() < 1e-5 * expected);
        }
    }
}
