//! Lloyd's iterations, with Hamerly's bounds where they spare work.

use std::cmp::Ordering;

use ndarray::ArrayRef1;
use rayon::prelude::*;

use crate::cluster::assign::as_label;
use crate::cluster::centers::Centers;
use crate::cluster::rows::{Rows, part};
use crate::simd::{Bounds, Float, Found, Moves, up};
use crate::{Error, Result};

/// Rows between two looks at whether to stop.
const PATIENCE: usize = 1024;

/// Parts with sums of their own that there may be however many the centres are.
const FEWEST_PARTS: usize = 8;

/// Centres from which on a row's distance to its own is taken before those to all.
const TIGHTEN_FROM: usize = 32;

/// The bound of a row that must be looked at.
const UNKNOWN: f32 = f32::INFINITY;

/// Where the iterations ended.
#[derive(Debug, Clone)]
pub(super) struct End<T> {
    pub(super) centers: Centers<T>,
    pub(super) n_iter: usize,
}

/// Iterates until no row changes its cluster, the centres' squared moves sum to no more than
/// `tolerance`, or `max_iter` is reached. A row whose weighted
/// distance from the rows' middle is above `heavy` takes digits of a cluster's sum with it when
/// it leaves: sums are then taken anew before the end.
pub(super) fn lloyd<T: Float>(
    rows: &Rows<'_, T>,
    weights: Option<&ArrayRef1<f64>>,
    mut centers: Centers<T>,
    max_iter: usize,
    (tolerance, heavy): (f64, f64),
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<End<T>> {
    let mut state = State::new(rows, weights, centers.len(), heavy);
    let mut moves = vec![0.0; centers.len()];
    let mut n_iter = 0;
    loop {
        n_iter += 1;
        let changed = state.assign(&centers, &moves, interrupted)?;
        let filled = state.fill_empty(&centers);
        let settled = n_iter > 1 && changed == 0 && !filled;
        if settled && !state.total.lossy {
            break;
        }
        if settled {
            // The same again, with all digits.
            state.sum_anew();
            n_iter -= 1;
        }
        let means = state.means(&centers);
        let before = std::mem::replace(&mut centers, means);
        let shift;
        (moves, shift) = centers.moved_from(&before);
        if shift <= tolerance || n_iter == max_iter {
            break;
        }
    }
    if state.total.lossy {
        state.sum_anew();
        centers = state.means(&centers);
    }
    Ok(End { centers, n_iter })
}

/// The clusters' sums, or what changes in them.
#[derive(Debug, Clone)]
struct Sums {
    rows: Vec<f64>,
    weights: Vec<f64>,
    /// Rows with a weight above 0, so that an empty cluster is known for one although
    /// subtracted weights leave a rest.
    counts: Vec<i64>,
    /// Rows that changed their cluster.
    changed: usize,
    /// Rows whose distance to every centre was taken.
    looked_at: usize,
    /// Whether something heavy was taken out.
    lossy: bool,
}

impl Sums {
    fn new(k: usize, n_columns: usize) -> Self {
        Self {
            rows: vec![0.0; k * n_columns],
            weights: vec![0.0; k],
            counts: vec![0; k],
            changed: 0,
            looked_at: 0,
            lossy: false,
        }
    }

    fn clear(&mut self) {
        self.rows.fill(0.0);
        self.weights.fill(0.0);
        self.counts.fill(0);
        self.changed = 0;
        self.looked_at = 0;
        self.lossy = false;
    }

    fn add(&mut self, other: &Self) {
        for (sum, more) in self.rows.iter_mut().zip(&other.rows) {
            *sum += more;
        }
        for (weight, more) in self.weights.iter_mut().zip(&other.weights) {
            *weight += more;
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.changed += other.changed;
        self.looked_at += other.looked_at;
        self.lossy |= other.lossy;
    }

    /// Adds a row to a cluster or, with a `sign` of −1, takes it out.
    fn put<T: Float>(
        &mut self,
        rows: &Rows<'_, T>,
        row: &[T],
        cluster: usize,
        weight: f64,
        sign: i64,
    ) {
        let n = rows.n_columns();
        let signed = sign as f64 * weight;
        let sums = &mut self.rows[cluster * n..(cluster + 1) * n];
        (rows.kernels.add)(row, &rows.offset, signed, sums);
        self.weights[cluster] += signed;
        self.counts[cluster] += if weight > 0.0 { sign } else { 0 };
    }
}

struct State<'a, T> {
    rows: &'a Rows<'a, T>,
    weights: Option<&'a ArrayRef1<f64>>,
    /// The cluster of each row, −1 before the first iteration.
    labels: Vec<i32>,
    /// At least each row's distance to its centre.
    upper: Vec<f32>,
    /// At most each row's distance to any other centre.
    lower: Vec<f32>,
    total: Sums,
    deltas: Vec<Sums>,
    /// Rows in a part.
    part: usize,
    /// From which weighted distance on a row is heavy.
    heavy: f64,
    /// Whether bounds are kept: they cost a little and pay once few rows change.
    bounded: bool,
}

impl<'a, T: Float> State<'a, T> {
    fn new(
        rows: &'a Rows<'a, T>,
        weights: Option<&'a ArrayRef1<f64>>,
        k: usize,
        heavy: f64,
    ) -> Self {
        let n = rows.len();
        let sums = Sums::new(k, rows.n_columns());
        // Each part has sums of its own: together no more than a quarter of the rows.
        let n_parts = (n * size_of::<T>() / (4 * size_of::<f64>() * k)).max(FEWEST_PARTS);
        let part = part(n).max(n.div_ceil(n_parts));
        Self {
            rows,
            weights,
            labels: vec![-1; n],
            upper: vec![UNKNOWN; n],
            lower: vec![0.0; n],
            deltas: vec![sums.clone(); n.div_ceil(part)],
            part,
            total: sums,
            heavy,
            bounded: false,
        }
    }

    fn weight(&self, i: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[i])
    }

    /// Assigns each row to its nearest centre, brings the sums up to date, and tells how many
    /// rows changed their cluster.
    fn assign(
        &mut self,
        centers: &Centers<T>,
        moves: &[f32],
        interrupted: &(dyn Fn() -> bool + Sync),
    ) -> Result<usize> {
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
            // What was looked at a moment ago has bounds as tight as can be.
            tighten: centers.len() >= TIGHTEN_FROM && self.total.looked_at < self.rows.len() / 2,
            heavy: self.heavy,
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
                delta.clear();
                step.run(p * part, labels, upper, lower, delta)
            })?;
        self.total.changed = 0;
        self.total.looked_at = 0;
        for delta in &self.deltas {
            self.total.add(delta);
        }
        self.bounded |= self.total.changed < self.rows.len() / 4;
        Ok(self.total.changed)
    }

    /// Sums what is in each cluster now, without what was there before.
    fn sum_anew(&mut self) {
        let part = self.part;
        let (rows, weights, labels) = (self.rows, self.weights, &self.labels);
        self.deltas
            .par_iter_mut()
            .enumerate()
            .for_each(|(p, delta)| {
                delta.clear();
                let mut room = Vec::new();
                for i in p * part..rows.len().min((p + 1) * part) {
                    let weight = weights.map_or(1.0, |weights| weights[i]);
                    delta.put(rows, rows.row(i, &mut room), labels[i] as usize, weight, 1);
                }
            });
        self.total.clear();
        for delta in &self.deltas {
            self.total.add(delta);
        }
    }

    /// The clusters' means; a cluster without rows stays where it is.
    fn means(&self, before: &Centers<T>) -> Centers<T> {
        let n = self.rows.n_columns();
        let mut values = before.values().to_vec();
        let sums = self.total.rows.chunks_exact(n);
        for (c, (mean, sums)) in values.chunks_exact_mut(n).zip(sums).enumerate() {
            // What is left where something heavy was may be anything.
            if self.total.counts[c] > 0 && self.total.weights[c] > 0.0 {
                for (mean, sum) in mean.iter_mut().zip(sums) {
                    *mean = T::of(sum / self.total.weights[c]);
                }
            }
        }
        Centers::new(values, n)
    }

    /// Gives each cluster without rows the one that is farthest from its centre, the lowest
    /// index first among equals, and takes it from the cluster it was in. Tells whether there
    /// was one.
    fn fill_empty(&mut self, centers: &Centers<T>) -> bool {
        let empty: Vec<usize> = (0..centers.len())
            .filter(|&c| self.total.counts[c] == 0)
            .collect();
        if empty.is_empty() {
            return false;
        }
        let rows = self.rows;
        let labels = &self.labels;
        // Of the farthest, those that are alone in their cluster are passed over: one a cluster.
        let enough = empty.len() + centers.len();
        let farthest = rows.over_parts(|range| {
            let mut room = Vec::new();
            let mut far: Vec<(f64, usize)> = range
                .filter(|&i| self.weight(i) > 0.0)
                .map(|i| {
                    let center = centers.row(labels[i] as usize);
                    (rows.squared_distance(i, center, &mut room).into(), i)
                })
                // A row in its centre's place would leave the other cluster as empty as this.
                .filter(|&(distance, _)| distance > 0.0)
                .collect();
            far.sort_by(farther_first);
            far.truncate(enough);
            far
        });
        let mut farthest = farthest.concat();
        farthest.sort_by(farther_first);
        let mut candidates = farthest.into_iter().map(|(_, i)| i);
        let mut filled = false;
        for cluster in empty {
            let Some(i) = candidates.find(|&i| self.total.counts[self.labels[i] as usize] > 1)
            else {
                break;
            };
            let (from, weight) = (self.labels[i] as usize, self.weight(i));
            // The farthest row is heavy as likely as not.
            self.total.lossy = true;
            let mut room = Vec::new();
            let row = rows.row(i, &mut room);
            self.total.put(rows, row, from, weight, -1);
            // Nothing is left in it but rounding errors.
            let n = rows.n_columns();
            self.total.rows[cluster * n..(cluster + 1) * n].fill(0.0);
            self.total.weights[cluster] = 0.0;
            self.total.put(rows, row, cluster, weight, 1);
            self.labels[i] = as_label(cluster);
            self.upper[i] = UNKNOWN;
            // The cluster that it was in is another one now.
            self.lower[i] = 0.0;
            filled = true;
        }
        filled
    }
}

fn farther_first(a: &(f64, usize), b: &(f64, usize)) -> Ordering {
    b.0.total_cmp(&a.0).then(a.1.cmp(&b.1))
}

/// What the bounds need to know of each centre.
fn each_move(moves: &[f32], halves: &[f32]) -> Vec<Moves> {
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
struct Step<'a, T> {
    rows: &'a Rows<'a, T>,
    weights: Option<&'a ArrayRef1<f64>>,
    centers: &'a Centers<T>,
    moves: Vec<Moves>,
    bounded: bool,
    /// Whether a row's distance to its own centre is taken before those to all: it costs as
    /// much as several of those.
    tighten: bool,
    heavy: f64,
    interrupted: &'a (dyn Fn() -> bool + Sync),
}

/// The rows of a part as they are known.
struct Known<'a> {
    first: usize,
    labels: &'a mut [i32],
    upper: &'a mut [f32],
    lower: &'a mut [f32],
}

impl<T: Float> Step<'_, T> {
    fn run(
        &self,
        first: usize,
        labels: &mut [i32],
        upper: &mut [f32],
        lower: &mut [f32],
        delta: &mut Sums,
    ) -> Result<()> {
        let mut packed = vec![T::default(); self.rows.n_columns() * T::BLOCK];
        let mut found = Found::new();
        let mut open = Vec::with_capacity(PATIENCE);
        let chunks = labels
            .chunks_mut(PATIENCE)
            .zip(upper.chunks_mut(PATIENCE))
            .zip(lower.chunks_mut(PATIENCE));
        for (c, ((labels, upper), lower)) in chunks.enumerate() {
            if (self.interrupted)() {
                return Err(Error::Interrupted);
            }
            let mut known = Known {
                first: first + c * PATIENCE,
                labels,
                upper,
                lower,
            };
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

    /// Lists the rows whose bounds do not show that their centre is the nearest still: G.
    /// Hamerly, "Making k-means even faster", 2010.
    fn open(&self, known: &mut Known<'_>, open: &mut Vec<usize>) {
        let n = known.labels.len();
        let mut gaps = [0.0; PATIENCE];
        let bounds = Bounds {
            upper: &mut *known.upper,
            lower: &mut *known.lower,
            gaps: &mut gaps,
        };
        (self.rows.kernels.loosen)(known.labels, &self.moves, bounds);
        // Whether a row is open cannot be foreseen: no branch, then, but a place in the list that
        // the next row takes if this one is not.
        open.resize(PATIENCE, 0);
        let mut n_open = 0_usize;
        for (i, &gap) in gaps[..n].iter().enumerate() {
            open[n_open % PATIENCE] = known.first.wrapping_add(i);
            n_open = n_open.wrapping_add(usize::from(gap > 0.0));
        }
        open.truncate(n_open);
        if self.tighten {
            self.tighten(known, open);
        }
    }

    /// Takes rows off the list whose distance to their centre, now that it is taken, shows that
    /// it is the nearest still.
    fn tighten(&self, known: &mut Known<'_>, open: &mut Vec<usize>) {
        let relative = 1.0 + (self.rows.n_columns() as f64 + 4.0) * T::EPSILON;
        let mut room = Vec::new();
        open.retain(|&i| {
            let place = i - known.first;
            let label = known.labels[place] as usize;
            let center = self.centers.row(label);
            let own = self.rows.squared_distance(i, center, &mut room);
            known.upper[place] = up(own.into().sqrt() * relative);
            known.upper[place] > known.lower[place].max(self.moves[label].half)
        });
    }

    /// Notes what was found for rows, and moves those whose cluster is another one now.
    fn take(&self, known: &mut Known<'_>, block: &[usize], found: &Found<T>, delta: &mut Sums) {
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
            delta.put(self.rows, row, now as usize, weight, 1);
            if before >= 0 {
                let norm: f64 = found.norm[r].into();
                delta.lossy |= weight * norm.sqrt() > self.heavy;
                delta.put(self.rows, row, before as usize, weight, -1);
            }
        }
    }
}
