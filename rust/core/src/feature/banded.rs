//! Matrices whose rows are zero except for a few runs of columns.

use crate::simd::{LANES, Level, Line, Run};

/// A matrix stored as runs of weights, for products with vectors.
pub struct BandedMatrix {
    level: Level,
    n_rows: usize,
    weights: Vec<Line>,
    /// In the order of their rows. A run starts at a multiple of [`LANES`].
    runs: Vec<Run>,
}

impl BandedMatrix {
    /// A matrix of zeros.
    #[must_use]
    pub fn new(level: Level, n_rows: usize) -> Self {
        Self {
            level,
            n_rows,
            weights: Vec::new(),
            runs: Vec::new(),
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Adds weights to a row, starting at column `start`.
    pub fn add_run(&mut self, row: usize, start: usize, weights: &[f32]) {
        let first = self.weights.len();
        let lead = start % LANES;
        let padded = [vec![0.0; lead], weights.to_vec()].concat();
        for run in padded.chunks(LANES) {
            let line = std::array::from_fn(|i| run.get(i).copied().unwrap_or(0.0));
            self.weights.push(Line(line));
        }
        let run = Run {
            start: start - lead,
            weights: (first, self.weights.len()),
            sum: row,
        };
        let place = self.runs.partition_point(|other| other.sum <= row);
        self.runs.insert(place, run);
    }

    /// Multiplies the matrix with a vector and writes a value for each row to `product`. The vector
    /// must be followed by [`PADDING`](crate::signal::spectrum::PADDING) zeros, or by as many as
    /// make its length a multiple of [`LANES`].
    pub fn apply(&self, padded: &[f32], product: &mut [f32]) {
        self.apply_each(&[padded], product);
    }

    /// Multiplies the matrix with each of several vectors, as [`BandedMatrix::apply`] does. Their
    /// products are written one after the other. They are the same as those of one vector at a
    /// time, which takes longer.
    pub fn apply_each(&self, padded: &[&[f32]], products: &mut [f32]) {
        let products = &mut products[..padded.len() * self.n_rows];
        self.level
            .banded_sums(padded, &self.weights, &self.runs, products);
    }

    /// Does the same as [`BandedMatrix::apply`] in double precision. No zeros need follow the
    /// vector.
    pub fn wide_apply(&self, vector: &[f64], product: &mut [f64]) {
        product.fill(0.0);
        for run in &self.runs {
            let weights = &self.weights[run.weights.0..run.weights.1];
            let weights = weights.iter().flat_map(|line| &line.0);
            let values = vector.iter().skip(run.start).zip(weights);
            // The zeros beside a run must not make NaN of infinities there.
            let inside = values.filter(|(_, weight)| **weight != 0.0);
            product[run.sum] += inside.map(|(v, &w)| v * f64::from(w)).sum::<f64>();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_a_row_add_up() {
        let mut matrix = BandedMatrix::new(Level::best(), 2);
        matrix.add_run(0, 1, &[1.0, 2.0]);
        matrix.add_run(1, 0, &[1.0; 20]);
        matrix.add_run(0, 18, &[10.0]);
        let mut vector: Vec<f32> = (0..20_u8).map(f32::from).collect();
        vector.resize(20 + LANES, 0.0);
        let mut product = [7.0; 2];
        matrix.apply(&vector, &mut product);
        assert_eq!(product, [1.0 + 4.0 + 180.0, 190.0]);
        let vector: Vec<f64> = (0..20_u8).map(f64::from).collect();
        let mut product = [7.0; 2];
        matrix.wide_apply(&vector, &mut product);
        assert_eq!(product, [1.0 + 4.0 + 180.0, 190.0]);
        let mut vector = vector;
        vector[0] = f64::INFINITY;
        matrix.wide_apply(&vector, &mut product);
        assert_eq!(product, [1.0 + 4.0 + 180.0, f64::INFINITY]);
    }
}
