//! The grid of units and the distances on it.

use crate::{Error, Result};

/// How units are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topology {
    /// Squares: a unit has eight neighbours, diagonals among them.
    Rectangular,
    /// Hexagons: odd rows are shifted right by half a column, rows are √3/2 apart, and a unit
    /// has six neighbours, all at distance 1.
    Hexagonal,
}

/// What lies beyond the units at the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boundary {
    /// Nothing.
    Planar,
    /// The units of the opposite side.
    Toroidal,
}

/// Largest number of units. Single precision represents all whole numbers up to it exactly.
const MOST: usize = 1 << 24;

/// Squared distance between neighbouring rows of hexagons: (√3/2)².
pub(super) const HEXAGONAL_ROW: f64 = 0.75;

/// Rows and columns of units. Unit `u` stands in row `u / cols` and column `u % cols`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    rows: usize,
    cols: usize,
    topology: Topology,
    boundary: Boundary,
}

impl Grid {
    /// A grid of at least one unit.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is no unit or there are too many, and for an odd number of
    /// rows on a toroidal hexagonal grid, whose first and last row would not fit together.
    pub fn new(rows: usize, cols: usize, topology: Topology, boundary: Boundary) -> Result<Self> {
        let refused = |expected: String| {
            let shape = format!("({rows}, {cols})");
            Err(Error::parameter("shape", shape, expected))
        };
        if rows == 0 || cols == 0 {
            return refused("at least one row and one column".to_owned());
        }
        if rows.checked_mul(cols).is_none_or(|units| units > MOST) {
            return refused(format!("at most {MOST} units"));
        }
        let wrapped_hexagons = topology == Topology::Hexagonal && boundary == Boundary::Toroidal;
        if wrapped_hexagons && !rows.is_multiple_of(2) {
            return refused("an even number of rows, for toroidal hexagonal maps".to_owned());
        }
        Ok(Self {
            rows,
            cols,
            topology,
            boundary,
        })
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Number of units.
    #[must_use]
    pub fn n_units(&self) -> usize {
        self.rows * self.cols
    }

    pub(super) fn is_hexagonal(&self) -> bool {
        self.topology == Topology::Hexagonal
    }

    /// Whether the units of two rows stand half a column apart.
    pub(super) fn are_shifted(&self, row: usize, other: usize) -> bool {
        self.is_hexagonal() && (row ^ other) & 1 == 1
    }

    /// Number of rows between two whose indices differ by `apart`; on a torus the shorter way
    /// counts.
    pub(super) fn row_steps(&self, apart: usize) -> usize {
        self.shorter(apart, self.rows)
    }

    /// Number of columns between two whose indices differ by `apart`; on a torus the shorter way
    /// counts.
    pub(super) fn column_steps(&self, apart: usize) -> usize {
        self.shorter(apart, self.cols)
    }

    /// Number of whole columns between a column and the point halfway between the columns that are
    /// `apart` and `apart + 1` away from it. The remaining half column is not counted. On a torus
    /// the shorter way counts.
    pub(super) fn shifted_column_steps(&self, apart: usize) -> usize {
        match self.boundary {
            Boundary::Planar => apart,
            Boundary::Toroidal => apart.min(self.cols.saturating_sub(1 + apart)),
        }
    }

    fn shorter(&self, apart: usize, around: usize) -> usize {
        match self.boundary {
            Boundary::Planar => apart,
            Boundary::Toroidal => apart.min(around - apart),
        }
    }

    /// Squared distance of two units on the grid, in squared column widths. It is exact, because it
    /// is a multiple of a quarter.
    #[must_use]
    pub fn squared_distance(&self, a: usize, b: usize) -> f64 {
        let ((row, col), (to_row, to_col)) = (self.place(a), self.place(b));
        let down = self.row_steps(row.abs_diff(to_row)) as f64;
        if !self.are_shifted(row, to_row) {
            let along = self.column_steps(col.abs_diff(to_col)) as f64;
            let height = if self.is_hexagonal() {
                HEXAGONAL_ROW
            } else {
                1.0
            };
            return down * down * height + along * along;
        }
        // The unit in the odd row is shifted right by half a column.
        let (even, odd) = if row % 2 == 0 {
            (col, to_col)
        } else {
            (to_col, col)
        };
        let apart = if odd >= even {
            odd - even
        } else {
            even - odd - 1
        };
        let along = self.shifted_column_steps(apart) as f64 + 0.5;
        down * down * HEXAGONAL_ROW + along * along
    }

    fn place(&self, unit: usize) -> (usize, usize) {
        (unit / self.cols, unit % self.cols)
    }

    /// Whether two units are different and touch, if only at a corner.
    #[must_use]
    pub fn are_neighbours(&self, a: usize, b: usize) -> bool {
        // Squares that touch at a corner are √2 apart, the next ones 2. Hexagons that touch are 1
        // apart, the next ones √3.
        a != b && self.squared_distance(a, b) < if self.is_hexagonal() { 1.5 } else { 2.5 }
    }

    /// The neighbours of a unit, in ascending order.
    #[must_use]
    pub fn neighbours(&self, unit: usize) -> Vec<usize> {
        let (row, col) = self.place(unit);
        let mut found = Vec::with_capacity(8);
        for near_row in self.around(row, self.rows) {
            for near_col in self.around(col, self.cols) {
                let near = near_row * self.cols + near_col;
                if self.are_neighbours(unit, near) {
                    found.push(near);
                }
            }
        }
        found.sort_unstable();
        // On a narrow torus both directions may lead to the same unit.
        found.dedup();
        found
    }

    /// A position and the ones before and after it, as far as they exist.
    fn around(&self, at: usize, n: usize) -> impl Iterator<Item = usize> {
        let wraps = self.boundary == Boundary::Toroidal;
        let before = if at > 0 {
            Some(at - 1)
        } else {
            wraps.then_some(n - 1)
        };
        let behind = if at + 1 < n {
            Some(at + 1)
        } else {
            wraps.then_some(0)
        };
        [before, Some(at), behind].into_iter().flatten()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Least distance to any periodic image of the other unit, computed from coordinates.
    fn by_geometry(grid: &Grid, a: usize, b: usize) -> f64 {
        let height = if grid.is_hexagonal() {
            0.75_f64.sqrt()
        } else {
            1.0
        };
        let point = |unit: usize| {
            let (row, col) = (unit / grid.cols, unit % grid.cols);
            let shift = if grid.is_hexagonal() && row % 2 == 1 {
                0.5
            } else {
                0.0
            };
            (col as f64 + shift, row as f64 * height)
        };
        let ((x, y), (to_x, to_y)) = (point(a), point(b));
        let images: &[f64] = match grid.boundary {
            Boundary::Planar => &[0.0],
            Boundary::Toroidal => &[-1.0, 0.0, 1.0],
        };
        let mut least = f64::INFINITY;
        for along in images {
            for down in images {
                let dx = to_x + along * grid.cols as f64 - x;
                let dy = to_y + down * grid.rows as f64 * height - y;
                least = least.min(dx * dx + dy * dy);
            }
        }
        least
    }

    pub(crate) fn grids(rows: usize, cols: usize) -> Vec<Grid> {
        let mut grids = Vec::new();
        for topology in [Topology::Rectangular, Topology::Hexagonal] {
            for boundary in [Boundary::Planar, Boundary::Toroidal] {
                grids.extend(Grid::new(rows, cols, topology, boundary));
            }
        }
        grids
    }

    proptest! {
        #[test]
        fn distances_are_those_of_geometry(rows in 1usize..8, cols in 1usize..8) {
            for grid in grids(rows, cols) {
                for a in 0..grid.n_units() {
                    let mut neighbours = Vec::new();
                    for b in 0..grid.n_units() {
                        let expected = by_geometry(&grid, a, b);
                        let found = grid.squared_distance(a, b);
                        prop_assert!((found - expected).abs() < 1e-12, "{grid:?} {a} {b}");
                        if grid.are_neighbours(a, b) {
                            neighbours.push(b);
                        }
                    }
                    prop_assert_eq!(grid.neighbours(a), neighbours);
                }
            }
        }
    }

    #[test]
    fn inner_units_have_eight_or_six_neighbours() {
        let counts: Vec<usize> = grids(6, 6)
            .iter()
            .map(|grid| grid.neighbours(2 * 6 + 2).len())
            .collect();
        assert_eq!(counts, [8, 8, 6, 6]);
    }

    #[test]
    fn what_is_no_grid_is_named() {
        let message = |rows, cols, topology, boundary| {
            Grid::new(rows, cols, topology, boundary)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            message(0, 3, Topology::Rectangular, Boundary::Planar),
            "shape=(0, 3): expected at least one row and one column"
        );
        assert_eq!(
            message(3, 4, Topology::Hexagonal, Boundary::Toroidal),
            "shape=(3, 4): expected an even number of rows, for toroidal hexagonal maps"
        );
        assert_eq!(
            message(1 << 20, 17, Topology::Rectangular, Boundary::Planar),
            "shape=(1048576, 17): expected at most 16777216 units"
        );
    }
}
