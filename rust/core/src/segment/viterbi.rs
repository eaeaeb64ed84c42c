//! The best sequence of spans, none of them shorter than a least length.

use std::collections::VecDeque;

use crate::{Error, Result};

/// In a trace: the run of the frame before continues.
const ON: u16 = u16::MAX;

/// Takes a score for each label of one frame after another. Finds the labelling with the largest
/// total score, less a cost for each change of label, among those in which no run is shorter than
/// `least` frames.
///
/// Consider the best labelling up to frame t that ends in a run of label s of at least `least`
/// frames. Either its last run was already long enough one frame before, or that run began `least`
/// frames ago, after the best labelling that ended there in another label. That makes two
/// candidates for each label and frame, however long runs must be. For each label and frame only 2
/// bytes are kept, which say which candidate won.
pub struct Viterbi {
    n_labels: usize,
    least: usize,
    /// What is subtracted from the total for each change of label.
    change: f64,
    /// Number of frames so far.
    frames: usize,
    /// The sums of the newest `least` frames' scores for each label.
    sums: Vec<f64>,
    /// The scores of those frames, the oldest first.
    recent: VecDeque<Vec<f32>>,
    /// For the newest frames, the oldest first: the best total of all labellings that end at that
    /// frame, for each label that they may end in.
    totals: VecDeque<Vec<f64>>,
    /// For each frame and label: [`ON`], or the label of the run before.
    trace: Vec<u16>,
}

impl Viterbi {
    /// A search over `n_labels` labels, with runs of at least `least` frames. Each change of label
    /// costs `change`.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless there is at least one of both, and fewer than 65,535 labels, and
    /// a change costs a finite amount that is not negative.
    pub fn new(n_labels: usize, least: usize, change: f64) -> Result<Self> {
        if !(1..usize::from(ON)).contains(&n_labels) {
            return Err(Error::parameter("k", n_labels, "1 to 65534"));
        }
        if least == 0 {
            return Err(Error::parameter("min_duration", 0, "at least one frame"));
        }
        if !change.is_finite() || change < 0.0 {
            let expected = "a finite number, at least 0";
            return Err(Error::parameter("change", change, expected));
        }
        Ok(Self {
            n_labels,
            least,
            change,
            frames: 0,
            sums: vec![0.0; n_labels],
            recent: VecDeque::new(),
            totals: VecDeque::new(),
            trace: Vec::new(),
        })
    }

    /// Takes in the scores of the next frames, frame after frame, with one value for each label.
    pub fn push(&mut self, scores: &[f32]) {
        for frame in scores.chunks_exact(self.n_labels) {
            self.take_in(frame);
        }
    }

    fn take_in(&mut self, frame: &[f32]) {
        let mut oldest = None;
        if self.recent.len() == self.least {
            oldest = self.recent.pop_front();
            for (sum, &score) in self.sums.iter_mut().zip(oldest.iter().flatten()) {
                *sum -= f64::from(score);
            }
        }
        for (sum, &score) in self.sums.iter_mut().zip(frame) {
            *sum += f64::from(score);
        }
        let mut kept = oldest.unwrap_or_default();
        kept.clear();
        kept.extend_from_slice(frame);
        self.recent.push_back(kept);
        self.frames += 1;
        self.extend(frame);
    }

    /// Finds the best labellings that end at the newest frame.
    fn extend(&mut self, frame: &[f32]) {
        // The best labellings that end where a run must begin to have `least` frames now.
        let full = self.totals.len() == self.least;
        let before = self.totals.front().filter(|_| full);
        let leaders = before.map(|totals| two_largest(totals));
        let mut totals = vec![f64::NEG_INFINITY; self.n_labels];
        for (label, total) in totals.iter_mut().enumerate() {
            if self.frames == self.least {
                *total = self.sums[label];
            }
            if let Some(newest) = self.totals.back() {
                *total = total.max(newest[label] + f64::from(frame[label]));
            }
            let from = leaders.and_then(
                |[best, second]| {
                    if best == Some(label) { second } else { best }
                },
            );
            let mut origin = ON;
            if let (Some(before), Some(from)) = (before, from) {
                let begun = before[from] + self.sums[label] - self.change;
                if begun > *total {
                    (*total, origin) = (begun, from as u16);
                }
            }
            self.trace.push(origin);
        }
        if full {
            self.totals.pop_front();
        }
        self.totals.push_back(totals);
    }

    /// The label of each frame. If there are fewer than `least` frames, all have the same label.
    #[must_use]
    pub fn finish(self) -> Vec<i32> {
        let last = match self.totals.back() {
            Some(totals) if self.frames >= self.least => totals,
            _ => &self.sums,
        };
        let Some(mut label) = two_largest(last)[0] else {
            return Vec::new();
        };
        let mut labels = vec![0; self.frames];
        let mut end = self.frames;
        while end > self.least {
            let origin = self.trace[(end - 1) * self.n_labels + label];
            let length = if origin == ON { 1 } else { self.least };
            labels[end - length..end].fill(i32::from(label as u16));
            end -= length;
            if origin != ON {
                label = usize::from(origin);
            }
        }
        labels[..end].fill(i32::from(label as u16));
        labels
    }
}

/// Indices of the largest and the second largest value; the first of equal ones.
fn two_largest(values: &[f64]) -> [Option<usize>; 2] {
    let mut found = [None; 2];
    let larger = |i: usize, than: Option<usize>| than.is_none_or(|j| values[i] > values[j]);
    for i in 0..values.len() {
        if larger(i, found[0]) {
            found = [Some(i), found[0]];
        } else if larger(i, found[1]) {
            found[1] = Some(i);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(scores: &[Vec<f32>], least: usize, change: f64, cut: usize) -> Vec<i32> {
        let mut viterbi = Viterbi::new(scores[0].len(), least, change).unwrap();
        let flat: Vec<f32> = scores.concat();
        let (a, b) = flat.split_at(cut.min(scores.len()) * scores[0].len());
        viterbi.push(a);
        viterbi.push(b);
        viterbi.finish()
    }

    fn total(scores: &[Vec<f32>], labels: &[usize], change: f64) -> f64 {
        let chosen = scores.iter().zip(labels);
        let sum: f32 = chosen.map(|(frame, &label)| frame[label]).sum();
        let changes = labels.windows(2).filter(|pair| pair[0] != pair[1]).count();
        f64::from(sum) - change * changes as f64
    }

    /// The largest total of all possible labellings, which are tried one by one.
    fn best_of_all(scores: &[Vec<f32>], least: usize, change: f64) -> f64 {
        let (n, k) = (scores.len(), scores[0].len());
        let mut best = f64::NEG_INFINITY;
        for mut code in 0..k.pow(n as u32) {
            let labels: Vec<usize> = (0..n)
                .map(|_| {
                    let label = code % k;
                    code /= k;
                    label
                })
                .collect();
            if labels.chunk_by(|a, b| a == b).all(|run| run.len() >= least) {
                best = best.max(total(scores, &labels, change));
            }
        }
        best
    }

    proptest! {
        #[test]
        fn no_labelling_with_runs_as_long_is_better(
            // Whole numbers: their sums have no rounding errors, and there are ties.
            scores in (1usize..4).prop_flat_map(|k| {
                let frame = prop::collection::vec(-9i8..9, k);
                prop::collection::vec(frame, 1..8)
            }),
            least in 1usize..5,
            change in 0u8..9,
            cut in 0usize..8,
        ) {
            let scores: Vec<Vec<f32>> = scores
                .iter()
                .map(|frame| frame.iter().map(|&v| f32::from(v)).collect())
                .collect();
            let change = f64::from(change);
            let found = labels(&scores, least, change, cut);
            prop_assert_eq!(found.len(), scores.len());
            let runs = found.chunk_by(|a, b| a == b);
            let shortest = runs.map(<[i32]>::len).min().unwrap_or(0);
            prop_assert!(shortest >= least.min(scores.len()));
            let found: Vec<usize> = found.iter().map(|&label| label as usize).collect();
            let best = best_of_all(&scores, least.min(scores.len()), change);
            prop_assert_eq!(total(&scores, &found, change), best);
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert!(Viterbi::new(0, 1, 0.0).is_err());
        assert!(Viterbi::new(70_000, 1, 0.0).is_err());
        assert!(Viterbi::new(2, 0, 0.0).is_err());
        assert!(Viterbi::new(2, 1, -1.0).is_err());
        assert!(Viterbi::new(2, 1, f64::NAN).is_err());
        assert!(Viterbi::new(2, 3, 0.0).unwrap().finish().is_empty());
    }
}
