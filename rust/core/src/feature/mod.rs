//! The features: what each computes from a frame, and the registry that lists them.
//!
//! A feature is one type and one entry in [`REGISTRY`]. The extractor, the bindings, the
//! documentation and the parity test all use that table.

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
pub use cepstrum::{Cepstrum, CosineSettings, Cosines, DctType};
pub use chroma::{ChromaFilter, ChromaSettings, Chromagram, N_CHROMA, Norm};
pub use mel::{MelFilter, MelNorm, MelScale, MelSettings, MelSpectrogram, N_MELS};
pub use pitch::PitchHistogram;
#[cfg(test)]
pub(crate) use registry::all_columns_once;
pub use registry::{FeatureSpec, OwnAnalysis, REGISTRY, find};
pub use spectral::{Bandwidth, Bins, Centroid, Flatness, Frequencies, Places, Rolloff};
pub use spectral_contrast::{ContrastSettings, SpectralContrast};
pub use temporal::{Rms, RmsOfSpectrum, ZeroCrossingRate};

pub(crate) use chroma::default_filter as default_chroma_filter;
pub(crate) use mel::default_filter as default_mel_filter;

use crate::signal::spectrum::Precision;
use crate::simd::Level;

/// What has been computed from one frame. A part that no feature [needs](Feature::needs) is empty.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The instruction set to compute with.
    pub level: Level,
    /// Number of samples.
    pub length: usize,
    /// The samples, without the window.
    pub samples: &'a [f32],
    /// Number of sign changes inside the frame.
    pub crossings: u32,
    /// Number of FFT bins.
    pub n_bins: usize,
    /// Absolute values of the FFT bins, followed by [`PADDING`](crate::signal::spectrum::PADDING) zeros.
    pub padded_magnitude: &'a [f32],
    /// Squared absolute values of the FFT bins, followed by the same number of zeros.
    pub padded_power: &'a [f32],
    /// Energy of the 12 pitch classes from C; the largest is 1.
    pub chroma: &'a [f32],
    /// Power of the mel bands in decibels, at least -100.
    pub mel_db: &'a [f32],
    /// The frame in double precision, if it is computed in that.
    pub wide: Wide<'a>,
}

/// A [`Frame`] in double precision.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wide<'a> {
    /// The channel and the number of the frame.
    pub place: (usize, usize),
    /// The samples, without the window.
    pub samples: &'a [f64],
    /// Absolute values of the FFT bins.
    pub magnitude: &'a [f64],
    /// Squared absolute values of the FFT bins.
    pub power: &'a [f64],
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
    /// [`Frame::chroma`], shared by the features of one analysis.
    Chroma,
    /// [`Frame::mel_db`], shared by the features of one analysis.
    MelDb,
}

/// A floor for decibel values, relative to the largest value of a whole recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Floor {
    /// Distance of the floor below the peak, in decibels.
    pub top_db: f32,
    /// Number of bands in each group. The bands of a group are consecutive and share a peak. The
    /// numbers add up to the number of bands.
    pub groups: Vec<usize>,
}

/// A feature, set up for one [`Analysis`](crate::Analysis).
///
/// It maps a frame to *bands*, and bands to *columns*. The two differ only where librosa raises
/// bands to a [`Floor`]. The floor lies at a fixed distance below the recording's peak, so it is
/// known only at the recording's end. The map from bands to columns is linear. Therefore the mean
/// of the columns follows from the mean of the floored bands, and no frame need be kept.
pub trait Feature: Send + Sync {
    /// Number of columns.
    fn n_columns(&self) -> usize;

    /// Number of bands.
    fn n_bands(&self) -> usize {
        self.n_columns()
    }

    /// The parts of a frame that it needs.
    fn needs(&self) -> &'static [Product];

    /// The precision that it needs if spectra are computed for it alone.
    fn precision(&self) -> Precision {
        Precision::Double
    }

    /// Whether a frame counts. One that does not is left out of all statistics.
    fn counts(&self, _frame: &Frame<'_>) -> bool {
        true
    }

    /// Computes the bands of a frame and writes them to `bands`, [`n_bands`](Self::n_bands) values.
    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]);

    /// The floor that bands are raised to, if there is one.
    fn floor(&self) -> Option<Floor> {
        None
    }

    /// Whether the columns differ from the bands.
    fn is_projected(&self) -> bool {
        false
    }

    /// Maps bands, or means of bands, to columns. The bands must be followed by zeros up to a
    /// multiple of [`LANES`](crate::simd::LANES).
    fn project(&self, padded_bands: &[f32], columns: &mut [f32]) {
        columns.copy_from_slice(&padded_bands[..columns.len()]);
    }
}

/// A feature that can be computed in double precision, too. Only features of arrays need that.
pub trait WideFeature: Feature {
    /// Does the same as [`Feature::bands`] from [`Frame::wide`].
    fn wide_bands(&self, frame: &Frame<'_>, bands: &mut [f64]);

    /// Does the same as [`Feature::project`]. No zeros need follow the bands.
    fn wide_project(&self, bands: &[f64], columns: &mut [f64]) {
        columns.copy_from_slice(&bands[..columns.len()]);
    }
}

/// Smallest power that counts for levels; smaller ones are raised to it.
pub const AMIN: f32 = 1e-10;
