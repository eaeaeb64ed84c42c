//! How well rows sit in their clusters.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use crate::{Error, Result};

/// Number of rows for which one thread at a time computes the distances to all others.
const BLOCK: usize = 16;

/// Number of distances computed together: few enough to stay in the first-level cache.
const TILE: usize = 512;

/// The silhouette of each row of `rows`, (n, columns), under each of several labelings of the same
/// rows, (labelings, n). Returns (labelings, n).
///
/// The definition is P. J. Rousseeuw's ("Silhouettes", 1987). Let a be the mean distance to the
/// other rows of a row's own cluster, and b the least mean distance to the rows of another cluster.
/// The silhouette is (b − a) / max(a, b). It is 0 for a row that is alone in its cluster, and where
/// a and b are 0. Under a labeling with only one cluster it is not defined, and NaN.
///
/// Most of the cost is in the distances, which are computed once for all labelings. One thread adds
/// up the distances of a row, in the order of the rows, so that the result has the same bits for
/// any number of threads in the current pool. `interrupted` is called repeatedly and returns
/// whether to stop.
///
/// # Errors
/// [`Error::Parameter`] for labelings with another number of rows, [`Error::Interrupted`].
pub fn silhouettes(
    rows: ArrayView2<'_, f64>,
    labelings: ArrayView2<'_, u32>,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Array2<f64>> {
    let n = rows.nrows();
    if labelings.ncols() != n {
        let expected = format!("a label for each of {n} rows");
        return Err(Error::parameter("labels", labelings.ncols(), expected));
    }
    let clusters: Vec<Clusters> = labelings
        .outer_iter()
        .map(|labels| Clusters::of(labels.to_vec()))
        .collect();
    let columns = rows.t().as_standard_layout().into_owned();
    // One row of this array belongs to one input row, so that each thread writes to adjacent
    // memory.
    let mut found = Array2::zeros((n, clusters.len()));
    found
        .axis_chunks_iter_mut(Axis(0), BLOCK)
        .into_par_iter()
        .enumerate()
        .try_for_each(|(block, mut found)| {
            if interrupted() {
                return Err(Error::Interrupted);
            }
            let mut distances = vec![0.0; n];
            for (i, mut found) in found.outer_iter_mut().enumerate() {
                let row = block * BLOCK + i;
                distances_to(columns.view(), row, &mut distances);
                for (value, clusters) in found.iter_mut().zip(&clusters) {
                    *value = clusters.silhouette(row, &distances);
                }
            }
            Ok(())
        })?;
    Ok(found.reversed_axes())
}

/// One labeling.
struct Clusters {
    labels: Vec<u32>,
    sizes: Vec<usize>,
}

impl Clusters {
    fn of(labels: Vec<u32>) -> Self {
        let k = labels.iter().max().map_or(0, |&last| last as usize + 1);
        let mut sizes = vec![0; k];
        for &label in &labels {
            sizes[label as usize] += 1;
        }
        Self { labels, sizes }
    }

    fn silhouette(&self, row: usize, distances: &[f64]) -> f64 {
        let mut sums = vec![0.0; self.sizes.len()];
        for (&label, distance) in self.labels.iter().zip(distances) {
            sums[label as usize] += distance;
        }
        let own = self.labels[row] as usize;
        let others = (0..sums.len()).filter(|&c| c != own && self.sizes[c] > 0);
        let Some(outside) = others
            .map(|c| sums[c] / self.sizes[c] as f64)
            .min_by(f64::total_cmp)
        else {
            return f64::NAN;
        };
        if self.sizes[own] == 1 {
            return 0.0;
        }
        let inside = sums[own] / (self.sizes[own] - 1) as f64;
        let larger = inside.max(outside);
        if larger > 0.0 {
            (outside - inside) / larger
        } else {
            0.0
        }
    }
}

/// Euclidean distances of all rows to one of them. `columns` is (columns, rows).
///
/// The loop handles many rows at once, one column after another. Compilers turn this into vector
/// instructions; they may not do so with a sum over the columns of one row.
fn distances_to(columns: ArrayView2<'_, f64>, row: usize, distances: &mut [f64]) {
    for (tile, distances) in distances.chunks_mut(TILE).enumerate() {
        distances.fill(0.0);
        let start = tile * TILE;
        for column in columns.outer_iter() {
            let Some(column) = column.to_slice() else {
                continue; // Cannot happen: every column is contiguous.
            };
            let center = column[row];
            let values = &column[start..start + distances.len()];
            for (sum, value) in distances.iter_mut().zip(values) {
                let difference = value - center;
                *sum += difference * difference;
            }
        }
        for distance in distances {
            *distance = distance.sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::on_threads;
    use ndarray::array;
    use proptest::prelude::*;

    const NEVER: &(dyn Fn() -> bool + Sync) = &|| false;

    /// The definition, computed row by row and pair by pair.
    fn by_definition(rows: &Array2<f64>, labels: &[u32]) -> Vec<f64> {
        let mean_to = |i: usize, label: u32| {
            let others: Vec<f64> = (0..labels.len())
                .filter(|&j| j != i && labels[j] == label)
                .map(|j| (&rows.row(i) - &rows.row(j)).mapv(|x| x * x).sum().sqrt())
                .collect();
            others.iter().sum::<f64>() / others.len() as f64
        };
        let silhouette = |i: usize| {
            let a = mean_to(i, labels[i]);
            let b = labels
                .iter()
                .filter(|&&label| label != labels[i])
                .map(|&label| mean_to(i, label))
                .fold(f64::INFINITY, f64::min);
            if a.is_nan() { 0.0 } else { (b - a) / a.max(b) }
        };
        (0..labels.len()).map(silhouette).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn they_are_as_defined_for_any_number_of_threads(
            points in prop::collection::vec((-9.0f64..9.0, -9.0f64..9.0, 0u32..4), 5..90),
        ) {
            let n = points.len();
            let rows = Array2::from_shape_fn((n, 2), |(i, c)| if c == 0 { points[i].0 } else { points[i].1 });
            let mut labels = Array2::from_shape_fn((2, n), |(m, i)| (points[i].2 + m as u32 * i as u32) % 4);
            // At least two clusters, a cluster with a single row, and a label without rows.
            labels[[0, 0]] = 6;
            labels[[1, 0]] = 7;
            let run = |threads| {
                on_threads(threads, || silhouettes(rows.view(), labels.view(), NEVER)).unwrap().unwrap()
            };
            let found = run(1);
            prop_assert_eq!(&found, &run(3));
            for (labels, found) in labels.outer_iter().zip(found.outer_iter()) {
                let expected = by_definition(&rows, &labels.to_vec());
                for (found, expected) in found.iter().zip(expected) {
                    prop_assert!((found - expected).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn they_are_known_by_hand() {
        let rows = array![[0.0], [1.0], [5.0], [5.0]];
        let labels = array![[0, 0, 1, 1], [0, 0, 0, 0], [0, 1, 2, 2]];
        let found = silhouettes(rows.view(), labels.view(), NEVER).unwrap();
        let (first, second, third) = (found.row(0), found.row(1), found.row(2));
        assert_eq!(first.to_vec(), [0.8, 0.75, 1.0, 1.0]);
        assert!(second.iter().all(|value| value.is_nan()));
        assert_eq!(third.to_vec(), [0.0, 0.0, 1.0, 1.0]);
    }

    #[test]
    fn equal_rows_in_two_clusters_sit_in_neither() {
        let found = silhouettes(
            array![[2.0], [2.0], [2.0], [2.0]].view(),
            array![[0, 0, 1, 1]].view(),
            NEVER,
        );
        assert_eq!(found.unwrap(), array![[0.0, 0.0, 0.0, 0.0]]);
    }

    #[test]
    fn labels_of_other_rows_and_interruptions_end_it() {
        let rows = Array2::<f64>::zeros((3, 2));
        let labels = Array2::<u32>::zeros((1, 2));
        assert_eq!(
            silhouettes(rows.view(), labels.view(), NEVER)
                .unwrap_err()
                .to_string(),
            "labels=2: expected a label for each of 3 rows"
        );
        let labels = Array2::<u32>::zeros((1, 3));
        let stopped = silhouettes(rows.view(), labels.view(), &|| true);
        assert_eq!(stopped, Err(Error::Interrupted));
    }
}
