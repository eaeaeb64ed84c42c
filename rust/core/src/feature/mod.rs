//! The features: what each computes from a frame, and the registry that lists them.
//!
//! A feature is one type and one line in [`REGISTRY`]; the extractor, the bindings, the
//! documentation and the parity test all go through that table.

mod banded;
mod cepstrum;
mod chroma;
mod mel;
mod pitch;
mod registry;
mod spectral;
mod spectral_contrast;
mod temporal;

pub use banded::BandedMatrix;
pub use cepstrum::{Cepstrum, Cosines};
pub use chroma::{ChromaFilter, ChromaSettings, Chromagram, N_CHROMA, Norm};
pub use mel::{MelFilter, MelNorm, MelScale, MelSettings, MelSpectrogram, N_MELS};
pub use pitch::PitchHistogram;
pub use registry::{FeatureSpec, OwnAnalysis, REGISTRY, find};
pub use spectral::{Bandwidth, Bins, Centroid, Flatness, Places, Rolloff};
pub use spectral_contrast::{ContrastSettings, SpectralContrast};
pub use temporal::{Rms, RmsOfSpectrum, ZeroCrossingRate};

pub(crate) use chroma::default_filter as default_chroma_filter;
pub(crate) use mel::default_filter as default_mel_filter;

use crate::signal::spectrum::Precision;
use crate::simd::Level;

/// What there is of one frame. A part that no feature [needs](Feature::needs) is empty.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The instruction set to compute with.
    pub level: Level,
    /// Number of samples.
    pub length: usize,
    /// The samples, not windowed.
    pub samples: &'a [f32],
    /// Number of sign changes inside the frame.
    pub crossings: u32,
    /// Number of FFT bins.
    pub n_bins: usize,
    /// Absolute values of the FFT bins, followed by [`PADDING`](crate::signal::spectrum::PADDING) zeros.
    pub padded_magnitude: &'a [f32],
    /// Squared absolute values of the FFT bins, followed by as many zeros.
    pub padded_power: &'a [f32],
    /// Energy of the 12 pitch classes from C, the largest being 1.
    pub chroma: &'a [f32],
    /// Power of the mel bands in decibels, at least -100.
    pub mel_db: &'a [f32],
}

impl Frame<'_> {
    /// Absolute values of the FFT bins.
    #[must_use]
    pub fn magnitude(&self) -> &[f32] {
        &self.padded_magnitude[..self.n_bins]
    }

    /// Squared absolute values of the FFT bins.
    #[must_use]
    pub fn power(&self) -> &[f32] {
        &self.padded_power[..self.n_bins]
    }
}

/// A part of a [`Frame`] that is computed only if some feature needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// [`Frame::samples`].
    Samples,
    /// [`Frame::crossings`].
    Crossings,
    /// [`Frame::padded_magnitude`] and [`Frame::padded_power`].
    Spectrum,
    /// [`Frame::chroma`], of features that are computed together.
    Chroma,
    /// [`Frame::mel_db`], of features that are computed together.
    MelDb,
}

/// A floor under decibel values, relative to the largest of a whole recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Floor {
    /// Distance of the floor from the peak, in decibels.
    pub top_db: f32,
    /// Lengths of the runs of bands that share a peak; they add up to all bands.
    pub groups: Vec<usize>,
}

/// A feature, set up for one [`Analysis`](crate::Analysis).
///
/// It maps a frame to *bands*, and bands to *columns*. The two differ only where librosa puts a
/// [`Floor`] under the bands, which lies at a fixed distance from the recording's peak and so is
/// known only at its end: the map from bands to columns is linear, so that the columns' mean is
/// the map of the floored bands' mean, and no frame need be kept.
pub trait Feature: Send + Sync {
    /// Number of columns.
    fn n_columns(&self) -> usize;

    /// Number of bands.
    fn n_bands(&self) -> usize {
        self.n_columns()
    }

    /// What it needs of a frame.
    fn needs(&self) -> &'static [Product];

    /// What is precise enough for it where spectra are computed for it alone.
    fn precision(&self) -> Precision {
        Precision::Double
    }

    /// Whether a frame counts; one that does not is left out of all statistics.
    fn counts(&self, _frame: &Frame<'_>) -> bool {
        true
    }

    /// Computes the bands of a frame.
    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]);

    /// The floor under the bands' mean, if there is one.
    fn floor(&self) -> Option<Floor> {
        None
    }

    /// Whether columns are anything but the bands themselves.
    fn is_projected(&self) -> bool {
        false
    }

    /// Maps bands, or means of bands, to columns. The bands are followed by zeros, as many as
    /// make their number a multiple of [`LANES`](crate::simd::LANES).
    fn project(&self, padded_bands: &[f32], columns: &mut [f32]) {
        columns.copy_from_slice(&padded_bands[..columns.len()]);
    }
}

/// Smallest power that counts when levels are taken.
pub const AMIN: f32 = 1e-10;
