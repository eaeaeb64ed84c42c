//! The nearest neighbours of rows, and how the rows of neighbours differ.

use ndarray::{Array2, ArrayView2, Axis, CowArray, Ix2};
use rayon::prelude::*;

use super::rows::check_rows;
use crate::simd::{Float, Kernels, Level};
use crate::{Error, Result};

/// Number of rows whose distances to a block are computed together: few enough for the distances to
/// stay in the second-level cache.
const TILE: usize = 128;

/// Number of columns of a scatter matrix that one thread computes at a time.
const COLUMNS: usize = 16;

/// The neighbours of each row, one list after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbors {
    /// Where the list of each row begins in `indices`, and where the last one ends.
    pub starts: Vec<usize>,
    /// The neighbours' indices, ascending in each list.
    pub indices: Vec<u32>,
}

impl Neighbors {
    /// The neighbours of row `i`.
    #[must_use]
    pub fn of(&self, i: usize) -> &[u32] {
        &self.indices[self.starts[i]..self.starts[i + 1]]
    }

    /// Pairs of rows that are neighbours of each other, each pair once, the lower index first.
    pub fn mutual(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.starts.len().saturating_sub(1)).flat_map(move |i| {
            let own = self.of(i).iter().map(|&j| j as usize);
            own.filter(move |&j| j > i && self.of(j).binary_search(&(i as u32)).is_ok())
                .map(move |j| (i, j))
        })
    }
}

/// The `k` nearest other rows of each row, by Euclidean distance; all others if there are not so
/// many. Rows that are as near as the `k`th count too, however many they are, so that the order of
/// the rows makes no difference.
///
/// Distances are sums of squared differences, one pair like the other: copies are at distance 0.
/// Squared distances count as equal up to a relative difference of 1e-9 (2e-5 in single precision):
/// rows that were scaled have rounding errors, and these may depend on the order of the rows. A
/// thread holds the distances of a block of rows to a tile of others, so that beside the result
/// memory does not grow with the square of the rows. One thread finds the neighbours of a row, which are therefore the same for any number of
/// threads in the current pool. `interrupted` is called repeatedly and returns whether to stop.
///
/// # Errors
/// [`Error::NonFiniteRow`], [`Error::Parameter`] for rows without columns, values whose squares
/// overflow, more rows than 32 bits count, or a `k` of 0, and [`Error::Interrupted`].
pub fn neighbors<T: Float>(
    rows: ArrayView2<'_, T>,
    k: usize,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Neighbors> {
    check(rows, k)?;
    let rows = rows.as_standard_layout();
    let seen = listed(&rows);
    let starts: Vec<usize> = (0..seen.len()).step_by(T::BLOCK).collect();
    let found = starts
        .into_par_iter()
        .map(|start| of_block(&seen, start, k, interrupted))
        .collect::<Result<Vec<_>>>()?;
    let mut all = Neighbors {
        starts: vec![0],
        indices: Vec::new(),
    };
    for list in found.into_iter().flatten() {
        all.indices.extend(list);
        all.starts.push(all.indices.len());
    }
    Ok(all)
}

fn check<T: Float>(rows: ArrayView2<'_, T>, k: usize) -> Result<()> {
    if k == 0 {
        return Err(Error::parameter("k", 0, "at least 1"));
    }
    if rows.ncols() == 0 {
        return Err(Error::parameter("X", "0 columns", "at least 1"));
    }
    if u32::try_from(rows.nrows()).is_err() {
        let got = format!("{} rows", rows.nrows());
        return Err(Error::parameter("X", got, format!("at most {}", u32::MAX)));
    }
    check_rows(rows, None)
}

/// The rows as slices.
pub(super) fn listed<'a, T: Float>(rows: &'a CowArray<'_, T, Ix2>) -> Vec<&'a [T]> {
    let slices = rows.axis_iter(Axis(0)).map(|row| row.to_slice());
    slices.map(Option::unwrap_or_default).collect()
}

/// The lists of the rows from `start` on, as many as are in a block.
fn of_block<T: Float>(
    rows: &[&[T]],
    start: usize,
    k: usize,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<Vec<u32>>> {
    let block = &rows[start..rows.len().min(start + T::BLOCK)];
    let kernels: Kernels<T> = T::kernels(Level::best());
    let packed = packed(&kernels, block);
    let mut lists: Vec<Nearest<T>> = block.iter().map(|_| Nearest::new(k)).collect();
    let mut squared = vec![T::default(); TILE * T::BLOCK];
    for (t, tile) in rows.chunks(TILE).enumerate() {
        if interrupted() {
            return Err(Error::Interrupted);
        }
        let squared = &mut squared[..tile.len() * T::BLOCK];
        (kernels.differences)(&packed, tile, squared);
        for (c, squared) in squared.chunks_exact(T::BLOCK).enumerate() {
            let index = t * TILE + c;
            for (r, (list, &squared)) in lists.iter_mut().zip(squared).enumerate() {
                if squared <= list.limit && index != start + r {
                    list.add(squared, index as u32);
                }
            }
        }
    }
    Ok(lists.into_iter().map(Nearest::indices).collect())
}

/// A block of rows as the kernels take it.
pub(super) fn packed<T: Float>(kernels: &Kernels<T>, block: &[&[T]]) -> Vec<T> {
    let n = block.first().map_or(0, |row| row.len());
    let mut packed = vec![T::default(); n * T::BLOCK];
    (kernels.pack)(block, &vec![T::default(); n], &mut packed);
    packed
}

/// The nearest rows that were seen so far: at least those that will count.
struct Nearest<T> {
    k: usize,
    /// Nothing farther away counts.
    limit: T,
    candidates: Vec<(T, u32)>,
    /// Number of candidates at which those are left out that no longer count.
    full: usize,
}

impl<T: Float> Nearest<T> {
    fn new(k: usize) -> Self {
        let full = k.saturating_mul(2).saturating_add(16);
        Self {
            k,
            limit: T::INFINITY,
            candidates: Vec::new(),
            full,
        }
    }

    fn add(&mut self, squared: T, index: u32) {
        self.candidates.push((squared, index));
        if self.candidates.len() >= self.full {
            self.leave_out();
            // Twice as many, so that the work stays in proportion where many are equally near.
            self.full = self.full.max(2 * self.candidates.len());
        }
    }

    fn leave_out(&mut self) {
        if self.candidates.len() > self.k {
            let order = |a: &(T, u32), b: &(T, u32)| a.0.into().total_cmp(&b.0.into());
            let (_, &mut (last, _), _) = self.candidates.select_nth_unstable_by(self.k - 1, order);
            let limit = T::of(last.into() * (1.0 + T::EPSILON.sqrt() / 16.0));
            self.limit = limit;
            self.candidates.retain(|&(squared, _)| squared <= limit);
        }
    }

    fn indices(mut self) -> Vec<u32> {
        self.leave_out();
        let mut indices: Vec<u32> = self.candidates.iter().map(|&(_, index)| index).collect();
        indices.sort_unstable();
        indices
    }
}

/// The mean of (zᵢ − zⱼ)(zᵢ − zⱼ)ᵀ / 2 over the pairs of rows that are among each other's `k`
/// nearest [`neighbors`], of shape (columns, columns); 0 if there are no pairs.
///
/// It is the covariance within groups, as far as neighbours are of one group: differences of two
/// independent rows of one group have twice its covariance. The pairs are added in one order for
/// any number of threads in the current pool.
///
/// # Errors
/// Those of [`neighbors`].
pub fn neighbor_scatter(
    rows: ArrayView2<'_, f64>,
    k: usize,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Array2<f64>> {
    let found = neighbors(rows, k, interrupted)?;
    let pairs: Vec<(usize, usize)> = found.mutual().collect();
    let rows = rows.as_standard_layout();
    let seen = listed(&rows);
    let n = rows.ncols();
    let mut sums = Array2::zeros((n, n));
    sums.axis_chunks_iter_mut(Axis(0), COLUMNS)
        .into_par_iter()
        .enumerate()
        .try_for_each(|(chunk, mut sums)| {
            let mut off = vec![0.0; n];
            for (p, &(i, j)) in pairs.iter().enumerate() {
                if p % 1024 == 0 && interrupted() {
                    return Err(Error::Interrupted);
                }
                for ((off, x), y) in off.iter_mut().zip(seen[i]).zip(seen[j]) {
                    *off = x - y;
                }
                for (sums, &own) in sums.outer_iter_mut().zip(&off[chunk * COLUMNS..]) {
                    if own != 0.0 {
                        sums.into_iter()
                            .zip(&off)
                            .for_each(|(sum, x)| *sum += own * x);
                    }
                }
            }
            Ok(())
        })?;
    Ok(sums / (2 * pairs.len().max(1)) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::on_threads;
    use ndarray::array;
    use proptest::prelude::*;

    const NEVER: &(dyn Fn() -> bool + Sync) = &|| false;

    /// The definition: all distances of a row, sorted.
    fn by_definition(rows: &Array2<f64>, k: usize) -> Vec<Vec<u32>> {
        let squared = |i: usize, j: usize| (&rows.row(i) - &rows.row(j)).mapv(|x| x * x).sum();
        let of = |i: usize| {
            let others: Vec<usize> = (0..rows.nrows()).filter(|&j| j != i).collect();
            let mut sorted: Vec<f64> = others.iter().map(|&j| squared(i, j)).collect();
            sorted.sort_by(f64::total_cmp);
            let limit = sorted.get(k - 1).copied().unwrap_or(f64::INFINITY);
            let near = others.into_iter().filter(|&j| squared(i, j) <= limit);
            near.map(|j| j as u32).collect()
        };
        (0..rows.nrows()).map(of).collect()
    }

    /// Rows of small whole numbers, whose distances are exact and often equal.
    fn rows() -> impl Strategy<Value = Array2<f64>> {
        let values = prop::collection::vec(-3i8..4, 3..600);
        values.prop_map(|values| {
            Array2::from_shape_fn((values.len() / 3, 3), |(i, c)| f64::from(values[3 * i + c]))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn they_are_as_defined_for_any_number_of_threads(rows in rows(), k in 1usize..9) {
            let run = |threads| {
                on_threads(threads, || neighbors(rows.view(), k, NEVER)).unwrap().unwrap()
            };
            let found = run(1);
            prop_assert_eq!(&found, &run(3));
            let singles = rows.mapv(|x| x as f32);
            prop_assert_eq!(&found, &neighbors(singles.view(), k, NEVER).unwrap());
            for (i, expected) in by_definition(&rows, k).iter().enumerate() {
                prop_assert_eq!(found.of(i), expected.as_slice());
            }
        }

        #[test]
        fn the_scatter_is_that_of_mutual_neighbours(rows in rows(), k in 1usize..9) {
            let lists = by_definition(&rows, k);
            let mut sum = Array2::<f64>::zeros((3, 3));
            let mut pairs = 0;
            for (i, own) in lists.iter().enumerate() {
                for &j in own.iter().filter(|&&j| lists[j as usize].contains(&(i as u32))) {
                    let off = &rows.row(i) - &rows.row(j as usize);
                    sum = sum + Array2::from_shape_fn((3, 3), |(a, b)| off[a] * off[b]);
                    pairs += 1; // Each pair is seen from both sides.
                }
            }
            let expected = sum / f64::from(2 * pairs.max(1));
            let found = neighbor_scatter(rows.view(), k, NEVER).unwrap();
            prop_assert!((found - expected).iter().all(|off| off.abs() < 1e-12));
        }
    }

    #[test]
    fn near_copies_far_from_the_origin_are_told_apart() {
        let rows = array![[1e8], [1e8 + 1e-6], [1e8 + 3e-6], [1e8 + 3e-6]];
        let found = neighbors(rows.view(), 1, NEVER).unwrap();
        let lists: Vec<&[u32]> = (0..4).map(|i| found.of(i)).collect();
        assert_eq!(lists, [&[1][..], &[0], &[3], &[2]]);
    }

    #[test]
    fn distances_that_are_equal_but_for_rounding_all_count() {
        // 0.1 + 0.2 is not 0.3 in binary numbers.
        let rows = array![[0.0], [0.1 + 0.2], [-0.3], [0.300_001]];
        let found = neighbors(rows.view(), 1, NEVER).unwrap();
        assert_eq!(found.of(0), [1, 2]);
    }

    #[test]
    fn few_rows_have_few_neighbours() {
        let found = neighbors(array![[1.0]].view(), 7, NEVER).unwrap();
        assert_eq!(found.starts, [0, 0]);
        assert_eq!(
            neighbors(Array2::<f64>::zeros((0, 2)).view(), 7, NEVER)
                .unwrap()
                .starts,
            [0]
        );
        let scatter = neighbor_scatter(array![[1.0]].view(), 7, NEVER);
        assert_eq!(scatter.unwrap(), array![[0.0]]);
    }

    #[test]
    fn what_cannot_be_used_is_refused_and_interruptions_end_it() {
        let message =
            |rows: Array2<f64>, k| neighbors(rows.view(), k, NEVER).unwrap_err().to_string();
        assert_eq!(message(array![[1.0]], 0), "k=0: expected at least 1");
        assert_eq!(
            message(Array2::zeros((3, 0)), 1),
            "X=0 columns: expected at least 1"
        );
        assert_eq!(
            message(array![[f64::NAN]], 1),
            "row 0, column 0 is NaN: expected a finite number"
        );
        let rows = array![[1.0], [2.0]];
        assert_eq!(neighbors(rows.view(), 1, &|| true), Err(Error::Interrupted));
    }
}
