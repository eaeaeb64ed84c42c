//! The rows that are grouped: access to them in memory, and checks of their values.

use std::cmp::Ordering;
use std::collections::HashSet;

use ndarray::{ArrayRef1, ArrayRef2, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::exact::{Bins, COLUMN_BINS, value};
use super::parts::part;
use crate::simd::{Float, Kernels, Level, prefetch};
use crate::{Error, Result};

/// Largest number of rows that the median is computed from.
const MEDIAN_OF: usize = 1000;

/// Share of a column's median below which a number tells little of how small numbers are.
const NOISE: f64 = 1.0 / (1 << 30) as f64;

/// Rows in their place in memory, and an offset among them that is subtracted before distances are
/// computed. Far from the origin, distances would lose digits without it.
#[derive(Debug, Clone)]
pub(super) struct Rows<'a, T> {
    view: &'a ArrayRef2<T>,
    /// The view as a slice, if it is contiguous.
    slice: Option<&'a [T]>,
    pub(super) offset: Vec<T>,
    pub(super) kernels: Kernels<T>,
}

impl<'a, T: Float> Rows<'a, T> {
    /// Rows relative to `offset`.
    pub(super) fn new(view: &'a ArrayRef2<T>, offset: Vec<T>) -> Self {
        Self {
            slice: view.as_slice(),
            view,
            offset,
            kernels: T::kernels(Level::best()),
        }
    }

    /// Rows relative to their approximate middle: the median of some of them, which outliers hardly
    /// move.
    pub(super) fn centred(view: &'a ArrayRef2<T>) -> Self {
        let step = view.nrows().div_ceil(MEDIAN_OF).max(1);
        let some = view.slice(s![..;step, ..]);
        let offset = some.columns().into_iter().map(|column| {
            let mut values: Vec<T> = column.to_vec();
            let middle = values.len() / 2;
            let order = |a: &T, b: &T| a.partial_cmp(b).unwrap_or(Ordering::Equal);
            *values.select_nth_unstable_by(middle, order).1
        });
        let offset = if some.nrows() == 0 {
            vec![T::default(); view.ncols()]
        } else {
            offset.collect()
        };
        Self::new(view, offset)
    }

    /// In each column the smallest number above 0 among the rows that the offset is the median of,
    /// minus the offset; 0 if there is none. What is far below the median of these numbers counts as
    /// [`NOISE`] of it: mostly it is a rounding error.
    pub(super) fn least(&self) -> Vec<f64> {
        let step = self.len().div_ceil(MEDIAN_OF).max(1);
        let some = self.view.slice(s![..;step, ..]);
        let columns = some.columns().into_iter().zip(&self.offset);
        let least = columns.map(|(column, &o)| {
            let sizes = column.iter().map(|x| x.minus(o).size().into());
            let mut sizes: Vec<f64> = sizes.filter(|&size| size > 0.0).collect();
            sizes.sort_by(f64::total_cmp);
            let (Some(&least), Some(&median)) = (sizes.first(), sizes.get(sizes.len() / 2)) else {
                return 0.0;
            };
            least.max(median * NOISE)
        });
        least.collect()
    }

    pub(super) fn len(&self) -> usize {
        self.view.nrows()
    }

    pub(super) fn n_columns(&self) -> usize {
        self.view.ncols()
    }

    /// A row. It is copied to `room` if its values are not adjacent in memory.
    pub(super) fn row<'s>(&'s self, i: usize, room: &'s mut Vec<T>) -> &'s [T] {
        let n = self.n_columns();
        if let Some(slice) = self.slice {
            return &slice[i * n..(i + 1) * n];
        }
        let row = self.view.index_axis(Axis(0), i);
        row.to_slice().unwrap_or_else(|| {
            room.clear();
            room.extend(row.iter());
            room
        })
    }

    /// A row minus the offset.
    pub(super) fn relative(&self, i: usize) -> Vec<T> {
        let row = self.view.index_axis(Axis(0), i);
        row.iter()
            .zip(&self.offset)
            .map(|(x, &o)| x.minus(o))
            .collect()
    }

    /// Packs up to one block of rows for the kernels.
    pub(super) fn pack(&self, rows: &[usize], packed: &mut [T]) {
        let n = self.n_columns();
        if let Some(slice) = self.slice {
            let mut refs: [&[T]; 64] = [&[]; 64];
            for (place, &i) in refs.iter_mut().zip(rows) {
                *place = &slice[i * n..(i + 1) * n];
            }
            return (self.kernels.pack)(&refs[..rows.len()], &self.offset, packed);
        }
        for (r, &i) in rows.iter().enumerate() {
            let row = self.view.index_axis(Axis(0), i);
            for (f, (x, &o)) in row.iter().zip(&self.offset).enumerate() {
                packed[f * T::BLOCK + r] = x.minus(o);
            }
        }
    }

    /// Prefetches rows that will be packed soon.
    pub(super) fn prefetch(&self, rows: &[usize]) {
        let n = self.n_columns();
        if let Some(slice) = self.slice {
            for &i in rows {
                prefetch(&slice[i * n..(i + 1) * n]);
            }
        }
    }

    /// Packs the listed rows block by block and calls `each` with every block. The next block is
    /// prefetched while `each` handles one.
    ///
    /// # Errors
    /// Those of `each`.
    pub(super) fn by_blocks(
        &self,
        rows: &[usize],
        packed: &mut [T],
        mut each: impl FnMut(&[usize], &[T]) -> Result<()>,
    ) -> Result<()> {
        self.prefetch(&rows[..rows.len().min(T::BLOCK)]);
        for (b, block) in rows.chunks(T::BLOCK).enumerate() {
            let next = (b + 1) * T::BLOCK;
            self.prefetch(&rows[next.min(rows.len())..rows.len().min(next + T::BLOCK)]);
            self.pack(block, packed);
            each(block, packed)?;
        }
        Ok(())
    }

    /// Squared distance of a row to a centre that is relative to the offset too.
    pub(super) fn squared_distance(&self, i: usize, center: &[T], room: &mut Vec<T>) -> T {
        (self.kernels.squared_distance)(self.row(i, room), &self.offset, center)
    }

    /// The largest absolute value of each column, minus the offset. Also checks the rows.
    ///
    /// # Errors
    /// [`Error::NonFiniteRow`], and [`Error::Parameter`] for values whose squares overflow.
    pub(super) fn checked(&self) -> Result<Vec<f64>> {
        let largest = self.largest();
        let squared: f64 = largest.iter().map(|x| x * x).sum();
        if !squared.is_finite() {
            check_finite(self.view.view())?;
        }
        // No row is farther away than this. Only if it is too far is each row checked.
        if !squared.is_finite() || squared > T::MAX / 16.0 {
            self.check_distances()?;
        }
        Ok(largest)
    }

    /// The largest absolute value of each column, minus the offset. It is not finite if a value is
    /// not.
    pub(super) fn largest(&self) -> Vec<f64> {
        let zeros = || vec![T::default(); self.n_columns()];
        let raise = |most: &mut Vec<T>, row: &[T], offset: &[T]| {
            (self.kernels.raise)(row, offset, most);
        };
        let parts = self.over_parts(|rows| {
            let (mut room, mut most) = (Vec::new(), zeros());
            for i in rows {
                raise(&mut most, self.row(i, &mut room), &self.offset);
            }
            most
        });
        let origin = zeros();
        let most = parts.iter().fold(zeros(), |mut most, part| {
            raise(&mut most, part, &origin);
            most
        });
        most.into_iter().map(Into::into).collect()
    }

    /// Sums of each column, minus the offset, and of its squares, the same bits in any order: three
    /// bins of the sums, and three of the squares. `largest` is that of all `n` rows, of which these may be a part.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a sum could overflow.
    pub(super) fn moments(&self, largest: &[f64], n: usize) -> Result<Vec<f64>> {
        let numbers = Bins::new("X", largest.iter().copied(), n, COLUMN_BINS)?;
        let squares =
            Bins::new("X", largest.iter().map(|x| x * x), n, COLUMN_BINS).map_err(|_| {
                let most = largest.iter().copied().fold(0.0, f64::max);
                let expected = "values whose squares can be added up";
                Error::parameter(
                    "X",
                    format!("values up to {most:e} from the middle"),
                    expected,
                )
            })?;
        let columns = self.n_columns();
        let all = self.over_parts(|rows| {
            let mut room = Vec::new();
            let mut sums = vec![0.0; 2 * COLUMN_BINS * columns];
            let (firsts, seconds) = sums.split_at_mut(COLUMN_BINS * columns);
            for i in rows {
                let (row, offset) = (self.row(i, &mut room), &self.offset);
                (self.kernels.add_numbers)(row, offset, &numbers.shifts, numbers.ratio, firsts);
                (self.kernels.add_squares)(row, offset, &squares.shifts, squares.ratio, seconds);
            }
            sums
        });
        let mut sums = vec![0.0; 2 * COLUMN_BINS * columns];
        for part in all {
            for (sum, part) in sums.iter_mut().zip(part) {
                *sum += part;
            }
        }
        Ok(sums)
    }

    /// Checks that the square of no distance between two rows overflows. Such a distance may be
    /// twice a row's distance to the offset.
    fn check_distances(&self) -> Result<()> {
        let origin = vec![T::default(); self.n_columns()];
        let mut room = Vec::new();
        for i in 0..self.len() {
            let squared: f64 = self.squared_distance(i, &origin, &mut room).into();
            if squared.is_nan() || squared > T::MAX / 16.0 {
                return Err(too_large(self.view));
            }
        }
        Ok(())
    }

    /// Calls `f` with the rows of each part, and gives the results in the order of the parts.
    pub(super) fn over_parts<R: Send>(
        &self,
        f: impl Fn(std::ops::Range<usize>) -> R + Sync,
    ) -> Vec<R> {
        let (n, part) = (self.len(), part(self.len().max(1)));
        (0..n.div_ceil(part))
            .into_par_iter()
            .map(|p| f(p * part..n.min((p + 1) * part)))
            .collect()
    }
}

/// The mean of the columns' variances, from the [`Rows::moments`] of `n` rows.
pub(super) fn mean_variance(moments: &[f64], n: usize) -> f64 {
    let columns = moments.len() / (2 * COLUMN_BINS);
    let value = |sum: usize, f: usize| {
        let at = COLUMN_BINS * sum * columns + f;
        value(&mut std::array::from_fn::<f64, COLUMN_BINS, _>(|bin| {
            moments[at + bin * columns]
        }))
    };
    let n = n.max(1) as f64;
    let scatter: f64 = (0..columns).map(|f| value(1, f)).sum();
    let off: f64 = (0..columns).map(|f| (value(0, f) / n).powi(2)).sum();
    (scatter / n - off).max(0.0) / columns.max(1) as f64
}

fn too_large<T: Float>(rows: &ArrayRef2<T>) -> Error {
    let largest = rows
        .iter()
        .fold(0.0_f64, |most, &x| most.max(x.into().abs()));
    Error::parameter(
        "X",
        format!("values up to {largest:e}"),
        format!("distances whose squares are below {:e}", T::MAX / 16.0),
    )
}

/// Checks that every value is a finite number.
///
/// # Errors
/// [`Error::NonFiniteRow`] for the first that is not.
pub fn check_finite<T: Float>(rows: ArrayView2<'_, T>) -> Result<()> {
    match rows.indexed_iter().find(|&(_, &x)| !x.into().is_finite()) {
        None => Ok(()),
        Some(((row, column), &value)) => {
            let value = value.into();
            Err(Error::NonFiniteRow { row, column, value })
        }
    }
}

/// Checks that rows are finite and not too large to be squared, and checks their weights, if any:
/// there must be one of at least 0 for each row, and at least one above 0.
///
/// # Errors
/// [`Error::NonFiniteRow`], [`Error::TooLarge`], [`Error::Parameter`] and [`Error::Unusable`].
pub fn check_rows<T: Float>(
    rows: ArrayView2<'_, T>,
    weights: Option<ArrayView1<'_, f64>>,
) -> Result<()> {
    if let Some(weights) = &weights {
        check_weights(weights, rows.nrows())?;
    }
    Rows::centred(&rows).checked().map(|_| ())
}

/// Checks that there is a weight of at least 0 for each row, and at least one above 0.
///
/// # Errors
/// [`Error::Parameter`] and [`Error::Unusable`].
pub(super) fn check_weights(weights: &ArrayRef1<f64>, n_rows: usize) -> Result<()> {
    const NAME: &str = "sample_weight";
    if weights.len() != n_rows {
        let got = format!("{} weights", weights.len());
        return Err(Error::parameter(
            NAME,
            got,
            format!("one for each of {n_rows} rows"),
        ));
    }
    let bad = |weight: f64| !weight.is_finite() || weight < 0.0;
    if let Some(i) = weights.iter().position(|&weight| bad(weight)) {
        return Err(Error::Unusable {
            name: NAME,
            index: vec![i],
            value: weights[i],
            expected: "a finite number of at least 0",
        });
    }
    let sum = weights.sum();
    if !(sum > 0.0 && sum.is_finite()) {
        return Err(Error::parameter(
            NAME,
            format!("a sum of {sum}"),
            "one above zero, and finite",
        ));
    }
    Ok(())
}

/// Number of different rows. Counting stops at `enough`.
#[must_use]
pub fn count_distinct<T: Float>(rows: ArrayView2<'_, T>, enough: usize) -> usize {
    let mut seen = HashSet::new();
    for row in rows.rows() {
        if seen.len() == enough {
            break;
        }
        // Adding 0 turns a negative zero into the positive zero that it equals.
        let bits: Vec<u64> = row.iter().map(|&x| (x.into() + 0.0).to_bits()).collect();
        seen.insert(bits);
    }
    seen.len()
}

/// Checks that there are at least `k` different rows.
///
/// # Errors
/// [`Error::TooFewDistinctRows`].
pub fn check_distinct<T: Float>(rows: ArrayView2<'_, T>, k: usize) -> Result<()> {
    let distinct = count_distinct(rows, k);
    if distinct < k {
        return Err(Error::TooFewDistinctRows { k, distinct });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn rows_that_are_equal_count_once() {
        let rows = array![[0.0, 1.0], [-0.0, 1.0], [2.0, 1.0], [2.0, 3.0]];
        assert_eq!(count_distinct(rows.view(), 10), 3);
        assert_eq!(count_distinct(rows.view(), 2), 2);
        assert_eq!(
            check_distinct(rows.view(), 4).unwrap_err().to_string(),
            "k=4 clusters need at least 4 distinct rows, got 3"
        );
    }

    #[test]
    fn the_first_value_that_is_not_finite_is_named() {
        let rows = array![[0.0, 1.0], [2.0, f64::INFINITY]];
        assert_eq!(
            Rows::centred(&rows).checked().unwrap_err().to_string(),
            "row 1, column 1 is inf: expected a finite number"
        );
    }

    #[test]
    fn values_whose_squares_overflow_are_refused() {
        let message =
            |rows: ndarray::Array2<f64>| Rows::centred(&rows).checked().unwrap_err().to_string();
        assert!(message(array![[1e200], [0.0]]).starts_with("X=values up to 1e200: expected"));
        assert!(message(array![[1.7e308], [-1.7e308]]).starts_with("X=values up to 1.7e308"));
    }

    #[test]
    fn the_variance_is_that_about_the_mean() {
        let rows = array![[1.0, 5.0], [2.0, 5.0], [6.0, 5.0]];
        let rows = Rows::centred(&rows);
        let moments = rows.moments(&rows.checked().unwrap(), 3).unwrap();
        let variance = mean_variance(&moments, 3);
        assert!((variance - 14.0 / 3.0 / 2.0).abs() < 1e-12);
    }

    #[test]
    fn weights_are_checked() {
        let message = |weights: &[f64]| {
            check_weights(&ArrayView1::from(weights), 2)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            message(&[1.0]),
            "sample_weight=1 weights: expected one for each of 2 rows"
        );
        assert_eq!(
            message(&[1.0, -1.0]),
            "sample_weight[1]=-1: expected a finite number of at least 0"
        );
        assert_eq!(
            message(&[0.0, 0.0]),
            "sample_weight=a sum of 0: expected one above zero, and finite"
        );
    }
}
