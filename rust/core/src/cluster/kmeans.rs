//! k-means: greedy k-means++ and Lloyd's iterations.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::distance::{Assignment, CHUNK, assign, squared_distance};
use super::rows::{check_finite, count_distinct};
use crate::{Error, Result};

/// Settings of [`kmeans`].
#[derive(Debug, Clone, PartialEq)]
pub struct KMeansSettings {
    /// Number of clusters.
    pub n_clusters: usize,
    /// Number of starts, of which the one with the least inertia is kept.
    pub n_init: usize,
    /// Largest number of iterations of a start.
    pub max_iter: usize,
    /// A start ends when the centres moved by no more than this, squared and summed, relative to
    /// the mean variance of the columns.
    pub tol: f64,
    /// Seed of the random numbers: the same seed gives the same result.
    pub seed: u64,
}

/// Clusters and their centres.
#[derive(Debug, Clone, PartialEq)]
pub struct KMeans {
    /// The cluster of each row.
    pub labels: Vec<usize>,
    /// The centres, one a row.
    pub centers: Array2<f64>,
    /// Sum of the squared distances of the rows to their centres.
    pub inertia: f64,
    /// Number of iterations of the start that was kept.
    pub n_iter: usize,
}

/// Groups rows around centres so that squared distances are small.
///
/// Starts are D. Arthur and S. Vassilvitskii's "k-means++" (2007) in its greedy form, where each
/// centre is the best of `2 + ln k` candidates; iterations are Lloyd's. Every sum over rows is
/// taken in an order of its own, so that the result is the same, bit for bit, for any number of
/// threads in the current pool. `interrupted` is asked between iterations whether to stop.
///
/// # Errors
/// [`Error::Parameter`], [`Error::NonFiniteRow`], [`Error::TooFewDistinctRows`],
/// [`Error::Interrupted`].
pub fn kmeans(
    rows: ArrayView2<'_, f64>,
    settings: &KMeansSettings,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<KMeans> {
    check(rows, settings)?;
    // Distances lose digits far from the origin; there is no need to be far from it.
    let offset = rows.mean_axis(Axis(0)).unwrap_or_default();
    let centred = &rows - &offset;
    let variance = centred.mapv(|x| x * x).mean().unwrap_or(0.0);
    let tolerance = settings.tol * variance;
    let mut rng = Pcg64::seed_from_u64(settings.seed);
    let mut best: Option<KMeans> = None;
    for _ in 0..settings.n_init {
        let start = greedy_start(centred.view(), settings.n_clusters, &mut rng, interrupted)?;
        let run = lloyd(
            centred.view(),
            start,
            settings.max_iter,
            tolerance,
            interrupted,
        )?;
        if best.as_ref().is_none_or(|best| run.inertia < best.inertia) {
            best = Some(run);
        }
    }
    let mut best = best.ok_or_else(|| Error::parameter("n_init", 0, "at least 1"))?;
    best.centers += &offset;
    Ok(best)
}

fn check(rows: ArrayView2<'_, f64>, settings: &KMeansSettings) -> Result<()> {
    let k = settings.n_clusters;
    if k == 0 {
        return Err(Error::parameter("k", k, "at least 1"));
    }
    if settings.max_iter == 0 {
        return Err(Error::parameter("max_iter", 0, "at least 1"));
    }
    if settings.tol.is_nan() || settings.tol < 0.0 {
        return Err(Error::parameter("tol", settings.tol, "at least 0"));
    }
    check_finite(rows)?;
    let distinct = count_distinct(rows, k);
    if distinct < k {
        return Err(Error::TooFewDistinctRows { k, distinct });
    }
    Ok(())
}

/// Picks rows as first centres, each with a chance in proportion to its squared distance from
/// those picked before; the best of several candidates each time.
fn greedy_start(
    rows: ArrayView2<'_, f64>,
    k: usize,
    rng: &mut Pcg64,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Array2<f64>> {
    let n_candidates = 2 + (k as f64).ln() as usize;
    let mut centers = Array2::zeros((k, rows.ncols()));
    let first = rng.random_range(0..rows.nrows());
    centers.row_mut(0).assign(&rows.row(first));
    let mut nearest = distances_to(rows, first, None);
    for c in 1..k {
        let total = ordered_sum(&nearest);
        let mut best: Option<(f64, usize, Vec<f64>)> = None;
        for _ in 0..n_candidates {
            if interrupted() {
                return Err(Error::Interrupted);
            }
            let candidate = draw(&nearest, rng.random::<f64>() * total);
            let distances = distances_to(rows, candidate, Some(&nearest));
            let potential = ordered_sum(&distances);
            if best.as_ref().is_none_or(|(least, ..)| potential < *least) {
                best = Some((potential, candidate, distances));
            }
        }
        if let Some((_, candidate, distances)) = best {
            centers.row_mut(c).assign(&rows.row(candidate));
            nearest = distances;
        }
    }
    Ok(centers)
}

/// Squared distance of each row to row `center`, or to what was nearest before if that is nearer.
fn distances_to(rows: ArrayView2<'_, f64>, center: usize, before: Option<&[f64]>) -> Vec<f64> {
    let center = rows.row(center);
    let mut distances = vec![0.0_f64; rows.nrows()];
    rows.axis_chunks_iter(Axis(0), CHUNK)
        .into_par_iter()
        .zip(distances.par_chunks_mut(CHUNK))
        .for_each(|(rows, distances)| {
            for (row, distance) in rows.outer_iter().zip(distances) {
                *distance = squared_distance(row, center);
            }
        });
    if let Some(before) = before {
        for (distance, &before) in distances.iter_mut().zip(before) {
            *distance = distance.min(before);
        }
    }
    distances
}

fn ordered_sum(values: &[f64]) -> f64 {
    values
        .chunks(CHUNK)
        .map(|chunk| chunk.iter().sum::<f64>())
        .sum()
}

/// The row in whose share of the distances `target` lies; never one at distance 0 if there is
/// another.
fn draw(distances: &[f64], target: f64) -> usize {
    let mut sum = 0.0;
    let mut last = 0;
    for (row, &distance) in distances.iter().enumerate() {
        if distance > 0.0 {
            last = row;
            sum += distance;
            if sum > target {
                break;
            }
        }
    }
    last
}

fn lloyd(
    rows: ArrayView2<'_, f64>,
    mut centers: Array2<f64>,
    max_iter: usize,
    tolerance: f64,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<KMeans> {
    let mut found = assign(rows, centers.view(), interrupted)?;
    let mut n_iter = 0;
    loop {
        n_iter += 1;
        let moved = move_centers(rows, &found, &mut centers);
        let before = std::mem::replace(&mut found, assign(rows, centers.view(), interrupted)?);
        // Labels always belong to the centres that are returned with them.
        if before.labels == found.labels || moved <= tolerance || n_iter == max_iter {
            let inertia = ordered_sum(&found.distances);
            return Ok(KMeans {
                labels: found.labels,
                centers,
                inertia,
                n_iter,
            });
        }
    }
}

/// Moves each centre to the mean of its rows and an empty one to the row that is farthest from
/// its own centre; returns the sum of the squared distances moved.
fn move_centers(rows: ArrayView2<'_, f64>, found: &Assignment, centers: &mut Array2<f64>) -> f64 {
    let (mut sums, mut counts) = sums_by_label(rows, &found.labels, centers.nrows());
    fill_empty(rows, found, &mut sums, &mut counts);
    let mut moved = 0.0;
    for ((mut center, sum), &count) in centers.outer_iter_mut().zip(sums.outer_iter()).zip(&counts)
    {
        let mean: Array1<f64> = &sum / count as f64;
        moved += squared_distance(center.view(), mean.view());
        center.assign(&mean);
    }
    moved
}

fn sums_by_label(
    rows: ArrayView2<'_, f64>,
    labels: &[usize],
    k: usize,
) -> (Array2<f64>, Vec<usize>) {
    // Few enough that their sums take little memory beside the rows.
    let chunk = CHUNK.max(rows.nrows().div_ceil(64));
    let partial: Vec<(Array2<f64>, Vec<usize>)> = rows
        .axis_chunks_iter(Axis(0), chunk)
        .into_par_iter()
        .zip(labels.par_chunks(chunk))
        .map(|(rows, labels)| {
            let mut sums = Array2::zeros((k, rows.ncols()));
            let mut counts = vec![0; k];
            for (row, &label) in rows.outer_iter().zip(labels) {
                let mut sum = sums.row_mut(label);
                sum += &row;
                counts[label] += 1;
            }
            (sums, counts)
        })
        .collect();
    let mut sums = Array2::zeros((k, rows.ncols()));
    let mut counts = vec![0; k];
    for (partial_sums, partial_counts) in partial {
        sums += &partial_sums;
        for (count, partial) in counts.iter_mut().zip(partial_counts) {
            *count += partial;
        }
    }
    (sums, counts)
}

/// Gives each cluster without rows the one that is farthest from its centre, the lowest index
/// first among equals, and takes it from the cluster it was in.
fn fill_empty(
    rows: ArrayView2<'_, f64>,
    found: &Assignment,
    sums: &mut Array2<f64>,
    counts: &mut [usize],
) {
    let empty: Vec<usize> = (0..counts.len()).filter(|&c| counts[c] == 0).collect();
    if empty.is_empty() {
        return;
    }
    let mut farthest: Vec<usize> = (0..rows.nrows()).collect();
    farthest.sort_by(|&a, &b| found.distances[b].total_cmp(&found.distances[a]));
    let mut candidates = farthest.into_iter();
    for cluster in empty {
        // A cluster's only row would leave that one empty instead.
        let Some(row) = candidates.find(|&row| counts[found.labels[row]] > 1) else {
            return;
        };
        let from = found.labels[row];
        let mut sum = sums.row_mut(from);
        sum -= &rows.row(row);
        counts[from] -= 1;
        sums.row_mut(cluster).assign(&rows.row(row));
        counts[cluster] = 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::on_threads;
    use ndarray::array;
    use proptest::prelude::*;

    const NEVER: &(dyn Fn() -> bool + Sync) = &|| false;

    fn settings(n_clusters: usize) -> KMeansSettings {
        KMeansSettings {
            n_clusters,
            n_init: 3,
            max_iter: 300,
            tol: 1e-4,
            seed: 0,
        }
    }

    fn rows(n: usize, d: usize, seed: u64) -> Array2<f64> {
        let mut rng = Pcg64::seed_from_u64(seed);
        Array2::from_shape_simple_fn((n, d), || rng.random::<f64>())
    }

    fn inertia(rows: &Array2<f64>, found: &KMeans) -> f64 {
        rows.outer_iter()
            .zip(&found.labels)
            .map(|(row, &label)| squared_distance(row, found.centers.row(label)))
            .sum()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn inertia_never_rises_with_more_iterations(n in 8usize..200, seed in 0u64..100) {
            let rows = rows(n, 3, seed);
            let run = |max_iter| {
                let settings = KMeansSettings { max_iter, tol: 0.0, n_init: 1, ..settings(4) };
                kmeans(rows.view(), &settings, NEVER).unwrap().inertia
            };
            let curve: Vec<f64> = (1..8).map(run).collect();
            prop_assert!(curve.windows(2).all(|pair| pair[1] <= pair[0] + 1e-12));
        }

        #[test]
        fn a_converged_result_is_a_fixed_point(n in 8usize..200, seed in 0u64..100) {
            let rows = rows(n, 3, seed);
            let settings = KMeansSettings { tol: 0.0, ..settings(4) };
            let found = kmeans(rows.view(), &settings, NEVER).unwrap();
            let nearest = assign(rows.view(), found.centers.view(), NEVER).unwrap();
            prop_assert_eq!(&nearest.labels, &found.labels);
            let mut counts = [0.0; 4];
            let mut means = Array2::zeros((4, 3));
            for (row, &label) in rows.outer_iter().zip(&found.labels) {
                counts[label] += 1.0;
                let mut mean = means.row_mut(label);
                mean += &row;
            }
            for (mut mean, count) in means.outer_iter_mut().zip(counts) {
                mean /= count;
            }
            prop_assert!((&means - &found.centers).iter().all(|off| off.abs() < 1e-12));
            prop_assert!((inertia(&rows, &found) - found.inertia).abs() < 1e-9);
        }
    }

    #[test]
    fn the_number_of_threads_changes_no_bit() {
        let rows = rows(5000, 7, 1);
        let run =
            |threads| on_threads(threads, || kmeans(rows.view(), &settings(9), &|| false)).unwrap();
        let one = run(1);
        assert_eq!(one, run(2));
        assert_eq!(one, run(5));
    }

    #[test]
    fn well_separated_groups_are_found_far_from_the_origin() {
        let rows = array![[1e6], [1e6 + 1.0], [-3.0], [-2.0], [5e6], [5e6 + 1.0]];
        let found = kmeans(rows.view(), &settings(3), NEVER).unwrap();
        let l = &found.labels;
        assert!(l[0] == l[1] && l[2] == l[3] && l[4] == l[5]);
        assert!((found.inertia - 1.5).abs() < 1e-9);
    }

    #[test]
    fn as_many_clusters_as_rows_leaves_nothing_over() {
        let rows = rows(20, 2, 3);
        let found = kmeans(rows.view(), &settings(20), NEVER).unwrap();
        assert!(found.inertia < 1e-20);
    }

    #[test]
    fn an_empty_cluster_moves_to_the_farthest_row() {
        let rows = array![[0.0], [1.0], [9.0], [10.0]];
        let start = array![[0.5], [100.0], [4.0]];
        let mut centers = start.clone();
        let found = assign(rows.view(), start.view(), NEVER).unwrap();
        assert_eq!(found.labels, [0, 0, 2, 2]);
        move_centers(rows.view(), &found, &mut centers);
        assert_eq!(centers, array![[0.5], [10.0], [9.0]]);
    }

    #[test]
    fn bad_settings_and_rows_are_named_with_their_numbers() {
        let rows = array![[0.0, 1.0], [0.0, 1.0], [2.0, 3.0]];
        let message = |settings: KMeansSettings| {
            kmeans(rows.view(), &settings, NEVER)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            message(settings(3)),
            "k=3 clusters need at least 3 distinct rows, got 2"
        );
        assert_eq!(message(settings(0)), "k=0: expected at least 1");
        let no_start = KMeansSettings {
            n_init: 0,
            ..settings(1)
        };
        assert_eq!(message(no_start), "n_init=0: expected at least 1");
    }

    #[test]
    fn an_interruption_ends_it() {
        let rows = rows(100, 2, 0);
        let stopped = kmeans(rows.view(), &settings(3), &|| true);
        assert_eq!(stopped, Err(Error::Interrupted));
    }
}
