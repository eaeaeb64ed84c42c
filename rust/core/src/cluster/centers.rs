//! Centres that rows are assigned to.

use crate::simd::{Float, Found, Kernels, Panels, up};

/// Centres relative to the rows' offset, with what the bounds need to know of them.
#[derive(Debug, Clone)]
pub(super) struct Centers<T> {
    n_columns: usize,
    values: Vec<T>,
    pub(super) panels: Panels<T>,
    largest_norm: f64,
}

impl<T: Float> Centers<T> {
    /// Centres from their values, centre after centre.
    pub(super) fn new(values: Vec<T>, n_columns: usize) -> Self {
        let panels = Panels::new(values.chunks_exact(n_columns), n_columns);
        let norms = values.chunks_exact(n_columns).map(|center| {
            let squares = center.iter().map(|&x| x.into() * x.into());
            squares.sum::<f64>()
        });
        let largest_norm = norms.fold(0.0, f64::max);
        Self {
            n_columns,
            values,
            panels,
            largest_norm,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.values.len() / self.n_columns
    }

    pub(super) fn n_columns(&self) -> usize {
        self.n_columns
    }

    pub(super) fn row(&self, c: usize) -> &[T] {
        &self.values[c * self.n_columns..(c + 1) * self.n_columns]
    }

    pub(super) fn values(&self) -> &[T] {
        &self.values
    }

    /// Turns the squared distances in `found` into bounds of the distances.
    pub(super) fn bound(&self, kernels: &Kernels<T>, found: &mut Found<T>) {
        // A squared distance is the sum of one product for each column and of two norms. Each of
        // these is rounded.
        let error = 2.0 * (self.n_columns as f64 + 4.0) * T::EPSILON;
        (kernels.bounds)(found, error, self.largest_norm);
    }

    /// How far each centre moved from `before`, rounded up, and the sum of the squared moves.
    pub(super) fn moved_from(&self, before: &Self) -> (Vec<f32>, f64) {
        let squares: Vec<f64> = self
            .values
            .chunks_exact(self.n_columns)
            .zip(before.values.chunks_exact(self.n_columns))
            .map(|(a, b)| squared(a, b))
            .collect();
        let moves = squares.iter().map(|square| up(square.sqrt()));
        (moves.collect(), squares.iter().sum())
    }

    /// Half the distance of each centre to the nearest other centre, rounded down. If a row is
    /// closer to its centre than this, no other centre is nearer.
    pub(super) fn half_separations(&self, kernels: &Kernels<T>) -> Vec<f32> {
        let k = self.len();
        let origin = vec![T::default(); self.n_columns];
        let mut packed = vec![T::default(); self.n_columns * T::BLOCK];
        let mut found = Found::new();
        let mut halves = Vec::with_capacity(k);
        let rows: Vec<&[T]> = self.values.chunks_exact(self.n_columns).collect();
        for rows in rows.chunks(T::BLOCK) {
            (kernels.pack)(rows, &origin, &mut packed);
            (kernels.nearest_and_bound)(&packed, &self.panels, &mut found);
            self.bound(kernels, &mut found);
            halves.extend(found.lower[..rows.len()].iter().map(|lower| lower / 2.0));
        }
        halves
    }
}

/// Squared distance in double precision.
fn squared<T: Float>(a: &[T], b: &[T]) -> f64 {
    let differences = a.iter().zip(b).map(|(&a, &b)| a.into() - b.into());
    differences.map(|off: f64| off * off).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Level;

    /// Clusters far from the offset, whose rows and centres are close together. Squared distances
    /// are then small differences of large numbers, and mostly rounding errors.
    fn check<T: Float>(far: f64, near: f64) {
        let n = 3;
        let at = |i: usize, c: usize| T::of(far + near * ((i * 7 + c * 13) % 29) as f64);
        let values: Vec<T> = (0..10 * n).map(|i| at(i / n, i % n + 1)).collect();
        let centers = Centers::new(values, n);
        let rows: Vec<Vec<T>> = (0..T::BLOCK)
            .map(|i| (0..n).map(|c| at(i + 3, c)).collect())
            .collect();
        let views: Vec<&[T]> = rows.iter().map(Vec::as_slice).collect();
        for level in Level::all() {
            let kernels = T::kernels(level);
            let mut packed = vec![T::default(); n * T::BLOCK];
            let mut found = Found::new();
            (kernels.pack)(&views, &vec![T::default(); n], &mut packed);
            (kernels.nearest_and_bound)(&packed, &centers.panels, &mut found);
            centers.bound(&kernels, &mut found);
            for (r, row) in rows.iter().enumerate() {
                let own = found.index[r] as usize;
                let distance = |c: usize| squared(row, centers.row(c)).sqrt();
                let others = (0..centers.len()).filter(|&c| c != own).map(distance);
                let least = others.fold(f64::INFINITY, f64::min);
                assert!(f64::from(found.upper[r]) >= distance(own), "{level:?} {r}");
                assert!(f64::from(found.lower[r]) <= least, "{level:?} {r}");
            }
        }
    }

    #[test]
    fn bounds_hold_where_distances_are_rounding_errors() {
        check::<f32>(1e3, 1e-3);
        check::<f32>(1e4, 1e-2);
        check::<f64>(1e7, 1e-3);
    }
}
