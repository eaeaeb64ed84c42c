//! Training row by row.

use ndarray::{Array2, ArrayView2};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::neighborhood::{Shares, as_share};
use super::units::Units;
use super::{SomSettings, check};
use crate::cluster::rows::Rows;
use crate::simd::{Float, Kernels, Level};
use crate::{Error, Result};

/// Number of steps between two checks for an interruption.
const PATIENCE: usize = 1024;

/// The order in which one epoch of online training shows `n_rows` rows.
#[must_use]
pub fn epoch_order(n_rows: usize, seed: u64, epoch: usize) -> Vec<usize> {
    let mut order = (0..n_rows).collect::<Vec<usize>>();
    shuffle(&mut order, seed, epoch);
    order
}

/// Each epoch has its own seed, so that its number alone is enough to resume training there.
fn shuffle(order: &mut [usize], seed: u64, epoch: usize) {
    // Consecutive epochs' seeds differ by 2^64 divided by the golden ratio, so that the epochs of
    // two nearby seeds do not share a run of orders.
    let apart = (epoch as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut rng = Pcg64::seed_from_u64(seed.wrapping_add(apart));
    for (place, row) in order.iter_mut().enumerate() {
        *row = place;
    }
    for last in (1..order.len()).rev() {
        order.swap(last, rng.random_range(0..=last));
    }
}

/// Trains units in the epochs `epochs`, one row after another, as T. Kohonen describes in
/// "Self-organized formation of topologically correct feature maps" (1982).
///
/// In every step each unit moves towards the row by a share of the way: the learning rate times the
/// neighbourhood function around the nearest unit. A row with a weight of w moves the units as far
/// as w steps with that row would, by 1 − (1 − share)^w of the way.
///
/// # Errors
/// [`Error::NonFiniteRow`], [`Error::Unusable`], [`Error::Parameter`], [`Error::Interrupted`].
pub fn train_online<T: Float>(
    rows: ArrayView2<'_, T>,
    weights: Option<&[f64]>,
    codebook: ArrayView2<'_, T>,
    settings: &SomSettings,
    epochs: std::ops::Range<usize>,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Array2<T>> {
    check(rows, weights, codebook, &settings.grid)?;
    Rows::centred(&rows).checked()?;
    let training = Training::new(rows, weights, codebook, settings, epochs.start);
    training.run(epochs, &T::kernels(Level::best()), interrupted)
}

struct Training<'a, T> {
    rows: ArrayView2<'a, T>,
    weights: Option<&'a [f64]>,
    settings: &'a SomSettings,
    units: Units<T>,
    shares: Shares,
    /// Each unit's share of the way to the row; 0 in places without a unit.
    ways: Vec<T>,
    order: Vec<usize>,
    /// The row of this step.
    current: Vec<T>,
    /// The row of the next step.
    following: Vec<T>,
}

impl<'a, T: Float> Training<'a, T> {
    fn new(
        rows: ArrayView2<'a, T>,
        weights: Option<&'a [f64]>,
        codebook: ArrayView2<'_, T>,
        settings: &'a SomSettings,
        first: usize,
    ) -> Self {
        let units = Units::new(codebook);
        Self {
            rows,
            weights,
            settings,
            shares: Shares::new(settings.grid, settings.neighborhood),
            ways: vec![T::default(); units.n_places()],
            units,
            order: epoch_order(rows.nrows(), settings.seed, first),
            current: vec![T::default(); rows.ncols()],
            following: vec![T::default(); rows.ncols()],
        }
    }

    fn run(
        mut self,
        epochs: std::ops::Range<usize>,
        kernels: &Kernels<T>,
        interrupted: &(dyn Fn() -> bool + Sync),
    ) -> Result<Array2<T>> {
        let n = self.rows.nrows();
        if n == 0 || epochs.is_empty() {
            return Ok(self.units.to_codebook());
        }
        let mut row = self.order[0];
        self.follow_up(row);
        // All shares are still 0, so this pass does not move the units.
        let mut best = self.pass(kernels);
        for epoch in epochs.clone() {
            for place in 0..n {
                if place % PATIENCE == 0 && interrupted() {
                    return Err(Error::Interrupted);
                }
                self.set_ways(row, best, epoch * n + place);
                row = self.row_after(place, epoch);
                std::mem::swap(&mut self.current, &mut self.following);
                self.follow_up(row);
                best = self.pass(kernels);
            }
        }
        Ok(self.units.to_codebook())
    }

    /// The row after the one at `place`. After the last row of an epoch, this shuffles the order
    /// for the next epoch and gives its first row. It also does so after the last epoch, where that
    /// row is not used.
    fn row_after(&mut self, place: usize, epoch: usize) -> usize {
        if place + 1 < self.order.len() {
            return self.order[place + 1];
        }
        shuffle(&mut self.order, self.settings.seed, epoch + 1);
        self.order[0]
    }

    fn follow_up(&mut self, row: usize) {
        let values = self.rows.row(row);
        for (kept, &value) in self.following.iter_mut().zip(values) {
            *kept = value;
        }
    }

    /// Moves the units towards the current row and returns the unit that is nearest to the next
    /// row.
    fn pass(&mut self, kernels: &Kernels<T>) -> usize {
        let units = self.units.values_mut();
        (kernels.follow)(units, &self.ways, &self.current, &self.following)
    }

    fn set_ways(&mut self, row: usize, best: usize, step: usize) {
        let settings = self.settings;
        let total = settings.n_epochs * self.rows.nrows();
        let (radius, rate) = settings.schedule.at(step, total);
        self.shares.set(radius, rate);
        let ways = &mut self.ways[..settings.grid.n_units()];
        self.shares.fill(best, ways);
        if let Some(weights) = self.weights {
            for way in ways {
                let share: f64 = (*way).into();
                *way = as_share(1.0 - (1.0 - share).powf(weights[row]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{rows, settings, some_grids};
    use super::*;

    const NEVER: &(dyn Fn() -> bool + Sync) = &|| false;

    #[test]
    fn an_order_has_each_row_once_and_depends_on_seed_and_epoch() {
        let order = epoch_order(100, 3, 1);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
        assert_eq!(order, epoch_order(100, 3, 1));
        assert_ne!(order, epoch_order(100, 3, 2));
        assert_ne!(order, epoch_order(100, 4, 1));
    }

    #[test]
    fn every_path_gives_the_same_units() {
        let rows = rows(60, 5, 1);
        for grid in some_grids() {
            let settings = settings(grid);
            let start = rows.slice(ndarray::s![..grid.n_units(), ..]);
            let train = |level| {
                let training = Training::new(rows.view(), None, start, &settings, 0);
                training.run(0..3, &f64::kernels(level), NEVER).unwrap()
            };
            let expected = train(Level::Baseline);
            for level in Level::all() {
                let off = train(level) - &expected;
                assert!(off.iter().all(|off| off.abs() < 1e-12), "{level:?}");
            }
        }
    }

    #[test]
    fn epochs_can_be_trained_one_by_one() {
        let rows = rows(50, 4, 2);
        for grid in some_grids() {
            let settings = settings(grid);
            let start = rows.slice(ndarray::s![..grid.n_units(), ..]);
            let train = |codebook, epochs| {
                train_online(rows.view(), None, codebook, &settings, epochs, NEVER).unwrap()
            };
            let once = train(start, 0..3);
            let first = train(start, 0..1);
            assert_eq!(train(first.view(), 1..3), once);
        }
    }

    #[test]
    fn an_interruption_ends_it() {
        let rows = rows(50, 4, 2);
        let settings = settings(some_grids()[0]);
        let start = rows.slice(ndarray::s![..settings.grid.n_units(), ..]);
        let stopped = train_online(rows.view(), None, start, &settings, 0..1, &|| true);
        assert_eq!(stopped, Err(Error::Interrupted));
    }
}
