//! The smallest and the largest of many values, found without sorting.

use super::vector::{LANES, Steps, Vector, load};

/// A few values, gathered from many.
pub(super) struct Few {
    values: [f32; Few::MOST + LANES],
    len: usize,
}

impl Few {
    /// If there are more than this, they are not few.
    const MOST: usize = 4 * LANES;

    #[inline(always)]
    pub(super) fn new() -> Self {
        Self {
            values: [0.0; Self::MOST + LANES],
            len: 0,
        }
    }

    /// Takes in the lanes that are at most `bound`, unless there are too many of them already.
    #[inline(always)]
    pub(super) unsafe fn gather<V: Vector>(&mut self, lanes: V, bound: V) {
        let (_, rest) = self.values.split_at_mut(self.len.min(Self::MOST));
        if let Some(room) = rest.first_chunk_mut() {
            // SAFETY: the caller is compiled for the vector's instructions.
            self.len = self
                .len
                .wrapping_add(unsafe { lanes.keep_up_to(bound, room) });
        }
    }

    /// The sum of the `n` smallest; `None` if there were too many values to gather them all.
    #[inline(always)]
    pub(super) unsafe fn sum<V: Vector>(&mut self, n: usize) -> Option<f32> {
        if self.len > Self::MOST {
            return None;
        }
        if let Some(room) = self.values[self.len..].first_chunk_mut::<LANES>() {
            room.fill(f32::INFINITY);
        }
        let (chunks, _) = self.values.as_chunks::<LANES>();
        // SAFETY: the caller is compiled for the vector's instructions.
        unsafe {
            // Most often they fit into one vector.
            if self.len <= LANES {
                return Some(sum_of_smallest(&[V::load(&chunks[0])], n));
            }
            let mut vectors = [V::splat(0.0); Self::MOST / LANES];
            for (vector, chunk) in vectors.iter_mut().zip(chunks) {
                *vector = V::load(chunk);
            }
            Some(sum_of_smallest(&vectors[..self.len.div_ceil(LANES)], n))
        }
    }
}

/// The sum of the `n` smallest of all lanes. There must be at least `n` lanes.
#[inline(always)]
unsafe fn sum_of_smallest<V: Vector>(vectors: &[V], n: usize) -> f32 {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let last = nth_smallest(vectors, n);
        let (zero, one, bound) = (V::splat(0.0), V::splat(1.0), V::splat(last));
        let (mut sum, mut others) = (zero, zero);
        for vector in vectors {
            sum = sum.add(vector.if_at_least(bound, zero, *vector));
            others = others.add(vector.if_at_least(bound, zero, one));
        }
        sum.total() + (n as f32 - others.total()) * last
    }
}

/// The `n`-th smallest of all lanes. There must be at least `n` lanes.
#[inline(always)]
pub(super) unsafe fn nth_smallest<V: Vector>(vectors: &[V], n: usize) -> f32 {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let (zero, one, infinite) = (V::splat(0.0), V::splat(1.0), V::splat(f32::INFINITY));
        let mut found = infinite;
        for vector in vectors {
            // How many lanes are no larger than each lane of this vector.
            let mut ranks = [zero; 4];
            for other in vectors {
                let mut lanes = [0.0; LANES];
                other.store(&mut lanes);
                for (i, lane) in lanes.into_iter().enumerate() {
                    let rank = &mut ranks[i % 4];
                    *rank = rank.add(vector.if_at_least(V::splat(lane), one, zero));
                }
            }
            let ranks = ranks[0].add(ranks[1]).add(ranks[2].add(ranks[3]));
            found = found.min(ranks.if_at_least(V::splat(n as f32), *vector, infinite));
        }
        lowest(found)
    }
}

#[inline(always)]
pub(super) unsafe fn highest<V: Vector>(vector: V) -> f32 {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe { folded(vector, |a, b| if b > a { b } else { a }) }
}

#[inline(always)]
pub(super) unsafe fn lowest<V: Vector>(vector: V) -> f32 {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe { folded(vector, |a, b| if b < a { b } else { a }) }
}

/// Combines all lanes into one number: the halves with each other, then the halves of that, and so
/// on.
#[inline(always)]
unsafe fn folded<V: Vector>(vector: V, fold: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe { vector.store(&mut lanes) };
    let [a, b]: [[f32; 8]; 2] = std::array::from_fn(|h| std::array::from_fn(|l| lanes[8 * h + l]));
    let eight: [f32; 8] = std::array::from_fn(|l| fold(a[l], b[l]));
    let four: [f32; 4] = std::array::from_fn(|l| fold(eight[l], eight[l + 4]));
    fold(fold(four[0], four[2]), fold(four[1], four[3]))
}

/// Number of values that are at least `bound`, which must not be 0.
#[inline(always)]
unsafe fn count_from<V: Vector>(values: &Steps<'_>, bound: f32) -> usize {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let (zero, one, bound) = (V::splat(0.0), V::splat(1.0), V::splat(bound));
        let mut counts = [zero; 2];
        for step in values.iter() {
            let [a, b] = load::<V>(step);
            counts[0] = counts[0].add(a.if_at_least(bound, one, zero));
            counts[1] = counts[1].add(b.if_at_least(bound, one, zero));
        }
        counts[0].add(counts[1]).total() as usize
    }
}

/// Sum of the values below `bound`, and sum of those that are at least `bound`.
#[inline(always)]
unsafe fn sums_around<V: Vector>(values: &Steps<'_>, bound: f32) -> (f32, f32) {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let (zero, bound) = (V::splat(0.0), V::splat(bound));
        let (mut below, mut from) = ([zero; 2], [zero; 2]);
        for step in values.iter() {
            let values = load::<V>(step);
            for way in 0..2 {
                let value = values[way];
                below[way] = below[way].add(value.if_at_least(bound, zero, value));
                from[way] = from[way].add(value.if_at_least(bound, value, zero));
            }
        }
        (below[0].add(below[1]).total(), from[0].add(from[1]).total())
    }
}

/// The number halfway between two non-negative numbers, counted in the order of all such numbers.
/// Their bits, read as integers, have the same order.
#[inline(always)]
fn half_way(low: f32, high: f32) -> f32 {
    let (low, high) = (low.to_bits(), high.to_bits());
    f32::from_bits(low + (high - low) / 2)
}

/// A bound, and how many values are at least that.
type Bound = (f32, usize);

/// Narrows two bounds until exactly `wanted` values are at least the bound that both become, or
/// until no number lies between them. In the second case more values are at least the lower bound,
/// and fewer are at least the higher one.
///
/// The range of bits is halved at each step. The values are filled up with zeros. No bound that is
/// tried is 0, so these zeros are not counted.
#[inline(always)]
unsafe fn narrowed<V: Vector>(
    values: &Steps<'_>,
    wanted: usize,
    mut low: Bound,
    mut high: Bound,
) -> (Bound, Bound) {
    while low.0.next_up() < high.0 {
        let middle = half_way(low.0, high.0);
        // SAFETY: the caller is compiled for the vector's instructions.
        let count = unsafe { count_from::<V>(values, middle) };
        if count >= wanted {
            low = (middle, count);
        }
        if count <= wanted {
            high = (middle, count);
        }
    }
    (low, high)
}

/// Means of the `n` smallest and of the `n` largest of `len` values; `range` is their smallest and
/// largest value.
///
/// Values beyond a bound are added up. If they are fewer than `n`, the missing ones equal the
/// bound.
#[inline(always)]
pub(super) unsafe fn means_beyond_bounds<V: Vector>(
    values: &Steps<'_>,
    len: usize,
    n: usize,
    range: (f32, f32),
) -> (f32, f32) {
    // All values are at least the smallest of them, and none is more than the largest.
    let (low, high) = ((range.0, len), (range.1.next_up(), 0));
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let (bound, _) = narrowed::<V>(values, len - n, low, high);
        let (sum, within) = (sums_around::<V>(values, bound.0).0, len - bound.1);
        let smallest = sum + (n - within) as f32 * bound.0;
        let (bound, beyond) = narrowed::<V>(values, n, low, high);
        let sum = sums_around::<V>(values, beyond.0).1;
        let largest = sum + (n - beyond.1) as f32 * bound.0;
        (smallest / n as f32, largest / n as f32)
    }
}
