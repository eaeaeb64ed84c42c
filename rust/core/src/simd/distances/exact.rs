//! Sums that lose nothing: each number is cut into bins, and the sums of the bins are exact.
//!
//! What the shifts must be is proven where they are chosen, in `cluster/exact.rs`.

use super::lanes::Lanes;
use super::real::Real;

/// Number of columns handled at once.
const WIDE: usize = 8;

/// Cuts a number for each column into `BINS` numbers of fewer bits, and adds these to the sums:
/// first the sums of the first bin, then those of the next. `shifts` are the first bin's; those of
/// the next bin are `ratio` times as large. `number` makes the number of a value minus its offset.
#[inline(always)]
fn cut_and_add<T: Real, const BINS: usize>(
    (row, offset): (&[T], &[T]),
    number: impl Fn(f64) -> f64,
    shifts: &[f64],
    ratio: f64,
    sums: &mut [f64],
) {
    let n = shifts.len();
    assert!(row.len() == n && offset.len() == n && sums.len() == BINS * n);
    let whole = n - n % WIDE;
    let to = sums.as_mut_ptr();
    for f in (0..whole).step_by(WIDE) {
        // SAFETY: all have numbers for f + WIDE columns, and there are BINS sums for each column.
        // Numbers of a column are read and written one vector after the other.
        unsafe {
            let x: [T; WIDE] = row.as_ptr().add(f).cast::<[T; WIDE]>().read();
            let o: [T; WIDE] = offset.as_ptr().add(f).cast::<[T; WIDE]>().read();
            let mut shift: [f64; WIDE] = shifts.as_ptr().add(f).cast::<[f64; WIDE]>().read();
            let mut rest: [f64; WIDE] = std::array::from_fn(|i| number(x[i].minus(o[i]).into()));
            for bin in 0..BINS {
                let place = to
                    .add(bin.wrapping_mul(n).wrapping_add(f))
                    .cast::<[f64; WIDE]>();
                let sum = place.read();
                let part: [f64; WIDE] = std::array::from_fn(|i| (rest[i] + shift[i]) - shift[i]);
                place.write(std::array::from_fn(|i| sum[i] + part[i]));
                rest = std::array::from_fn(|i| rest[i] - part[i]);
                shift = shift.map(|shift| shift * ratio);
            }
        }
    }
    for f in whole..n {
        let mut rest = number(row[f].minus(offset[f]).into());
        let mut shift = shifts[f];
        for bin in 0..BINS {
            let part = (rest + shift) - shift;
            rest -= part;
            shift *= ratio;
            sums[bin * n + f] += part;
        }
    }
}

#[inline(always)]
pub(super) unsafe fn add_exactly<L: Lanes>(
    row: &[L::Scalar],
    offset: &[L::Scalar],
    weight: f64,
    shifts: &[f64],
    ratio: f64,
    sums: &mut [f64],
) where
    L::Scalar: Real,
{
    cut_and_add::<_, 3>((row, offset), |x| weight * x, shifts, ratio, sums);
}

#[inline(always)]
pub(super) unsafe fn add_numbers<L: Lanes>(
    row: &[L::Scalar],
    offset: &[L::Scalar],
    shifts: &[f64],
    ratio: f64,
    sums: &mut [f64],
) where
    L::Scalar: Real,
{
    cut_and_add::<_, 3>((row, offset), |x| x, shifts, ratio, sums);
}

#[inline(always)]
pub(super) unsafe fn add_squares<L: Lanes>(
    row: &[L::Scalar],
    offset: &[L::Scalar],
    shifts: &[f64],
    ratio: f64,
    sums: &mut [f64],
) where
    L::Scalar: Real,
{
    cut_and_add::<_, 3>((row, offset), |x| x * x, shifts, ratio, sums);
}

/// Raises each column's number to the absolute value of the row, minus the offset. A number that is
/// NaN, or becomes it, stays so.
#[inline(always)]
pub(super) unsafe fn raise<L: Lanes>(
    row: &[L::Scalar],
    offset: &[L::Scalar],
    most: &mut [L::Scalar],
) where
    L::Scalar: Real,
{
    for ((most, &x), &o) in most.iter_mut().zip(row).zip(offset) {
        let size = x.minus(o).size();
        // Only NaN differs from itself. `|` has no branch.
        #[allow(clippy::eq_op, clippy::needless_bitwise_bool)]
        let keep = (size <= *most) | (*most != *most);
        *most = if keep { *most } else { size };
    }
}
