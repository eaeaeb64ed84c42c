//! Sums over the rows of each cluster.

use crate::cluster::rows::Rows;
use crate::simd::Float;

/// The sums of the clusters, or the changes of those sums.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    pub(super) rows: Vec<f64>,
    pub(super) weights: Vec<f64>,
    /// Number of rows with a weight above 0 in each cluster. It shows that a cluster is empty even
    /// if subtracting weights left a rounding error.
    pub(super) counts: Vec<i64>,
    /// Number of rows that changed their cluster.
    pub(super) changed: usize,
    /// Number of rows whose distances to all centres were computed.
    pub(super) looked_at: usize,
    /// Whether a heavy row was subtracted, so that a sum lost digits.
    pub(super) lossy: bool,
}

impl Sums {
    pub(super) fn new(k: usize, n_columns: usize) -> Self {
        Self {
            rows: vec![0.0; k * n_columns],
            weights: vec![0.0; k],
            counts: vec![0; k],
            changed: 0,
            looked_at: 0,
            lossy: false,
        }
    }

    pub(super) fn clear(&mut self) {
        self.rows.fill(0.0);
        self.weights.fill(0.0);
        self.counts.fill(0);
        self.changed = 0;
        self.looked_at = 0;
        self.lossy = false;
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (sum, more) in self.rows.iter_mut().zip(&other.rows) {
            *sum += more;
        }
        for (weight, more) in self.weights.iter_mut().zip(&other.weights) {
            *weight += more;
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.changed += other.changed;
        self.looked_at += other.looked_at;
        self.lossy |= other.lossy;
    }

    /// Adds a row to a cluster or, with a `sign` of −1, subtracts it.
    pub(super) fn put<T: Float>(
        &mut self,
        rows: &Rows<'_, T>,
        row: &[T],
        cluster: usize,
        weight: f64,
        sign: i64,
    ) {
        let n = rows.n_columns();
        let signed = sign as f64 * weight;
        let sums = &mut self.rows[cluster * n..(cluster + 1) * n];
        (rows.kernels.add)(row, &rows.offset, signed, sums);
        self.weights[cluster] += signed;
        self.counts[cluster] += if weight > 0.0 { sign } else { 0 };
    }
}
