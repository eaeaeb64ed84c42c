//! Distances between many rows and many centres, in tiles of registers.
//!
//! A block of rows is turned so that a vector holds one column of sixteen (or eight) of them.
//! Then every centre's number meets whole vectors, and the nearest is found lane by lane: no sum
//! runs across a vector. Unlike the other kernels these fuse multiplications with additions
//! where the machine can, so that paths may round differently.

use super::Level;
use super::lanes::Lanes;
#[cfg(target_arch = "x86_64")]
use super::lanes::x86;
use super::units::follow;

/// Vectors of rows in a block.
pub(super) const VECTORS: usize = 4;

/// Centres in a panel.
const PANEL: usize = 4;

/// Single or double precision.
pub trait Float:
    Copy
    + PartialOrd
    + Default
    + std::fmt::Debug
    + std::fmt::Display
    + Into<f64>
    + Send
    + Sync
    + 'static
{
    /// Numbers in a vector.
    const LANES: usize;
    /// Rows in a block.
    const BLOCK: usize;
    /// The distance from 1 to the next number.
    const EPSILON: f64;
    /// The largest number.
    const MAX: f64;
    /// More than every number.
    const INFINITY: Self;
    /// The nearest number.
    fn of(value: f64) -> Self;
    /// The difference.
    #[must_use]
    fn minus(self, other: Self) -> Self;
    /// The whole number that this is.
    fn index(self) -> i32;
    /// The kernels for an instruction set.
    fn kernels(level: Level) -> Kernels<Self>;
}

/// The kernels for one instruction set.
#[derive(Debug, Clone, Copy)]
pub struct Kernels<T> {
    /// Turns up to a block of rows, less the offset; places of missing rows are filled with
    /// the last.
    pub pack: fn(rows: &[&[T]], offset: &[T], packed: &mut [T]),
    /// Finds the nearest centre of each packed row, the lowest index where several are.
    pub nearest: fn(packed: &[T], panels: &Panels<T>, found: &mut Found<T>),
    /// The same, and how far the second nearest is.
    pub nearest_and_bound: fn(packed: &[T], panels: &Panels<T>, found: &mut Found<T>),
    /// The same, and which it is.
    pub nearest_two: fn(packed: &[T], panels: &Panels<T>, found: &mut Found<T>),
    /// Turns squared distances to the nearest and the second nearest into bounds of distances,
    /// given the largest error of each relative to the row's squared norm plus `largest_norm`.
    pub bounds: fn(found: &mut Found<T>, error: f64, largest_norm: f64),
    /// Brings bounds up to date after the centres have moved, and writes by how much each row's
    /// upper bound is above what would leave its centre the nearest.
    pub loosen: fn(labels: &[i32], moves: &[Moves], bounds: Bounds<'_>),
    /// Squared distance of a row, less the offset, to a centre.
    pub squared_distance: fn(row: &[T], offset: &[T], center: &[T]) -> T,
    /// Adds a row, less the offset and times the weight, to sums.
    pub add: fn(row: &[T], offset: &[T], weight: f64, sums: &mut [f64]),
    /// Adds a row, less the offset, to sums, and its squares to sums of squares.
    #[allow(clippy::type_complexity)] // A name for it would say less than its arguments do.
    pub add_moments: fn(row: &[T], offset: &[T], sums: &mut [f64], squares: &mut [f64]),
    /// Moves a map's units towards row `x`, each by its share of the way, and finds the one that
    /// is then nearest to row `next`, the first of equally near ones.
    #[allow(clippy::type_complexity)] // A name for it would say less than its arguments do.
    pub follow: fn(units: &mut [T], shares: &[T], x: &[T], next: &[T]) -> usize,
    /// Tells what candidates for a new centre would do for packed rows.
    #[allow(clippy::type_complexity)] // A name for it would say less than its arguments do.
    pub nearer: fn(packed: &[T], candidates: &[T], before: &Before<'_, T>, after: &mut After<T>),
}

/// Centres, laid out for the kernels: four by four, column by column.
#[derive(Debug, Clone)]
pub struct Panels<T> {
    n_columns: usize,
    /// −2 times the centres.
    values: Vec<T>,
    /// Their squared norms, and infinity for the places that are left over.
    norms: Vec<T>,
}

impl<T: Float> Panels<T> {
    /// Lays out centres, one a row.
    #[must_use]
    pub fn new<'a>(centers: impl ExactSizeIterator<Item = &'a [T]>, n_columns: usize) -> Self {
        let n_places = centers.len().next_multiple_of(PANEL);
        let mut values = vec![T::default(); n_places * n_columns];
        let mut norms = vec![T::INFINITY; n_places];
        for (c, center) in centers.enumerate() {
            let (panel, place) = (c / PANEL, c % PANEL);
            for (f, &value) in center.iter().enumerate() {
                values[(panel * n_columns + f) * PANEL + place] = T::of(-2.0 * value.into());
            }
            let squares = center.iter().map(|&value| value.into() * value.into());
            norms[c] = T::of(squares.sum());
        }
        Self {
            n_columns,
            values,
            norms,
        }
    }
}

/// What was found for the rows of a block.
#[derive(Debug, Clone)]
pub struct Found<T> {
    /// Index of the nearest centre, as a number of the rows' own kind.
    pub label: Vec<T>,
    /// Squared distance to it, with the rounding errors of a difference of squares.
    pub best: Vec<T>,
    /// Index of the second nearest.
    pub second_label: Vec<T>,
    /// Squared distance to the second nearest.
    pub second: Vec<T>,
    /// The row's squared norm.
    pub norm: Vec<T>,
    /// The nearest centre's index.
    pub index: Vec<i32>,
    /// At least the distance to the nearest centre.
    pub upper: Vec<f32>,
    /// At most the distance to the second nearest.
    pub lower: Vec<f32>,
}

impl<T: Float> Found<T> {
    /// Room for a block.
    #[must_use]
    pub fn new() -> Self {
        let room = vec![T::default(); T::BLOCK];
        Self {
            label: room.clone(),
            best: room.clone(),
            second_label: room.clone(),
            second: room.clone(),
            norm: room,
            index: vec![0; T::BLOCK],
            upper: vec![0.0; T::BLOCK],
            lower: vec![0.0; T::BLOCK],
        }
    }
}

impl<T: Float> Default for Found<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// What has become of a centre.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moves {
    /// How far it moved, at least.
    pub own: f32,
    /// How far any other moved, at least.
    pub others: f32,
    /// Half its distance to the next centre, at most.
    pub half: f32,
}

/// Bounds of the distances of rows to their own centre, from above, and to all others, from below.
#[derive(Debug)]
pub struct Bounds<'a> {
    /// At least the distance to the row's own centre.
    pub upper: &'a mut [f32],
    /// At most the distance to any other.
    pub lower: &'a mut [f32],
    /// How much the first is above the second; what is not above 0 needs no look.
    pub gaps: &'a mut [f32],
}

/// The rows of a block before a new centre.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a, T> {
    /// Squared distances to the nearest centre, of as many as there are in a block.
    pub nearest: &'a [T],
    /// Weights of the rows, 0 for places that are left over.
    pub weights: &'a [T],
}

/// What each of up to sixteen candidates would do for the rows of a block.
#[derive(Debug, Clone)]
pub struct After<T> {
    /// For each row the sum of 2^c over the candidates `c` that are nearer to it.
    pub nearer: Vec<u16>,
    /// The same as numbers of the rows' own kind.
    flags: Vec<T>,
    /// For each candidate the sum of the rows' weighted squared distances.
    pub potentials: [f64; 16],
}

impl<T: Float> After<T> {
    /// Room for a block.
    #[must_use]
    pub fn new() -> Self {
        Self {
            nearer: vec![0; T::BLOCK],
            flags: vec![T::default(); T::BLOCK],
            potentials: [0.0; 16],
        }
    }
}

impl<T: Float> Default for After<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[inline(always)]
unsafe fn pack<L: Lanes>(rows: &[&[L::Scalar]], offset: &[L::Scalar], packed: &mut [L::Scalar])
where
    L::Scalar: Float,
{
    let n = offset.len();
    let whole = n - n % 4;
    let block = VECTORS * L::N;
    assert!(packed.len() == n * block && !rows.is_empty() && rows.len() <= block);
    assert!(rows.iter().all(|row| row.len() == n));
    let last = rows.len() - 1;
    for r in (0..block).step_by(4) {
        let four: [&[L::Scalar]; 4] = std::array::from_fn(|i| rows[(r + i).min(last)]);
        for f in (0..whole).step_by(4) {
            // SAFETY: f + 4 is at most n, and r + 4 at most `block`.
            unsafe {
                let from = four.map(|row| row.as_ptr().add(f));
                let to = packed.as_mut_ptr().add(f * block + r);
                L::transpose(from, offset.as_ptr().add(f), to, block);
            }
        }
        for f in whole..n {
            for (i, row) in four.iter().enumerate() {
                packed[f * block + r + i] = row[f].minus(offset[f]);
            }
        }
    }
}

/// How much is asked about the second nearest centre.
const NOTHING: u8 = 0;
const DISTANCE: u8 = 1;
const INDEX: u8 = 2;

/// `R` vectors of rows at a time, which is what the registers hold.
#[inline(always)]
unsafe fn nearest<L: Lanes, const R: usize, const SECOND: u8>(
    packed: &[L::Scalar],
    panels: &Panels<L::Scalar>,
    found: &mut Found<L::Scalar>,
) where
    L::Scalar: Float,
{
    let n = panels.n_columns;
    let block = VECTORS * L::N;
    assert!(packed.len() == n * block && found.label.len() == block);
    for start in (0..VECTORS).step_by(R) {
        // SAFETY: there are VECTORS vectors of packed rows and of room, and R divides them; a
        // panel has PANEL numbers for each column.
        unsafe {
            let at = |r: usize| (start + r) * L::N;
            let rows = packed.as_ptr();
            let mut norm = [L::splat(L::Scalar::default()); R];
            for f in 0..n {
                for (r, norm) in norm.iter_mut().enumerate() {
                    let row = L::load(rows.add(f.wrapping_mul(block).wrapping_add(at(r))));
                    *norm = row.mul_add(row, *norm);
                }
            }
            let mut best = [L::splat(L::Scalar::INFINITY); R];
            let mut second = best;
            let mut label = [L::splat(L::Scalar::default()); R];
            let mut second_label = label;
            let norms = panels.norms.chunks_exact(PANEL);
            for (p, norms) in norms.enumerate() {
                let panel = panels.values.as_ptr().add(p * PANEL * n);
                let scores = scores::<L, R>(rows.add(at(0)), panel, norms, n);
                for (c, scores) in scores.into_iter().enumerate() {
                    let index = L::splat(L::Scalar::of((p * PANEL + c) as f64));
                    for (r, score) in scores.into_iter().enumerate() {
                        if SECOND == INDEX {
                            let other = score.if_less(second[r], index, second_label[r]);
                            second_label[r] = score.if_less(best[r], label[r], other);
                        }
                        if SECOND != NOTHING {
                            second[r] = second[r].min(best[r].max(score));
                        }
                        label[r] = score.if_less(best[r], index, label[r]);
                        best[r] = best[r].min(score);
                    }
                }
            }
            let zero = L::splat(L::Scalar::default());
            for r in 0..R {
                label[r].store(found.label.as_mut_ptr().add(at(r)));
                norm[r].store(found.norm.as_mut_ptr().add(at(r)));
                let squared = best[r].add(norm[r]).max(zero);
                squared.store(found.best.as_mut_ptr().add(at(r)));
                if SECOND != NOTHING {
                    let squared = second[r].add(norm[r]).max(zero);
                    squared.store(found.second.as_mut_ptr().add(at(r)));
                }
                if SECOND == INDEX {
                    second_label[r].store(found.second_label.as_mut_ptr().add(at(r)));
                }
            }
        }
    }
    for (index, label) in found.index.iter_mut().zip(&found.label) {
        *index = label.index();
    }
}

/// A bound that is at least `x`, which is not negative.
#[inline(always)]
pub(crate) fn up(x: f64) -> f32 {
    (x as f32) * (1.0 + 2.0 * f32::EPSILON) + f32::MIN_POSITIVE
}

/// A bound that is at most `x`, which is not negative.
#[inline(always)]
pub(crate) fn down(x: f64) -> f32 {
    (x as f32).min(f32::MAX) * (1.0 - 2.0 * f32::EPSILON) - f32::MIN_POSITIVE
}

#[inline(always)]
unsafe fn bounds<L: Lanes>(found: &mut Found<L::Scalar>, error: f64, largest_norm: f64)
where
    L::Scalar: Float,
{
    let distances = found.best.iter().zip(&found.second).zip(&found.norm);
    let bounds = found.upper.iter_mut().zip(&mut found.lower);
    for (((&best, &second), &norm), (upper, lower)) in distances.zip(bounds) {
        let (best, second, norm): (f64, f64, f64) = (best.into(), second.into(), norm.into());
        let error = error * (norm + largest_norm);
        *upper = up((best + error).sqrt());
        *lower = down((second - error).max(0.0).sqrt());
    }
}

#[inline(always)]
unsafe fn loosen(labels: &[i32], moves: &[Moves], bounds: Bounds<'_>) {
    const ROUNDED_UP: f32 = 1.0 + 2.0 * f32::EPSILON;
    const ROUNDED_DOWN: f32 = 1.0 - 2.0 * f32::EPSILON;
    let n = labels.len();
    assert!(labels.iter().all(|&label| (label as usize) < moves.len()));
    let (upper, lower) = (&mut bounds.upper[..n], &mut bounds.lower[..n]);
    let gaps = &mut bounds.gaps[..n];
    for i in 0..n {
        // SAFETY: all labels were looked at above.
        let moves = unsafe { moves.get_unchecked(labels[i] as usize) };
        upper[i] = (upper[i] + moves.own) * ROUNDED_UP;
        // What falls below 0 is below every distance, whatever its last digit.
        lower[i] = (lower[i] - moves.others) * ROUNDED_DOWN - f32::MIN_POSITIVE;
        let least = if lower[i] > moves.half {
            lower[i]
        } else {
            moves.half
        };
        gaps[i] = upper[i] - least;
    }
}

/// Asks for rows that will soon be read: what bounds leave out makes holes that the machine's own
/// foresight stumbles over.
#[inline]
pub(crate) fn prefetch<T>(row: &[T]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        const LINE: usize = 64;
        let start = row.as_ptr().cast::<i8>();
        for at in (0..size_of_val(row)).step_by(LINE) {
            // SAFETY: it reads nothing, and every x86-64 has it.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(at)) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = row;
}

/// Squared distances of `R` vectors of rows to the centres of a panel, less the rows' norms.
#[inline(always)]
unsafe fn scores<L: Lanes, const R: usize>(
    rows: *const L::Scalar,
    panel: *const L::Scalar,
    norms: &[L::Scalar],
    n: usize,
) -> [[L; R]; PANEL]
where
    L::Scalar: Float,
{
    // SAFETY: the caller's rows and panel have n columns.
    unsafe {
        let mut scores: [[L; R]; PANEL] = std::array::from_fn(|c| [L::splat(norms[c]); R]);
        for f in 0..n {
            let column = rows.add(f.wrapping_mul(VECTORS * L::N));
            let row: [L; R] = std::array::from_fn(|r| L::load(column.add(r * L::N)));
            for (c, scores) in scores.iter_mut().enumerate() {
                let center = L::splat(*panel.add(f.wrapping_mul(PANEL) + c));
                for (score, row) in scores.iter_mut().zip(row) {
                    *score = row.mul_add(center, *score);
                }
            }
        }
        scores
    }
}

/// The lanes in one sum, in a fixed order.
#[inline(always)]
unsafe fn total<L: Lanes>(lanes: L) -> f64
where
    L::Scalar: Float,
{
    let mut values = [L::Scalar::default(); 16];
    // SAFETY: no vector has more than sixteen lanes.
    unsafe { lanes.store(values.as_mut_ptr()) };
    let mut sums = values.map(Into::into);
    let mut n = L::N;
    while n > 1 {
        n /= 2;
        for l in 0..n {
            sums[l] += sums[l + n];
        }
    }
    sums[0]
}

#[inline(always)]
unsafe fn squared_distance<L: Lanes>(
    row: &[L::Scalar],
    offset: &[L::Scalar],
    center: &[L::Scalar],
) -> L::Scalar
where
    L::Scalar: Float,
{
    let n = row.len();
    assert!(offset.len() == n && center.len() == n);
    let whole = n - n % L::N;
    // SAFETY: all three have n numbers.
    unsafe {
        let mut sum = L::splat(L::Scalar::default());
        for f in (0..whole).step_by(L::N) {
            let x = L::load(row.as_ptr().add(f)).sub(L::load(offset.as_ptr().add(f)));
            let off = x.sub(L::load(center.as_ptr().add(f)));
            sum = off.mul_add(off, sum);
        }
        let mut sum = total(sum);
        for f in whole..n {
            let off: f64 = row[f].minus(offset[f]).minus(center[f]).into();
            sum += off * off;
        }
        L::Scalar::of(sum)
    }
}

#[inline(always)]
unsafe fn add<L: Lanes>(row: &[L::Scalar], offset: &[L::Scalar], weight: f64, sums: &mut [f64])
where
    L::Scalar: Float,
{
    for ((sum, &x), &o) in sums.iter_mut().zip(row).zip(offset) {
        let x: f64 = x.minus(o).into();
        *sum += weight * x;
    }
}

#[inline(always)]
unsafe fn add_moments<L: Lanes>(
    row: &[L::Scalar],
    offset: &[L::Scalar],
    sums: &mut [f64],
    squares: &mut [f64],
) where
    L::Scalar: Float,
{
    let moments = sums.iter_mut().zip(squares);
    for ((&x, &o), (sum, square)) in row.iter().zip(offset).zip(moments) {
        let x: f64 = x.minus(o).into();
        *sum += x;
        *square += x * x;
    }
}

#[inline(always)]
unsafe fn nearer<L: Lanes, const R: usize>(
    packed: &[L::Scalar],
    candidates: &[L::Scalar],
    before: &Before<'_, L::Scalar>,
    after: &mut After<L::Scalar>,
) where
    L::Scalar: Float,
{
    let block = VECTORS * L::N;
    let n = packed.len() / block;
    assert!(packed.len() == n * block && after.flags.len() == block);
    assert!(before.nearest.len() == block && before.weights.len() == block);
    after.flags.fill(L::Scalar::default());
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
    for (nearer, flags) in after.nearer.iter_mut().zip(&after.flags) {
        *nearer = flags.index() as u16;
    }
}

#[inline(always)]
unsafe fn nearer_of<L: Lanes, const R: usize, const C: usize>(
    packed: &[L::Scalar],
    candidates: *const L::Scalar,
    n: usize,
    first: usize,
    before: &Before<'_, L::Scalar>,
    after: &mut After<L::Scalar>,
) where
    L::Scalar: Float,
{
    for start in (0..VECTORS).step_by(R) {
        // SAFETY: the caller's candidates have n numbers each; all else has a block's length.
        unsafe {
            let at = |r: usize| (start + r) * L::N;
            let zero = L::splat(L::Scalar::default());
            // Differences are squared: a candidate's own distance must be exactly 0.
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
                let flag = L::splat(L::Scalar::of(f64::from(1_u32 << (first + c))));
                let mut potential = zero;
                for (r, distance) in distances.into_iter().enumerate() {
                    let nearest = L::load(before.nearest.as_ptr().add(at(r)));
                    let weight = L::load(before.weights.as_ptr().add(at(r)));
                    potential = distance.min(nearest).mul_add(weight, potential);
                    let flags = after.flags.as_mut_ptr().add(at(r));
                    let flagged = distance.if_less(nearest, flag, zero);
                    L::load(flags).add(flagged).store(flags);
                }
                after.potentials[first + c] += total(potential);
            }
        }
    }
}

/// A function compiled for instructions, as a pointer that [`Float::kernels`] gives out only
/// where they were detected.
macro_rules! compiled {
    ([$($features:literal)?], fn $name:ident($($arg:ident: $type:ty),*) $(-> $result:ty)? = $body:expr) => {{
        $(#[target_feature(enable = $features)])?
        fn $name($($arg: $type),*) $(-> $result)? {
            // SAFETY: this function is compiled for the vector's instructions.
            unsafe { $body($($arg),*) }
        }
        |$($arg: $type),*| {
            // SAFETY: the level that this table is for carries the proof of its instructions.
            #[allow(unused_unsafe)] // The baseline needs none.
            unsafe { $name($($arg),*) }
        }
    }};
}

macro_rules! table {
    ($features:tt, $scalar:ty, $lanes:ty, $r:literal) => {
        Kernels {
            pack: compiled!($features, fn pack_compiled(rows: &[&[$scalar]], offset: &[$scalar], packed: &mut [$scalar]) = pack::<$lanes>),
            nearest: compiled!($features, fn nearest_compiled(packed: &[$scalar], panels: &Panels<$scalar>, found: &mut Found<$scalar>) = nearest::<$lanes, $r, NOTHING>),
            nearest_and_bound: compiled!($features, fn nearest_and_bound_compiled(packed: &[$scalar], panels: &Panels<$scalar>, found: &mut Found<$scalar>) = nearest::<$lanes, $r, DISTANCE>),
            nearest_two: compiled!($features, fn nearest_two_compiled(packed: &[$scalar], panels: &Panels<$scalar>, found: &mut Found<$scalar>) = nearest::<$lanes, $r, INDEX>),
            bounds: compiled!($features, fn bounds_compiled(found: &mut Found<$scalar>, error: f64, largest_norm: f64) = bounds::<$lanes>),
            loosen: compiled!($features, fn loosen_compiled(labels: &[i32], moves: &[Moves], bounds: Bounds<'_>) = loosen),
            squared_distance: compiled!($features, fn squared_distance_compiled(row: &[$scalar], offset: &[$scalar], center: &[$scalar]) -> $scalar = squared_distance::<$lanes>),
            add: compiled!($features, fn add_compiled(row: &[$scalar], offset: &[$scalar], weight: f64, sums: &mut [f64]) = add::<$lanes>),
            add_moments: compiled!($features, fn add_moments_compiled(row: &[$scalar], offset: &[$scalar], sums: &mut [f64], squares: &mut [f64]) = add_moments::<$lanes>),
            follow: compiled!($features, fn follow_compiled(units: &mut [$scalar], shares: &[$scalar], x: &[$scalar], next: &[$scalar]) -> usize = follow::<$lanes>),
            nearer: compiled!($features, fn nearer_compiled(packed: &[$scalar], candidates: &[$scalar], before: &Before<'_, $scalar>, after: &mut After<$scalar>) = nearer::<$lanes, $r>),
        }
    };
}

macro_rules! float {
    ($scalar:ty, $n:literal, $avx2:ty, $avx512:ty) => {
        impl Float for $scalar {
            const LANES: usize = $n;
            const BLOCK: usize = VECTORS * $n;
            const EPSILON: f64 = <$scalar>::EPSILON as f64;
            const MAX: f64 = <$scalar>::MAX as f64;
            const INFINITY: Self = <$scalar>::INFINITY;

            #[inline(always)]
            fn of(value: f64) -> Self {
                value as Self
            }

            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                self - other
            }

            #[inline(always)]
            #[allow(unsafe_code)]
            fn index(self) -> i32 {
                // SAFETY: it counts centres, which are fewer than numbers of this kind tell apart.
                unsafe { self.to_int_unchecked() }
            }

            fn kernels(level: Level) -> Kernels<Self> {
                match level {
                    Level::Baseline => table!([], $scalar, [$scalar; $n], 1),
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx2(_) => table!(["avx2,fma"], $scalar, $avx2, 1),
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx512(_) => {
                        table!(
                            ["avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"],
                            $scalar,
                            $avx512,
                            4
                        )
                    }
                }
            }
        }
    };
}

float!(f32, 16, x86::Avx2Single, x86::Avx512Single);
float!(f64, 8, x86::Avx2Double, x86::Avx512Double);
