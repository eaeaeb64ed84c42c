//! Spectral contrast: how far the peaks of an octave band stand above its valleys.

use std::ops::Range;

use super::{Feature, Floor, Frame};
use crate::{Analysis, Error, Result};

/// Lowest band edge above 0, in Hz; the bands double from there.
const FMIN: f64 = 200.0;
/// Number of octave bands above the lowest band.
const N_OCTAVES: usize = 6;
/// Share of a band's bins that its peak, and its valley, is the mean of.
const QUANTILE: f64 = 0.02;
/// Distance of the floor from the peak, in decibels.
const TOP_DB: f32 = 80.0;

/// The bins of a band and how many of them make its peak and its valley.
#[derive(Debug, Clone, PartialEq)]
struct Band {
    bins: Range<usize>,
    extremes: usize,
}

/// D.-N. Jiang, L. Lu, H.-J. Zhang, J.-H. Tao, L.-H. Cai, "Music type classification by spectral
/// contrast feature", ICME 2002; bands as in librosa.
pub struct SpectralContrast {
    bands: Vec<Band>,
}

impl SpectralContrast {
    pub fn new(analysis: &Analysis) -> Result<Self> {
        let top = FMIN * f64::from(1_u32 << (N_OCTAVES - 1));
        if top >= analysis.sr() / 2.0 {
            let expected = format!("above {} for spectral_contrast", 2.0 * top);
            return Err(Error::parameter("sr", analysis.sr(), expected));
        }
        let bands: Option<Vec<Band>> = (0..=N_OCTAVES).map(|k| Band::new(analysis, k)).collect();
        let bands = bands.ok_or_else(|| {
            let expected = "enough bins for each band of spectral_contrast";
            Error::parameter("n_fft", analysis.n_fft(), expected)
        })?;
        Ok(Self { bands })
    }
}

impl Band {
    /// Band `k`, or nothing if no bin lies in it.
    ///
    /// The frequencies between two edges, both included, and the bin below them; each band but
    /// the last leaves its highest bin to the next, which it was counted in all the same.
    fn new(analysis: &Analysis, k: usize) -> Option<Self> {
        let edge = |k: usize| FMIN * f64::from(1_u32 << k);
        let low = if k == 0 { 0.0 } else { edge(k - 1) };
        let inside = |bin: &usize| (low..=edge(k)).contains(&analysis.frequency(*bin));
        let first = (0..analysis.n_bins()).find(inside)?;
        let start = first - usize::from(k > 0);
        let end = if k == N_OCTAVES {
            analysis.n_bins()
        } else {
            (first..analysis.n_bins()).take_while(inside).last()? + 1
        };
        // Ties go to the even number, as in NumPy's rint.
        let extremes = (QUANTILE * (end - start) as f64).round_ties_even();
        let band = Self {
            bins: start..end - usize::from(k < N_OCTAVES),
            extremes: (extremes as usize).max(1),
        };
        (band.extremes <= band.bins.len()).then_some(band)
    }
}

impl Feature for SpectralContrast {
    fn n_columns(&self) -> usize {
        self.bands.len()
    }

    /// The peaks of all bands, then their valleys.
    fn n_bands(&self) -> usize {
        2 * self.bands.len()
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        let (peaks, valleys) = bands.split_at_mut(self.bands.len());
        for ((band, peak), valley) in self.bands.iter().zip(peaks).zip(valleys) {
            let magnitude = &frame.magnitude[band.bins.clone()];
            (*valley, *peak) = frame.level.extreme_means(magnitude, band.extremes);
        }
        frame.level.to_decibels(bands);
    }

    fn floor(&self) -> Option<Floor> {
        Some(Floor {
            top_db: TOP_DB,
            groups: vec![self.bands.len(); 2],
        })
    }

    fn project(&self, bands: &[f64], columns: &mut [f64]) {
        let (peaks, valleys) = bands.split_at(self.bands.len());
        for ((column, peak), valley) in columns.iter_mut().zip(peaks).zip(valleys) {
            *column = peak - valley;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tests_analysis;

    #[test]
    fn bands_partition_the_bins() {
        let contrast = SpectralContrast::new(&tests_analysis(22050.0, 2048, 512)).unwrap();
        let bins: Vec<_> = contrast.bands.iter().map(|b| b.bins.clone()).collect();
        assert_eq!(bins[0].start, 0);
        assert_eq!(bins[N_OCTAVES].end, 1025);
        assert!(bins.windows(2).all(|pair| pair[0].end == pair[1].start));
    }

    #[test]
    fn a_rate_or_length_with_an_empty_band_is_refused() {
        let refused = |sr, n_fft| {
            let contrast = SpectralContrast::new(&tests_analysis(sr, n_fft, 16));
            contrast.err().unwrap().to_string()
        };
        assert_eq!(
            refused(8000.0, 2048),
            "sr=8000: expected above 12800 for spectral_contrast"
        );
        assert_eq!(
            refused(22050.0, 64),
            "n_fft=64: expected enough bins for each band of spectral_contrast"
        );
    }
}
