//! Running statistics over frames, in memory that does not depend on their number.

use crate::extract::parts::N_PARTS;
use crate::{Error, Result};

/// A statistic over the frames of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// Arithmetic mean.
    Mean,
    /// Population standard deviation: squared deviations are divided by the number of frames.
    Std,
    /// Smallest value.
    Min,
    /// Largest value.
    Max,
    /// Mean absolute difference between a frame and the one before; 0 for a single frame.
    Change,
    /// Means over four consecutive parts of equal energy.
    Parts,
}

impl Statistic {
    /// Every statistic.
    pub const ALL: [Self; 6] = [
        Self::Mean,
        Self::Std,
        Self::Min,
        Self::Max,
        Self::Change,
        Self::Parts,
    ];

    /// The statistic's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Std => "std",
            Self::Min => "min",
            Self::Max => "max",
            Self::Change => "change",
            Self::Parts => "parts",
        }
    }

    /// What follows a column's name for each value of the statistic: one for most.
    #[must_use]
    pub fn suffixes(self) -> Vec<String> {
        match self {
            Self::Parts => (1..=N_PARTS).map(|part| format!("part_{part}")).collect(),
            single => vec![single.name().to_owned()],
        }
    }

    /// The statistic with this name.
    ///
    /// # Errors
    /// [`Error::Parameter`] for an unknown name.
    pub fn from_name(name: &str) -> Result<Self> {
        let known = Self::ALL.into_iter().find(|known| known.name() == name);
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::parameter("stats", format!("{name:?}"), format!("any of {names}"))
        })
    }
}

/// Running values from which the statistics of one column follow.
#[derive(Debug, Clone, Default)]
pub struct Moments {
    count: u64,
    mean: f64,
    /// Sum of squared deviations from the mean.
    deviations: f64,
    min: f64,
    max: f64,
    last: f64,
    changes: f64,
}

impl Moments {
    /// Adds the next frame's value.
    ///
    /// Mean and deviation are updated by Welford's method: B. P. Welford, "Note on a method for
    /// calculating corrected sums of squares and products", Technometrics 4 (1962).
    pub fn push(&mut self, value: f64) {
        self.count += 1;
        if self.count == 1 {
            (self.min, self.max) = (value, value);
        } else {
            self.changes += (value - self.last).abs();
        }
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.last = value;
        let deviation = value - self.mean;
        self.mean += deviation / self.count as f64;
        self.deviations += deviation * (value - self.mean);
    }

    /// The value of a statistic over the frames so far; 0 before the first. None for the parts,
    /// which do not follow from running values.
    #[must_use]
    pub fn get(&self, statistic: Statistic) -> Option<f64> {
        let value = match statistic {
            Statistic::Parts => return None,
            Statistic::Mean => self.mean,
            Statistic::Std => (self.deviations / self.count.max(1) as f64).sqrt(),
            Statistic::Min => self.min,
            Statistic::Max => self.max,
            Statistic::Change => self.changes / self.count.saturating_sub(1).max(1) as f64,
        };
        Some(value)
    }
}

/// Mean of decibel values raised to a floor that is known only after the last of them.
///
/// A floor such as "80 dB below the loudest frame" needs the whole recording before the first value
/// can be clipped. Instead of the values, this keeps their count and sum in bins of 0.25 dB. Bins
/// that lie entirely above or below the floor are exact. The values in the bin that contains the
/// floor are assumed to spread evenly around their mean; the error is at most 0.063 dB.
#[derive(Debug, Clone)]
pub struct DecibelHistogram {
    /// Number and sum of the values of each bin.
    bins: Vec<(u64, f64)>,
}

impl DecibelHistogram {
    /// Lowest value of the first bin: 10 log10 of the smallest power that counts, 1e-10.
    const LOWEST: f64 = -100.0;
    /// Width of a bin in decibels.
    const WIDTH: f64 = 0.25;
    /// Bins up to 400 dB, above the largest power of a 32-bit float (385 dB).
    const BINS: usize = 2000;

    /// An empty histogram.
    #[must_use]
    pub fn new() -> Self {
        Self {
            bins: vec![(0, 0.0); Self::BINS],
        }
    }

    /// Adds a value of at least -100 dB.
    pub fn push(&mut self, decibels: f32) {
        let decibels = f64::from(decibels);
        // Conversions to signed numbers of 32 bits are the fastest ones.
        let bin = ((decibels - Self::LOWEST) / Self::WIDTH) as i32;
        let bin = (bin.max(0) as usize).min(Self::BINS - 1);
        let (count, sum) = &mut self.bins[bin];
        *count += 1;
        *sum += decibels;
    }

    /// Mean of the values in decibels, with those below `floor` raised to it; 0 if there are none.
    #[must_use]
    pub fn mean_above(&self, floor: f64) -> f64 {
        let mut total = 0.0;
        let mut count = 0.0;
        for (bin, &(n, sum)) in self.bins.iter().enumerate() {
            if n > 0 {
                let n = n as f64;
                count += n;
                total += n * Self::raised(bin, sum / n, floor);
            }
        }
        total / f64::max(count, 1.0)
    }

    /// Mean of values in `bin`, spread evenly around `mean`, with those below `floor` raised to it.
    fn raised(bin: usize, mean: f64, floor: f64) -> f64 {
        let low = Self::LOWEST + bin as f64 * Self::WIDTH;
        let spread = (mean - low).min(low + Self::WIDTH - mean);
        if (floor - mean).abs() >= spread {
            return mean.max(floor);
        }
        floor + (mean + spread - floor).powi(2) / (4.0 * spread)
    }
}

impl Default for DecibelHistogram {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn running_moments_equal_their_definitions(
            values in prop::collection::vec(-1e3f64..1e3, 1..60),
        ) {
            let mut moments = Moments::default();
            for &value in &values { moments.push(value); }
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
            let changes: f64 = values.windows(2).map(|w| (w[1] - w[0]).abs()).sum();
            let close = |statistic, expected: f64| {
                (moments.get(statistic).unwrap() - expected).abs() <= 1e-9 * (1.0 + expected.abs())
            };
            prop_assert!(close(Statistic::Mean, mean));
            prop_assert!(close(Statistic::Std, variance.sqrt()));
            prop_assert!(close(Statistic::Change, changes / (n - 1.0).max(1.0)));
            prop_assert_eq!(
                moments.get(Statistic::Min),
                Some(values.iter().copied().fold(f64::INFINITY, f64::min))
            );
            prop_assert_eq!(
                moments.get(Statistic::Max),
                Some(values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
            );
        }

        #[test]
        fn only_values_in_the_floors_own_bin_are_off_and_by_a_quarter_of_it(
            values in prop::collection::vec(-100f32..380.0, 1..200),
            floor in -120f64..400.0,
        ) {
            let mut histogram = DecibelHistogram::new();
            for &value in &values { histogram.push(value); }
            let exact: f64 = values.iter().map(|&v| f64::from(v).max(floor)).sum();
            let bin = |v: f64| ((v + 100.0) / 0.25).floor();
            let near = values.iter().filter(|&&v| bin(f64::from(v)) == bin(floor)).count();
            let off = (histogram.mean_above(floor) * values.len() as f64 - exact).abs();
            prop_assert!(off <= 0.0625 * near as f64 + 1e-6);
        }
    }

    #[test]
    fn an_unknown_statistic_is_named_with_those_there_are() {
        assert_eq!(
            Statistic::from_name("median").unwrap_err().to_string(),
            "stats=\"median\": expected any of mean, std, min, max, change, parts"
        );
    }
}
