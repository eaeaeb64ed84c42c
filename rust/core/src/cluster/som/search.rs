//! Which units are nearest to a row.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use super::value::Value;
use super::{check_rows, check_units};
use crate::simd::{LANES, Level, TILE};
use crate::{Error, Result};

/// Rows that are handled together, between two looks at whether to stop.
pub(super) const CHUNK: usize = 256;

/// Units as the kernels of [`crate::simd`] want them: values of one feature side by side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Units<T> {
    values: Vec<T>,
    count: usize,
    n_features: usize,
}

impl<T: Value> Units<T> {
    pub fn new(codebook: ArrayView2<'_, T>) -> Self {
        let (n_units, n_features) = codebook.dim();
        let places = n_units.next_multiple_of(LANES);
        let mut units = Self {
            values: vec![T::NOWHERE; places * n_features],
            count: n_units,
            n_features,
        };
        for (unit, values) in codebook.outer_iter().enumerate() {
            let (start, step) = units.place(unit);
            let places = units.values[start..].iter_mut().step_by(step);
            for (place, &value) in places.zip(values) {
                *place = value;
            }
        }
        units
    }

    /// Where the values of a unit begin, and how far apart they are.
    fn place(&self, unit: usize) -> (usize, usize) {
        let tiled = self.count.next_multiple_of(LANES) / TILE * TILE;
        let size = if unit < tiled { TILE } else { LANES };
        let lane = (unit - unit / TILE * TILE) % size;
        ((unit - lane) * self.n_features + lane, size)
    }

    /// Number of places for units, some of which may stand empty.
    pub fn n_places(&self) -> usize {
        self.count.next_multiple_of(LANES)
    }

    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    pub fn to_codebook(&self) -> Array2<T> {
        Array2::from_shape_fn((self.count, self.n_features), |(unit, feature)| {
            let (start, step) = self.place(unit);
            self.values[start + feature * step]
        })
    }
}

/// A row side by side in memory: where it is, if it stands so, or else copied.
pub(super) fn contiguous<'a, T: Value>(
    row: &'a ArrayView1<'_, T>,
    copy: &'a mut Vec<T>,
) -> &'a [T] {
    if let Some(values) = row.as_slice() {
        return values;
    }
    copy.clear();
    copy.extend(row);
    copy
}

/// The unit nearest to each row, the first of equally near ones, on the threads of the current
/// pool.
///
/// # Errors
/// [`Error::Interrupted`] as soon as `interrupted` says so.
pub(super) fn best_units<T: Value>(
    level: Level,
    rows: ArrayView2<'_, T>,
    codebook: ArrayView2<'_, T>,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<u32>> {
    let units = Units::new(codebook);
    let mut best = vec![0; rows.nrows()];
    rows.axis_chunks_iter(Axis(0), CHUNK)
        .into_par_iter()
        .zip(best.par_chunks_mut(CHUNK))
        .try_for_each(|(rows, best)| {
            if interrupted() {
                return Err(Error::Interrupted);
            }
            let mut copy = Vec::new();
            for (row, best) in rows.outer_iter().zip(best) {
                *best = T::nearest(level, &units.values, contiguous(&row, &mut copy)).0 as u32;
            }
            Ok(())
        })?;
    Ok(best)
}

/// The two units nearest to a row, and the distance of the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BestTwo {
    pub first: u32,
    /// The first itself where there is but one unit.
    pub second: u32,
    pub distance: f64,
}

/// Gives what `collect` makes of the two units nearest to each row of a chunk, chunk by chunk.
pub(super) fn best_two<T: Value, C: Send>(
    level: Level,
    rows: ArrayView2<'_, T>,
    codebook: ArrayView2<'_, T>,
    collect: impl Fn(usize, &[BestTwo]) -> C + Sync,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<C>> {
    let units = Units::new(codebook);
    rows.axis_chunks_iter(Axis(0), CHUNK)
        .into_par_iter()
        .enumerate()
        .map(|(chunk, rows)| {
            if interrupted() {
                return Err(Error::Interrupted);
            }
            let mut copy = Vec::new();
            let two = |row: ArrayView1<'_, T>| {
                let row = contiguous(&row, &mut copy);
                let (first, second, square) = T::nearest_two(level, &units.values, row);
                BestTwo {
                    first: first as u32,
                    second: if units.count == 1 { 0 } else { second as u32 },
                    distance: square.into().sqrt(),
                }
            };
            let found: Vec<BestTwo> = rows.outer_iter().map(two).collect();
            Ok(collect(chunk * CHUNK, &found))
        })
        .collect()
}

/// Distance of each row to each unit, on the threads of the current pool.
///
/// # Errors
/// [`Error::NonFiniteRow`], [`Error::Unusable`], [`Error::Parameter`], [`Error::Interrupted`].
pub fn unit_distances<T: Value>(
    rows: ArrayView2<'_, T>,
    codebook: ArrayView2<'_, T>,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Array2<T>> {
    check_rows(rows)?;
    check_units(codebook, codebook.nrows(), rows.ncols())?;
    let level = Level::best();
    let units = Units::new(codebook);
    let mut all = Array2::from_elem((rows.nrows(), codebook.nrows()), T::default());
    rows.axis_chunks_iter(Axis(0), CHUNK)
        .into_par_iter()
        .zip(all.axis_chunks_iter_mut(Axis(0), CHUNK))
        .try_for_each(|(rows, mut all)| {
            if interrupted() {
                return Err(Error::Interrupted);
            }
            let mut copy = Vec::new();
            let mut squares = vec![T::default(); units.n_places()];
            for (row, mut distances) in rows.outer_iter().zip(all.outer_iter_mut()) {
                T::distances(
                    level,
                    &units.values,
                    contiguous(&row, &mut copy),
                    &mut squares,
                );
                for (distance, &square) in distances.iter_mut().zip(&squares) {
                    *distance = T::from_f64(square.into().sqrt());
                }
            }
            Ok(())
        })?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn units_keep_their_values_wherever_they_stand() {
        for n_units in [1, 16, 17, 63, 64, 65, 128, 150] {
            let codebook = Array2::from_shape_fn((n_units, 3), |(u, f)| (u * 3 + f) as f32);
            assert_eq!(Units::new(codebook.view()).to_codebook(), codebook);
        }
    }

    /// The two least distances, the first of equal ones, by sorting.
    fn least_two(row: ArrayView1<'_, f64>, codebook: ArrayView2<'_, f64>) -> BestTwo {
        let squares = codebook
            .outer_iter()
            .map(|unit| (&unit - &row).mapv(|off| off * off).sum());
        let mut sorted: Vec<(usize, f64)> = squares.enumerate().collect();
        sorted.sort_by(|a, b| a.1.total_cmp(&b.1));
        BestTwo {
            first: sorted[0].0 as u32,
            second: sorted[1.min(sorted.len() - 1)].0 as u32,
            distance: sorted[0].1.sqrt(),
        }
    }

    #[test]
    fn every_path_finds_the_nearest_units_and_the_first_of_equally_near_ones() {
        // Whole numbers, few of them: many units are equally near, in both precisions.
        let rows = Array2::from_shape_fn((400, 3), |(i, j)| ((i * 7 + j * 13) % 11) as f64);
        let never = &|| false;
        for n_units in [1, 2, 15, 16, 17, 64, 79, 80, 150] {
            let units = Array2::from_shape_fn((n_units, 3), |(i, j)| ((i * 5 + j * 3) % 7) as f64);
            let by_hand = rows.outer_iter().map(|row| least_two(row, units.view()));
            let by_hand: Vec<BestTwo> = by_hand.collect();
            let firsts: Vec<u32> = by_hand.iter().map(|two| two.first).collect();
            let (single, few) = (rows.mapv(|v| v as f32), units.mapv(|v| v as f32));
            let near = |two: &BestTwo, other: &BestTwo| {
                (two.first, two.second) == (other.first, other.second)
                    && (two.distance - other.distance).abs() < 1e-6
            };
            for level in Level::all() {
                let all = |_: usize, found: &[BestTwo]| found.to_vec();
                let double = best_two(level, rows.view(), units.view(), all, never).unwrap();
                assert_eq!(double.concat(), by_hand, "{level:?}, {n_units}");
                let found = best_two(level, single.view(), few.view(), all, never).unwrap();
                let pairs = found.iter().flatten().zip(&by_hand);
                assert!(pairs.into_iter().all(|(a, b)| near(a, b)), "{level:?}");
                let double = best_units(level, rows.view(), units.view(), never).unwrap();
                assert_eq!(double, firsts, "{level:?}, {n_units}");
                let single = best_units(level, single.view(), few.view(), never).unwrap();
                assert_eq!(single, firsts, "{level:?}, {n_units}");
            }
        }
    }

    #[test]
    fn distances_are_those_of_the_definition_whatever_the_strides() {
        let strided = array![[0.0, 9.0, 3.0], [5.0, 9.0, 4.0]];
        let strided = strided.slice(ndarray::s![.., ..;2]);
        let distances = unit_distances(strided, array![[0.0, 0.0]].view(), &|| false).unwrap();
        assert_eq!(distances, array![[3.0], [41.0_f64.sqrt()]]);
    }
}
