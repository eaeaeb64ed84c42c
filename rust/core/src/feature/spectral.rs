//! Features of the spectrum as a whole.

use super::{AMIN, Feature, Frame, Product};
use crate::Analysis;
use crate::simd::Level;

/// The positions of the FFT bins.
pub struct Places {
    places: Vec<f32>,
    /// Number of Hz in one unit of position.
    scale: f32,
}

impl Places {
    /// Bins that are evenly spaced, `width` Hz apart.
    ///
    /// Positions are bin numbers, which are exact. They are converted to Hz at the end.
    #[must_use]
    pub fn even(n_bins: usize, width: f64) -> Self {
        Self {
            places: (0..n_bins).map(|bin| bin as f32).collect(),
            scale: width as f32,
        }
    }

    /// Bins at any frequencies in Hz.
    #[must_use]
    pub fn at(frequencies: &[f64]) -> Self {
        Self {
            places: frequencies.iter().map(|&hz| hz as f32).collect(),
            scale: 1.0,
        }
    }

    /// The bins of an analysis.
    #[must_use]
    pub fn of(analysis: &Analysis) -> Self {
        Self::even(analysis.n_bins(), analysis.frequency(1))
    }

    /// Sum of the magnitudes and their mean position. A sum below the smallest normal number counts
    /// as 1.
    fn centre(&self, level: Level, magnitude: &[f32]) -> (f32, f32) {
        let (sum, first) = level.weighted_sum(magnitude, &self.places);
        // As in librosa, a sum that is below the smallest normal number is not divided by.
        let norm = if sum < f32::MIN_POSITIVE { 1.0 } else { sum };
        (norm, first / norm)
    }
}

/// Mean of the frequency, weighted by magnitude, in Hz.
pub struct Centroid(pub Places);

impl Feature for Centroid {
    fn n_columns(&self) -> usize {
        1
    }

    fn needs(&self) -> &'static [Product] {
        &[Product::Spectrum]
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        bands[0] = self.0.centre(frame.level, frame.magnitude()).1 * self.0.scale;
    }
}

/// Spread of the magnitude around its centroid, in Hz.
pub struct Bandwidth {
    places: Places,
    /// The exponent of the distances.
    p: f32,
    /// Whether magnitudes are first divided by their sum.
    normalized: bool,
}

impl Bandwidth {
    /// The `p`-th root of the sum of the magnitudes times their distances from the centroid raised
    /// to `p`; of the mean instead of the sum if `normalized`.
    #[must_use]
    pub fn new(places: Places, p: f32, normalized: bool) -> Self {
        Self {
            places,
            p,
            normalized,
        }
    }
}

impl Feature for Bandwidth {
    fn n_columns(&self) -> usize {
        1
    }

    fn needs(&self) -> &'static [Product] {
        &[Product::Spectrum]
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        let Places { places, scale } = &self.places;
        let magnitude = frame.magnitude();
        let (norm, centre) = self.places.centre(frame.level, magnitude);
        let norm = if self.normalized { norm } else { 1.0 };
        bands[0] = scale
            * if self.p == 2.0 {
                (frame.level.spread(magnitude, places, centre) / norm).sqrt()
            } else {
                let distances = places.iter().map(|place| (place - centre).abs());
                let powers = magnitude.iter().zip(distances);
                let sum: f64 = powers.map(|(m, d)| f64::from(m * d.powf(self.p))).sum();
                (sum / f64::from(norm)).powf(1.0 / f64::from(self.p)) as f32
            };
    }
}

/// The roll-off: the frequency below which a given share of the magnitude lies, in Hz.
pub struct Rolloff {
    share: f64,
    /// For each bin the lowest frequency of this bin and those after it.
    frequencies: Vec<f32>,
}

impl Rolloff {
    /// The roll-off at a `share` between 0 and 1, for bins at these frequencies, in Hz.
    #[must_use]
    pub fn new(share: f64, frequencies: &[f64]) -> Self {
        let mut frequencies: Vec<f32> = frequencies.iter().map(|&hz| hz as f32).collect();
        for bin in (1..frequencies.len()).rev() {
            frequencies[bin - 1] = frequencies[bin - 1].min(frequencies[bin]);
        }
        Self { share, frequencies }
    }

    /// The roll-off of an analysis' bins.
    #[must_use]
    pub fn of(analysis: &Analysis) -> Self {
        Self::new(0.85, &analysis.frequencies())
    }
}

impl Feature for Rolloff {
    fn n_columns(&self) -> usize {
        1
    }

    fn needs(&self) -> &'static [Product] {
        &[Product::Spectrum]
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        let magnitude = frame.magnitude();
        let total: f64 = magnitude.iter().map(|&m| f64::from(m)).sum();
        let threshold = self.share * total;
        let mut below = 0.0;
        let reached = magnitude.iter().position(|&m| {
            below += f64::from(m);
            below >= threshold
        });
        bands[0] = self.frequencies[reached.unwrap_or(magnitude.len() - 1)];
    }
}

/// Flatness: the geometric mean of the power divided by its arithmetic mean.
pub struct Flatness {
    amin: f32,
    /// The exponent of the magnitudes.
    exponent: f32,
}

impl Flatness {
    /// The flatness of magnitudes raised to `exponent`. Powers below `amin`, which must be a normal
    /// number, are raised to it.
    #[must_use]
    pub fn new(amin: f32, exponent: f32) -> Self {
        Self { amin, exponent }
    }
}

impl Default for Flatness {
    fn default() -> Self {
        Self::new(AMIN, 2.0)
    }
}

impl Feature for Flatness {
    fn n_columns(&self) -> usize {
        1
    }

    fn needs(&self) -> &'static [Product] {
        &[Product::Spectrum]
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        let (logs, sum) = if self.exponent == 2.0 {
            frame.level.log_sum_and_sum(frame.power(), self.amin)
        } else {
            let raised = frame.magnitude().iter().map(|m| m.powf(self.exponent));
            let raised: Vec<f32> = raised.collect();
            frame.level.log_sum_and_sum(&raised, self.amin)
        };
        let n = frame.magnitude().len() as f64;
        bands[0] = ((logs / n).exp() / (f64::from(sum) / n)) as f32;
    }
}

/// The spectrum itself.
pub struct Bins {
    /// Number of bins.
    pub n_bins: usize,
    /// Whether magnitudes are squared.
    pub power: bool,
}

impl Feature for Bins {
    fn n_columns(&self) -> usize {
        self.n_bins
    }

    fn needs(&self) -> &'static [Product] {
        &[Product::Spectrum]
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        bands.copy_from_slice(if self.power {
            frame.power()
        } else {
            frame.magnitude()
        });
    }
}
