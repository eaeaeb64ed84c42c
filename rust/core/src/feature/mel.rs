//! Mel bands and their levels.

use super::{AMIN, BandedMatrix, Feature, Floor, Frame, Norm, Product, WideFeature};
use crate::analysis::bin_frequency;
use crate::signal::sample::Sample;
use crate::signal::spectrum::{PADDING, Precision};
use crate::simd::Level;
use crate::{Analysis, Error, Result};

/// Number of mel bands, unless another is asked for.
pub const N_MELS: usize = 128;
/// Distance of the floor below the peak level, in decibels.
pub(super) const TOP_DB: f32 = 80.0;

/// A scale of perceived pitch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MelScale {
    /// Linear below 1 kHz, logarithmic above: M. Slaney, "Auditory Toolbox", Interval Research
    /// Technical Report 1998-010.
    Slaney,
    /// Logarithmic throughout: S. Young et al., "The HTK Book".
    Htk,
}

impl MelScale {
    const HZ_PER_MEL: f64 = 200.0 / 3.0;
    const BREAK_HZ: f64 = 1000.0;
    const BREAK_MEL: f64 = Self::BREAK_HZ / Self::HZ_PER_MEL;

    fn log_step() -> f64 {
        6.4_f64.ln() / 27.0
    }

    /// The mel value of a frequency in Hz.
    #[must_use]
    pub fn from_hz(self, hz: f64) -> f64 {
        match self {
            Self::Htk => 2595.0 * (1.0 + hz / 700.0).log10(),
            Self::Slaney if hz < Self::BREAK_HZ => hz / Self::HZ_PER_MEL,
            Self::Slaney => Self::BREAK_MEL + (hz / Self::BREAK_HZ).ln() / Self::log_step(),
        }
    }

    /// The frequency in Hz of a mel value.
    #[must_use]
    pub fn to_hz(self, mel: f64) -> f64 {
        match self {
            Self::Htk => 700.0 * (10_f64.powf(mel / 2595.0) - 1.0),
            Self::Slaney if mel < Self::BREAK_MEL => mel * Self::HZ_PER_MEL,
            Self::Slaney => Self::BREAK_HZ * ((mel - Self::BREAK_MEL) * Self::log_step()).exp(),
        }
    }
}

/// How the triangular filters are scaled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MelNorm {
    /// All have a peak of 1.
    Peak,
    /// All have equal areas, as in Slaney's toolbox.
    Area,
    /// Each has weights with a norm of 1.
    Weights(Norm),
}

/// How FFT bins are gathered into mel bands; [`MelSettings::new`] has librosa's defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct MelSettings {
    /// Sampling rate in Hz.
    pub sr: f64,
    /// Length of the FFT, in samples.
    pub n_fft: usize,
    /// Number of bands.
    pub n_mels: usize,
    /// Lowest frequency, in Hz.
    pub fmin: f64,
    /// Highest frequency, in Hz.
    pub fmax: f64,
    /// The scale on which bands are evenly spaced.
    pub scale: MelScale,
    /// How the triangles are scaled.
    pub norm: MelNorm,
}

impl MelSettings {
    /// The settings for spectra of signals of `sr` Hz.
    #[must_use]
    pub fn new(sr: f64, n_fft: usize) -> Self {
        Self {
            sr,
            n_fft,
            n_mels: N_MELS,
            fmin: 0.0,
            fmax: sr / 2.0,
            scale: MelScale::Slaney,
            norm: MelNorm::Area,
        }
    }
}

/// Triangular filters that are evenly spaced on the mel scale.
pub struct MelFilter {
    matrix: BandedMatrix,
}

impl MelFilter {
    /// The filter for some settings.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a value outside its domain.
    pub fn new(level: Level, settings: &MelSettings) -> Result<Self> {
        let MelSettings { n_mels, scale, .. } = *settings;
        if n_mels == 0 {
            return Err(Error::parameter("n_mels", 0, "at least 1"));
        }
        if !(settings.fmin >= 0.0 && settings.fmin < settings.fmax) {
            let expected = format!("0 <= fmin < fmax={}", settings.fmax);
            return Err(Error::parameter("fmin", settings.fmin, expected));
        }
        let (low, high) = (scale.from_hz(settings.fmin), scale.from_hz(settings.fmax));
        let step = (high - low) / (n_mels + 1) as f64;
        let edges: Vec<f64> = (0..n_mels + 2)
            .map(|i| scale.to_hz(low + step * i as f64))
            .collect();
        let mut matrix = BandedMatrix::new(level, n_mels);
        for (band, corners) in edges.windows(3).enumerate() {
            let (start, mut weights) = triangle(settings, corners);
            match settings.norm {
                MelNorm::Peak => {}
                MelNorm::Weights(norm) => norm.apply(&mut weights),
                MelNorm::Area => {
                    let scale = 2.0 / (corners[2] - corners[0]);
                    for weight in &mut weights {
                        *weight = (f64::from(*weight) * scale) as f32;
                    }
                }
            }
            matrix.add_run(band, start, &weights);
        }
        Ok(Self { matrix })
    }

    /// Gathers a power spectrum into the power of the bands. The spectrum must be followed by
    /// [`PADDING`] zeros.
    pub fn apply(&self, padded_power: &[f32], mel: &mut [f32]) {
        self.matrix.apply(padded_power, mel);
    }

    /// Does the same as [`MelFilter::apply`] for several spectra. Their bands are written one after
    /// the other.
    pub fn apply_each(&self, padded_powers: &[&[f32]], mel: &mut [f32]) {
        self.matrix.apply_each(padded_powers, mel);
    }
}

/// The first bin inside a triangle with these corners, in Hz, and the weights from that bin on.
fn triangle(settings: &MelSettings, corners: &[f64]) -> (usize, Vec<f32>) {
    let (left, centre, right) = (corners[0], corners[1], corners[2]);
    let (n_bins, n_fft) = (settings.n_fft / 2 + 1, settings.n_fft as f64);
    let weight = |bin: usize| {
        let frequency = bin_frequency(settings.sr, settings.n_fft, bin);
        let rising = (frequency - left) / (centre - left);
        let falling = (right - frequency) / (right - centre);
        rising.min(falling).max(0.0) as f32
    };
    // The bin below the corner, so that rounding leaves no bin out.
    let near = (left * n_fft / settings.sr) as usize;
    let inside = |bin: &usize| weight(*bin) > 0.0;
    let first = (near..n_bins.min(near + 3)).find(inside).unwrap_or(0);
    let bins = (first..n_bins).take_while(inside);
    (first, bins.map(weight).collect())
}

/// The filter that the features of one analysis share.
pub fn default_filter(level: Level, analysis: &Analysis) -> Result<MelFilter> {
    let settings = MelSettings {
        fmin: analysis.fmin(),
        fmax: analysis.fmax(),
        ..MelSettings::new(analysis.sr(), analysis.n_fft())
    };
    MelFilter::new(level, &settings)
}

/// Mel bands with any settings.
pub struct MelSpectrogram {
    filter: MelFilter,
    /// The exponent of the magnitudes before they are gathered.
    exponent: f64,
    /// Whether the bands are in decibels.
    decibels: bool,
}

impl MelSpectrogram {
    /// Bands of magnitudes raised to `exponent`, in decibels if `decibels` is true.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a value outside its domain.
    pub fn new(settings: &MelSettings, exponent: f64, decibels: bool) -> Result<Self> {
        let filter = MelFilter::new(Level::best(), settings)?;
        Ok(Self {
            filter,
            exponent,
            decibels,
        })
    }
}

impl Feature for MelSpectrogram {
    fn n_columns(&self) -> usize {
        self.filter.matrix.n_rows()
    }

    fn needs(&self) -> &'static [Product] {
        &[Product::Spectrum]
    }

    fn precision(&self) -> Precision {
        Precision::Single
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        if self.exponent == 2.0 {
            self.filter.apply(frame.padded_power, bands);
        } else if self.exponent == 1.0 {
            self.filter.apply(frame.padded_magnitude, bands);
        } else {
            let raised = frame
                .magnitude()
                .iter()
                .map(|m| m.powf(self.exponent as f32));
            let padded: Vec<f32> = raised.chain([0.0; PADDING]).collect();
            self.filter.apply(&padded, bands);
        }
        if self.decibels {
            frame.level.to_decibels(bands, AMIN);
        }
    }

    fn floor(&self) -> Option<Floor> {
        self.decibels.then(|| Floor {
            top_db: TOP_DB,
            groups: vec![self.n_bands()],
        })
    }
}

impl WideFeature for MelSpectrogram {
    fn wide_bands(&self, frame: &Frame<'_>, bands: &mut [f64]) {
        let matrix = &self.filter.matrix;
        if self.exponent == 2.0 {
            matrix.wide_apply(frame.wide.power, bands);
        } else if self.exponent == 1.0 {
            matrix.wide_apply(frame.wide.magnitude, bands);
        } else {
            let raised = frame.wide.magnitude.iter();
            let raised = raised.map(|m| m.powf(self.exponent));
            matrix.wide_apply(&raised.collect::<Vec<f64>>(), bands);
        }
        if self.decibels {
            Sample::to_decibels(bands, f64::from(AMIN));
        }
    }
}

/// Mean level of the mel bands, in decibels.
pub struct MelLevel;

impl Feature for MelLevel {
    fn n_columns(&self) -> usize {
        1
    }

    fn needs(&self) -> &'static [Product] {
        &[Product::Spectrum, Product::MelDb]
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        bands[0] = frame.level.sum(frame.mel_db) / N_MELS as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::LANES;

    #[test]
    fn the_scales_and_their_inverses_undo_each_other() {
        for scale in [MelScale::Slaney, MelScale::Htk] {
            for hz in [0.0, 440.0, 999.9, 1000.0, 8000.0] {
                assert!((scale.to_hz(scale.from_hz(hz)) - hz).abs() < 1e-9);
            }
        }
        assert!((MelScale::Slaney.from_hz(1000.0) - 15.0).abs() < 1e-12);
        assert!((MelScale::Htk.from_hz(1000.0) - 1000.0).abs() < 0.1);
    }

    #[test]
    fn a_flat_spectrum_has_equal_power_where_triangles_are_wide() {
        let settings = MelSettings::new(22050.0, 8192);
        let mut mel = [0.0; N_MELS];
        let filter = MelFilter::new(Level::best(), &settings).unwrap();
        filter.apply(&vec![1.0; 4097 + LANES], &mut mel);
        let wide = &mel[60..];
        assert!(
            wide.iter()
                .all(|power| (power / wide[0] - 1.0).abs() < 0.05)
        );
    }

    #[test]
    fn every_bin_under_a_triangle_is_found() {
        for (sr, n_fft, n_mels) in [(22050.0, 2048, 128), (8000.0, 300, 20), (44100.0, 77, 5)] {
            let settings = MelSettings {
                n_mels,
                norm: MelNorm::Peak,
                ..MelSettings::new(sr, n_fft)
            };
            let filter = MelFilter::new(Level::best(), &settings).unwrap();
            let scale = settings.scale;
            let step = scale.from_hz(sr / 2.0) / (n_mels + 1) as f64;
            let edge = |i: usize| scale.to_hz(step * i as f64);
            for bin in 0..=n_fft / 2 {
                let mut power = vec![0.0; n_fft / 2 + 1 + LANES];
                power[bin] = 1.0;
                let mut mel = vec![0.0; n_mels];
                filter.apply(&power, &mut mel);
                let frequency = bin as f64 * sr / n_fft as f64;
                for (band, &weight) in mel.iter().enumerate() {
                    let (left, centre, right) = (edge(band), edge(band + 1), edge(band + 2));
                    let rising = (frequency - left) / (centre - left);
                    let falling = (right - frequency) / (right - centre);
                    let expected = rising.min(falling).max(0.0);
                    assert!((f64::from(weight) - expected).abs() < 1e-6);
                }
            }
        }
    }
}
