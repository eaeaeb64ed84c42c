//! How much rows belong together: conditional probabilities of a given perplexity, and the joint
//! ones made of them.

use rayon::prelude::*;

use super::nearest::Near;

/// How near to the logarithm of the perplexity a row's entropy must come.
const PRECISION: f64 = 1e-6;

/// Largest number of steps in the search for a row's bandwidth.
const STEPS: usize = 100;

/// Symmetric probabilities of pairs of rows, in the layout of a sparse matrix by rows. They sum to
/// 1.
pub(super) struct Affinities {
    /// Where the neighbours of each row begin, and where the last one's end.
    starts: Vec<usize>,
    indices: Vec<u32>,
    shares: Vec<f32>,
}

impl Affinities {
    /// The joint probabilities of rows whose nearest neighbours are given, ascending by index:
    /// (p(j|i) + p(i|j)) / 2n.
    pub(super) fn of(mut nearest: Vec<Vec<Near>>, perplexity: f64) -> Self {
        nearest
            .par_iter_mut()
            .for_each(|row| calibrate(row, perplexity));
        let n = nearest.len();
        let (begins, backward) = transposed(&nearest);
        let half = 0.5 / n.max(1) as f64;
        let joint: Vec<Vec<Near>> = nearest
            .par_iter()
            .enumerate()
            .map(|(i, row)| merged(row, &backward[begins[i]..begins[i + 1]], half))
            .collect();
        drop((nearest, backward));
        let total = joint.iter().map(Vec::len).sum();
        let mut all = Self {
            starts: Vec::with_capacity(n + 1),
            indices: Vec::with_capacity(total),
            shares: Vec::with_capacity(total),
        };
        all.starts.push(0);
        for row in joint {
            all.indices.extend(row.iter().map(|&(j, _)| j));
            all.shares.extend(row.iter().map(|&(_, share)| share));
            all.starts.push(all.indices.len());
        }
        all
    }

    /// The neighbours of row `i` and their probabilities.
    pub(super) fn row(&self, i: usize) -> (&[u32], &[f32]) {
        let range = self.starts[i]..self.starts[i + 1];
        (&self.indices[range.clone()], &self.shares[range])
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }
}

/// Turns the squared distances of a row's neighbours into probabilities exp(-β d²) / Σ, with the β
/// at which their perplexity, exp of the entropy, is the one asked for.
///
/// Newton's method in ln β, kept between bounds: the entropy falls with β, by β² times the variance
/// of d² where ln β grows by 1.
pub(super) fn calibrate(row: &mut [Near], perplexity: f64) {
    let least = row
        .iter()
        .fold(f32::INFINITY, |least, near| least.min(near.1));
    let off: Vec<f64> = row
        .iter()
        .map(|near| f64::from(near.1) - f64::from(least))
        .collect();
    let mut weights = vec![1.0; off.len()];
    let target = perplexity.ln();
    let mean = off.iter().sum::<f64>() / off.len().max(1) as f64;
    let mut beta = if mean > 0.0 { 1.0 / mean } else { 1.0 };
    let (mut low, mut high) = (0.0, f64::INFINITY);
    let mut sum = off.len() as f64;
    for _ in 0..STEPS {
        let [total, first, second] = moments(&off, beta, &mut weights);
        sum = total;
        let mean = first / sum;
        let entropy = sum.ln() + beta * mean;
        let slope = beta * beta * (second / sum - mean * mean);
        if (entropy - target).abs() < PRECISION {
            break;
        }
        if entropy > target {
            low = beta;
        } else {
            high = beta;
        }
        beta = next(beta, (entropy - target) / slope, low, high);
    }
    for (near, weight) in row.iter_mut().zip(weights) {
        near.1 = (weight / sum) as f32;
    }
}

/// The next β: a step of Newton's method if it stays between the bounds, else half way.
fn next(beta: f64, step: f64, low: f64, high: f64) -> f64 {
    let newton = beta * step.clamp(-2.0, 2.0).exp();
    if newton > low && newton < high {
        newton
    } else if high == f64::INFINITY {
        4.0 * low
    } else {
        0.5 * (low + high)
    }
}

/// Writes weights exp(-β d²), and gives the sums of the weights, of d² and of its square.
fn moments(off: &[f64], beta: f64, weights: &mut [f64]) -> [f64; 3] {
    let mut sums = [0.0; 3];
    for (off, weight) in off.iter().zip(weights) {
        *weight = (-beta * off).exp();
        sums[0] += *weight;
        sums[1] += *weight * off;
        sums[2] += *weight * off * off;
    }
    sums
}

/// The transposed matrix: where each row begins, and its entries, ascending by index.
fn transposed(rows: &[Vec<Near>]) -> (Vec<usize>, Vec<Near>) {
    let mut begins = vec![0; rows.len() + 1];
    for &(j, _) in rows.iter().flatten() {
        begins[j as usize + 1] += 1;
    }
    for i in 0..rows.len() {
        begins[i + 1] += begins[i];
    }
    let mut ends = begins.clone();
    let mut entries = vec![(0, 0.0); begins[rows.len()]];
    for (i, row) in rows.iter().enumerate() {
        for &(j, share) in row {
            entries[ends[j as usize]] = (i as u32, share);
            ends[j as usize] += 1;
        }
    }
    (begins, entries)
}

/// The sum of two sparse rows, times `factor`. Both are ascending by index.
fn merged(a: &[Near], b: &[Near], factor: f64) -> Vec<Near> {
    let mut sums = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let Some(index) = a
        .peek()
        .into_iter()
        .chain(b.peek())
        .map(|near| near.0)
        .min()
    {
        let take = |row: &mut std::iter::Peekable<std::slice::Iter<'_, Near>>| {
            row.next_if(|near| near.0 == index)
                .map_or(0.0, |near| f64::from(near.1))
        };
        let share = take(&mut a) + take(&mut b);
        sums.push((index, (factor * share) as f32));
    }
    sums
}
