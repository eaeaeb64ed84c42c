//! k-means: greedy k-means++ and Lloyd's iterations.

mod blocks;
mod filling;
mod lloyd;
mod parted;
mod progress;
mod search;
mod start;
mod step;
mod sums;
#[cfg(test)]
mod tests;

use ndarray::{Array2, ArrayRef1, ArrayRef2, ArrayView1, ArrayView2};
use rand::SeedableRng;
use rand_pcg::Pcg64;

pub use self::filling::Far;
pub use self::parted::{ClusterSums, Frame, largest, mean_variance, middle, nearest_in_part};
pub use self::progress::{Progress, Report};

use self::lloyd::{Limits, lloyd};
use self::sums::Grids;
use super::assign::{Assignment, around_centers, assign_checked, check_count};
use super::centers::Centers;
use super::rows::{self, Rows, check_weights};
use crate::simd::Float;
use crate::{Error, Result};

/// Where k-means starts from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Start<'a, T> {
    /// From rows that are far from each other: D. Arthur and S. Vassilvitskii's "k-means++"
    /// (2007) in its greedy form, where each centre is the best of `2 + ln k` candidates.
    Greedy,
    /// From different rows drawn at random, each with a chance in proportion to its weight.
    Random,
    /// From these centres, (`n_clusters`, columns).
    Given(ArrayView2<'a, T>),
}

/// Settings of [`kmeans`].
#[derive(Debug, Clone, PartialEq)]
pub struct KMeansSettings {
    /// Number of clusters.
    pub n_clusters: usize,
    /// Number of starts. The one with the least inertia is kept.
    pub n_init: usize,
    /// Largest number of iterations in one start.
    pub max_iter: usize,
    /// A start ends when the sum of the centres' squared moves is at most this many times the mean
    /// variance of the columns.
    pub tol: f64,
    /// Seed of the random numbers: the same seed gives the same result.
    pub seed: u64,
}

/// Clusters and their centres.
#[derive(Debug, Clone, PartialEq)]
pub struct KMeans<T> {
    /// The cluster of each row.
    pub labels: Vec<i32>,
    /// The centres, (`n_clusters`, columns).
    pub centers: Array2<T>,
    /// Sum of the squared distances of the rows to their centres, each times its weight.
    pub inertia: f64,
    /// Number of iterations of the start that was kept.
    pub n_iter: usize,
    /// Number of clusters that have rows.
    pub n_filled: usize,
}

/// Groups `rows`, (n, columns), around centres so that the sum of squared distances is small.
///
/// The iterations are Lloyd's. Rows whose bounds prove that they stay in their cluster are skipped,
/// which does not change the result. Every sum over rows of Lloyd's iterations is exact, so that the
/// result is the same, bit for bit, for any number of threads in the current pool. Labels are those
/// that [`assign`](super::assign) gives for the centres. `interrupted` is called every thousand
/// rows and returns whether to stop. `report` is told of every iteration; the sum of distances that
/// it is told costs a pass over the rows. If there are fewer different rows than clusters, some clusters
/// stay empty; see [`check_distinct`](super::check_distinct).
///
/// # Errors
/// [`Error::Parameter`], [`Error::Unusable`], [`Error::NonFiniteRow`], [`Error::Interrupted`].
pub fn kmeans<T: Float>(
    rows: ArrayView2<'_, T>,
    weights: Option<ArrayView1<'_, f64>>,
    start: Start<'_, T>,
    settings: &KMeansSettings,
    interrupted: &(dyn Fn() -> bool + Sync),
    report: Option<Report<'_>>,
) -> Result<KMeans<T>> {
    check(&rows, weights.as_deref(), start, settings)?;
    let weights = weights.as_deref();
    let from_middle = Rows::centred(&rows);
    let largest = from_middle.checked()?;
    let n = rows.nrows();
    let grids = Grids::new(&largest, &from_middle.least(), weights, n)?;
    let variance = rows::mean_variance(&from_middle.moments(&largest, n)?, n);
    let limits = Limits {
        max_iter: settings.max_iter,
        tolerance: settings.tol * variance,
    };
    let mut rng = Pcg64::seed_from_u64(settings.seed);
    let mut best: Option<KMeans<T>> = None;
    for _ in 0..settings.n_init {
        let k = settings.n_clusters;
        let centers = match start {
            Start::Greedy => start::greedy(&from_middle, weights, k, &mut rng, interrupted)?,
            Start::Random => start::random(&from_middle, weights, k, &mut rng),
            Start::Given(centers) => given(&from_middle, &centers)?,
        };
        let end = lloyd(
            &from_middle,
            weights,
            &grids,
            centers,
            limits,
            interrupted,
            report,
        )?;
        let centers = uncentred(&end.centers, &from_middle);
        let (rows, relative) = around_centers(&rows, &centers)?;
        let Assignment { labels, inertia } =
            assign_checked(&rows, &relative, weights, interrupted)?;
        if best.as_ref().is_none_or(|best| inertia < best.inertia) {
            let mut filled = vec![false; k];
            for &label in &labels {
                filled[label as usize] = true;
            }
            best = Some(KMeans {
                n_filled: filled.into_iter().filter(|&filled| filled).count(),
                labels,
                centers,
                inertia,
                n_iter: end.n_iter,
            });
        }
    }
    best.ok_or_else(|| Error::parameter("n_init", 0, "at least 1"))
}

fn check<T: Float>(
    rows: &ArrayRef2<T>,
    weights: Option<&ArrayRef1<f64>>,
    start: Start<'_, T>,
    settings: &KMeansSettings,
) -> Result<()> {
    let k = settings.n_clusters;
    check_count("k", k)?;
    if k > rows.nrows() {
        let distinct = rows.nrows();
        return Err(Error::TooFewDistinctRows { k, distinct });
    }
    if rows.ncols() == 0 {
        return Err(Error::parameter(
            "X",
            "an array without columns",
            "at least 1",
        ));
    }
    if settings.max_iter == 0 {
        return Err(Error::parameter("max_iter", 0, "at least 1"));
    }
    if settings.tol.is_nan() || settings.tol < 0.0 {
        return Err(Error::parameter("tol", settings.tol, "at least 0"));
    }
    if let Start::Given(centers) = start
        && centers.dim() != (k, rows.ncols())
    {
        let expected = format!("({k}, {}): clusters and columns", rows.ncols());
        let got = format!("an array of shape {:?}", centers.dim());
        return Err(Error::parameter("init", got, expected));
    }
    weights.map_or(Ok(()), |weights| check_weights(weights, rows.nrows()))
}

/// Checks given centres and subtracts the rows' offset.
fn given<T: Float>(rows: &Rows<'_, T>, centers: &ArrayRef2<T>) -> Result<Centers<T>> {
    if let Some((index, &value)) = centers
        .indexed_iter()
        .find(|(_, x)| !(**x).into().is_finite())
    {
        return Err(Error::Unusable {
            name: "init",
            index: vec![index.0, index.1],
            value: value.into(),
            expected: "a finite number",
        });
    }
    let centers = Rows::new(centers, rows.offset.clone());
    centers.checked()?;
    let values = (0..centers.len()).flat_map(|c| centers.relative(c));
    Ok(Centers::new(values.collect(), rows.n_columns()))
}

/// Centres with the rows' offset added back, (`n_clusters`, columns).
fn uncentred<T: Float>(centers: &Centers<T>, rows: &Rows<'_, T>) -> Array2<T> {
    Array2::from_shape_fn((centers.len(), rows.n_columns()), |(c, f)| {
        T::of(centers.row(c)[f].into() + rows.offset[f].into())
    })
}
