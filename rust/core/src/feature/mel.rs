//! Mel bands, their level, and the cepstral coefficients made of them.

use std::f64::consts::PI;

use super::{Feature, Floor, Frame};
use crate::Analysis;
use crate::simd::{LANES, Level};

/// Number of mel bands.
pub const N_MELS: usize = 128;
/// Distance of the MFCCs' floor from the peak, in decibels.
const TOP_DB: f32 = 80.0;

/// Slaney's mel scale: linear below 1 kHz, logarithmic above.
/// M. Slaney, "Auditory Toolbox", Interval Research Technical Report 1998-010.
mod scale {
    const HZ_PER_MEL: f64 = 200.0 / 3.0;
    const BREAK_HZ: f64 = 1000.0;
    const BREAK_MEL: f64 = BREAK_HZ / HZ_PER_MEL;

    fn log_step() -> f64 {
        6.4_f64.ln() / 27.0
    }

    pub fn from_hz(hz: f64) -> f64 {
        if hz < BREAK_HZ {
            hz / HZ_PER_MEL
        } else {
            BREAK_MEL + (hz / BREAK_HZ).ln() / log_step()
        }
    }

    pub fn to_hz(mel: f64) -> f64 {
        if mel < BREAK_MEL {
            mel * HZ_PER_MEL
        } else {
            BREAK_HZ * ((mel - BREAK_MEL) * log_step()).exp()
        }
    }
}

/// Triangles of equal area, evenly spaced on the mel scale.
pub struct MelFilter {
    level: Level,
    /// The weights of all triangles, in runs of sixteen bins.
    weights: Vec<[f32; LANES]>,
    /// Each triangle's first bin, and where its weights start and end.
    bands: Vec<(usize, usize, usize)>,
}

impl MelFilter {
    /// The filter for an analysis.
    #[must_use]
    pub fn new(level: Level, analysis: &Analysis) -> Self {
        let (low, high) = (
            scale::from_hz(analysis.fmin()),
            scale::from_hz(analysis.fmax()),
        );
        let step = (high - low) / (N_MELS + 1) as f64;
        let edges: Vec<f64> = (0..N_MELS + 2)
            .map(|i| scale::to_hz(low + step * i as f64))
            .collect();
        let mut filter = Self {
            level,
            weights: Vec::new(),
            bands: Vec::new(),
        };
        for corners in edges.windows(3) {
            filter.add_triangle(analysis, corners);
        }
        filter
    }

    fn add_triangle(&mut self, analysis: &Analysis, corners: &[f64]) {
        let (left, centre, right) = (corners[0], corners[1], corners[2]);
        let area = 2.0 / (right - left);
        let weight = |bin: usize| {
            let frequency = analysis.frequency(bin);
            let rising = (frequency - left) / (centre - left);
            let falling = (right - frequency) / (right - centre);
            rising.min(falling).max(0.0) * area
        };
        let inside = |bin: &usize| weight(*bin) > 0.0;
        let first = (0..analysis.n_bins()).find(inside).unwrap_or(0);
        let bins = (first..analysis.n_bins()).take_while(inside);
        let weights: Vec<f32> = bins.map(|bin| weight(bin) as f32).collect();
        let start = self.weights.len();
        for run in weights.chunks(LANES) {
            let padded = std::array::from_fn(|i| run.get(i).copied().unwrap_or(0.0));
            self.weights.push(padded);
        }
        self.bands.push((first, start, self.weights.len()));
    }

    /// Gathers a power spectrum, followed by [`PADDING`](crate::spectrum::PADDING) zeros, into
    /// the bands' levels in decibels.
    pub fn apply(&self, padded_power: &[f32], mel_db: &mut [f32]) {
        self.level
            .banded_sums(padded_power, &self.weights, &self.bands, mel_db);
        self.level.to_decibels(mel_db);
    }
}

/// Mean level of the bands.
pub struct MelLevel;

impl Feature for MelLevel {
    fn n_columns(&self) -> usize {
        1
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        bands[0] = frame.mel_db.iter().sum::<f32>() / N_MELS as f32;
    }
}

/// Mel-frequency cepstral coefficients: the orthonormal DCT-II of the bands' levels.
pub struct Mfcc {
    /// Row by row the cosines of each coefficient.
    cosines: Vec<f64>,
}

impl Mfcc {
    pub fn new(n_mfcc: usize) -> Self {
        let n = N_MELS as f64;
        let cosine = |coefficient: usize, band: usize| {
            let scale = if coefficient == 0 { 1.0 } else { 2.0 } / n;
            let angle = PI * coefficient as f64 * (band as f64 + 0.5) / n;
            scale.sqrt() * angle.cos()
        };
        let cosines =
            (0..n_mfcc * N_MELS).map(|position| cosine(position / N_MELS, position % N_MELS));
        Self {
            cosines: cosines.collect(),
        }
    }
}

impl Feature for Mfcc {
    fn n_columns(&self) -> usize {
        self.cosines.len() / N_MELS
    }

    fn n_bands(&self) -> usize {
        N_MELS
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        bands.copy_from_slice(frame.mel_db);
    }

    fn floor(&self) -> Option<Floor> {
        Some(Floor {
            top_db: TOP_DB,
            groups: vec![N_MELS],
        })
    }

    fn project(&self, bands: &[f64], columns: &mut [f64]) {
        for (column, cosines) in columns.iter_mut().zip(self.cosines.chunks_exact(N_MELS)) {
            *column = bands.iter().zip(cosines).map(|(b, c)| b * c).sum();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tests_analysis;

    #[test]
    fn the_scale_and_its_inverse_undo_each_other() {
        for hz in [0.0, 440.0, 999.9, 1000.0, 8000.0] {
            assert!((scale::to_hz(scale::from_hz(hz)) - hz).abs() < 1e-9);
        }
        assert!((scale::from_hz(1000.0) - 15.0).abs() < 1e-12);
    }

    #[test]
    fn a_flat_spectrum_has_equal_levels_where_triangles_are_wide() {
        let analysis = tests_analysis(22050.0, 8192, 512);
        let mut mel_db = [0.0; N_MELS];
        let filter = MelFilter::new(Level::best(), &analysis);
        filter.apply(&vec![1.0; analysis.n_bins() + LANES], &mut mel_db);
        let wide = &mel_db[60..];
        assert!(wide.iter().all(|level| (level - wide[0]).abs() < 0.2));
    }

    #[test]
    fn the_transform_is_orthonormal() {
        let mfcc = Mfcc::new(N_MELS);
        let rows: Vec<_> = mfcc.cosines.chunks_exact(N_MELS).collect();
        for (i, a) in rows.iter().enumerate() {
            for (j, b) in rows.iter().enumerate() {
                let dot: f64 = a.iter().zip(*b).map(|(a, b)| a * b).sum();
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((dot - expected).abs() < 1e-10);
            }
        }
    }
}
