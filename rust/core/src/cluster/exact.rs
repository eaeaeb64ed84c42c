//! Sums over rows whose bits depend neither on the order of the rows nor on how they are divided.
//!
//! Each number is cut into bins, as in J. Demmel and H. D. Nguyen, "Fast reproducible floating-point
//! summation" (2013) and "Parallel reproducible summation" (2015). A bin holds multiples of a grid,
//! and the grid is so coarse that no sum in the bin is ever rounded. Exact sums are the same in any
//! order, and taking away a number that was added leaves no trace.
//!
//! **Grids.** Let all |p| ≤ 2^e, let there be n ≤ 2^N numbers, and l = N + 1 ≤ 31. With
//!
//! ```text
//! grid(1) = 2^(e + l − 52)      grid(b + 1) = 2^(l − 53) grid(b)      shift(b) = 1.5 · 2^52 grid(b)
//! ```
//!
//! bin b takes part = (rest + shift(b)) − shift(b) of what the bins before it have left over, which
//! for b = 1 is p. `bound(1)` = 2^e, and `bound(b + 1)` = grid(b) / 2, are the largest |rest|:
//!
//! 1. |rest| ≤ 2^51 grid(b), because bound(1) = 2^(52 − l) grid(1) and bound(b + 1) =
//!    2^(52 − l) grid(b + 1), and l ≥ 1. So rest + shift(b) lies in [2^52, 2^53] grid(b), where the
//!    floating-point numbers are the multiples of grid(b). The addition rounds to the nearest of
//!    them, and to an even one of two, and the subtraction is exact. As shift(b) / grid(b) is even,
//!    −p gives the negatives of the parts of p.
//! 2. bound(b) is itself a multiple of grid(b), so |part| ≤ bound(b).
//! 3. Any sum of up to 2^N parts is a multiple of grid(b) of at most 2^N bound(b) =
//!    2^(52 + N − l) grid(b) = 2^51 grid(b). Floating-point numbers represent all of these, so no
//!    addition rounds. This holds for each sum on the way if every number counts at most once.
//! 4. rest − part is exact: it is a multiple of the last place of rest, and at most as large as
//!    rest or, where rest was rounded up, as half a grid; then rest is that large too.
//!
//! What the last bin leaves over, at most grid(BINS) / 2 of each number, is lost. A number p
//! depends on nothing else, so the same is lost wherever it is added. For B bins that is
//! 2^(e − B (53 − l)): for a million numbers 2^−64 of 2^e with two bins, and 2^−96 with three.
//! [`bins_for`] says how many are needed. See [`Total`](super::total::Total) for a sum of which nothing is lost.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use super::parts::part;
use crate::simd::{Float, Level};
use crate::{Error, Result};

/// Largest number of numbers in a sum is 2 to this power.
const MAX_LOG_N: i32 = 30;

/// Number of bins of the sums of whole columns.
pub(super) const COLUMN_BINS: usize = 3;

/// Bits that numbers keep in bins.
const PRECISION: i32 = 53;

/// Exponent of the least positive number.
const LEAST: i32 = -1074;

/// Largest exponent of a sum's bound. Shifts are 1.5 times that.
const MOST: i32 = 1022;

/// How numbers of several columns are cut into bins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bins {
    /// Number of bins.
    count: usize,
    /// The first bin's shift of each column.
    pub(super) shifts: Vec<f64>,
    /// The shift of a bin, as a multiple of the shift of the bin before it.
    pub(super) ratio: f64,
}

impl Bins {
    /// So many bins for sums of `n` numbers in each column, none of them larger than `largest`.
    ///
    /// # Errors
    /// [`Error::Parameter`], which names `name`, if a sum could exceed the largest number, if a
    /// bound is not a number of at least 0, or if there are more than 2^30 numbers.
    pub(super) fn new(
        name: &'static str,
        largest: impl IntoIterator<Item = f64>,
        n: usize,
        bins: usize,
    ) -> Result<Self> {
        let l = log_n(n) + 1;
        if l > MAX_LOG_N + 1 {
            return Err(Error::parameter("n", n, "at most 2^30 rows"));
        }
        // Below this, the last grid would be finer than the least number. With this, it is that
        // number, and nothing is lost.
        let finest = (1..bins).fold(LEAST + 52 - l, |e, _| e + 53 - l);
        let shift = |largest: f64| {
            let e = above(largest).max(finest);
            if !largest.is_finite() || largest < 0.0 || e + l > MOST {
                let most = power_of_two(MOST - l);
                let expected = format!("numbers below {most:e}, so that sums stay finite");
                return Err(Error::parameter(name, format!("{largest:e}"), expected));
            }
            Ok(1.5 * power_of_two(e + l))
        };
        Ok(Self {
            count: bins,
            shifts: largest.into_iter().map(shift).collect::<Result<_>>()?,
            ratio: power_of_two(l - 53),
        })
    }

    /// The parts of a number of a column.
    pub(super) fn cut(&self, column: usize, number: f64) -> impl Iterator<Item = f64> {
        let (mut rest, mut shift) = (number, self.shifts[column]);
        (0..self.count).map(move |_| {
            let part = (rest + shift) - shift;
            rest -= part;
            shift *= self.ratio;
            part
        })
    }
}

/// The least N with n ≤ 2^N.
fn log_n(n: usize) -> i32 {
    n.max(1).next_power_of_two().trailing_zeros().cast_signed()
}

/// How many bits lie between two numbers: an upper bound of the binary logarithm of their ratio. 0
/// if there is no number above 0 and below infinity.
pub(super) fn range(largest: f64, least: f64) -> i32 {
    if largest > 0.0 && least > 0.0 && largest.is_finite() && least.is_finite() {
        (above(largest) - above(least) + 1).max(0)
    } else {
        0
    }
}

/// How many bins leave 53 bits of numbers that are up to 2^`range` times smaller than the largest,
/// in sums of `n` numbers. It is not more than what reaches the least number of all.
pub(super) fn bins_for(range: i32, n: usize) -> usize {
    let each = 52 - log_n(n).min(MAX_LOG_N);
    let needed = (range + PRECISION + each - 1) / each;
    needed.min(1 + (MOST + 1022) / each).max(1).cast_unsigned() as usize
}

/// The least e such that a number of at least 0 is below 2^e, and −1074 for 0.
fn above(number: f64) -> i32 {
    let bits = number.to_bits();
    if number < f64::MIN_POSITIVE {
        LEAST + (u64::BITS - bits.leading_zeros()).cast_signed()
    } else {
        (bits >> 52 & 0x7ff) as i32 - 1022
    }
}

/// 2 to the power of an exponent between −1022 and 1023.
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

/// Sums in each column of the numbers x − about, or of their squares, in three bins: shape (3,
/// columns). The bits are the same in any order. Sums of several parts of the rows are added bin by
/// bin, and the value is the sum of the bins.
///
/// `largest` is at least |x − about| for every row of every part, and `n` the number of all rows.
///
/// # Errors
/// [`Error::Parameter`] for lengths that do not fit, and if the sums could overflow.
pub fn exact_sums<T: Float>(
    rows: ArrayView2<'_, T>,
    about: ArrayView1<'_, f64>,
    largest: ArrayView1<'_, f64>,
    n: usize,
    squares: bool,
) -> Result<Array2<f64>> {
    let columns = rows.ncols();
    for (name, len) in [("about", about.len()), ("largest", largest.len())] {
        if len != columns {
            let expected = format!("one for each of {columns} columns");
            return Err(Error::parameter(name, format!("{len} numbers"), expected));
        }
    }
    if rows.nrows() > n {
        let expected = format!("at least the number of rows, {}", rows.nrows());
        return Err(Error::parameter("n_total", n, expected));
    }
    let most = largest.iter().map(|&x| if squares { x * x } else { x });
    let bins = Bins::new("largest", most, n, COLUMN_BINS)?;
    let about = about.to_vec();
    let kernels = f64::kernels(Level::best());
    let add = if squares {
        kernels.add_squares
    } else {
        kernels.add_numbers
    };
    let parts: Vec<Vec<f64>> = rows
        .axis_chunks_iter(Axis(0), part(rows.nrows().max(1)))
        .into_par_iter()
        .map(|rows| {
            let mut sums = vec![0.0; COLUMN_BINS * columns];
            let mut row = vec![0.0; columns];
            for values in rows.rows() {
                for (x, &value) in row.iter_mut().zip(values) {
                    *x = value.into();
                }
                add(&row, &about, &bins.shifts, bins.ratio, &mut sums);
            }
            sums
        })
        .collect();
    let mut sums = Array2::zeros((COLUMN_BINS, columns));
    for part in parts {
        for (sum, more) in sums.iter_mut().zip(part) {
            *sum += more;
        }
    }
    Ok(sums)
}

/// The value of a sum in bins, the first of which comes first.
pub(super) fn value(bins: &mut [f64]) -> f64 {
    // Bins may all but cancel each other. So what a sum of two loses is kept (D. Knuth, "The Art of
    // Computer Programming", volume 2, 4.2.2), and added to the next; as often as there are bins
    // (T. Ogita, S. Rump and S. Oishi, "Accurate sum and dot product", 2005).
    for _ in 1..bins.len() {
        for b in (1..bins.len()).rev() {
            let (low, high) = (bins[b], bins[b - 1]);
            let sum = high + low;
            let of_low = sum - high;
            bins[b] = (high - (sum - of_low)) + (low - of_low);
            bins[b - 1] = sum;
        }
    }
    bins.iter().rev().sum()
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, array, s};
    use proptest::prelude::*;

    use super::*;

    /// The sum of integers times 2^`exponent`, and their largest absolute value.
    fn numbers(integers: &[i64], exponent: i32) -> (Vec<f64>, f64) {
        let scale = 2.0_f64.powi(exponent);
        let numbers: Vec<f64> = integers.iter().map(|&x| x as f64 * scale).collect();
        let largest = numbers.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        (numbers, largest)
    }

    fn integers() -> impl Strategy<Value = Vec<i64>> {
        let size = prop_oneof![Just(53), Just(30), Just(3)];
        let one = (any::<i64>(), size).prop_map(|(x, bits)| x >> (64 - bits));
        prop::collection::vec(one, 1..300)
    }

    fn sums(bins: &Bins, numbers: &[f64], sign: f64) -> Vec<f64> {
        let none = vec![0.0; bins.count];
        let cut = numbers.iter().map(|&x| bins.cut(0, sign * x).collect());
        cut.fold(none, plus)
    }

    fn plus(a: Vec<f64>, b: Vec<f64>) -> Vec<f64> {
        a.into_iter().zip(b).map(|(a, b)| a + b).collect()
    }

    fn whole(sums: &[f64]) -> f64 {
        value(&mut sums.to_vec())
    }

    proptest! {
        #[test]
        fn no_order_and_no_division_changes_a_bit(
            (integers, shuffled) in integers().prop_flat_map(
                |all| (Just(all.clone()), Just(all).prop_shuffle())
            ),
            exponent in -1074..900,
            cut in 0.0..1.0,
        ) {
            let (in_order, largest) = numbers(&integers, exponent);
            let (shuffled, _) = numbers(&shuffled, exponent);
            let (a, b) = shuffled.split_at((cut * shuffled.len() as f64) as usize);
            for bins in [2, 3, 7] {
                let bins = Bins::new("x", [largest], in_order.len(), bins).unwrap();
                let all = sums(&bins, &in_order, 1.0);
                prop_assert_eq!(&all, &plus(sums(&bins, b, 1.0), sums(&bins, a, 1.0)));
                // Taking away leaves what was never added.
                prop_assert_eq!(plus(all, sums(&bins, a, -1.0)), sums(&bins, b, 1.0));
            }
        }

        #[test]
        fn sums_are_those_of_integers_but_for_what_the_last_bin_leaves(
            integers in integers(), exponent in -1000..900,
        ) {
            let (numbers, largest) = numbers(&integers, exponent);
            let n = integers.len();
            let exact: i128 = integers.iter().map(|&x| i128::from(x)).sum();
            let scale = 2.0_f64.powi(exponent);
            let l = n.next_power_of_two().trailing_zeros().cast_signed() + 1;
            for (bins, times) in [(2, 2), (3, 3), (7, 7)] {
                let sums = sums(&Bins::new("x", [largest], n, bins).unwrap(), &numbers, 1.0);
                let got = whole(&sums);
                // Half the last grid for each number, and the last rounding.
                let lost = n as f64 * 2.0 * largest * 2.0_f64.powi(times * (l - 53));
                let off = (got / scale - exact as f64).abs();
                let rounded = exact.unsigned_abs() as f64 * f64::EPSILON;
                prop_assert!(off <= lost / scale + rounded, "{got:e} {exact}");
            }
        }
    }

    #[test]
    fn the_largest_numbers_that_fit_are_added_and_larger_ones_refused() {
        let most = 2.0_f64.powi(1000);
        let bins = Bins::new("x", [most], 1 << 20, 3).unwrap();
        assert_eq!(whole(&sums(&bins, &[most, most, -most, 1.0], 1.0)), most);
        for bad in [f64::MAX, f64::INFINITY, f64::NAN, -1.0] {
            let refused = Bins::new("x", [bad], 4, 3).unwrap_err().to_string();
            assert!(refused.contains("so that sums stay finite"), "{refused}");
        }
        assert!(Bins::new("x", [1.0], (1 << 30) + 1, 2).is_err());
    }

    #[test]
    fn as_many_bins_as_are_needed_keep_small_numbers_beside_large_ones() {
        for exponent in [10, 100, 300, 900] {
            for n in [4, 1 << 20, 1 << 30] {
                let large = 2.0_f64.powi(exponent);
                let small = 1.0 + f64::EPSILON;
                let count = bins_for(range(large, small), n);
                let bins = Bins::new("x", [large], n, count).unwrap();
                let got = sums(&bins, &[large, small, -large], 1.0);
                assert_eq!(whole(&got), small, "{exponent} {n}");
            }
        }
        // Whatever the range is, there are bins that hold it.
        for n in [1, 1 << 20, 1 << 30] {
            let bins = bins_for(5000, n);
            assert!(Bins::new("x", [1e290, 1e-300], n, bins).is_ok());
        }
    }

    #[test]
    fn the_least_numbers_are_added_without_loss() {
        let least = f64::from_bits(1);
        let bins = Bins::new("x", [least], 1 << 30, 2).unwrap();
        assert_eq!(sums(&bins, &[least, least, least], 1.0), [0.0, 3.0 * least]);
    }

    #[test]
    fn sums_of_columns_and_of_squares_with_few_bits_are_exact() {
        let rows = Array2::from_shape_fn((5000, 3), |(i, c)| (i * (c + 1)) as f32 / 8.0);
        let about = array![0.5, 1.0, -2.0];
        let largest = Array1::from_elem(3, 2000.0);
        for squares in [false, true] {
            let of = |rows: ArrayView2<'_, f32>| {
                exact_sums(rows, about.view(), largest.view(), 5000, squares).unwrap()
            };
            let all = of(rows.view());
            let parts = of(rows.slice(s![3000.., ..])) + of(rows.slice(s![..3000, ..]));
            assert_eq!(all, parts);
            let plain = rows.map_axis(Axis(0), |column| column.sum());
            for (c, _) in plain.iter().enumerate() {
                let off = |i: usize| f64::from(rows[[i, c]]) - about[c];
                let exact: f64 = (0..5000)
                    .map(|i| if squares { off(i).powi(2) } else { off(i) })
                    .sum();
                // Numbers with few bits: their plain sum is exact too.
                assert_eq!(value(&mut [all[[0, c]], all[[1, c]], all[[2, c]]]), exact);
            }
        }
    }

    #[test]
    fn what_does_not_fit_the_rows_is_refused() {
        let rows = array![[1.0], [2.0]];
        let message = |about: Array1<f64>, n| {
            let largest = array![2.0];
            exact_sums(rows.view(), about.view(), largest.view(), n, false)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            message(array![0.0, 0.0], 2),
            "about=2 numbers: expected one for each of 1 columns"
        );
        assert_eq!(
            message(array![0.0], 1),
            "n_total=1: expected at least the number of rows, 2"
        );
    }
}
