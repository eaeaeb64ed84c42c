//! Which rows empty clusters get.

use std::cmp::Ordering;

use ndarray::ArrayRef1;

use crate::cluster::centers::Centers;
use crate::cluster::rows::Rows;
use crate::simd::Float;

/// Rounding errors that a mean of equal rows may have, as many times the type's precision.
const ROUNDED: f64 = 16.0;

/// A row that is far from its centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Far {
    /// The squared distance.
    pub squared: f64,
    /// The row's index.
    pub row: usize,
    /// The cluster of the row.
    pub label: i32,
}

impl Far {
    /// Of equally far rows, the one with the lowest index comes first.
    fn order(&self, other: &Self) -> Ordering {
        let farther = other.squared.total_cmp(&self.squared);
        farther.then(self.row.cmp(&other.row))
    }
}

/// Up to `enough` rows that are farthest from their centres, in this order. Rows without weight,
/// and rows that equal their centre, are none of them: moving these would not improve the clusters.
pub(super) fn farthest<T: Float>(
    rows: &Rows<'_, T>,
    weights: Option<&ArrayRef1<f64>>,
    labels: &[i32],
    centers: &Centers<T>,
    enough: usize,
) -> Vec<Far> {
    let parts = rows.over_parts(|range| {
        let mut room = Vec::new();
        let mut far: Vec<Far> = range
            .filter(|&i| weights.is_none_or(|weights| weights[i] > 0.0))
            .map(|i| {
                let center = centers.row(labels[i] as usize);
                let squared = rows.squared_distance(i, center, &mut room).into();
                let label = labels[i];
                Far {
                    squared,
                    row: i,
                    label,
                }
            })
            .collect();
        far.sort_by(Far::order);
        let moved = far
            .into_iter()
            .filter(|far| far.squared > noise(rows, far.row));
        moved.take(enough).collect::<Vec<Far>>()
    });
    let mut farthest = parts.concat();
    farthest.sort_by(Far::order);
    farthest.truncate(enough);
    farthest
}

/// A row that is this close to its centre, squared, equals it but for rounding errors. The mean of
/// equal rows is not always that row.
fn noise<T: Float>(rows: &Rows<'_, T>, i: usize) -> f64 {
    let origin = vec![T::default(); rows.n_columns()];
    let size: f64 = rows.squared_distance(i, &origin, &mut Vec::new()).into();
    (ROUNDED * T::EPSILON).powi(2) * size
}

/// Chooses a row for each cluster without rows: pairs of the place among the farthest rows, whose
/// clusters are `labels`, and the cluster that gets the row.
///
/// A row that is alone in its cluster is not taken. There is at most one for each cluster, so that
/// as many of the farthest rows are enough as there are clusters, and empty clusters besides.
pub(super) fn fillers(counts: &[i64], labels: impl Iterator<Item = usize>) -> Vec<(usize, usize)> {
    let mut left = counts.to_vec();
    let mut candidates = labels.enumerate();
    let empty = (0..counts.len()).filter(|&c| counts[c] == 0);
    let given = empty.map_while(|cluster| {
        let (place, label) = candidates.find(|&(_, label)| left[label] > 1)?;
        left[label] -= 1;
        Some((place, cluster))
    });
    given.collect()
}
