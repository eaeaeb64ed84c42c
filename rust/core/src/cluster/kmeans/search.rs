//! The search for the next centre of k-means++ among candidates.

use ndarray::ArrayRef1;
use rand::RngExt;
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::blocks::Blocks;
use crate::cluster::parts::part;
use crate::cluster::rows::Rows;
use crate::simd::{After, Before, Float};

/// Largest number of candidates for a centre.
pub(super) const MAX_CANDIDATES: usize = 16;

/// The rows' distances to the centres picked so far.
pub(super) struct Search<'a, T> {
    rows: &'a Rows<'a, T>,
    weights: Option<&'a ArrayRef1<f64>>,
    blocks: Blocks<'a, T>,
    part: usize,
    n_candidates: usize,
    /// Squared distance of each row to the nearest centre.
    nearest: Vec<T>,
    /// For each block of rows, and in it for each candidate, one bit a row: whether the candidate
    /// is nearer to the row than its nearest centre.
    nearer: Vec<u64>,
    /// For each part the sum of its rows' weighted squared distances.
    potentials: Vec<f64>,
    /// For each part what that sum would be if a candidate became a centre.
    promised: Vec<[f64; MAX_CANDIDATES]>,
}

impl<'a, T: Float> Search<'a, T> {
    /// A search that tries `n_candidates` rows for each centre.
    pub(super) fn new(
        blocks: Blocks<'a, T>,
        weights: Option<&'a ArrayRef1<f64>>,
        n_candidates: usize,
    ) -> Self {
        let rows = blocks.rows;
        let part = part(rows.len());
        let n_parts = rows.len().div_ceil(part);
        Self {
            rows,
            weights,
            blocks,
            part,
            n_candidates,
            nearest: vec![T::default(); rows.len()],
            nearer: vec![0; rows.len().div_ceil(T::BLOCK) * n_candidates],
            potentials: vec![0.0; n_parts],
            promised: vec![[0.0; MAX_CANDIDATES]; n_parts],
        }
    }

    fn weight(&self, i: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[i])
    }

    /// Draws a row with a chance in proportion to its weight.
    pub(super) fn any(&self, rng: &mut Pcg64) -> usize {
        let Some(weights) = self.weights else {
            return rng.random_range(0..self.rows.len());
        };
        let target = rng.random::<f64>() * weights.sum();
        where_sum_exceeds(target, weights.iter().copied())
    }

    /// Draws a row with a chance in proportion to its weighted squared distance.
    pub(super) fn draw(&self, rng: &mut Pcg64) -> usize {
        let mut target = rng.random::<f64>() * self.potentials.iter().sum::<f64>();
        let part = where_sum_exceeds(target, self.potentials.iter().copied());
        target -= self.potentials[..part].iter().sum::<f64>();
        let first = part * self.part;
        let end = self.rows.len().min(first + self.part);
        let shares = (first..end).map(|i| self.weight(i) * self.nearest[i].into());
        first + where_sum_exceeds(target, shares)
    }

    /// Sets the first centre.
    pub(super) fn begin(&mut self, center: &[T]) {
        let (rows, weights, part) = (self.rows, self.weights, self.part);
        self.nearest
            .par_chunks_mut(part)
            .zip(&mut self.potentials)
            .enumerate()
            .for_each(|(p, (nearest, potential))| {
                let mut room = Vec::new();
                *potential = 0.0;
                for (i, nearest) in (p * part..).zip(nearest) {
                    *nearest = rows.squared_distance(i, center, &mut room);
                    *potential += weights.map_or(1.0, |w| w[i]) * (*nearest).into();
                }
            });
    }

    /// Tries candidates and returns the one that leaves the least sum of distances; the first of
    /// equally good ones.
    pub(super) fn try_all(&mut self, candidates: &[T]) -> usize {
        let (weights, part, n_candidates) = (self.weights, self.part, self.n_candidates);
        let blocks = &self.blocks;
        self.nearest
            .par_chunks(part)
            .zip(self.nearer.par_chunks_mut(part / T::BLOCK * n_candidates))
            .zip(&mut self.promised)
            .enumerate()
            .for_each(|(p, ((nearest, nearer), promised))| {
                let mut trial = Trial::new(candidates, weights);
                let first = p * part;
                blocks.each(first..first + nearest.len(), |start, packed| {
                    let (block, place) = ((start - first) / T::BLOCK, start - first);
                    let end = nearest.len().min(place + T::BLOCK);
                    let nearer = &mut nearer[block * n_candidates..][..n_candidates];
                    trial.run(blocks.rows, start, packed, &nearest[place..end], nearer);
                });
                *promised = trial.after.potentials.map(|sum| sum * trial.largest);
            });
        let totals = (0..n_candidates).map(|c| self.promised.iter().map(|p| p[c]).sum::<f64>());
        let least = totals.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
        least.map_or(0, |(c, _)| c)
    }

    /// Makes a candidate a centre. Only rows that are nearer to it change.
    pub(super) fn choose(&mut self, candidate: usize, center: &[T]) {
        let (rows, part, n_candidates) = (self.rows, self.part, self.n_candidates);
        self.nearest
            .par_chunks_mut(part)
            .zip(self.nearer.par_chunks(part / T::BLOCK * n_candidates))
            .enumerate()
            .for_each(|(p, (nearest, nearer))| {
                let mut room = Vec::new();
                let mut flags = nearer
                    .iter()
                    .skip(candidate)
                    .step_by(n_candidates)
                    .peekable();
                let blocks = nearest.chunks_mut(T::BLOCK);
                for (first, nearest) in (p * part..).step_by(T::BLOCK).zip(blocks) {
                    let changed = flags.next().copied().unwrap_or(0);
                    let next = flags.peek().map_or(0, |&&next| next);
                    ones(next).for_each(|i| rows.prefetch(&[first + T::BLOCK + i]));
                    for i in ones(changed) {
                        nearest[i] = rows.squared_distance(first + i, center, &mut room);
                    }
                }
            });
        for (potential, promised) in self.potentials.iter_mut().zip(&self.promised) {
            *potential = promised[candidate];
        }
    }
}

/// The places of the bits that are 1, from the lowest.
fn ones(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (place < u64::BITS).then_some(place as usize)
    })
}

/// Candidates, and buffers to try them on the rows of a part.
struct Trial<'a, T> {
    candidates: &'a [T],
    weights: Option<&'a ArrayRef1<f64>>,
    /// The largest weight. Relative to it, all weights fit into single precision.
    largest: f64,
    nearest: Vec<T>,
    weight: Vec<T>,
    after: After,
}

impl<'a, T: Float> Trial<'a, T> {
    fn new(candidates: &'a [T], weights: Option<&'a ArrayRef1<f64>>) -> Self {
        Self {
            candidates,
            weights,
            largest: weights.map_or(1.0, |weights| weights.iter().copied().fold(0.0, f64::max)),
            nearest: vec![T::default(); T::BLOCK],
            weight: vec![T::of(1.0); T::BLOCK],
            after: After::default(),
        }
    }

    /// Tries the candidates on the block of rows that begins with row `first`.
    fn run(
        &mut self,
        rows: &Rows<'_, T>,
        first: usize,
        packed: &[T],
        nearest: &[T],
        nearer: &mut [u64],
    ) {
        let n = nearest.len();
        self.nearest[..n].copy_from_slice(nearest);
        if let Some(weights) = self.weights {
            for (weight, i) in self.weight[..n].iter_mut().zip(first..) {
                *weight = T::of(weights[i] / self.largest);
            }
        }
        self.weight[n..].fill(T::default());
        let before = Before {
            nearest: &self.nearest,
            weights: &self.weight,
        };
        (rows.kernels.nearer)(packed, self.candidates, &before, &mut self.after);
        // The last block may have places without a row.
        let present = u64::MAX >> (u64::BITS as usize - n);
        for (nearer, &found) in nearer.iter_mut().zip(&self.after.nearer) {
            *nearer = found & present;
        }
    }
}

/// The index at which the running sum of shares exceeds `target`. An index with a share of 0 is
/// chosen only if there is no other.
fn where_sum_exceeds(target: f64, shares: impl Iterator<Item = f64>) -> usize {
    let mut sum = 0.0;
    let mut last = 0;
    for (i, share) in shares.enumerate() {
        if share > 0.0 {
            last = i;
            sum += share;
            if sum > target {
                break;
            }
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};
    use proptest::prelude::*;
    use rand::SeedableRng;

    use super::*;

    /// Rows in three parts, so that what is drawn in one depends on the others.
    const N: usize = 2500;

    fn example() -> (Array2<f64>, Array1<f64>) {
        let mut rng = Pcg64::seed_from_u64(1);
        let rows = Array2::from_shape_simple_fn((N, 2), || rng.random::<f64>().powi(3));
        let weights = Array1::from_shape_simple_fn(N, || rng.random::<f64>());
        (rows, weights)
    }

    /// Squared distance of each row to the nearest of some rows, times its weight.
    fn shares(rows: &Array2<f64>, weights: &Array1<f64>, picked: &[usize]) -> Vec<f64> {
        let to = |i: usize, c: usize| (&rows.row(i) - &rows.row(c)).mapv(|x| x * x).sum();
        let least = |i| {
            picked
                .iter()
                .map(|&c| to(i, c))
                .fold(f64::INFINITY, f64::min)
        };
        (0..N).map(|i| weights[i] * least(i)).collect()
    }

    /// Everything that a search knows after it has picked three centres.
    fn searched<T: Float>(rows: &Rows<'_, T>, weights: Option<&Array1<f64>>, room: usize) -> Known {
        let weights = weights.map(|weights| &**weights);
        let mut search = Search::new(Blocks::new(rows, room), weights, 3);
        let mut rng = Pcg64::seed_from_u64(5);
        let mut picked = vec![search.any(&mut rng)];
        search.begin(&rows.relative(picked[0]));
        let mut promised = Vec::new();
        for _ in 0..3 {
            let drawn: Vec<usize> = (0..3).map(|_| search.draw(&mut rng)).collect();
            let values: Vec<T> = drawn.iter().flat_map(|&i| rows.relative(i)).collect();
            let best = search.try_all(&values);
            let sums = (0..3).map(|c| search.promised.iter().map(|p| p[c]).sum());
            promised.push(drawn.iter().copied().zip(sums).collect());
            search.choose(best, &rows.relative(drawn[best]));
            picked.push(drawn[best]);
        }
        Known {
            picked,
            nearest: search
                .nearest
                .iter()
                .map(|&squared| squared.into())
                .collect(),
            promised,
        }
    }

    /// The rows picked, each row's squared distance to the nearest of them, and for each centre
    /// after the first, what each candidate promised.
    #[derive(Debug, PartialEq)]
    struct Known {
        picked: Vec<usize>,
        nearest: Vec<f64>,
        promised: Vec<Vec<(usize, f64)>>,
    }

    /// If `reversed`, rows do not follow one another in memory.
    fn check_search<T: Float>(rows: &Array2<f64>, weights: Option<&Array1<f64>>, reversed: bool) {
        let mut rows = rows.mapv(T::of);
        if reversed {
            rows.invert_axis(ndarray::Axis(0));
        }
        let from_middle = Rows::centred(&rows);
        let known = searched(&from_middle, weights, usize::MAX);
        assert_eq!(known, searched(&from_middle, weights, 0));
        let weight = |i: usize| weights.map_or(1.0, |weights| weights[i]);
        let wide = rows.mapv(Into::into);
        let to = |i: usize, c: usize| (&wide.row(i) - &wide.row(c)).mapv(|x| x * x).sum();
        let least = |i: usize, picked: &[usize]| {
            let squares = picked.iter().map(|&c| to(i, c));
            squares.fold(f64::INFINITY, f64::min)
        };
        // Rows are less than 2 apart in each of at most 9 columns, so each difference is known to
        // twice the precision, its square to four times that, and the sum of nine to 36 times.
        let rounded = 64.0 * T::EPSILON;
        for (i, &nearest) in known.nearest.iter().enumerate() {
            assert!((nearest - least(i, &known.picked)).abs() <= rounded);
        }
        let total: f64 = (0..rows.nrows()).map(weight).sum();
        for (c, promised) in known.promised.iter().enumerate() {
            for &(candidate, promised) in promised {
                let tried = [&known.picked[..=c], &[candidate]].concat();
                let plain: f64 = (0..rows.nrows())
                    .map(|i| weight(i) * least(i, &tried))
                    .sum();
                assert!(
                    (promised - plain).abs() <= rounded * total,
                    "{promised} {plain}"
                );
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Rows in heaps and rows evenly spread.
        #[test]
        fn a_search_knows_what_distances_to_all_rows_say(
            n in 4_usize..2200,
            d in 1_usize..10,
            spread in prop::sample::select(vec![0.0, 0.01, 1.0]),
            (weighted, reversed) in any::<(bool, bool)>(),
            seed in any::<u64>(),
        ) {
            let mut rng = Pcg64::seed_from_u64(seed);
            let heaps = Array2::from_shape_simple_fn((3, d), || rng.random::<f64>());
            let rows = Array2::from_shape_fn((n, d), |(i, f)| {
                heaps[[i % 3, f]] * (1.0 - spread) + spread * rng.random::<f64>()
            });
            let weights = Array1::from_shape_simple_fn(n, || rng.random::<f64>());
            let weights = weighted.then_some(&weights);
            check_search::<f32>(&rows, weights, reversed);
            check_search::<f64>(&rows, weights, reversed);
        }

        #[test]
        fn ones_are_the_places_of_bits(bits in any::<u64>()) {
            let places: Vec<usize> = (0..64).filter(|place| bits >> place & 1 == 1).collect();
            prop_assert_eq!(ones(bits).collect::<Vec<_>>(), places);
        }
    }

    #[test]
    fn rows_are_drawn_in_proportion_to_their_squared_distances() {
        let (rows, weights) = example();
        let from_middle = Rows::centred(&rows);
        assert!(part(N) * 2 < N);
        let mut search = Search::new(Blocks::new(&from_middle, 0), Some(&weights), 2);
        let mut picked = vec![7];
        search.begin(&from_middle.relative(7));
        for candidates in [[2100, 30], [900, 1500], [2400, 1200]] {
            let values: Vec<f64> = candidates.map(|i| from_middle.relative(i)).concat();
            let best = search.try_all(&values);
            let left = |c: usize| {
                let tried = [&picked[..], &[candidates[c]]].concat();
                shares(&rows, &weights, &tried).iter().sum::<f64>()
            };
            assert!(left(best) <= left(1 - best));
            picked.push(candidates[best]);
            search.choose(best, &from_middle.relative(candidates[best]));
            let shares = shares(&rows, &weights, &picked);
            let total: f64 = shares.iter().sum();
            assert!((search.potentials.iter().sum::<f64>() - total).abs() < 1e-9 * total);
            let mut rng = Pcg64::seed_from_u64(3);
            let mut counts = [0.0; 50];
            for _ in 0..20_000 {
                counts[search.draw(&mut rng) / (N / 50)] += 1.0;
            }
            let wanted = shares
                .chunks(N / 50)
                .map(|some| some.iter().sum::<f64>() / total);
            let terms = counts.iter().zip(wanted.map(|share| 20_000.0 * share));
            let chi_squared: f64 = terms.map(|(n, wanted)| (n - wanted).powi(2) / wanted).sum();
            // The 99.9th percentile for 49 degrees of freedom.
            assert!(chi_squared < 85.4, "{chi_squared}");
        }
    }

    #[test]
    fn the_first_row_is_drawn_in_proportion_to_its_weight() {
        let (rows, weights) = example();
        let from_middle = Rows::centred(&rows);
        let search = Search::new(Blocks::new(&from_middle, 0), Some(&weights), 2);
        let mut rng = Pcg64::seed_from_u64(3);
        let drawn = (0..20_000).map(|_| weights[search.any(&mut rng)]);
        // Of evenly spread weights, those drawn have a mean of 2/3, and not 1/2.
        let mean = drawn.sum::<f64>() / 20_000.0;
        let wanted = weights.mapv(|w| w * w).sum() / weights.sum();
        assert!((mean - wanted).abs() < 0.01, "{mean} {wanted}");
    }
}
