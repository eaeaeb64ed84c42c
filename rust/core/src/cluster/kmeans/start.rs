//! Where k-means starts: the choice of the first centres.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use ndarray::ArrayRef1;
use rand::RngExt;
use rand_pcg::Pcg64;

use super::blocks::{Blocks, PACKED_ONCE};
use super::search::{MAX_CANDIDATES, Search};
use crate::cluster::centers::Centers;
use crate::cluster::rows::Rows;
use crate::simd::Float;
use crate::{Error, Result};

/// Picks `k` different rows, each with a chance in proportion to its weight.
pub(super) fn random<T: Float>(
    rows: &Rows<'_, T>,
    weights: Option<&ArrayRef1<f64>>,
    k: usize,
    rng: &mut Pcg64,
) -> Centers<T> {
    // The k largest of u^(1/w): Efraimidis and Spirakis, "Weighted random sampling with a
    // reservoir", 2006. Rows of weight 0 come last and are picked only if there are not enough
    // others.
    let mut best: BinaryHeap<Reverse<(Key, Reverse<usize>)>> = BinaryHeap::with_capacity(k + 1);
    for i in 0..rows.len() {
        let weight = weights.map_or(1.0, |weights| weights[i]);
        let key = Key((1.0 - rng.random::<f64>()).ln() / weight);
        best.push(Reverse((key, Reverse(i))));
        if best.len() > k {
            best.pop();
        }
    }
    let picked = best.into_sorted_vec().into_iter();
    let picked = picked.flat_map(|Reverse((_, Reverse(i)))| rows.relative(i));
    Centers::new(picked.collect(), rows.n_columns())
}

/// A number that can be sorted.
#[derive(PartialEq)]
struct Key(f64);

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Picks `k` rows one after another. Candidates are drawn with a chance in proportion to their
/// weighted squared distance from the rows picked before, and the best of several candidates is
/// picked.
pub(super) fn greedy<T: Float>(
    rows: &Rows<'_, T>,
    weights: Option<&ArrayRef1<f64>>,
    k: usize,
    rng: &mut Pcg64,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Centers<T>> {
    let n_candidates = (2 + (k as f64).ln() as usize).min(MAX_CANDIDATES);
    // For a single search, to pack the rows first would save nothing.
    let room = if k > 2 { PACKED_ONCE } else { 0 };
    let mut search = Search::new(Blocks::new(rows, room), weights, n_candidates);
    let first = search.any(rng);
    let mut values = rows.relative(first);
    search.begin(&values);
    for _ in 1..k {
        if interrupted() {
            return Err(Error::Interrupted);
        }
        let drawn: Vec<usize> = (0..n_candidates).map(|_| search.draw(rng)).collect();
        let candidates: Vec<T> = drawn.iter().flat_map(|&i| rows.relative(i)).collect();
        let best = search.try_all(&candidates);
        let center = rows.relative(drawn[best]);
        search.choose(best, &center);
        values.extend(center);
    }
    Ok(Centers::new(values, rows.n_columns()))
}
