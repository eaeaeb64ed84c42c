//! Sums that lose nothing: each number is cut into bins, and the sums of the bins are exact.
//!
//! What the shifts must be is proven where they are chosen, in `cluster/exact.rs`.

use super::lanes::Lanes;
use super::real::Real;

/// Cuts a number for each column into `BINS` numbers of fewer bits, and adds these to the sums:
/// first the sums of the first bin, then those of the next. `shifts` are the first bin's; those of
/// the next bin are `ratio` times as large.
#[inline(always)]
fn cut_and_add<const BINS: usize>(
    number: impl Fn(usize) -> f64,
    shifts: &[f64],
    ratio: f64,
    sums: &mut [f64],
) {
    let n = shifts.len();
    assert!(sums.len() == BINS * n);
    let to = sums.as_mut_ptr();
    for (f, &shift) in shifts.iter().enumerate() {
        let mut rest = number(f);
        let mut shift = shift;
        for bin in 0..BINS {
            let part = (rest + shift) - shift;
            rest -= part;
            shift *= ratio;
            // SAFETY: there are BINS sums for each of the n columns.
            unsafe { *to.add(bin.wrapping_mul(n).wrapping_add(f)) += part };
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
    assert!(row.len() == shifts.len() && offset.len() == shifts.len());
    let number = |f: usize| weight * row[f].minus(offset[f]).into();
    cut_and_add::<3>(number, shifts, ratio, sums);
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
    assert!(row.len() == shifts.len() && offset.len() == shifts.len());
    let number = |f: usize| row[f].minus(offset[f]).into();
    cut_and_add::<2>(number, shifts, ratio, sums);
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
    assert!(row.len() == shifts.len() && offset.len() == shifts.len());
    let square = |f: usize| {
        let x: f64 = row[f].minus(offset[f]).into();
        x * x
    };
    cut_and_add::<2>(square, shifts, ratio, sums);
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
