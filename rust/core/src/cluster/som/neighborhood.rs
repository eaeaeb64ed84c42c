//! How much units move with the best-matching unit.

use super::grid::{Grid, HEXAGONAL_ROW};
use crate::simd::Float;

/// A unit's share of the way to a row. Tiny shares become 0: they would move nothing, but they slow
/// processors down.
pub(super) fn as_share<T: Float>(value: f64) -> T {
    const LEAST: f64 = 1e-30;
    T::of(if value < LEAST { 0.0 } else { value })
}

/// The shape of a neighbourhood function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Neighborhood {
    /// exp(−d² / 2r²) at distance d, for a radius r.
    Gaussian,
    /// 1 up to the radius, 0 beyond.
    Bubble,
}

/// Factors below this count as 0. Their products would not be normal numbers, which some processors
/// handle a hundred times more slowly.
const VANISHING: f64 = 1e-150;

/// The shares of all units, for any best-matching unit.
///
/// Both shapes split into a part for the distance along the row and one for the distance across
/// rows. For a Gaussian the parts are factors. For a bubble they are squared distances to be added.
/// Each part is stored for all offsets, from the most negative to the most positive, so that a
/// slice of it has the values for all columns (or rows) as needed from a given one.
#[derive(Debug, Clone)]
pub(super) struct Shares {
    grid: Grid,
    shape: Neighborhood,
    /// For offsets of 1 − cols up to cols − 1 columns.
    columns: Vec<f64>,
    /// For offsets of ½ − cols up to cols − ½ columns.
    shifted: Vec<f64>,
    /// For offsets of 1 − rows up to rows − 1 rows. If parts are factors, these include the
    /// learning rate.
    across: Vec<f64>,
    /// The parts for whole steps in one direction, before both directions are stored.
    by_steps: Vec<f64>,
    squared_radius: f64,
    rate: f64,
}

impl Shares {
    pub fn new(grid: Grid, shape: Neighborhood) -> Self {
        let (rows, cols) = (grid.rows(), grid.cols());
        let mut shares = Self {
            grid,
            shape,
            columns: vec![0.0; 2 * cols - 1],
            shifted: vec![0.0; 2 * cols],
            across: vec![0.0; 2 * rows - 1],
            by_steps: vec![0.0; rows.max(cols)],
            squared_radius: 0.0,
            rate: 0.0,
        };
        if shape == Neighborhood::Bubble {
            let square = |steps: f64| steps * steps;
            let height = if grid.is_hexagonal() {
                HEXAGONAL_ROW
            } else {
                1.0
            };
            mirror(&mut shares.columns, |apart| {
                square(grid.column_steps(apart) as f64)
            });
            mirror(&mut shares.shifted, |apart| {
                square(grid.shifted_column_steps(apart) as f64 + 0.5)
            });
            mirror(&mut shares.across, |apart| {
                height * square(grid.row_steps(apart) as f64)
            });
        }
        shares
    }

    /// Sets the radius, which must be more than 0, and the share of the best-matching unit.
    pub fn set(&mut self, radius: f64, rate: f64) {
        self.rate = rate;
        self.squared_radius = radius * radius;
        if self.shape == Neighborhood::Bubble {
            return;
        }
        // All factors follow from one exponential: exp(-k x²) with a quarter of k, as half steps
        // need.
        let quarter = (-0.125 / self.squared_radius).exp();
        let whole = quarter.powi(4);
        let (grid, by_steps) = (self.grid, &mut self.by_steps);
        fill_by_steps(by_steps, 1.0, whole, whole * whole);
        mirror(&mut self.columns, |apart| {
            by_steps[grid.column_steps(apart)]
        });
        if grid.is_hexagonal() {
            fill_by_steps(by_steps, quarter, whole * whole, whole * whole);
            mirror(&mut self.shifted, |apart| {
                by_steps[grid.shifted_column_steps(apart)]
            });
            let row = quarter.powi(3);
            fill_by_steps(by_steps, 1.0, row, row * row);
        }
        mirror(&mut self.across, |apart| {
            rate * by_steps[grid.row_steps(apart)]
        });
    }

    /// The part for the distance across rows: a value for each row, seen from row `from`.
    pub fn across(&self, from: usize) -> &[f64] {
        let n = self.grid.rows();
        &self.across[n - 1 - from..][..n]
    }

    /// The part for the distance along the row: a value for each column, seen from column `from` of
    /// a row of the same parity.
    pub fn along(&self, from: usize) -> &[f64] {
        let n = self.grid.cols();
        &self.columns[n - 1 - from..][..n]
    }

    /// The part for the distance along the row: a value for each column of a row of the other
    /// parity, seen from column `from` of a row that is `odd` or even.
    pub fn along_shifted(&self, from: usize, odd: bool) -> &[f64] {
        let n = self.grid.cols();
        &self.shifted[n - usize::from(odd) - from..][..n]
    }

    /// Fills in the share of each unit if `unit` is the best-matching one.
    pub fn fill<T: Float>(&self, unit: usize, shares: &mut [T]) {
        let cols = self.grid.cols();
        let (row, col) = (unit / cols, unit % cols);
        let same = self.along(col);
        let other = self.along_shifted(col, row % 2 == 1);
        let rows = self.across(row).iter().zip(shares.chunks_exact_mut(cols));
        for (to, (&across, shares)) in rows.enumerate() {
            let along = if self.grid.are_shifted(row, to) {
                other
            } else {
                same
            };
            match self.shape {
                Neighborhood::Gaussian => {
                    for (share, &along) in shares.iter_mut().zip(along) {
                        *share = as_share(across * along);
                    }
                }
                Neighborhood::Bubble => {
                    for (share, &along) in shares.iter_mut().zip(along) {
                        let inside = across + along <= self.squared_radius;
                        *share = as_share(if inside { self.rate } else { 0.0 });
                    }
                }
            }
        }
    }
}

/// Fills in exp(-k x²) for values of x that are 1 apart. Each value is the one before times a
/// factor, and the factor grows by a constant factor at each step.
fn fill_by_steps(by_steps: &mut [f64], first: f64, mut factor: f64, growth: f64) {
    let mut value = first;
    for steps in by_steps {
        *steps = value;
        value *= factor;
        factor *= growth;
        if value < VANISHING {
            (value, factor) = (0.0, 0.0);
        }
    }
}

/// Stores parts that are the same in both directions for all offsets.
fn mirror(parts: &mut [f64], part: impl Fn(usize) -> f64) {
    let (left, right) = (parts.len().div_ceil(2), parts.len() / 2);
    for apart in 0..left {
        let value = part(apart);
        parts[right + apart] = value;
        parts[left - 1 - apart] = value;
    }
}

#[cfg(test)]
mod tests {
    use super::super::grid::tests::grids;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn shares_are_those_of_the_distance_on_the_grid(
            rows in 1usize..8,
            cols in 1usize..8,
            radius in 0.2f64..6.0,
            rate in 0.01f64..1.0,
        ) {
            for grid in grids(rows, cols) {
                for shape in [Neighborhood::Gaussian, Neighborhood::Bubble] {
                    let mut shares = Shares::new(grid, shape);
                    shares.set(radius, rate);
                    let mut found = vec![f64::NAN; grid.n_units()];
                    for unit in 0..grid.n_units() {
                        shares.fill(unit, &mut found);
                        for (other, &found) in found.iter().enumerate() {
                            let squared = grid.squared_distance(unit, other);
                            let expected = rate * match shape {
                                Neighborhood::Gaussian => (-squared / (2.0 * radius * radius)).exp(),
                                Neighborhood::Bubble => f64::from(u8::from(squared <= radius * radius)),
                            };
                            let off = (found - expected).abs();
                            prop_assert!(off <= 1e-11 * expected + 1e-30, "{grid:?} {unit} {other}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_radius_of_next_to_nothing_leaves_the_middle_alone() {
        for grid in grids(2, 3) {
            let mut shares = Shares::new(grid, Neighborhood::Gaussian);
            shares.set(0.01, 0.5);
            let mut found = [f32::NAN; 6];
            shares.fill(4, &mut found);
            assert_eq!(found, [0.0, 0.0, 0.0, 0.0, 0.5, 0.0]);
        }
    }
}
