//! The units of a map: moves them towards a row, and finds the nearest one to the next row.
//!
//! Vectors run across units, so that nothing is added up within a vector. Units are stored in tiles
//! of [`Real::BLOCK`] and, after the last whole tile, in groups of [`Real::LANES`]. In each of
//! these, the units' values of one feature are adjacent in memory. Places without a unit hold a
//! unit at an infinite distance.

use super::lanes::Lanes;
use super::real::{Real, VECTORS};

/// The nearest unit so far, for each lane.
#[derive(Clone, Copy)]
struct Nearest<L> {
    distance: L,
    /// The index of its group, as a floating-point number.
    group: L,
}

impl<L: Lanes> Nearest<L>
where
    L::Scalar: Real,
{
    #[inline(always)]
    unsafe fn offer(&mut self, distance: L, group: usize) {
        // SAFETY: the caller is compiled for the vector's instructions.
        unsafe {
            let group = L::splat(L::Scalar::of(group as f64));
            self.group = distance.if_less(self.distance, group, self.group);
            self.distance = self.distance.min(distance);
        }
    }

    /// The index of the nearest unit; the first of equally near ones.
    #[inline(always)]
    unsafe fn unit(self) -> usize {
        let mut distances = [L::Scalar::default(); 16];
        let mut groups = distances;
        // SAFETY: no vector has more than sixteen lanes.
        unsafe {
            self.distance.store(distances.as_mut_ptr());
            self.group.store(groups.as_mut_ptr());
        }
        let unit = |lane: usize| {
            let group = groups[lane].index() as usize;
            group.wrapping_mul(L::N).wrapping_add(lane)
        };
        let mut best = (unit(0), distances[0]);
        for (lane, &distance) in distances.iter().enumerate().take(L::N).skip(1) {
            let unit = unit(lane);
            if distance < best.1 || (distance == best.1 && unit < best.0) {
                best = (unit, distance);
            }
        }
        best.0
    }
}

/// Moves `G` groups of units towards `x` by their shares of the way, and gives their squared
/// distances to `next`. If all shares are 0, the units stay where they are.
#[inline(always)]
unsafe fn pass<L: Lanes, const G: usize>(
    units: *mut L::Scalar,
    shares: &[L::Scalar],
    x: &[L::Scalar],
    next: &[L::Scalar],
) -> [L; G]
where
    L::Scalar: Real,
{
    let zero = L::Scalar::default();
    let mut moving = false;
    for &share in shares {
        moving |= share > zero;
    }
    // SAFETY: the caller has G groups of as many units as a vector has lanes, of x.len() values
    // each, and a share for each unit.
    unsafe {
        let mut sums = [L::splat(zero); G];
        let at = |f: usize, group: usize| {
            let vector = f.wrapping_mul(G).wrapping_add(group);
            units.add(vector.wrapping_mul(L::N))
        };
        if !moving {
            for (f, &next) in next.iter().enumerate() {
                let next = L::splat(next);
                for (group, sum) in sums.iter_mut().enumerate() {
                    let off = next.sub(L::load(at(f, group)));
                    *sum = off.mul_add(off, *sum);
                }
            }
            return sums;
        }
        let share: [L; G] = std::array::from_fn(|g| L::load(shares.as_ptr().add(g * L::N)));
        for (f, (&x, &next)) in x.iter().zip(next).enumerate() {
            let (x, next) = (L::splat(x), L::splat(next));
            for (group, (sum, share)) in sums.iter_mut().zip(share).enumerate() {
                let unit = L::load(at(f, group));
                let moved = x.sub(unit).mul_add(share, unit);
                moved.store(at(f, group));
                let off = next.sub(moved);
                *sum = off.mul_add(off, *sum);
            }
        }
        sums
    }
}

/// Moves units towards row `x`, each by its share of the way, and returns the unit that is then
/// nearest to row `next`. This takes one pass over the units.
#[inline(always)]
pub(super) unsafe fn follow<L: Lanes>(
    units: &mut [L::Scalar],
    shares: &[L::Scalar],
    x: &[L::Scalar],
    next: &[L::Scalar],
) -> usize
where
    L::Scalar: Real,
{
    let n = x.len();
    let tile = VECTORS * L::N;
    let tiled = shares.len() / tile * tile;
    assert!(units.len() == shares.len() * n && next.len() == n);
    assert!(shares.len().is_multiple_of(L::N));
    // SAFETY: units and shares have as many places; whole tiles come first.
    unsafe {
        let mut nearest = Nearest {
            distance: L::splat(L::Scalar::INFINITY),
            group: L::splat(L::Scalar::default()),
        };
        for first in (0..tiled).step_by(tile) {
            let units = units.as_mut_ptr().add(first.wrapping_mul(n));
            let sums = pass::<L, VECTORS>(units, &shares[first..first + tile], x, next);
            for (group, sum) in sums.into_iter().enumerate() {
                nearest.offer(sum, first / L::N + group);
            }
        }
        for first in (tiled..shares.len()).step_by(L::N) {
            let units = units.as_mut_ptr().add(first.wrapping_mul(n));
            let [sum] = pass::<L, 1>(units, &shares[first..first + L::N], x, next);
            nearest.offer(sum, first / L::N);
        }
        nearest.unit()
    }
}
