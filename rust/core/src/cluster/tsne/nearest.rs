//! The exactly `k` nearest rows of each row, with their distances.

use std::cmp::Ordering;

use ndarray::ArrayView2;
use rayon::prelude::*;

use crate::cluster::neighbors::packed;
use crate::simd::{Float, Level, Real};
use crate::{Error, Result};

/// Number of rows whose distances to a block are computed together: few enough for the distances to
/// stay in the second-level cache.
const TILE: usize = 128;

/// Number of rows in a block.
const BLOCK: usize = f32::BLOCK;

/// Number of distances that are compared with their limits at once.
const GROUP: usize = 16;

/// A row near another: its index and its squared distance.
pub(super) type Near = (u32, f32);

/// Rows in single precision, moved and scaled so that no square overflows.
///
/// The place in the room and the scale make no difference to which rows are near which.
pub(super) struct Scaled {
    values: Vec<f32>,
    n_columns: usize,
}

impl Scaled {
    /// The rows, and others moved and scaled like them. The median of each column is moved to 0,
    /// because an outlier does not move it; the largest absolute value becomes at most 1.
    pub(super) fn of<T: Float>(rows: ArrayView2<'_, T>, others: ArrayView2<'_, T>) -> [Self; 2] {
        let middle: Vec<f64> = rows
            .columns()
            .into_iter()
            .map(|c| median(c.iter()))
            .collect();
        let off = |row: ndarray::ArrayView1<'_, T>, scale: f64, to: &mut Vec<f32>| {
            let values = row.iter().zip(&middle);
            to.extend(values.map(|(&x, middle)| ((x.into() - middle) * scale) as f32));
        };
        let farthest = |all: &ArrayView2<'_, T>| {
            let rows = all.rows().into_iter();
            let each = rows.flat_map(|row| row.into_iter().zip(&middle));
            each.fold(0.0_f64, |most, (&x, middle)| {
                most.max((x.into() - middle).abs())
            })
        };
        let most = farthest(&rows).max(farthest(&others));
        // A power of two rounds nothing, so that the largest value makes no difference to others.
        let scale = if most > 0.0 {
            0.5_f64.powi((most.log2().ceil() as i32).max(-1000))
        } else {
            1.0
        };
        [rows, others].map(|all| {
            let mut values = Vec::with_capacity(all.len());
            all.rows()
                .into_iter()
                .for_each(|row| off(row, scale, &mut values));
            Self {
                values,
                n_columns: all.ncols(),
            }
        })
    }

    fn listed(&self) -> Vec<&[f32]> {
        self.values.chunks_exact(self.n_columns).collect()
    }
}

fn median<'a, T: Float>(values: impl Iterator<Item = &'a T>) -> f64 {
    let mut values: Vec<f64> = values.map(|&x| x.into()).collect();
    let middle = values.len() / 2;
    if values.is_empty() {
        return 0.0;
    }
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// The `k` nearest of `rows` of each query, ascending by index; of equally near rows those with the
/// lowest indices. All of them if there are not so many.
///
/// Where `own` is true the queries are the rows themselves, and no row is its own neighbour.
///
/// # Errors
/// [`Error::Interrupted`].
pub(super) fn nearest(
    rows: &Scaled,
    queries: &Scaled,
    own: bool,
    k: usize,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<Vec<Near>>> {
    let (rows, queries) = (rows.listed(), queries.listed());
    let blocks: Vec<usize> = (0..queries.len()).step_by(BLOCK).collect();
    let found = blocks
        .into_par_iter()
        .map(|start| {
            let block = &queries[start..queries.len().min(start + BLOCK)];
            of_block(&rows, block, own.then_some(start), k, interrupted)
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// The lists of a block of queries. `start` is the place of the first one among the rows, if they
/// are rows.
fn of_block(
    rows: &[&[f32]],
    block: &[&[f32]],
    start: Option<usize>,
    k: usize,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<Vec<Near>>> {
    let kernels = f32::kernels(Level::best());
    let packed = packed(&kernels, block);
    let mut lists: Vec<Vec<Near>> = block.iter().map(|_| Vec::new()).collect();
    // Nothing is nearer than the limit of a place without a query.
    let mut limits = [-1.0_f32; BLOCK];
    limits[..block.len()].fill(f32::INFINITY);
    let mut squared = vec![0.0; TILE * BLOCK];
    for (t, tile) in rows.chunks(TILE).enumerate() {
        if interrupted() {
            return Err(Error::Interrupted);
        }
        let squared = &mut squared[..tile.len() * BLOCK];
        (kernels.differences)(&packed, tile, squared);
        for (c, squared) in squared.as_chunks::<BLOCK>().0.iter().enumerate() {
            let index = t * TILE + c;
            let groups = squared.as_chunks::<GROUP>().0.iter();
            for (g, (squared, bounds)) in groups.zip(limits.as_chunks_mut::<GROUP>().0).enumerate()
            {
                if any_below(squared, bounds) {
                    for (l, (&squared, limit)) in squared.iter().zip(bounds).enumerate() {
                        let place = g * GROUP + l;
                        if squared < *limit && start.is_none_or(|start| start + place != index) {
                            let list = &mut lists[place];
                            list.push((index as u32, squared));
                            if list.len() >= 2 * k + GROUP {
                                *limit = cut(list, k);
                            }
                        }
                    }
                }
            }
        }
    }
    for list in &mut lists {
        cut(list, k);
        list.sort_unstable_by_key(|&(index, _)| index);
    }
    Ok(lists)
}

/// Whether a value is below its limit. Written without a branch, so that it becomes vector
/// instructions.
fn any_below(values: &[f32; GROUP], limits: &[f32; GROUP]) -> bool {
    let below = values
        .iter()
        .zip(limits)
        .map(|(value, limit)| value < limit);
    below.fold(false, |any, one| any | one)
}

/// Leaves out all but the `k` nearest, and returns the distance below which another one counts. It
/// has a higher index than these, so that it does not count at the same distance.
fn cut(list: &mut Vec<Near>, k: usize) -> f32 {
    if list.len() < k || k == 0 {
        return f32::INFINITY;
    }
    let order = |a: &Near, b: &Near| -> Ordering { a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)) };
    let (_, &mut (_, limit), _) = list.select_nth_unstable_by(k - 1, order);
    list.truncate(k);
    limit
}
