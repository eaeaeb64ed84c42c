//! Exact sums over the rows of each cluster.

use ndarray::ArrayRef1;

use crate::Result;
use crate::cluster::centers::Centers;
use crate::cluster::exact::{Bins, value};
use crate::cluster::rows::Rows;
use crate::simd::Float;

/// Number of bins of each sum. With three, sums are exact to the last place beside numbers 2^40
/// times as large, for a million rows; see [`exact`](crate::cluster::exact).
pub(super) const BINS: usize = 3;

/// How rows and weights are cut into bins. It depends on the largest of them and on their number
/// only.
#[derive(Debug, Clone)]
pub(super) struct Grids {
    rows: Bins<BINS>,
    /// None if all weights are 1.
    weights: Option<Bins<BINS>>,
}

impl Grids {
    /// Grids for `n` rows whose columns are not larger than `largest`.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::Error::Parameter) if sums could overflow.
    pub(super) fn new(largest: &[f64], weights: Option<&ArrayRef1<f64>>, n: usize) -> Result<Self> {
        let most = weights.map(|weights| weights.iter().copied().fold(0.0, f64::max));
        let name = if most.is_some() {
            "rows times sample_weight"
        } else {
            "X"
        };
        let products = largest.iter().map(|&x| most.unwrap_or(1.0) * x);
        Ok(Self {
            rows: Bins::new(name, products, n)?,
            weights: most
                .map(|most| Bins::new("sample_weight", [most], n))
                .transpose()?,
        })
    }
}

/// The sums of the clusters, or the changes of those sums.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sums {
    /// For each cluster the sums of the rows' first bins, of their second and of their third.
    pub(super) rows: Vec<f64>,
    /// The sums of the weights. They stay 0 if all weights are 1.
    weights: Vec<[f64; BINS]>,
    /// Number of rows with a weight above 0 in each cluster.
    pub(super) counts: Vec<i64>,
}

impl Sums {
    pub(super) fn new(k: usize, n_columns: usize) -> Self {
        Self {
            rows: vec![0.0; BINS * k * n_columns],
            weights: vec![[0.0; BINS]; k],
            counts: vec![0; k],
        }
    }

    pub(super) fn clear(&mut self) {
        self.rows.fill(0.0);
        self.weights.fill([0.0; BINS]);
        self.counts.fill(0);
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (sum, more) in self.rows.iter_mut().zip(&other.rows) {
            *sum += more;
        }
        for (weight, more) in self.weights.iter_mut().zip(&other.weights) {
            *weight = std::array::from_fn(|bin| weight[bin] + more[bin]);
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
    }

    /// Adds a row to a cluster or, with a `sign` of −1, subtracts it.
    pub(super) fn put<T: Float>(
        &mut self,
        rows: &Rows<'_, T>,
        grids: &Grids,
        row: &[T],
        cluster: usize,
        weight: f64,
        sign: i64,
    ) {
        let size = BINS * rows.n_columns();
        let signed = sign as f64 * weight;
        let sums = &mut self.rows[cluster * size..(cluster + 1) * size];
        let Bins { shifts, ratio } = &grids.rows;
        (rows.kernels.add_exactly)(row, &rows.offset, signed, shifts, *ratio, sums);
        if let Some(bins) = &grids.weights {
            let parts = bins.cut(0, signed);
            let sum = &mut self.weights[cluster];
            *sum = std::array::from_fn(|bin| sum[bin] + parts[bin]);
        }
        self.counts[cluster] += if weight > 0.0 { sign } else { 0 };
    }

    /// The clusters' means. A cluster without rows, or without weight, keeps its centre.
    pub(super) fn means<T: Float>(&self, grids: &Grids, before: &Centers<T>) -> Centers<T> {
        let n = before.n_columns();
        let mut values = before.values().to_vec();
        let sums = self.rows.chunks_exact(BINS * n);
        for (c, (mean, sums)) in values.chunks_exact_mut(n).zip(sums).enumerate() {
            let weight = match grids.weights {
                Some(_) => value(self.weights[c]),
                None => self.counts[c] as f64,
            };
            // Weights that are nothing beside the largest weight may all be lost in the bins.
            if self.counts[c] == 0 || weight <= 0.0 {
                continue;
            }
            for (f, mean) in mean.iter_mut().enumerate() {
                let sum = value(std::array::from_fn(|bin| sums[bin * n + f]));
                *mean = T::of(sum / weight);
            }
        }
        Centers::new(values, n)
    }
}
