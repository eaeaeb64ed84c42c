//! A Gaussian with full covariance for each label.

use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, ArrayView3};

use crate::{Error, Result};

/// Counts, sums and sums of products of the rows of each label.
pub struct Moments {
    /// The number of rows of each label.
    pub counts: Array1<u64>,
    /// The sums of those rows, (labels, columns).
    pub sums: Array2<f64>,
    /// The sums of the products of all pairs of columns, (labels, columns, columns).
    pub products: Array3<f64>,
}

impl Moments {
    /// Moments of `rows`, (n, columns), for each label. A row with a negative label does not count.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless there is a label below `n_labels` for each row.
    pub fn of(
        rows: ArrayView2<'_, f32>,
        labels: ArrayView1<'_, i32>,
        n_labels: usize,
    ) -> Result<Self> {
        if labels.len() != rows.nrows() {
            return Err(Error::parameter("labels", labels.len(), "one for each row"));
        }
        let d = rows.ncols();
        let mut found = Self {
            counts: Array1::zeros(n_labels),
            sums: Array2::zeros((n_labels, d)),
            products: Array3::zeros((n_labels, d, d)),
        };
        let mut row = vec![0.0; d];
        for (values, &label) in rows.outer_iter().zip(labels) {
            if label < 0 {
                continue;
            }
            let label = label as usize;
            if label >= n_labels {
                let expected = format!("less than {n_labels}");
                return Err(Error::parameter("labels", label, expected));
            }
            for (to, &value) in row.iter_mut().zip(values) {
                *to = f64::from(value);
            }
            found.add(label, &row);
        }
        Ok(found)
    }

    fn add(&mut self, label: usize, row: &[f64]) {
        self.counts[label] += 1;
        let d = row.len();
        // Both arrays were allocated here and are contiguous.
        let sums = self.sums.as_slice_mut().unwrap_or_default();
        for (sum, value) in sums[label * d..].iter_mut().zip(row) {
            *sum += value;
        }
        let products = self.products.as_slice_mut().unwrap_or_default();
        let products = products[label * d * d..].chunks_exact_mut(d);
        for (sums, &a) in products.zip(row) {
            for (sum, b) in sums.iter_mut().zip(row) {
                *sum += a * b;
            }
        }
    }
}

/// A Gaussian for each label, stored as the transformation that turns a row into independent
/// standard normal values.
pub struct Gaussians {
    n_columns: usize,
    means: Vec<f64>,
    /// For each label the inverse of the covariance's lower Cholesky factor. It is stored column by
    /// column, so that a product computes the sums of all its rows side by side.
    whitening: Vec<f64>,
    /// The logarithm of the factor before each density's exponential.
    log_factors: Vec<f64>,
}

impl Gaussians {
    /// Gaussians from their means, (labels, columns), and from the inverse of each covariance's
    /// lower Cholesky factor, (labels, columns, columns).
    ///
    /// # Errors
    /// [`Error::Parameter`] if their shapes differ.
    pub fn new(means: ArrayView2<'_, f64>, whitening: ArrayView3<'_, f64>) -> Result<Self> {
        let (k, d) = means.dim();
        if whitening.dim() != (k, d, d) {
            let got = format!("{:?}", whitening.shape());
            return Err(Error::parameter(
                "whitening",
                got,
                format!("{:?}", (k, d, d)),
            ));
        }
        let log_factors = whitening.outer_iter();
        Ok(Self {
            n_columns: d,
            means: means.iter().copied().collect(),
            log_factors: log_factors
                .map(|w| w.diag().iter().map(|value| value.ln()).sum())
                .collect(),
            whitening: whitening.permuted_axes([0, 2, 1]).iter().copied().collect(),
        })
    }

    /// Scores of each label for each of `rows`, (n, columns). A score is the log-likelihood minus
    /// the row's largest, and at least `-clip`, so that one odd frame does not outvote the others.
    /// A row that has no vote gets scores of 0. Returns (n, labels).
    ///
    /// # Errors
    /// [`Error::Parameter`] unless there is a vote for each row, and as many columns as the
    /// Gaussians have.
    pub fn scores(
        &self,
        rows: ArrayView2<'_, f32>,
        votes: ArrayView1<'_, bool>,
        clip: f64,
    ) -> Result<Array2<f32>> {
        if rows.ncols() != self.n_columns || votes.len() != rows.nrows() {
            let got = format!("{:?}", rows.shape());
            let expected = format!("({}, {})", votes.len(), self.n_columns);
            return Err(Error::parameter("rows", got, expected));
        }
        let k = self.log_factors.len();
        let mut scores = Array2::zeros((rows.nrows(), k));
        let mut room = vec![0.0; 2 * self.n_columns];
        let mut found = vec![0.0; k];
        for ((row, &votes), mut scores) in rows.outer_iter().zip(votes).zip(scores.outer_iter_mut())
        {
            if !votes {
                continue;
            }
            for (label, found) in found.iter_mut().enumerate() {
                *found = self.log_likelihood(label, row, &mut room);
            }
            let best = found.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            for (score, found) in scores.iter_mut().zip(&found) {
                *score = (found - best).max(-clip) as f32;
            }
        }
        Ok(scores)
    }

    /// The log-likelihood without a constant that all labels share.
    fn log_likelihood(&self, label: usize, row: ArrayView1<'_, f32>, room: &mut [f64]) -> f64 {
        let d = self.n_columns;
        let (centred, whitened) = room.split_at_mut(d);
        let means = &self.means[label * d..];
        for ((to, &value), mean) in centred.iter_mut().zip(row).zip(means) {
            *to = f64::from(value) - mean;
        }
        whitened.fill(0.0);
        let columns = self.whitening[label * d * d..].chunks_exact(d);
        for (i, (column, &value)) in columns.zip(centred.iter()).enumerate() {
            // Above the diagonal, the Cholesky factor is 0.
            for (sum, weight) in whitened[i..].iter_mut().zip(&column[i..]) {
                *sum += weight * value;
            }
        }
        let squares: f64 = whitened.iter().map(|value| value * value).sum();
        self.log_factors[label] - 0.5 * squares
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn moments_are_sums_over_the_rows_of_a_label() {
        let rows = array![[1.0_f32, 2.0], [3.0, 4.0], [5.0, 7.0], [9.0, 9.0]];
        let labels = array![1, 0, 1, -1];
        let found = Moments::of(rows.view(), labels.view(), 3).unwrap();
        assert_eq!(found.counts, array![1, 2, 0]);
        assert_eq!(found.sums, array![[3.0, 4.0], [6.0, 9.0], [0.0, 0.0]]);
        assert_eq!(
            found.products.index_axis(ndarray::Axis(0), 1),
            array![[26.0, 37.0], [37.0, 53.0]]
        );
        assert!(Moments::of(rows.view(), labels.view(), 1).is_err());
        assert!(Moments::of(rows.view(), array![0].view(), 1).is_err());
    }

    #[test]
    fn scores_are_log_densities_below_the_best() {
        // Covariances [[4, 2], [2, 2]] and the identity. Their Cholesky factors are [[2, 0], [1,
        // 1]] and the identity.
        let means = array![[0.0, 0.0], [1.0, -1.0]];
        let whitening = array![[[0.5, 0.0], [-0.5, 1.0]], [[1.0, 0.0], [0.0, 1.0]]];
        let gaussians = Gaussians::new(means.view(), whitening.view()).unwrap();
        let rows = array![[1.0_f32, 2.0], [1.0, 2.0], [300.0, 0.0]];
        let votes = array![true, false, true];
        let scores = gaussians.scores(rows.view(), votes.view(), 20.0).unwrap();
        // For (1, 2) the inverse [[.5, -.5], [-.5, 1]] with determinant 4 gives a squared distance
        // of 2.5, and the identity gives 9.
        let difference = -4.5 + 0.5 * 2.5 + 0.5 * 4.0_f64.ln();
        assert_eq!(scores[[0, 0]], 0.0);
        assert!((f64::from(scores[[0, 1]]) - difference).abs() < 1e-6);
        assert_eq!(scores.row(1), array![0.0, 0.0]);
        assert_eq!(scores.row(2), array![0.0, -20.0]);
        assert!(
            gaussians
                .scores(rows.view(), array![true].view(), 1.0)
                .is_err()
        );
        assert!(Gaussians::new(means.view(), whitening.slice(ndarray::s![..1, .., ..])).is_err());
    }
}
