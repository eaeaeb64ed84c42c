//! Training with all rows at once.

use ndarray::{Array2, ArrayRef2, ArrayView2, Axis};
use rayon::prelude::*;

use super::neighborhood::{Neighborhood, Shares};
use super::{SomSettings, check};
use crate::Result;
use crate::cluster::assign::{around_centers, labels_of};
use crate::cluster::rows::Rows;
use crate::simd::Float;

/// Trains units by T. Kohonen's batch algorithm ("Essentials of the self-organizing map", 2013).
///
/// In every epoch each unit becomes the mean of all rows, each weighted by the neighbourhood
/// function around the unit that is nearest to it. Rows are first summed by nearest unit, and the
/// sums are then smoothed over the grid. The cost of smoothing therefore depends on the number of
/// units, not of rows. A unit with no row in its neighbourhood stays as it is. Sums are taken in
/// double precision and in a fixed order, so that the result is the same, bit for bit, for any
/// number of threads.
///
/// # Errors
/// [`crate::Error::NonFiniteRow`], [`crate::Error::Unusable`], [`crate::Error::Interrupted`].
pub fn train_batch<T: Float>(
    rows: ArrayView2<'_, T>,
    weights: Option<&[f64]>,
    codebook: ArrayView2<'_, T>,
    settings: &SomSettings,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Array2<T>> {
    check(rows, weights, codebook, &settings.grid)?;
    Rows::centred(&rows).checked()?;
    let mut codebook = codebook.to_owned();
    let mut shares = Shares::new(settings.grid, settings.neighborhood);
    for epoch in 0..settings.n_epochs {
        let (relative_rows, units) = around_centers(&rows, &codebook)?;
        let best = labels_of(&relative_rows, &units, interrupted)?;
        let sums = sums_by_unit(&rows, weights, &best, codebook.nrows());
        let (radius, _) = settings.schedule.at(epoch, settings.n_epochs);
        shares.set(radius, 1.0);
        let smooth = match settings.neighborhood {
            Neighborhood::Gaussian => smooth_by_parts(&sums, &shares, settings),
            Neighborhood::Bubble => smooth_directly(&sums, &shares),
        };
        move_units(&smooth, &mut codebook);
    }
    Ok(codebook)
}

/// For each unit the sum of its rows times their weights; the last column is the sum of the
/// weights.
fn sums_by_unit<T: Float>(
    rows: &ArrayRef2<T>,
    weights: Option<&[f64]>,
    best: &[i32],
    n_units: usize,
) -> Array2<f64> {
    let (order, ends) = sorted_by_unit(best, n_units);
    let rows = Rows::new(rows, vec![T::default(); rows.ncols()]);
    let n = rows.n_columns();
    let mut sums = Array2::zeros((n_units, n + 1));
    // One thread adds up the rows of a unit, in their order.
    sums.axis_iter_mut(Axis(0))
        .into_par_iter()
        .enumerate()
        .for_each(|(unit, mut sum)| {
            let start = if unit == 0 { 0 } else { ends[unit - 1] };
            let Some(sum) = sum.as_slice_mut() else {
                return;
            };
            let mut room = Vec::new();
            for &row in &order[start..ends[unit]] {
                let row = row as usize;
                let weight = weights.map_or(1.0, |weights| weights[row]);
                let values = rows.row(row, &mut room);
                (rows.kernels.add)(values, &rows.offset, weight, &mut sum[..n]);
                sum[n] += weight;
            }
        });
    sums
}

/// The indices of the rows sorted by unit, and where the rows of each unit end in that list.
fn sorted_by_unit(best: &[i32], n_units: usize) -> (Vec<u32>, Vec<usize>) {
    let mut ends = vec![0; n_units];
    for &unit in best {
        ends[unit as usize] += 1;
    }
    let mut start = 0;
    for end in &mut ends {
        let count = *end;
        *end = start;
        start += count;
    }
    let mut order = vec![0; best.len()];
    for (row, &unit) in best.iter().enumerate() {
        let place = &mut ends[unit as usize];
        order[*place] = row as u32;
        *place += 1;
    }
    (order, ends)
}

/// Smooths the sums over the grid: for each unit, adds up the sums of all units times their shares.
fn smooth_directly(sums: &Array2<f64>, shares: &Shares) -> Array2<f64> {
    let mut smooth = Array2::zeros(sums.dim());
    smooth
        .axis_iter_mut(Axis(0))
        .into_par_iter()
        .enumerate()
        .for_each_init(
            || vec![0.0; sums.nrows()],
            |weights: &mut Vec<f64>, (unit, mut smooth)| {
                shares.fill(unit, weights);
                for (sum, &weight) in sums.outer_iter().zip(weights.iter()) {
                    if weight > 0.0 {
                        smooth.scaled_add(weight, &sum);
                    }
                }
            },
        );
    smooth
}

/// Gives the same as `smooth_directly` where shares are products: it smooths along the rows of the
/// grid first, then across them. On a hexagonal grid the first step is done twice: once for rows of
/// the same parity, and once for rows of the other parity, which are shifted.
fn smooth_by_parts(sums: &Array2<f64>, shares: &Shares, settings: &SomSettings) -> Array2<f64> {
    let grid = settings.grid;
    let cols = grid.cols();
    let along = |shifted: bool| {
        let mut smooth = Array2::zeros(sums.dim());
        smooth
            .axis_chunks_iter_mut(Axis(0), cols)
            .into_par_iter()
            .zip(sums.axis_chunks_iter(Axis(0), cols))
            .enumerate()
            .for_each(|(row, (mut smooth, sums))| {
                for (col, mut smooth) in smooth.outer_iter_mut().enumerate() {
                    // The shares for rows of the other parity.
                    let factors = if shifted {
                        shares.along_shifted(col, row % 2 == 0)
                    } else {
                        shares.along(col)
                    };
                    for (sum, &factor) in sums.outer_iter().zip(factors) {
                        // A unit without rows adds nothing.
                        if factor > 0.0 && sum[sum.len() - 1] > 0.0 {
                            smooth.scaled_add(factor, &sum);
                        }
                    }
                }
            });
        smooth
    };
    let same = along(false);
    let other = if grid.is_hexagonal() {
        along(true)
    } else {
        Array2::zeros((0, 0))
    };
    let mut smooth = Array2::zeros(sums.dim());
    smooth
        .axis_chunks_iter_mut(Axis(0), cols)
        .into_par_iter()
        .enumerate()
        .for_each(|(row, mut smooth)| {
            for (from, &factor) in shares.across(row).iter().enumerate() {
                let source = if grid.are_shifted(row, from) {
                    &other
                } else {
                    &same
                };
                if factor > 0.0 {
                    let part = source.slice(ndarray::s![from * cols..(from + 1) * cols, ..]);
                    smooth.scaled_add(factor, &part);
                }
            }
        });
    smooth
}

/// Moves each unit to the weighted mean of its neighbourhood, unless the weights there are 0.
fn move_units<T: Float>(smooth: &Array2<f64>, codebook: &mut Array2<T>) {
    for (smooth, mut unit) in smooth.outer_iter().zip(codebook.outer_iter_mut()) {
        let weight = smooth[smooth.len() - 1];
        if weight > 0.0 {
            for (value, sum) in unit.iter_mut().zip(smooth) {
                *value = T::of(sum / weight);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{rows, settings, some_grids};
    use super::*;
    use crate::Error;
    use crate::parallel::on_threads;

    #[test]
    fn smoothing_by_parts_is_smoothing() {
        for grid in some_grids() {
            let settings = settings(grid);
            let mut shares = Shares::new(grid, Neighborhood::Gaussian);
            shares.set(1.3, 1.0);
            let sums = rows(grid.n_units(), 3, 5);
            let parts = smooth_by_parts(&sums, &shares, &settings);
            let direct = smooth_directly(&sums, &shares);
            assert!(
                (&parts - &direct).iter().all(|off| off.abs() < 1e-12),
                "{grid:?}"
            );
        }
    }

    #[test]
    fn the_number_of_threads_changes_no_bit() {
        let rows = rows(3000, 5, 1);
        for grid in some_grids() {
            let settings = settings(grid);
            let start = rows.slice(ndarray::s![..grid.n_units(), ..]);
            let run = |threads| {
                let train = || train_batch(rows.view(), None, start, &settings, &|| false);
                on_threads(threads, train).unwrap()
            };
            let one = run(1);
            assert_eq!(one, run(2));
            assert_eq!(one, run(5));
        }
    }

    #[test]
    fn an_interruption_ends_it() {
        let rows = rows(50, 4, 2);
        let settings = settings(some_grids()[0]);
        let start = rows.slice(ndarray::s![..settings.grid.n_units(), ..]);
        let stopped = train_batch(rows.view(), None, start, &settings, &|| true);
        assert_eq!(stopped, Err(Error::Interrupted));
    }
}
