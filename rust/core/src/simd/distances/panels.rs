//! Centres as the kernels of distances take them, and what these find.

use super::real::Real;

/// Centres in a panel.
pub(super) const PANEL: usize = 4;

/// Centres, laid out for the kernels: four by four, column by column.
#[derive(Debug, Clone)]
pub struct Panels<T> {
    pub(super) n_columns: usize,
    /// −2 times the centres.
    pub(super) values: Vec<T>,
    /// Their squared norms, and infinity for the places that are left over.
    pub(super) norms: Vec<T>,
}

impl<T: Real> Panels<T> {
    /// Lays out centres, one a row.
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

/// What was found for the rows of a block.
#[derive(Debug, Clone)]
pub struct Found<T> {
    /// Index of the nearest centre, as a number of the rows' own kind.
    pub label: Vec<T>,
    /// Squared distance to it, with the rounding errors of a difference of squares.
    pub best: Vec<T>,
    /// Index of the second nearest.
    pub second_label: Vec<T>,
    /// Squared distance to the second nearest.
    pub second: Vec<T>,
    /// The row's squared norm.
    pub norm: Vec<T>,
    /// The nearest centre's index.
    pub index: Vec<i32>,
    /// At least the distance to the nearest centre.
    pub upper: Vec<f32>,
    /// At most the distance to the second nearest.
    pub lower: Vec<f32>,
}

impl<T: Real> Found<T> {
    /// Room for a block.
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
