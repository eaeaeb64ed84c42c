//! Features of the samples themselves.

use super::{Feature, Frame};

/// Root of the mean square of the samples.
pub struct Rms;

impl Feature for Rms {
    fn n_columns(&self) -> usize {
        1
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        let squares = frame.level.sum_of_squares(frame.samples);
        bands[0] = (squares / frame.samples.len() as f32).sqrt();
    }
}

/// Share of the samples at which the sign changes.
pub struct ZeroCrossingRate;

impl Feature for ZeroCrossingRate {
    fn n_columns(&self) -> usize {
        1
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        bands[0] = (f64::from(frame.crossings) / frame.samples.len() as f64) as f32;
    }
}
