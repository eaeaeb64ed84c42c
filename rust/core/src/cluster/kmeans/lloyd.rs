//! Lloyd's iterations, with Hamerly's bounds where they save work.

use ndarray::ArrayRef1;
use rayon::prelude::*;

use super::filling::{Far, farthest, fillers};
use super::progress::{Progress, Report};
use super::step::{Delta, Known, Step, each_move};
use super::sums::{Grids, Sums};
use crate::Result;
use crate::cluster::assign::as_label;
use crate::cluster::centers::Centers;
use crate::cluster::parts::part;
use crate::cluster::rows::Rows;
use crate::cluster::total::Total;
use crate::simd::Float;

/// This many parts may always have their own sums, however many centres there are.
const FEWEST_PARTS: usize = 8;

/// From this many centres on, a row's distance to its own centre is computed before those to all
/// centres.
const TIGHTEN_FROM: usize = 32;

/// For each thread there are at most this many parts, so that none waits long for the others.
const PARTS_OF_A_THREAD: usize = 4;

/// Upper bound of a row whose distances must be computed.
const UNKNOWN: f32 = f32::INFINITY;

/// Where the iterations ended.
#[derive(Debug, Clone)]
pub(super) struct End<T> {
    pub(super) centers: Centers<T>,
    pub(super) n_iter: usize,
}

/// When the iterations end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Largest number of iterations.
    pub(super) max_iter: usize,
    /// The iterations end when the sum of the centres' squared moves is at most this.
    pub(super) tolerance: f64,
}

/// Iterates until the sums of all clusters are those of the iteration before, or a limit is reached.
/// The sums stay if no row changes its cluster. They are exact, so it makes no difference whether
/// they were computed anew or kept.
pub(super) fn lloyd<T: Float>(
    rows: &Rows<'_, T>,
    weights: Option<&ArrayRef1<f64>>,
    grids: &Grids,
    mut centers: Centers<T>,
    limits: Limits,
    interrupted: &(dyn Fn() -> bool + Sync),
    report: Option<Report<'_>>,
) -> Result<End<T>> {
    let tell = |progress| report.map_or(Ok(()), |report| report(progress));
    let tolerance = limits.tolerance;
    let mut state = State::new(rows, weights, grids, centers.len());
    let mut moves = vec![0.0; centers.len()];
    let mut before = None;
    let mut n_iter = 0;
    tell(Progress::Started)?;
    loop {
        n_iter += 1;
        state.assign(&centers, &moves, interrupted)?;
        if report.is_some() {
            let inertia = state.inertia(&centers);
            tell(Progress::Iteration { n_iter, inertia })?;
        }
        // Before empty clusters are filled: a row that goes back to its cluster each time that it
        // fills an empty one would do so for ever.
        let settled = before.as_ref() == Some(&state.total);
        before = Some(state.total.clone());
        state.fill_empty(&centers);
        let means = state.total.means(grids, &centers);
        let last = std::mem::replace(&mut centers, means);
        let shift;
        (moves, shift) = centers.moved_from(&last);
        if settled {
            tell(Progress::Settled { n_iter })?;
            break;
        }
        if shift <= tolerance {
            tell(Progress::Within {
                n_iter,
                shift,
                tolerance,
            })?;
            break;
        }
        if n_iter == limits.max_iter {
            break;
        }
    }
    Ok(End { centers, n_iter })
}

struct State<'a, T> {
    rows: &'a Rows<'a, T>,
    weights: Option<&'a ArrayRef1<f64>>,
    /// The cluster of each row, −1 before the first iteration.
    labels: Vec<i32>,
    /// Upper bound of each row's distance to its own centre.
    upper: Vec<f32>,
    /// Lower bound of each row's distance to any other centre.
    lower: Vec<f32>,
    grids: &'a Grids,
    total: Sums,
    deltas: Vec<Delta>,
    /// Number of rows in a part.
    part: usize,
    /// Number of rows whose distances to all centres were computed in the last iteration.
    looked_at: usize,
    /// Whether bounds are kept. They cost a little and pay off once few rows change.
    bounded: bool,
}

impl<'a, T: Float> State<'a, T> {
    fn new(
        rows: &'a Rows<'a, T>,
        weights: Option<&'a ArrayRef1<f64>>,
        grids: &'a Grids,
        k: usize,
    ) -> Self {
        let n = rows.len();
        let sums = Sums::new(k, rows.n_columns(), grids);
        // Each part has its own sums. Beyond FEWEST_PARTS, all sums together take at most a quarter
        // of the rows' memory. More than a few for each thread would only take time to add up.
        let n_parts =
            (n * size_of::<T>() / (4 * grids.bins * size_of::<f64>() * k)).max(FEWEST_PARTS);
        let n_parts = n_parts.min(PARTS_OF_A_THREAD * rayon::current_num_threads());
        let part = part(n).max(n.div_ceil(n_parts));
        let delta = Delta {
            sums: sums.clone(),
            changed: 0,
            looked_at: 0,
        };
        Self {
            rows,
            weights,
            labels: vec![-1; n],
            upper: vec![UNKNOWN; n],
            lower: vec![0.0; n],
            deltas: vec![delta; n.div_ceil(part)],
            part,
            grids,
            total: sums,
            looked_at: 0,
            bounded: false,
        }
    }

    fn weight(&self, i: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[i])
    }

    /// Assigns each row to its nearest centre and updates the sums.
    fn assign(
        &mut self,
        centers: &Centers<T>,
        moves: &[f32],
        interrupted: &(dyn Fn() -> bool + Sync),
    ) -> Result<()> {
        let step = Step {
            rows: self.rows,
            weights: self.weights,
            centers,
            moves: if self.bounded {
                each_move(moves, &centers.half_separations(&self.rows.kernels))
            } else {
                Vec::new()
            },
            bounded: self.bounded,
            // Rows whose distances were all computed in the last iteration have tight bounds
            // already.
            tighten: centers.len() >= TIGHTEN_FROM && self.looked_at < self.rows.len() / 2,
            grids: self.grids,
            interrupted,
        };
        let part = self.part;
        self.labels
            .par_chunks_mut(part)
            .zip(self.upper.par_chunks_mut(part))
            .zip(self.lower.par_chunks_mut(part))
            .zip(&mut self.deltas)
            .enumerate()
            .try_for_each(|(p, (((labels, upper), lower), delta))| {
                if delta.changed > 0 {
                    delta.sums.clear();
                }
                (delta.changed, delta.looked_at) = (0, 0);
                let known = Known {
                    first: p * part,
                    labels,
                    upper,
                    lower,
                };
                step.run(known, delta)
            })?;
        for delta in self.deltas.iter().filter(|delta| delta.changed > 0) {
            self.total.add(&delta.sums);
        }
        self.looked_at = self.deltas.iter().map(|delta| delta.looked_at).sum();
        let changed: usize = self.deltas.iter().map(|delta| delta.changed).sum();
        self.bounded |= changed < self.rows.len() / 4;
        Ok(())
    }

    /// Sum of the squared distances of the rows to the centres that they are assigned to, each
    /// times its weight.
    fn inertia(&self, centers: &Centers<T>) -> f64 {
        let parts = self.rows.over_parts(|range| {
            let mut room = Vec::new();
            let mut total = Total::new();
            for i in range {
                let center = centers.row(self.labels[i] as usize);
                let squared: f64 = self.rows.squared_distance(i, center, &mut room).into();
                total.add(self.weight(i) * squared);
            }
            total
        });
        let mut all = Total::new();
        for total in parts {
            all.join(&total);
        }
        all.value()
    }

    /// Gives each cluster without rows the row that is farthest from its centre, and takes that row
    /// from its old cluster.
    fn fill_empty(&mut self, centers: &Centers<T>) {
        let n_empty = self
            .total
            .counts
            .iter()
            .filter(|&&count| count == 0)
            .count();
        if n_empty == 0 {
            return;
        }
        let rows = self.rows;
        let enough = n_empty + centers.len();
        let farthest = farthest(rows, self.weights, &self.labels, centers, enough);
        let labels = farthest.iter().map(|far| far.label as usize);
        for (place, filled) in fillers(&self.total.counts, labels) {
            let Far { row: i, label, .. } = farthest[place];
            let mut room = Vec::new();
            let (row, weight) = (rows.row(i, &mut room), self.weight(i));
            let total = &mut self.total;
            total.put(rows, self.grids, row, label as usize, weight, -1);
            total.put(rows, self.grids, row, filled, weight, 1);
            self.labels[i] = as_label(filled);
            self.upper[i] = UNKNOWN;
            // The row has another centre now, so the old bound says nothing about it.
            self.lower[i] = 0.0;
        }
    }
}
