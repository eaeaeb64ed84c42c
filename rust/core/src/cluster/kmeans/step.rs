//! One assignment of rows to centres, with Hamerly's bounds.

use ndarray::ArrayRef1;

use super::sums::{Grids, Sums};
use crate::cluster::centers::Centers;
use crate::cluster::rows::Rows;
use crate::simd::{Bounds, Float, Found, Moves, up};
use crate::{Error, Result};

/// Number of rows handled between two checks for an interruption.
const PATIENCE: usize = 1024;

/// For each centre what the bounds need: its own move, the largest move of any other centre, and
/// half the distance to the next centre.
pub(super) fn each_move(moves: &[f32], halves: &[f32]) -> Vec<Moves> {
    let most = moves.iter().copied().fold(0.0, f32::max);
    let farthest = moves.iter().position(|&moved| moved == most).unwrap_or(0);
    let rest = moves.iter().enumerate().filter(|&(c, _)| c != farthest);
    let next = rest.map(|(_, &moved)| moved).fold(0.0, f32::max);
    let each = moves.iter().zip(halves).enumerate();
    each.map(|(c, (&own, &half))| Moves {
        own,
        others: if c == farthest { next } else { most },
        half,
    })
    .collect()
}

/// One assignment of rows to centres.
pub(super) struct Step<'a, T> {
    pub(super) rows: &'a Rows<'a, T>,
    pub(super) weights: Option<&'a ArrayRef1<f64>>,
    pub(super) centers: &'a Centers<T>,
    pub(super) moves: Vec<Moves>,
    pub(super) bounded: bool,
    /// Whether a row's distance to its own centre is computed before those to all centres. It costs
    /// as much as several of those.
    pub(super) tighten: bool,
    pub(super) grids: &'a Grids,
    pub(super) interrupted: &'a (dyn Fn() -> bool + Sync),
}

/// What one part of an assignment changes.
#[derive(Debug, Clone)]
pub(super) struct Delta {
    pub(super) sums: Sums,
    /// Number of rows that changed their cluster.
    pub(super) changed: usize,
    /// Number of rows whose distances to all centres were computed.
    pub(super) looked_at: usize,
}

/// What is known of the rows of a part: their labels and bounds.
pub(super) struct Known<'a> {
    pub(super) first: usize,
    pub(super) labels: &'a mut [i32],
    pub(super) upper: &'a mut [f32],
    pub(super) lower: &'a mut [f32],
}

impl<'a> Known<'a> {
    /// The same rows in pieces. Between two pieces there is a check for an interruption.
    fn chunks(self) -> impl Iterator<Item = Known<'a>> {
        let first = self.first;
        let bounds = self
            .upper
            .chunks_mut(PATIENCE)
            .zip(self.lower.chunks_mut(PATIENCE));
        let chunks = self.labels.chunks_mut(PATIENCE).zip(bounds).enumerate();
        chunks.map(move |(c, (labels, (upper, lower)))| Known {
            first: first + c * PATIENCE,
            labels,
            upper,
            lower,
        })
    }
}

impl<T: Float> Step<'_, T> {
    /// Assigns the rows of a part to their nearest centres, and adds the changes to `delta`.
    pub(super) fn run(&self, part: Known<'_>, delta: &mut Delta) -> Result<()> {
        let mut packed = vec![T::default(); self.rows.n_columns() * T::BLOCK];
        let mut found = Found::new();
        let mut open = Vec::with_capacity(PATIENCE);
        for mut known in part.chunks() {
            if (self.interrupted)() {
                return Err(Error::Interrupted);
            }
            open.clear();
            if self.bounded {
                self.open(&mut known, &mut open);
            } else {
                open.extend(known.first..known.first + known.labels.len());
            }
            self.rows.by_blocks(&open, &mut packed, |block, packed| {
                if self.bounded {
                    let kernel = self.rows.kernels.nearest_and_bound;
                    kernel(packed, &self.centers.panels, &mut found);
                    self.centers.bound(&self.rows.kernels, &mut found);
                } else {
                    let kernel = self.rows.kernels.nearest;
                    kernel(packed, &self.centers.panels, &mut found);
                }
                self.take(&mut known, block, &found, delta);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Lists the open rows: those whose bounds do not prove that all other centres are farther than
    /// their own. If another is as near, the lower index decides, whatever the cluster was before.
    /// G. Hamerly, "Making k-means even faster", 2010.
    fn open(&self, known: &mut Known<'_>, open: &mut Vec<usize>) {
        let n = known.labels.len();
        let mut gaps = [0.0; PATIENCE];
        let bounds = Bounds {
            upper: &mut *known.upper,
            lower: &mut *known.lower,
            gaps: &mut gaps,
        };
        (self.rows.kernels.loosen)(known.labels, &self.moves, bounds);
        // The processor cannot predict whether a row is open. So there is no branch: every row is
        // written to the list, and the next one overwrites it if it is not open.
        open.resize(PATIENCE, 0);
        let mut n_open = 0_usize;
        for (i, &gap) in gaps[..n].iter().enumerate() {
            open[n_open % PATIENCE] = known.first.wrapping_add(i);
            n_open = n_open.wrapping_add(usize::from(gap >= 0.0));
        }
        open.truncate(n_open);
        if self.tighten {
            self.tighten(known, open);
        }
    }

    /// Computes the distance of each listed row to its own centre. If that proves that the centre
    /// is still the nearest, the row is removed from the list.
    fn tighten(&self, known: &mut Known<'_>, open: &mut Vec<usize>) {
        let error = (self.rows.n_columns() as f64 + 4.0) * T::EPSILON;
        let (relative, absolute) = (1.0 + error, error * T::MIN_POSITIVE);
        let mut room = Vec::new();
        open.retain(|&i| {
            let place = i - known.first;
            let label = known.labels[place] as usize;
            let center = self.centers.row(label);
            let own = self.rows.squared_distance(i, center, &mut room);
            known.upper[place] = up((own.into() + absolute).sqrt() * relative);
            known.upper[place] >= known.lower[place].max(self.moves[label].half)
        });
    }

    /// Stores what was found for rows, and moves those that change their cluster.
    fn take(&self, known: &mut Known<'_>, block: &[usize], found: &Found<T>, delta: &mut Delta) {
        let mut room = Vec::new();
        delta.looked_at += block.len();
        for (r, (&i, &now)) in block.iter().zip(&found.index).enumerate() {
            let place = i - known.first;
            if self.bounded {
                known.upper[place] = found.upper[r];
                known.lower[place] = found.lower[r];
            }
            let before = std::mem::replace(&mut known.labels[place], now);
            if before == now {
                continue;
            }
            delta.changed += 1;
            let weight = self.weights.map_or(1.0, |weights| weights[i]);
            let row = self.rows.row(i, &mut room);
            delta
                .sums
                .put(self.rows, self.grids, row, now as usize, weight, 1);
            if before >= 0 {
                delta
                    .sums
                    .put(self.rows, self.grids, row, before as usize, weight, -1);
            }
        }
    }
}
