//! The memory layout of a map's units.

use ndarray::{Array2, ArrayView2};

use crate::simd::Float;
#[allow(unused_imports)] // The documentation names it.
use crate::simd::Kernels;

/// Units in the layout that [`Kernels::follow`] needs: values of one feature are adjacent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Units<T> {
    values: Vec<T>,
    count: usize,
    n_features: usize,
}

impl<T: Float> Units<T> {
    pub fn new(codebook: ArrayView2<'_, T>) -> Self {
        let (n_units, n_features) = codebook.dim();
        let places = n_units.next_multiple_of(T::LANES);
        let mut units = Self {
            values: vec![T::of(T::MAX); places * n_features],
            count: n_units,
            n_features,
        };
        for (unit, values) in codebook.outer_iter().enumerate() {
            let (start, step) = units.place(unit);
            let places = units.values[start..].iter_mut().step_by(step);
            for (place, &value) in places.zip(values) {
                *place = value;
            }
        }
        units
    }

    /// Index of a unit's first value, and the distance from one of its values to the next.
    fn place(&self, unit: usize) -> (usize, usize) {
        let tiled = self.count.next_multiple_of(T::LANES) / T::BLOCK * T::BLOCK;
        let size = if unit < tiled { T::BLOCK } else { T::LANES };
        let lane = (unit - unit / T::BLOCK * T::BLOCK) % size;
        ((unit - lane) * self.n_features + lane, size)
    }

    /// Number of places for units. Some of them may be empty.
    pub fn n_places(&self) -> usize {
        self.count.next_multiple_of(T::LANES)
    }

    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    pub fn to_codebook(&self) -> Array2<T> {
        Array2::from_shape_fn((self.count, self.n_features), |(unit, feature)| {
            let (start, step) = self.place(unit);
            self.values[start + feature * step]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_keep_their_values_wherever_they_stand() {
        for n_units in [1, 16, 17, 63, 64, 65, 128, 150] {
            let codebook = Array2::from_shape_fn((n_units, 3), |(u, f)| (u * 3 + f) as f32);
            assert_eq!(Units::new(codebook.view()).to_codebook(), codebook);
        }
    }
}
