//! Onsets: how suddenly a spectrum grows, and the peaks of that growth.

use ndarray::{Array2, ArrayView2, Axis};

use crate::signal::median::median;
use crate::{Error, Result};

/// How the growth of all bands is combined into one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// Their mean.
    Mean,
    /// Their median.
    Median,
}

/// Onset strength: how much the bands grow between two frames that are `lag` frames apart.
///
/// `levels` and `reference` are (frames, bands), in decibels. Frame `t` of `levels` is compared
/// with frame `t - lag` of `reference`. Bands that fall count as 0. Returns one value for each
/// frame from `lag` on. S. Böck, G. Widmer, "Maximum filter vibrato suppression for onset
/// detection", `DAFx` 2013; their filter is applied only if `reference` was filtered.
///
/// # Errors
/// [`Error::Parameter`] for a lag of 0 or shapes that differ.
pub fn strength(
    levels: ArrayView2<'_, f32>,
    reference: ArrayView2<'_, f32>,
    lag: usize,
    aggregate: Aggregate,
) -> Result<Vec<f32>> {
    if lag == 0 {
        return Err(Error::parameter("lag", 0, "at least 1"));
    }
    if levels.dim() != reference.dim() {
        let shape = format!("an array of shape {:?}", reference.dim());
        let expected = format!("the shape {:?} of S", levels.dim());
        return Err(Error::parameter("ref", shape, expected));
    }
    let mut growth = vec![0.0_f32; levels.ncols()];
    let later = levels.axis_iter(Axis(0)).skip(lag);
    let pairs = later.zip(reference.axis_iter(Axis(0)));
    let strengths = pairs.map(|(later, earlier)| {
        for ((growth, later), earlier) in growth.iter_mut().zip(&later).zip(&earlier) {
            *growth = (later - earlier).max(0.0);
        }
        match aggregate {
            Aggregate::Mean => {
                let sum: f64 = growth.iter().map(|&g| f64::from(g)).sum();
                (sum / growth.len().max(1) as f64) as f32
            }
            Aggregate::Median => median(&mut growth) as f32,
        }
    });
    Ok(strengths.collect())
}

/// [`strength`] against a reference. Without one, levels are compared with themselves after their
/// maxima were spread over `max_size` bands.
///
/// # Errors
/// As [`strength`], and [`Error::Parameter`] for a `max_size` of 0.
pub fn strength_against(
    levels: ArrayView2<'_, f32>,
    reference: Option<ArrayView2<'_, f32>>,
    lag: usize,
    max_size: usize,
    aggregate: Aggregate,
) -> Result<Vec<f32>> {
    if max_size == 0 {
        return Err(Error::parameter("max_size", 0, "at least 1"));
    }
    match reference {
        Some(reference) => strength(levels, reference, lag, aggregate),
        None if max_size == 1 => strength(levels, levels, lag, aggregate),
        None => {
            let mut spread = Array2::zeros(levels.dim());
            for (levels, mut maxima) in levels.outer_iter().zip(spread.outer_iter_mut()) {
                if let Some(maxima) = maxima.as_slice_mut() {
                    spread_maxima(&levels.to_vec(), max_size, maxima);
                }
            }
            strength(levels, spread.view(), lag, aggregate)
        }
    }
}

/// Writes to `maxima` the largest level among the `size` bands around each band, which suppresses
/// vibrato.
///
/// `levels` is one frame. An even size reaches one band further down than up. Beyond the first and
/// last band, bands are mirrored as in `scipy.ndimage.maximum_filter1d`.
pub fn spread_maxima(levels: &[f32], size: usize, maxima: &mut [f32]) {
    let n = levels.len();
    let mirrored = |place: usize| {
        // Positions count from `size` before the first band. Mirror images repeat every 2n bands.
        let place = (place + 2 * n * size.div_ceil(n) - size) % (2 * n);
        levels[place.min(2 * n - 1 - place)]
    };
    for (band, maximum) in maxima.iter_mut().enumerate() {
        let first = band + size - size / 2;
        *maximum = (first..first + size)
            .map(mirrored)
            .fold(f32::NEG_INFINITY, f32::max);
    }
}

/// When a value is a peak. All lengths are numbers of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeakSettings {
    /// A peak is the largest value in a range around it. The range starts this many values before
    /// the peak.
    pub pre_max: usize,
    /// Number of values in that range from the peak on, the peak included.
    pub post_max: usize,
    /// A peak exceeds the mean of another range around it. That range starts this many values
    /// before the peak.
    pub pre_avg: usize,
    /// Number of values in the other range from the peak on, the peak included.
    pub post_avg: usize,
    /// The least amount by which a peak must exceed that mean.
    pub delta: f64,
    /// A peak comes more than this many values after the one before.
    pub wait: usize,
}

/// Indices of the peaks, in ascending order.
///
/// S. Böck, F. Krebs, M. Schedl, "Evaluating the online capabilities of onset detection methods",
/// ISMIR 2012. As in librosa, the first value is a special case that looks only ahead.
#[must_use]
pub fn peaks(values: &[f64], settings: &PeakSettings) -> Vec<usize> {
    let around = |n: usize, before: usize, after: usize| {
        &values[n.saturating_sub(before)..n.saturating_add(after).min(values.len())]
    };
    let is_peak = |n: usize| {
        let rivals = around(n, settings.pre_max, settings.post_max);
        if rivals.iter().any(|&rival| rival > values[n]) {
            return false;
        }
        let near = around(n, settings.pre_avg, settings.post_avg);
        let mean = near.iter().sum::<f64>() / near.len() as f64;
        values[n] >= mean + settings.delta
    };
    let mut found = Vec::new();
    let mut n = 0;
    while n < values.len() {
        if is_peak(n) {
            found.push(n);
            n = n.saturating_add(settings.wait);
        }
        n = n.saturating_add(1);
    }
    found
}

/// Index of the last local minimum of `energy` at or before each event; 0 if there is none.
#[must_use]
pub fn backtrack(events: &[usize], energy: &[f64]) -> Vec<usize> {
    let valleys = energy.windows(3).enumerate();
    let valleys = valleys.filter(|(_, w)| w[1] <= w[0] && w[1] < w[2]);
    let minima: Vec<usize> = std::iter::once(0)
        .chain(valleys.map(|(i, _)| i + 1))
        .collect();
    events
        .iter()
        .map(|event| minima[minima.partition_point(|minimum| minimum <= event) - 1])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    const SETTINGS: PeakSettings = PeakSettings {
        pre_max: 1,
        post_max: 2,
        pre_avg: 2,
        post_avg: 3,
        delta: 0.1,
        wait: 1,
    };

    #[test]
    fn only_growth_counts() {
        let levels = array![[0.0, 0.0], [1.0, 3.0], [3.0, 0.0]];
        let mean = strength(levels.view(), levels.view(), 1, Aggregate::Mean).unwrap();
        assert_eq!(mean, [2.0, 1.0]);
        let lagged = strength(levels.view(), levels.view(), 2, Aggregate::Median).unwrap();
        assert_eq!(lagged, [1.5]);
        assert!(
            strength(levels.view(), levels.view(), 3, Aggregate::Mean)
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn maxima_spread_over_their_neighbours() {
        let mut maxima = [0.0; 5];
        spread_maxima(&[0.0, 1.0, 0.0, 0.0, 5.0], 3, &mut maxima);
        assert_eq!(maxima, [1.0, 1.0, 1.0, 5.0, 5.0]);
        spread_maxima(&[0.0, 1.0, 0.0, 0.0, 5.0], 2, &mut maxima);
        assert_eq!(maxima, [0.0, 1.0, 1.0, 0.0, 5.0]);
        spread_maxima(&[0.0, 1.0, 0.0, 0.0, 5.0], 50, &mut maxima);
        assert_eq!(maxima, [5.0; 5]);
    }

    #[test]
    fn peaks_stand_out_from_their_surroundings_and_from_each_other() {
        let values = [0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.05, 0.0, 0.0];
        assert_eq!(peaks(&values, &SETTINGS), [1, 3]);
        assert_eq!(
            peaks(
                &values,
                &PeakSettings {
                    wait: 2,
                    ..SETTINGS
                }
            ),
            [1]
        );
        let patient = PeakSettings {
            wait: usize::MAX,
            ..SETTINGS
        };
        assert_eq!(peaks(&values, &patient), [1]);
        assert!(peaks(&[], &SETTINGS).is_empty());
    }

    #[test]
    fn events_go_back_to_the_minimum_before() {
        let energy = [1.0, 0.5, 2.0, 3.0, 1.0, 4.0];
        assert_eq!(backtrack(&[0, 1, 3, 5], &energy), [0, 1, 1, 4]);
        assert_eq!(backtrack(&[2], &[]), [0]);
    }
}
