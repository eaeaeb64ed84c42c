//! What candidates for a new centre of k-means++ would change for a block of rows.

use super::lanes::{Lanes, total};
use super::panels::PANEL;
use super::real::{Real, VECTORS};

/// The rows of a block before a new centre is chosen.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a, T> {
    /// Squared distance of each row to the nearest centre, as many values as a block has rows.
    pub nearest: &'a [T],
    /// Weights of the rows; 0 in places without a row.
    pub weights: &'a [T],
}

/// What each of up to sixteen candidates would change for the rows of a block.
#[derive(Debug, Clone, Default)]
pub struct After {
    /// For each candidate one bit a row, the first row's lowest: whether the candidate is nearer to
    /// the row than the nearest centre.
    pub nearer: [u64; 16],
    /// For each candidate the sum of the rows' weighted squared distances if it is chosen.
    pub potentials: [f64; 16],
}

#[inline(always)]
pub(super) unsafe fn nearer<L: Lanes, const R: usize>(
    packed: &[L::Scalar],
    candidates: &[L::Scalar],
    before: &Before<'_, L::Scalar>,
    after: &mut After,
) where
    L::Scalar: Real,
{
    let block = VECTORS * L::N;
    let n = packed.len() / block;
    assert!(packed.len() == n * block && block <= 64);
    assert!(before.nearest.len() == block && before.weights.len() == block);
    after.nearer.fill(0);
    let mut first = 0;
    // SAFETY: `count` candidates of n numbers begin at each group.
    unsafe {
        for group in candidates.chunks(PANEL * n) {
            let count = group.len() / n;
            let from = group.as_ptr();
            match count {
                1 => nearer_of::<L, R, 1>(packed, from, n, first, before, after),
                2 => nearer_of::<L, R, 2>(packed, from, n, first, before, after),
                3 => nearer_of::<L, R, 3>(packed, from, n, first, before, after),
                _ => nearer_of::<L, R, 4>(packed, from, n, first, before, after),
            }
            first += count;
        }
    }
}

#[inline(always)]
unsafe fn nearer_of<L: Lanes, const R: usize, const C: usize>(
    packed: &[L::Scalar],
    candidates: *const L::Scalar,
    n: usize,
    first: usize,
    before: &Before<'_, L::Scalar>,
    after: &mut After,
) where
    L::Scalar: Real,
{
    for start in (0..VECTORS).step_by(R) {
        // SAFETY: the caller's candidates have n numbers each; all else has a block's length.
        unsafe {
            let at = |r: usize| (start + r) * L::N;
            let zero = L::splat(L::Scalar::default());
            // Squares of differences, so that a candidate's distance to itself is exactly 0.
            let mut distances = [[zero; R]; C];
            for f in 0..n {
                let column = packed.as_ptr().add(f.wrapping_mul(VECTORS * L::N) + at(0));
                let row: [L; R] = std::array::from_fn(|r| L::load(column.add(r * L::N)));
                for (c, distances) in distances.iter_mut().enumerate() {
                    let candidate = L::splat(*candidates.add(c.wrapping_mul(n).wrapping_add(f)));
                    for (distance, row) in distances.iter_mut().zip(row) {
                        let off = row.sub(candidate);
                        *distance = off.mul_add(off, *distance);
                    }
                }
            }
            for (c, distances) in distances.into_iter().enumerate() {
                let mut potential = zero;
                let mut bits = 0;
                for (r, distance) in distances.into_iter().enumerate() {
                    let nearest = L::load(before.nearest.as_ptr().add(at(r)));
                    let weight = L::load(before.weights.as_ptr().add(at(r)));
                    potential = distance.min(nearest).mul_add(weight, potential);
                    bits |= distance.less(nearest).wrapping_shl(at(r) as u32);
                }
                after.nearer[first + c] |= bits;
                after.potentials[first + c] += total(potential);
            }
        }
    }
}
