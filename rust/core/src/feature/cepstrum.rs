//! Cepstral coefficients: cosine transforms of the levels of mel bands.

use std::f64::consts::PI;

use super::mel::TOP_DB;
use super::{BandedMatrix, Feature, Floor, Frame, MelSpectrogram, N_MELS, Product};
use crate::signal::spectrum::Precision;
use crate::simd::Level;

/// The discrete cosine transform (type II) of bands, with weights for its coefficients.
pub struct Cosines {
    n_bands: usize,
    matrix: BandedMatrix,
}

impl Cosines {
    /// The first `n_columns` coefficients of `n_bands` bands. There are at most `n_bands` of them.
    ///
    /// A `lifter` above 0 weights coefficient i by 1 + lifter/2 sin(π (i + 1) / lifter).
    #[must_use]
    pub fn new(n_bands: usize, n_columns: usize, orthonormal: bool, lifter: f64) -> Self {
        let n = n_bands as f64;
        let n_columns = n_columns.min(n_bands);
        let mut matrix = BandedMatrix::new(Level::best(), n_columns);
        for coefficient in 0..n_columns {
            let norm = if orthonormal {
                (if coefficient == 0 { 1.0 } else { 2.0 } / n).sqrt()
            } else {
                2.0
            };
            let place = (coefficient + 1) as f64;
            let lift = if lifter > 0.0 {
                1.0 + lifter / 2.0 * (PI * place / lifter).sin()
            } else {
                1.0
            };
            let angle = |band: usize| PI * coefficient as f64 * (band as f64 + 0.5) / n;
            let weights = (0..n_bands).map(|band| (norm * lift * angle(band).cos()) as f32);
            matrix.add_run(coefficient, 0, &weights.collect::<Vec<f32>>());
        }
        Self { n_bands, matrix }
    }

    fn apply(&self, padded_bands: &[f32], columns: &mut [f32]) {
        self.matrix.apply(padded_bands, columns);
    }
}

/// Mel-frequency cepstral coefficients: the cosine transform of the levels of mel bands.
pub struct Cepstrum {
    levels: Levels,
    cosines: Cosines,
}

/// Where the levels come from.
enum Levels {
    /// Computed from mel bands of its own.
    Own(MelSpectrogram),
    /// Computed from the [`N_MELS`] bands that the features of one analysis share.
    Shared,
    /// Given in place of a frame's magnitudes.
    Given,
}

impl Cepstrum {
    /// Coefficients of mel bands, which must be in decibels.
    #[must_use]
    pub fn of_bands(mel: MelSpectrogram, cosines: Cosines) -> Self {
        let levels = Levels::Own(mel);
        Self { levels, cosines }
    }

    /// Coefficients of levels that are given in place of a frame's magnitudes.
    #[must_use]
    pub fn of_levels(cosines: Cosines) -> Self {
        let levels = Levels::Given;
        Self { levels, cosines }
    }

    /// The first `n_mfcc` coefficients, orthonormal, of the mel bands of an analysis.
    pub(super) fn of_analysis(n_mfcc: usize) -> Self {
        Self {
            levels: Levels::Shared,
            cosines: Cosines::new(N_MELS, n_mfcc, true, 0.0),
        }
    }
}

impl Feature for Cepstrum {
    fn n_columns(&self) -> usize {
        self.cosines.matrix.n_rows()
    }

    fn n_bands(&self) -> usize {
        self.cosines.n_bands
    }

    fn needs(&self) -> &'static [Product] {
        match self.levels {
            Levels::Own(_) | Levels::Given => &[Product::Spectrum],
            Levels::Shared => &[Product::Spectrum, Product::MelDb],
        }
    }

    fn precision(&self) -> Precision {
        Precision::Single
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        match &self.levels {
            Levels::Own(mel) => mel.bands(frame, bands),
            Levels::Shared => bands.copy_from_slice(frame.mel_db),
            Levels::Given => bands.copy_from_slice(frame.magnitude()),
        }
    }

    fn floor(&self) -> Option<Floor> {
        match &self.levels {
            Levels::Own(mel) => mel.floor(),
            Levels::Shared => Some(Floor {
                top_db: TOP_DB,
                groups: vec![N_MELS],
            }),
            Levels::Given => None,
        }
    }

    fn is_projected(&self) -> bool {
        true
    }

    fn project(&self, padded_bands: &[f32], columns: &mut [f32]) {
        self.cosines.apply(padded_bands, columns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transform_is_orthonormal() {
        let cosines = Cosines::new(N_MELS, N_MELS, true, 0.0);
        let columns: Vec<Vec<f32>> = (0..N_MELS)
            .map(|band| {
                let mut bands = vec![0.0; N_MELS];
                bands[band] = 1.0;
                let mut column = vec![0.0; N_MELS];
                cosines.apply(&bands, &mut column);
                column
            })
            .collect();
        for (i, a) in columns.iter().enumerate() {
            for (j, b) in columns.iter().enumerate() {
                let dot: f32 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((dot - expected).abs() < 1e-5);
            }
        }
    }
}
