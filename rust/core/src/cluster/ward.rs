//! Hierarchical clustering by Ward's linkage.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::neighbors::{listed, packed};
use super::rows::check_rows;
use crate::simd::{Float, Kernels, Level};
use crate::{Error, Result};

/// Largest number of rows. Their distances take 8 bytes for each pair: 1.6 GB.
pub const MAX_WARD_ROWS: usize = 20_000;

/// Number of rows whose distances to those before them one thread computes at a time.
const TILE: usize = 64;

/// How clusters were merged until one was left, the nearest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Merges {
    /// The two clusters of each merge, the lower number first. Clusters below n are single rows;
    /// n + i is what merge i made.
    pub children: Vec<[u32; 2]>,
    /// The distance of the two clusters by Ward's linkage, ascending: the square root of twice the
    /// growth of the sum of squared distances to the clusters' means.
    pub heights: Vec<f64>,
}

/// Merges the two nearest clusters of rows, (n, columns), until one is left, by J. H. Ward's
/// distance ("Hierarchical grouping to optimize an objective function", 1963).
///
/// The merges are found by chains of nearest neighbours (F. Murtagh, "A survey of recent advances
/// in hierarchical clustering algorithms", 1983), as D. Müllner describes it ("Modern hierarchical,
/// agglomerative clustering algorithms", 2011), and then sorted by height. Of equally near clusters
/// the one before in the chain is taken, or else that of the lowest place.
///
/// The first distances are sums of squared differences, computed by the threads of the current
/// pool; the chain runs on one. `interrupted` is called repeatedly and returns whether to stop.
///
/// # Errors
/// [`Error::NonFiniteRow`], [`Error::Parameter`] for more than [`MAX_WARD_ROWS`] rows, none, rows
/// without columns, or values whose squares overflow, [`Error::TooLarge`] if only a merge's does,
/// and [`Error::Interrupted`].
pub fn ward(rows: ArrayView2<'_, f64>, interrupted: &(dyn Fn() -> bool + Sync)) -> Result<Merges> {
    let n = rows.nrows();
    if n == 0 || n > MAX_WARD_ROWS {
        let expected = format!("1 to {MAX_WARD_ROWS}, as memory grows as the square");
        return Err(Error::parameter("X", format!("{n} rows"), expected));
    }
    if rows.ncols() == 0 {
        return Err(Error::parameter("X", "0 columns", "at least 1"));
    }
    check_rows(rows, None)?;
    let rows = rows.as_standard_layout();
    let distances = Distances::between(&listed(&rows), interrupted)?;
    let mut merges = chain(distances, interrupted)?;
    merges.sort_by(|a, b| a.squared.total_cmp(&b.squared));
    Ok(numbered(n, &merges))
}

/// Squared distances of all pairs of clusters. Row i has those to the clusters 0 to i − 1.
struct Distances {
    n: usize,
    squared: Vec<f64>,
}

impl Distances {
    fn between(rows: &[&[f64]], interrupted: &(dyn Fn() -> bool + Sync)) -> Result<Self> {
        let n = rows.len();
        let mut squared = vec![0.0; n * (n - 1) / 2];
        let mut tiles = Vec::new();
        let mut rest = squared.as_mut_slice();
        for start in (0..n).step_by(TILE) {
            let end = n.min(start + TILE);
            let (tile, others) = rest.split_at_mut(row_start(end) - row_start(start));
            tiles.push((start..end, tile));
            rest = others;
        }
        // The last tiles are the longest, and begin first.
        tiles.into_par_iter().rev().try_for_each(|(range, tile)| {
            if interrupted() {
                return Err(Error::Interrupted);
            }
            fill(rows, range, tile);
            Ok(())
        })?;
        Ok(Self { n, squared })
    }

    /// The cluster that is nearest to `x`, if one is nearer than `bound`; the lowest of equally
    /// near ones.
    fn nearest(&self, x: usize, bound: f64) -> Option<(usize, f64)> {
        let (mut found, mut best) = (None, bound);
        let start = row_start(x);
        for (z, &squared) in self.squared[start..start + x].iter().enumerate() {
            if squared < best {
                (found, best) = (Some(z), squared);
            }
        }
        let mut at = start + 2 * x;
        for z in x + 1..self.n {
            let squared = self.squared[at];
            if squared < best {
                (found, best) = (Some(z), squared);
            }
            at += z;
        }
        found.map(|z| (z, best))
    }
}

/// Where the distance of two clusters is.
fn place_of(a: usize, b: usize) -> usize {
    row_start(a.max(b)) + a.min(b)
}

/// Where the row of cluster i begins.
fn row_start(i: usize) -> usize {
    i * i.saturating_sub(1) / 2
}

/// Writes the rows of a range of clusters.
fn fill(rows: &[&[f64]], range: std::ops::Range<usize>, tile: &mut [f64]) {
    const BLOCK: usize = <f64 as crate::simd::Real>::BLOCK;
    let kernels: Kernels<f64> = f64::kernels(Level::best());
    let mut squared = vec![0.0; range.len() * BLOCK];
    for (b, block) in rows[..range.end].chunks(BLOCK).enumerate() {
        let first = b * BLOCK;
        (kernels.differences)(&packed(&kernels, block), &rows[range.clone()], &mut squared);
        for (i, squared) in range.clone().zip(squared.chunks_exact(BLOCK)) {
            let wanted = i.saturating_sub(first).min(block.len());
            let to = row_start(i) - row_start(range.start) + first;
            if wanted > 0 {
                tile[to..to + wanted].copy_from_slice(&squared[..wanted]);
            }
        }
    }
}

/// Two clusters that were merged, by a row of each.
struct Merge {
    rows: [usize; 2],
    squared: f64,
}

/// The merges in the order in which chains of nearest neighbours find them.
fn chain(mut distances: Distances, interrupted: &(dyn Fn() -> bool + Sync)) -> Result<Vec<Merge>> {
    let n = distances.n;
    let mut sizes = vec![1_u32; n];
    let mut merges = Vec::with_capacity(n - 1);
    let mut chain: Vec<usize> = Vec::new();
    let mut first = 0;
    while merges.len() + 1 < n {
        if interrupted() {
            return Err(Error::Interrupted);
        }
        while sizes[first] == 0 {
            first += 1;
        }
        let mut x = chain.pop().unwrap_or(first);
        let (y, squared) = loop {
            let before = chain.last().copied();
            let bound = before.map_or(f64::INFINITY, |y| distances.squared[place_of(x, y)]);
            match (distances.nearest(x, bound), before) {
                (Some((nearer, _)), _) => {
                    chain.push(x);
                    x = nearer;
                }
                (None, Some(before)) => break (before, bound),
                // Every distance has overflowed.
                (None, None) => return Err(Error::TooLarge { name: "X" }),
            }
        };
        chain.pop();
        merges.push(Merge {
            rows: [x.min(y), x.max(y)],
            squared,
        });
        merge(&mut distances, &mut sizes, x.min(y), x.max(y));
    }
    Ok(merges)
}

/// Puts cluster `x` into the place of cluster `y`, by the formula of G. N. Lance and W. T. Williams
/// for Ward's distance. The distances to `x` become infinite, so that nobody finds it any more.
fn merge(distances: &mut Distances, sizes: &mut [u32], x: usize, y: usize) {
    let (own, other) = (f64::from(sizes[x]), f64::from(sizes[y]));
    let between = place_of(x, y);
    let apart = distances.squared[between];
    distances.squared[between] = f64::INFINITY;
    sizes[y] += sizes[x];
    sizes[x] = 0;
    for (z, &size) in sizes.iter().enumerate() {
        if size == 0 || z == y {
            continue;
        }
        let size = f64::from(size);
        let (to_x, to_y) = (place_of(x, z), place_of(y, z));
        let sum = (own + size) * distances.squared[to_x] + (other + size) * distances.squared[to_y];
        distances.squared[to_y] = (sum - size * apart) / (own + other + size);
        distances.squared[to_x] = f64::INFINITY;
    }
}

/// The merges with clusters in place of rows.
fn numbered(n: usize, merges: &[Merge]) -> Merges {
    let mut parents: Vec<usize> = (0..2 * n - 1).collect();
    let mut children = Vec::with_capacity(merges.len());
    for (i, merge) in merges.iter().enumerate() {
        let mut pair = merge.rows.map(|row| root(&mut parents, row));
        for child in pair {
            parents[child] = n + i;
        }
        pair.sort_unstable();
        children.push(pair.map(|child| child as u32));
    }
    Merges {
        children,
        heights: merges.iter().map(|merge| merge.squared.sqrt()).collect(),
    }
}

/// The cluster that a row is in by now. The way there is made shorter.
fn root(parents: &mut [usize], row: usize) -> usize {
    let mut at = row;
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::on_threads;
    use ndarray::{Array2, array};
    use proptest::prelude::*;

    const NEVER: &(dyn Fn() -> bool + Sync) = &|| false;

    /// Heights by the definition: at each step the two clusters whose merging adds least.
    fn by_definition(rows: &Array2<f64>) -> Vec<f64> {
        let mut clusters: Vec<Vec<usize>> = (0..rows.nrows()).map(|i| vec![i]).collect();
        let scatter = |members: &[usize]| {
            let some = rows.select(ndarray::Axis(0), members);
            let mean = some.mean_axis(ndarray::Axis(0)).unwrap();
            (some - mean).mapv(|x| x * x).sum()
        };
        let mut heights = Vec::new();
        while clusters.len() > 1 {
            let mut best = (f64::INFINITY, 0, 0);
            for b in 1..clusters.len() {
                for a in 0..b {
                    let both = [clusters[a].clone(), clusters[b].clone()].concat();
                    let more = scatter(&both) - scatter(&clusters[a]) - scatter(&clusters[b]);
                    if more < best.0 {
                        best = (more, a, b);
                    }
                }
            }
            let merged = clusters.remove(best.2);
            clusters[best.1].extend(merged);
            heights.push((2.0 * best.0).max(0.0).sqrt());
        }
        heights
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn heights_are_as_defined_and_ascend(
            values in prop::collection::vec(-9.0f64..9.0, 2..50),
        ) {
            let rows = Array2::from_shape_fn((values.len() / 2, 2), |(i, c)| values[2 * i + c]);
            let found = ward(rows.view(), NEVER).unwrap();
            prop_assert!(found.heights.is_sorted());
            for (found, expected) in found.heights.iter().zip(by_definition(&rows)) {
                // The definition subtracts sums of squares up to about 1e4, and takes a root.
                prop_assert!((found - expected).abs() < 1e-5);
            }
        }

        #[test]
        fn they_are_the_same_for_any_number_of_threads(n in 1usize..300) {
            let rows = Array2::from_shape_fn((n, 5), |(i, c)| ((i * 31 + c * 17) as f64).sin());
            let run = |threads| on_threads(threads, || ward(rows.view(), NEVER)).unwrap().unwrap();
            prop_assert_eq!(run(1), run(3));
        }
    }

    #[test]
    fn they_are_known_by_hand() {
        let found = ward(array![[0.0], [10.0], [1.0], [10.0]].view(), NEVER).unwrap();
        assert_eq!(found.children, [[1, 3], [0, 2], [4, 5]]);
        // Two pairs whose means are 9.5 apart: 2 · 2 · 2 / (2 + 2) · 9.5².
        assert_eq!(found.heights, [0.0, 1.0, (2.0 * 9.5_f64 * 9.5).sqrt()]);
        let one = ward(array![[3.0]].view(), NEVER).unwrap();
        assert_eq!(one.children, Vec::<[u32; 2]>::new());
    }

    #[test]
    fn what_cannot_be_used_is_refused_and_interruptions_end_it() {
        let message = |rows: Array2<f64>| ward(rows.view(), NEVER).unwrap_err().to_string();
        assert_eq!(
            message(Array2::zeros((20_001, 1))),
            "X=20001 rows: expected 1 to 20000, as memory grows as the square"
        );
        assert!(message(Array2::zeros((0, 1))).starts_with("X=0 rows: expected 1 to"));
        assert_eq!(
            message(Array2::zeros((3, 0))),
            "X=0 columns: expected at least 1"
        );
        assert_eq!(
            message(array![[f64::NAN]]),
            "row 0, column 0 is NaN: expected a finite number"
        );
        // Squares that are just finite, of which twenty times as much is not.
        let mut rows = Array2::zeros((22, 1));
        (rows[[0, 0]], rows[[1, 0]]) = (3e153, -3e153);
        assert_eq!(
            message(rows),
            "X: expected values small enough to compute with"
        );
        let rows = array![[1.0], [2.0]];
        assert_eq!(ward(rows.view(), &|| true), Err(Error::Interrupted));
    }
}
