//! The units of a map: their distances to a row, and how they follow it.
//!
//! Vectors lie across units, not along them, so that nothing is ever added up within a vector:
//! units stand in tiles of [`TILE`] and, after the last whole tile, in groups of [`LANES`]; in
//! each, the units' values of one feature are neighbours in memory. Places that are left over
//! hold units at an infinite distance.

use super::Level;
use super::lanes::Lanes;
#[cfg(target_arch = "x86_64")]
use super::vector::x86;
use super::vector::{LANES, Portable, Vector};

/// Units in a tile: four vectors, so that sums need not wait for one another.
pub(crate) const TILE: usize = 4 * LANES;

/// The nearest unit so far of those in each lane.
#[derive(Clone, Copy)]
struct Nearest<L> {
    distance: L,
    index: L,
}

impl<L: Lanes> Nearest<L> {
    #[inline(always)]
    unsafe fn none() -> Self {
        // SAFETY: the caller is compiled for the vector's instructions.
        unsafe {
            Self {
                distance: L::splat(L::FARTHEST),
                index: L::splat(L::Scalar::default()),
            }
        }
    }

    #[inline(always)]
    unsafe fn offer(&mut self, distance: L, group: u32) {
        // SAFETY: the caller is compiled for the vector's instructions.
        unsafe {
            let index = L::splat(L::index(group));
            self.index = distance.if_at_least(self.distance, self.index, index);
            self.distance = self.distance.min(distance);
        }
    }

    /// The unit and its squared distance; of equally near ones the first.
    #[inline(always)]
    unsafe fn unit(self) -> (usize, L::Scalar) {
        let mut distances = [L::Scalar::default(); LANES];
        let mut indices = [L::Scalar::default(); LANES];
        // SAFETY: the caller is compiled for the vector's instructions.
        unsafe {
            self.distance.store(&mut distances);
            self.index.store(&mut indices);
        }
        let mut best = (L::group(indices[0]).wrapping_mul(LANES), distances[0]);
        for lane in 1..LANES {
            let unit = L::group(indices[lane])
                .wrapping_mul(LANES)
                .wrapping_add(lane);
            let distance = distances[lane];
            if distance < best.1 || (distance == best.1 && unit < best.0) {
                best = (unit, distance);
            }
        }
        best
    }
}

/// The two nearest units so far of those in each lane.
#[derive(Clone, Copy)]
struct NearestTwo<L> {
    first: Nearest<L>,
    second: Nearest<L>,
}

impl<L: Lanes> NearestTwo<L> {
    #[inline(always)]
    unsafe fn none() -> Self {
        // SAFETY: the caller is compiled for the vector's instructions.
        let none = unsafe { Nearest::none() };
        Self {
            first: none,
            second: none,
        }
    }

    #[inline(always)]
    unsafe fn offer(&mut self, distance: L, group: u32) {
        // SAFETY: the caller is compiled for the vector's instructions.
        unsafe {
            let (first, second) = (self.first, self.second);
            // What is no nearer than the first stands for the second place, else the first does.
            let index =
                distance.if_at_least(first.distance, L::splat(L::index(group)), first.index);
            let loser = distance.if_at_least(first.distance, distance, first.distance);
            self.second.index = loser.if_at_least(second.distance, second.index, index);
            self.second.distance = second.distance.min(loser);
            self.first.offer(distance, group);
        }
    }

    /// The two units, the first ones of equally near, and the squared distance of the first.
    #[inline(always)]
    unsafe fn units(self) -> (usize, usize, L::Scalar) {
        // SAFETY: the caller is compiled for the vector's instructions.
        unsafe {
            let (first, distance) = self.first.unit();
            // Its lane's second takes its place.
            let mut rest = [L::Scalar::default(); 4 * LANES];
            let (parts, _) = rest.as_chunks_mut::<LANES>();
            self.first.distance.store(&mut parts[0]);
            self.first.index.store(&mut parts[1]);
            self.second.distance.store(&mut parts[2]);
            self.second.index.store(&mut parts[3]);
            let lane = first % LANES;
            parts[0][lane] = parts[2][lane];
            parts[1][lane] = parts[3][lane];
            let rest = Nearest {
                distance: L::load(&parts[0]),
                index: L::load(&parts[1]),
            };
            (first, rest.unit().0, distance)
        }
    }
}

/// Squared distances of `N` groups of units to `next`, once they have moved towards `x` by the
/// share `shares` of their way; where no share is given, or all are 0, they stay.
#[inline(always)]
unsafe fn pass<L: Lanes, const N: usize>(
    tile: &mut [L::Scalar],
    shares: &[L::Scalar],
    x: &[L::Scalar],
    next: &[L::Scalar],
) -> [L; N] {
    let (values, _) = tile.as_chunks_mut::<LANES>();
    let (shares, _) = shares.as_chunks::<LANES>();
    let zero = L::Scalar::default();
    let mut moving = false;
    for share in shares.as_flattened() {
        moving |= *share > zero;
    }
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let mut sums = [L::splat(zero); N];
        if !moving {
            for (units, &next) in values.chunks_exact(N).zip(next) {
                let next = L::splat(next);
                for group in 0..N {
                    let off = next.sub(L::load(&units[group]));
                    sums[group] = sums[group].add(off.mul(off));
                }
            }
            return sums;
        }
        let mut share = [L::splat(zero); N];
        for group in 0..N {
            share[group] = L::load(&shares[group]);
        }
        for (units, (&x, &next)) in values.chunks_exact_mut(N).zip(x.iter().zip(next)) {
            let (x, next) = (L::splat(x), L::splat(next));
            for group in 0..N {
                let unit = L::load(&units[group]);
                let moved = unit.add(share[group].mul(x.sub(unit)));
                moved.store(&mut units[group]);
                let off = next.sub(moved);
                sums[group] = sums[group].add(off.mul(off));
            }
        }
        sums
    }
}

/// The same of tiles that stay.
#[inline(always)]
unsafe fn distances<L: Lanes, const N: usize>(tile: &[L::Scalar], row: &[L::Scalar]) -> [L; N] {
    let (values, _) = tile.as_chunks::<LANES>();
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let mut sums = [L::splat(L::Scalar::default()); N];
        for (units, &value) in values.chunks_exact(N).zip(row) {
            let value = L::splat(value);
            for group in 0..N {
                let off = value.sub(L::load(&units[group]));
                sums[group] = sums[group].add(off.mul(off));
            }
        }
        sums
    }
}

#[inline(always)]
unsafe fn follow<L: Lanes>(
    units: &mut [L::Scalar],
    shares: &[L::Scalar],
    x: &[L::Scalar],
    next: &[L::Scalar],
) -> (usize, L::Scalar) {
    const GROUPS: usize = TILE / LANES;
    let (whole, loose) = shares.split_at(shares.len() / TILE * TILE);
    let (tiles, groups) = units.split_at_mut(whole.len().wrapping_mul(x.len()));
    let mut first = 0_u32;
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let mut nearest = Nearest::<L>::none();
        let tiles = tiles.chunks_exact_mut(TILE.wrapping_mul(x.len()));
        for (tile, shares) in tiles.zip(whole.chunks_exact(TILE)) {
            let sums = pass::<L, GROUPS>(tile, shares, x, next);
            for sum in sums {
                nearest.offer(sum, first);
                first = first.wrapping_add(1);
            }
        }
        let groups = groups.chunks_exact_mut(LANES.wrapping_mul(x.len()));
        for (group, shares) in groups.zip(loose.chunks_exact(LANES)) {
            let [sum] = pass::<L, 1>(group, shares, x, next);
            nearest.offer(sum, first);
            first = first.wrapping_add(1);
        }
        nearest.unit()
    }
}

/// Calls `found` with the squared distances of each group of units, in order.
#[inline(always)]
unsafe fn for_each_group<L: Lanes>(
    units: &[L::Scalar],
    row: &[L::Scalar],
    mut found: impl FnMut(usize, L),
) {
    const GROUPS: usize = TILE / LANES;
    let size = TILE.wrapping_mul(row.len());
    let (tiles, groups) = units.split_at(units.len() / size * size);
    let mut first = 0_usize;
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        for tile in tiles.chunks_exact(size) {
            for sum in distances::<L, GROUPS>(tile, row) {
                found(first, sum);
                first = first.wrapping_add(1);
            }
        }
        for group in groups.chunks_exact(LANES.wrapping_mul(row.len())) {
            let [sum] = distances::<L, 1>(group, row);
            found(first, sum);
            first = first.wrapping_add(1);
        }
    }
}

#[inline(always)]
unsafe fn nearest<L: Lanes>(units: &[L::Scalar], row: &[L::Scalar]) -> (usize, L::Scalar) {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let mut nearest = Nearest::<L>::none();
        for_each_group::<L>(units, row, |group, sum| nearest.offer(sum, group as u32));
        nearest.unit()
    }
}

#[inline(always)]
unsafe fn nearest_two<L: Lanes>(
    units: &[L::Scalar],
    row: &[L::Scalar],
) -> (usize, usize, L::Scalar) {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let mut nearest = NearestTwo::<L>::none();
        for_each_group::<L>(units, row, |group, sum| nearest.offer(sum, group as u32));
        nearest.units()
    }
}

#[inline(always)]
unsafe fn all_distances<L: Lanes>(
    units: &[L::Scalar],
    row: &[L::Scalar],
    distances: &mut [L::Scalar],
) {
    let (groups, _) = distances.as_chunks_mut::<LANES>();
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe { for_each_group::<L>(units, row, |group, sum| sum.store(&mut groups[group])) }
}

kernels! {
    /// Moves units towards row `x`, each by its share of the way, and finds the one that is then
    /// nearest to row `next`, with its squared distance, in one pass over the units.
    fn follow_single<V>(units: &mut [f32], shares: &[f32], x: &[f32], next: &[f32]) -> (usize, f32) {
        follow::<V>(units, shares, x, next)
    }

    /// The same in double precision.
    fn follow_double<V>(units: &mut [f64], shares: &[f64], x: &[f64], next: &[f64]) -> (usize, f64) {
        follow::<V::Double>(units, shares, x, next)
    }

    /// The unit nearest to a row, the first of equally near ones, and its squared distance.
    fn nearest_single<V>(units: &[f32], row: &[f32]) -> (usize, f32) {
        nearest::<V>(units, row)
    }

    /// The same in double precision.
    fn nearest_double<V>(units: &[f64], row: &[f64]) -> (usize, f64) {
        nearest::<V::Double>(units, row)
    }

    /// The two units nearest to a row, the first of equally near ones, and the squared distance of
    /// the nearest. Of a single unit the second is of no meaning.
    fn nearest_two_single<V>(units: &[f32], row: &[f32]) -> (usize, usize, f32) {
        nearest_two::<V>(units, row)
    }

    /// The same in double precision.
    fn nearest_two_double<V>(units: &[f64], row: &[f64]) -> (usize, usize, f64) {
        nearest_two::<V::Double>(units, row)
    }

    /// The squared distances of all units, and of what fills their last group, to a row.
    fn distances_single<V>(units: &[f32], row: &[f32], distances: &mut [f32]) {
        all_distances::<V>(units, row, distances);
    }

    /// The same in double precision.
    fn distances_double<V>(units: &[f64], row: &[f64], distances: &mut [f64]) {
        all_distances::<V::Double>(units, row, distances);
    }
}
