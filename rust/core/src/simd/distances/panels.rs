//! The layout of centres for the distance kernels, and the results of these kernels.

use super::real::Real;

/// Number of centres in a panel.
pub(super) const PANEL: usize = 4;

/// Centres in the layout of the kernels: in panels of four, column by column.
#[derive(Debug, Clone)]
pub struct Panels<T> {
    pub(super) n_columns: usize,
    /// −2 times the centres.
    pub(super) values: Vec<T>,
    /// Squared norms of the centres; infinity in places without a centre.
    pub(super) norms: Vec<T>,
}

impl<T: Real> Panels<T> {
    /// Lays out centres with `n_columns` values each.
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

/// The results for the rows of a block.
#[derive(Debug, Clone)]
pub struct Found<T> {
    /// Index of the nearest centre, as a floating-point number of the rows' type.
    pub label: Vec<T>,
    /// Squared distance to it, with the rounding errors of a difference of squares.
    pub best: Vec<T>,
    /// Index of the second nearest centre, in the same type.
    pub second_label: Vec<T>,
    /// Squared distance to the second nearest centre.
    pub second: Vec<T>,
    /// The row's squared norm.
    pub norm: Vec<T>,
    /// Index of the nearest centre, as an integer.
    pub index: Vec<i32>,
    /// Upper bound of the distance to the nearest centre.
    pub upper: Vec<f32>,
    /// Lower bound of the distance to the second nearest centre.
    pub lower: Vec<f32>,
}

impl<T: Real> Found<T> {
    /// Buffers for one block.
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

impl<T: Real> Default for Found<T> {
    fn default() -> Self {
        Self::new()
    }
}
