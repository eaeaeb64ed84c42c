//! Which centre is nearest to each row.

use ndarray::{ArrayView1, ArrayView2, Axis, Zip};
use rayon::prelude::*;

use crate::{Error, Result};

/// Rows that are handled together. The same for any number of threads, so that sums over
/// chunks, taken in order, have the same bits however the chunks were shared out.
pub(super) const CHUNK: usize = 1024;

/// The number of threads, of those allowed, that work on so many rows can be shared among.
#[must_use]
pub fn useful_threads(n_rows: usize, allowed: usize) -> usize {
    allowed.min(n_rows.div_ceil(CHUNK).max(1))
}

/// The nearest centre of each row and its squared distance.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// Index of the nearest centre, the lowest where several are equally near.
    pub labels: Vec<usize>,
    /// Squared Euclidean distance to it.
    pub distances: Vec<f64>,
}

/// Finds the nearest of at least one centre for each row, on the threads of the current pool.
///
/// # Errors
/// [`Error::Interrupted`] as soon as `interrupted` says so.
pub fn assign(
    rows: ArrayView2<'_, f64>,
    centers: ArrayView2<'_, f64>,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Assignment> {
    let mut labels = vec![0; rows.nrows()];
    let mut distances = vec![0.0; rows.nrows()];
    rows.axis_chunks_iter(Axis(0), CHUNK)
        .into_par_iter()
        .zip(labels.par_chunks_mut(CHUNK))
        .zip(distances.par_chunks_mut(CHUNK))
        .try_for_each(|((rows, labels), distances)| {
            if interrupted() {
                return Err(Error::Interrupted);
            }
            let outputs = labels.iter_mut().zip(distances);
            for (row, (label, distance)) in rows.outer_iter().zip(outputs) {
                (*label, *distance) = nearest(row, centers);
            }
            Ok(())
        })?;
    Ok(Assignment { labels, distances })
}

fn nearest(row: ArrayView1<'_, f64>, centers: ArrayView2<'_, f64>) -> (usize, f64) {
    let mut best = (0, f64::INFINITY);
    for (label, center) in centers.outer_iter().enumerate() {
        let distance = squared_distance(row, center);
        if distance < best.1 {
            best = (label, distance);
        }
    }
    best
}

/// Squared Euclidean distance.
pub(super) fn squared_distance(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> f64 {
    Zip::from(a)
        .and(b)
        .fold(0.0, |sum, a, b| sum + (a - b) * (a - b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn ties_go_to_the_lowest_index() {
        let rows = array![[1.0], [3.0], [2.5]];
        let found = assign(
            rows.view(),
            array![[0.0], [2.0], [2.0], [4.0]].view(),
            &|| false,
        )
        .unwrap();
        assert_eq!(found.labels, [0, 1, 1]);
        assert_eq!(found.distances, [1.0, 1.0, 0.25]);
    }
}
