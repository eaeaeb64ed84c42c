//! Exact sums over the rows of each cluster.

use ndarray::ArrayRef1;

use crate::cluster::centers::Centers;
use crate::cluster::exact::{Bins, bins_for, range, value};
use crate::cluster::rows::Rows;
use crate::simd::Float;
use crate::{Error, Result};

/// Least number of bins of each sum. The kernels are made for it. With three, numbers keep 53 bits
/// beside others 2^43 times as large, for a million rows; see [`exact`](crate::cluster::exact).
const BINS: usize = 3;

/// How rows and weights are cut into bins. It depends neither on the order of the rows nor on how
/// they are divided.
#[derive(Debug, Clone)]
pub(super) struct Grids {
    /// Number of bins of each sum.
    pub(super) bins: usize,
    rows: Bins,
    /// None if all weights are 1.
    weights: Option<Bins>,
}

impl Grids {
    /// Grids for `n` rows whose columns are not larger than `largest`. Numbers of a column that are
    /// not below `least` keep 53 bits, even with the least weight above 0.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::Error::Parameter) if sums could overflow.
    pub(super) fn new(
        largest: &[f64],
        least: &[f64],
        weights: Option<&ArrayRef1<f64>>,
        n: usize,
    ) -> Result<Self> {
        let most = weights.map(|weights| weights.iter().copied().fold(0.0, f64::max));
        let light = weights.map(|weights| {
            let positive = weights.iter().copied().filter(|&weight| weight > 0.0);
            positive.fold(f64::INFINITY, f64::min)
        });
        let of_weights = range(most.unwrap_or(1.0), light.unwrap_or(1.0));
        let of_rows = largest.iter().zip(least).map(|(&x, &y)| range(x, y)).max();
        let bins = bins_for(of_rows.unwrap_or(0) + of_weights, n).max(BINS);
        let name = most.map_or("X", |_| "sample_weight");
        let products = largest.iter().map(|&x| most.unwrap_or(1.0) * x);
        let rows = Bins::new(name, products, n, bins);
        Ok(Self {
            bins,
            rows: match most {
                None => rows?,
                Some(most) => rows.map_err(|_| {
                    let x = largest.iter().copied().fold(0.0, f64::max);
                    let expected =
                        format!("weights whose products with X, up to {x:e}, can be added up");
                    Error::parameter(name, format!("weights up to {most:e}"), expected)
                })?,
            },
            weights: most
                .map(|most| Bins::new("sample_weight", [most], n, bins))
                .transpose()?,
        })
    }
}

/// The sums of the clusters, or the changes of those sums.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sums {
    /// For each cluster the sums of the rows' first bins, then those of their second, and so on.
    pub(super) rows: Vec<f64>,
    /// For each cluster the bins of the sum of its weights. They stay 0 if all weights are 1.
    weights: Vec<f64>,
    /// Number of rows with a weight above 0 in each cluster.
    pub(super) counts: Vec<i64>,
}

impl Sums {
    pub(super) fn new(k: usize, n_columns: usize, grids: &Grids) -> Self {
        Self {
            rows: vec![0.0; grids.bins * k * n_columns],
            weights: vec![0.0; grids.bins * k],
            counts: vec![0; k],
        }
    }

    pub(super) fn clear(&mut self) {
        self.rows.fill(0.0);
        self.weights.fill(0.0);
        self.counts.fill(0);
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
        let size = grids.bins * rows.n_columns();
        let signed = sign as f64 * weight;
        let sums = &mut self.rows[cluster * size..(cluster + 1) * size];
        if grids.bins == BINS {
            let Bins { shifts, ratio, .. } = &grids.rows;
            (rows.kernels.add_exactly)(row, &rows.offset, signed, shifts, *ratio, sums);
        } else {
            let columns = rows.n_columns();
            for (f, (x, &o)) in row.iter().zip(&rows.offset).enumerate() {
                let number = signed * x.minus(o).into();
                let parts = grids.rows.cut(f, number);
                for (sum, part) in sums[f..].iter_mut().step_by(columns).zip(parts) {
                    *sum += part;
                }
            }
        }
        if let Some(weights) = &grids.weights {
            let sums = &mut self.weights[cluster * grids.bins..];
            for (sum, part) in sums.iter_mut().zip(weights.cut(0, signed)) {
                *sum += part;
            }
        }
        self.counts[cluster] += if weight > 0.0 { sign } else { 0 };
    }

    /// The clusters' means. A cluster without rows, or without weight, keeps its centre.
    pub(super) fn means<T: Float>(&self, grids: &Grids, before: &Centers<T>) -> Centers<T> {
        let n = before.n_columns();
        let mut values = before.values().to_vec();
        let bins = grids.bins;
        let mut room = Vec::new();
        let sums = self.rows.chunks_exact(bins * n);
        for (c, (mean, sums)) in values.chunks_exact_mut(n).zip(sums).enumerate() {
            let weight = match grids.weights {
                Some(_) => value(&mut self.weights[c * bins..(c + 1) * bins].to_vec()),
                None => self.counts[c] as f64,
            };
            // Weights may all be lost beside ones of more than 2^2000 times as much.
            if self.counts[c] == 0 || weight <= 0.0 {
                continue;
            }
            for (f, mean) in mean.iter_mut().enumerate() {
                room.clear();
                room.extend(sums[f..].iter().step_by(n));
                let sum = value(&mut room);
                *mean = T::of(sum / weight);
            }
        }
        Centers::new(values, n)
    }
}
