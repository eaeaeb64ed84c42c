//! Which centre is nearest to each row.

use std::ops::Range;

use ndarray::{Array2, ArrayRef1, ArrayRef2, ArrayView1, ArrayView2};
use rayon::prelude::*;

use super::centers::Centers;
use super::parts::part;
use super::rows::{Rows, check_weights};
use super::total::Total;
use crate::simd::{Float, Found, Panels};
use crate::{Error, Result};

/// Number of rows handled between two checks for an interruption.
const PATIENCE: usize = 1024;

/// Largest number of centres. Kernels keep the index of a centre as a floating-point number of the
/// rows' type; single precision represents all indices below this exactly.
const MAX_CENTERS: usize = 1 << 24;

/// The nearest centre of each row and the sum of the squared distances to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// Index of the nearest centre; the lowest index of equally near ones.
    pub labels: Vec<i32>,
    /// Sum of the squared Euclidean distances of the rows to their nearest centres, each times its
    /// row's weight. The sum is exact and rounded once.
    pub inertia: f64,
}

/// The two nearest centres of each row.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoNearest {
    /// Index of the nearest centre; the lowest index of equally near ones.
    pub first: Vec<i32>,
    /// Index of the second nearest centre; if there is only one centre, its index again.
    pub second: Vec<i32>,
}

/// Sums of the rows of each cluster: one step of k-means over a part of the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Partial {
    /// The sums, of shape (k, columns), each row times its weight.
    pub sums: Array2<f64>,
    /// Sum of the rows' weights in each cluster.
    pub counts: Vec<f64>,
    /// Sum of the squared distances of the rows to their centres, each times its weight.
    pub inertia: f64,
}

/// Finds the nearest centre of each row, on the threads of the current pool. `rows` are (n,
/// columns), `centers` (k, columns) with k at least 1, `weights` (n).
///
/// The label of a row depends on that row and the centres only, not on other rows or on threads.
///
/// # Errors
/// [`Error::Parameter`] for shapes that do not fit together and for unusable weights,
/// [`Error::NonFiniteRow`], and [`Error::Interrupted`] as soon as `interrupted` returns true.
pub fn assign<T: Float>(
    rows: ArrayView2<'_, T>,
    centers: ArrayView2<'_, T>,
    weights: Option<ArrayView1<'_, f64>>,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Assignment> {
    let (rows, centers) = around_centers(&rows, &centers)?;
    if let Some(weights) = &weights {
        check_weights(weights, rows.len())?;
    }
    rows.checked()?;
    assign_checked(&rows, &centers, weights.as_deref(), interrupted)
}

/// Does the work of [`assign`] for rows and centres that have been checked.
pub(super) fn assign_checked<T: Float>(
    rows: &Rows<'_, T>,
    centers: &Centers<T>,
    weights: Option<&ArrayRef1<f64>>,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Assignment> {
    let (labels, total) = nearest_and_total(rows, centers, weights, interrupted)?;
    let inertia = total.value();
    Ok(Assignment { labels, inertia })
}

/// The label of each row, and the exact sum of the squared distances.
pub(super) fn nearest_and_total<T: Float>(
    rows: &Rows<'_, T>,
    centers: &Centers<T>,
    weights: Option<&ArrayRef1<f64>>,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<(Vec<i32>, Total)> {
    let part = part(rows.len().max(1));
    let mut labels = vec![0; rows.len()];
    let totals: Result<Vec<Total>> = labels
        .par_chunks_mut(part)
        .enumerate()
        .map(|(p, labels)| {
            let first = p * part;
            let range = first..first + labels.len();
            let kernel = rows.kernels.nearest;
            let mut room = Vec::new();
            let mut total = Total::new();
            over_blocks(rows, centers, range, kernel, interrupted, |at, found| {
                let block = labels[at - first..].iter_mut().zip(&found.index);
                for (i, (label, &nearest)) in (at..).zip(block) {
                    *label = nearest;
                    // Not the kernel's distance: that is a difference of larger numbers and less
                    // exact.
                    let center = centers.row(nearest as usize);
                    let squared: f64 = rows.squared_distance(i, center, &mut room).into();
                    total.add(weights.map_or(1.0, |weights| weights[i]) * squared);
                }
            })?;
            Ok(total)
        })
        .collect();
    let mut all = Total::new();
    for total in totals? {
        all.join(&total);
    }
    Ok((labels, all))
}

/// Finds the two nearest centres of each row, on the threads of the current pool.
///
/// # Errors
/// As [`assign`].
pub fn two_nearest<T: Float>(
    rows: ArrayView2<'_, T>,
    centers: ArrayView2<'_, T>,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<TwoNearest> {
    let (rows, centers) = around_centers(&rows, &centers)?;
    rows.checked()?;
    let n = rows.len();
    let mut first = vec![0; n];
    let mut second = vec![0; n];
    let part = part(n.max(1));
    first
        .par_chunks_mut(part)
        .zip(second.par_chunks_mut(part))
        .enumerate()
        .try_for_each(|(p, (first, second))| {
            let kernel = rows.kernels.nearest_two;
            over_blocks(
                &rows,
                &centers,
                p * part..p * part + first.len(),
                kernel,
                interrupted,
                |at, found| {
                    let at = at - p * part;
                    for (r, (a, b)) in found.index.iter().zip(&found.second_label).enumerate() {
                        if let (Some(first), Some(second)) =
                            (first.get_mut(at + r), second.get_mut(at + r))
                        {
                            (*first, *second) = (*a, b.index());
                        }
                    }
                },
            )
        })?;
    Ok(TwoNearest { first, second })
}

/// Computes one step of k-means over some of the rows.
///
/// The new centres are the sums of all parts divided by the sums of all their counts. These sums are
/// rounded, and so depend on how rows are divided in their last digits.
///
/// # Errors
/// As [`assign`].
pub fn partial<T: Float>(
    rows: ArrayView2<'_, T>,
    centers: ArrayView2<'_, T>,
    weights: Option<ArrayView1<'_, f64>>,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Partial> {
    let found = assign(rows, centers, weights, interrupted)?;
    let plain = Rows::new(&rows, vec![T::default(); rows.ncols()]);
    let (k, n) = centers.dim();
    let all = plain.over_parts(|range| {
        let mut room = Vec::new();
        let mut sums = Array2::zeros((k, n));
        let mut counts = vec![0.0; k];
        for i in range {
            let label = found.labels[i] as usize;
            let weight = weights.as_ref().map_or(1.0, |weights| weights[i]);
            counts[label] += weight;
            if let Some(sums) = sums.row_mut(label).as_slice_mut() {
                (plain.kernels.add)(plain.row(i, &mut room), &plain.offset, weight, sums);
            }
        }
        (sums, counts)
    });
    let mut sums = Array2::zeros((k, n));
    let mut counts = vec![0.0; k];
    for (more, weights) in all {
        sums += &more;
        for (count, weight) in counts.iter_mut().zip(weights) {
            *count += weight;
        }
    }
    Ok(Partial {
        sums,
        counts,
        inertia: found.inertia,
    })
}

/// Rows and centres relative to the centres' median, which does not depend on the rows.
pub(super) fn around_centers<'a, T: Float>(
    rows: &'a ArrayRef2<T>,
    centers: &ArrayRef2<T>,
) -> Result<(Rows<'a, T>, Centers<T>)> {
    let (k, n) = centers.dim();
    if n != rows.ncols() || n == 0 {
        let expected = format!("as many as the rows have, {}, and at least 1", rows.ncols());
        return Err(Error::parameter(
            "centers",
            format!("{n} columns"),
            expected,
        ));
    }
    check_count("centers", k)?;
    let of_centers = Rows::centred(centers);
    of_centers.checked()?;
    let values = (0..k).flat_map(|c| of_centers.relative(c)).collect();
    Ok((Rows::new(rows, of_centers.offset), Centers::new(values, n)))
}

/// Checks that there is at least one centre, and not more than [`MAX_CENTERS`].
pub(super) fn check_count(name: &'static str, k: usize) -> Result<()> {
    if k == 0 || k > MAX_CENTERS {
        return Err(Error::parameter(name, k, format!("1 to {MAX_CENTERS}")));
    }
    Ok(())
}

/// An index as a label. [`check_count`] has checked that it is small enough.
#[allow(clippy::cast_possible_wrap)]
pub(super) fn as_label(index: usize) -> i32 {
    index as i32
}

/// The label of each row.
pub(super) fn labels_of<T: Float>(
    rows: &Rows<'_, T>,
    centers: &Centers<T>,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<i32>> {
    let part = part(rows.len().max(1));
    let mut labels = vec![0; rows.len()];
    labels
        .par_chunks_mut(part)
        .enumerate()
        .try_for_each(|(p, labels)| {
            let range = p * part..p * part + labels.len();
            over_blocks(
                rows,
                centers,
                range,
                rows.kernels.nearest,
                interrupted,
                |at, found| {
                    for (label, &nearest) in labels[at - p * part..].iter_mut().zip(&found.index) {
                        *label = nearest;
                    }
                },
            )
        })?;
    Ok(labels)
}

/// Runs a kernel over the rows of a range, block by block.
fn over_blocks<T: Float>(
    rows: &Rows<'_, T>,
    centers: &Centers<T>,
    range: Range<usize>,
    kernel: fn(&[T], &Panels<T>, &mut Found<T>),
    interrupted: &(dyn Fn() -> bool + Sync),
    mut each: impl FnMut(usize, &Found<T>),
) -> Result<()> {
    let mut packed = vec![T::default(); rows.n_columns() * T::BLOCK];
    let mut found = Found::new();
    let indices: Vec<usize> = range.collect();
    let mut seen = 0;
    rows.by_blocks(&indices, &mut packed, |block, packed| {
        if seen % PATIENCE == 0 && interrupted() {
            return Err(Error::Interrupted);
        }
        seen += T::BLOCK;
        kernel(packed, &centers.panels, &mut found);
        each(block[0], &found);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    const NEVER: &(dyn Fn() -> bool + Sync) = &|| false;

    #[test]
    fn ties_go_to_the_lowest_index() {
        let rows = array![[1.0], [3.0], [2.5]];
        let centers = array![[0.0], [2.0], [2.0], [4.0]];
        let found = assign(rows.view(), centers.view(), None, NEVER).unwrap();
        assert_eq!(found.labels, [0, 1, 1]);
        assert_eq!(found.inertia, 2.25);
        let two = two_nearest(rows.view(), centers.view(), NEVER).unwrap();
        assert_eq!(two.first, [0, 1, 1]);
        assert_eq!(two.second, [1, 2, 2]);
    }

    #[test]
    fn a_step_gives_sums_counts_and_inertia() {
        let rows = array![[1.0_f32, 10.0], [3.0, 10.0], [9.0, 0.0]];
        let centers = array![[2.0, 10.0], [9.0, 1.0]];
        let weights = array![1.0, 1.0, 2.0];
        let step = partial(rows.view(), centers.view(), Some(weights.view()), NEVER).unwrap();
        assert_eq!(step.sums, array![[4.0, 20.0], [18.0, 0.0]]);
        assert_eq!(step.counts, [2.0, 2.0]);
        assert_eq!(step.inertia, 4.0);
    }

    #[test]
    fn shapes_that_do_not_go_together_are_refused() {
        let rows = array![[1.0, 2.0]];
        let message = |centers: Array2<f64>| {
            assign(rows.view(), centers.view(), None, NEVER)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            message(array![[1.0]]),
            "centers=1 columns: expected as many as the rows have, 2, and at least 1"
        );
        assert_eq!(
            message(Array2::zeros((0, 2))),
            "centers=0: expected 1 to 16777216"
        );
    }
}
