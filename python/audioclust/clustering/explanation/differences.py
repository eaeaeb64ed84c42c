"""How clusters differ from all other rows, and which differences are more than chance.

All is computed from sums over rows, so that many rows cost little more than few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audioclust.clustering.samples import some_rows
from audioclust.utils.threads import one_blas_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray


SHUFFLES = 199
"""How often labels are shuffled to see what chance does."""

CHANCE = 0.05
"""How often chance alone may make any difference of any cluster stand out."""

DRAWS = 500
"""How often rows are drawn anew for the intervals."""

COVERED = 0.95
"""The share of these draws that an interval covers."""

LEAST = 0.8
"""The least standardised difference that stands out: what Cohen calls a large one."""

FEWEST = 3
"""Rows that a cluster, and the rest, must have for a difference to stand out."""

SHUFFLED_ROWS = 2000
"""Rows whose labels are shuffled, at most."""

DRAWN_ROWS = 500
"""Rows of a cluster that its draws consist of, at most."""

_LEAST_SPREAD = 1e-3
"""What a spread within groups counts as at least, in standard deviations of all rows. Without
it a column that is constant in both groups would differ infinitely."""


class Differences(NamedTuple):
    """How each cluster differs from all other rows, column by column.

    Attributes
    ----------
    difference : ndarray of shape (k, d), float64
        The standardised difference of means, Hedges' g: above 0 where the cluster's mean is
        above that of the other rows. 0 for a column that is constant, for a cluster without
        rows, and if there are no other rows.
    low, high : ndarray of shape (k, d), float64
        Its bootstrap interval at 95 %, of each column by itself; NaN for a difference that is
        too small, or no more than chance.
    stands_out : ndarray of shape (k, d), bool
        Whether it is more than chance, among all columns and clusters, and large.
    """

    difference: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    stands_out: NDArray[np.bool_]


def differences(
    rows: NDArray[np.float64], labels: NDArray[np.int32], k: int, *, seed: int = 0
) -> Differences:
    """Measure how each cluster differs from all other rows, column by column.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float64
        The rows, finite, in any units: a column's scale does not matter.
    labels : ndarray of shape (n,), int32
        The cluster of each row, or -1 for one that is in none and belongs to the rest.
    k : int
        The number of clusters.
    seed : int
        The same seed gives the same result.

    Returns
    -------
    Differences

    Notes
    -----
    Hedges' g is the difference of two means in pooled standard deviations within the two
    groups, times 1 − 3 / (4 (n − 2) − 1), which takes away most of the bias of few rows
    (L. V. Hedges, "Distribution theory for Glass's estimator of effect size and related
    estimators", 1981). The pooled spread counts as at least 0.001 of the column's.

    A difference stands out if three things hold:

    - Chance would hardly make it. Labels are shuffled 199 times. Each time the largest
      correlation between any column and belonging to any cluster is kept, times √(n − 1). A
      difference must exceed all but the 9 largest of these. So chance alone makes anything at
      all stand out, of all columns and clusters, in at most 5 % of clusterings (P. H. Westfall
      and S. S. Young, "Resampling-Based Multiple Testing", 1993).
    - Its bootstrap interval does not hold 0. Rows are drawn anew within each cluster 500
      times; the interval goes from the 2.5th to the 97.5th percentile.
    - It is at least 0.8 in size, and cluster and rest have at least 3 rows each.

    Of more than 2,000 rows about 2,000 are shuffled: a random sample, and labels in the same
    proportions, but at least 10 of each cluster that has so many. Of a cluster of more than 500
    rows, as many as it has are drawn from a random sample of 500, and the interval is moved to
    lie about the difference of all rows (A. Kleiner et al., "A scalable bootstrap for massive
    data", 2014).
    """
    rng = np.random.default_rng(seed)
    standard = _standardised(rows)
    parts = [np.flatnonzero(labels == cluster) for cluster in range(k)]
    parts.append(np.flatnonzero(labels < 0))
    sizes = np.array([len(part) for part in parts])
    sums = np.stack([standard[part].sum(axis=0) for part in parts])
    squares = np.einsum("ij,ij->j", standard, standard)
    found = _hedges(sums[:-1], sums.sum(axis=0), squares, sizes[:-1, np.newaxis], len(rows))
    likely = _correlations(sums[:-1], sizes[:-1], len(rows)) > _by_chance(standard, sizes, rng)
    enough = np.minimum(sizes[:-1], len(rows) - sizes[:-1]) >= FEWEST
    likely &= (np.abs(found) >= LEAST) & enough[:, np.newaxis]
    with one_blas_thread():
        low, high = _intervals(standard, parts, found, likely, rng)
    return Differences(found, low, high, likely & ((low > 0) | (high < 0)))


def _standardised(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give columns of mean 0 and standard deviation 1, and of zeros where one is constant."""
    centred = rows - rows.mean(axis=0)
    spread = np.sqrt(np.einsum("ij,ij->j", centred, centred) / len(rows))
    # What is left of a constant column is what its mean was rounded by.
    constant = spread <= 1e-12 * np.abs(rows).max(axis=0)
    centred /= np.where(constant, 1.0, spread)
    centred[:, constant] = 0.0
    return np.asarray(centred, np.float64)


def _hedges(
    own: NDArray[np.float64],
    total: NDArray[np.float64],
    squares: NDArray[np.float64],
    size: NDArray[np.intp],
    n: int,
) -> NDArray[np.float64]:
    """Give Hedges' g of a cluster beside all other rows.

    Parameters
    ----------
    own, total, squares : ndarray of shape (..., d), float64
        Sums of the cluster's rows and of all rows, and sums of the squares of all rows.
    size : ndarray of shape (..., 1), intp
        The number of the cluster's rows.
    n : int
        The number of all rows.
    """
    inside, outside = np.maximum(size, 1), np.maximum(n - size, 1)
    rest = total - own
    freedom = max(n - 2, 1)
    variance = (squares - own**2 / inside - rest**2 / outside) / freedom
    spread = np.sqrt(np.maximum(variance, _LEAST_SPREAD**2))
    few = 1 - 3 / (4 * freedom - 1)
    g = few * (own / inside - rest / outside) / spread
    return np.asarray(np.where((size > 0) & (size < n), g, 0.0), np.float64)


def _intervals(
    standard: NDArray[np.float64],
    parts: list[NDArray[np.intp]],
    found: NDArray[np.float64],
    wanted: NDArray[np.bool_],
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the ends of the bootstrap intervals of the differences that are wanted, else NaN."""
    n, d = standard.shape
    # The last draw takes each row as often: it is what the sample itself gives.
    sums, squares = np.zeros((len(parts), DRAWS + 1, d)), np.zeros((DRAWS + 1, d))
    for part, rows in enumerate(parts):
        if len(rows):
            drawn = standard[some_rows(rows, DRAWN_ROWS, rng)]
            even = np.full(len(drawn), 1 / len(drawn))
            weights = np.vstack([rng.multinomial(len(rows), even, DRAWS), len(rows) * even])
            np.matmul(weights, drawn, out=sums[part])
            squares += weights @ drawn**2
    total = sums.sum(axis=0)
    low, high = np.full((2, *found.shape), np.nan)
    for cluster, columns in enumerate(map(np.flatnonzero, wanted)):
        if len(columns):
            own, all_rows = sums[cluster][:, columns], total[:, columns]
            size = np.array([len(parts[cluster])])
            values = _hedges(own, all_rows, squares[:, columns], size, n).T
            moved = found[cluster, columns] - values[:, -1]
            beyond = round(DRAWS * (1 - COVERED) / 2)
            ends = (beyond, DRAWS - 1 - beyond)
            draws = np.partition(values[:, :-1], ends, axis=1)
            low[cluster, columns], high[cluster, columns] = draws[:, ends].T + moved
    return low, high


def _by_chance(
    standard: NDArray[np.float64], sizes: NDArray[np.intp], rng: np.random.Generator
) -> float:
    """Give what the largest correlation exceeds by chance only as often as CHANCE says."""
    n = len(standard)
    if n > SHUFFLED_ROWS:
        shares = np.round(sizes * SHUFFLED_ROWS / n).astype(np.intp)
        sizes = np.maximum(shares, np.minimum(sizes, 10))
        n = int(sizes.sum())
    # A sample's own means and spreads would make correlations of it larger or smaller.
    sample = _standardised(standard[some_rows(len(standard), n, rng)])
    clusters = sizes[:-1][sizes[:-1] > 0]
    starts = np.cumsum(clusters) - clusters
    inside = int(clusters.sum())
    largest = np.zeros(SHUFFLES)
    if inside:
        for i in range(SHUFFLES):
            shuffled = sample[rng.permutation(n)[:inside]]
            sums = np.add.reduceat(shuffled, starts, axis=0)
            largest[i] = _correlations(sums, clusters, n).max(initial=0.0)
    place = int(np.ceil((SHUFFLES + 1) * (1 - CHANCE))) - 1
    return float(np.partition(largest, place)[place])


def _correlations(
    sums: NDArray[np.float64], sizes: NDArray[np.intp], n: int
) -> NDArray[np.float64]:
    """Give how much each column follows each cluster: |correlation| times √(n − 1).

    It is about |z| of a difference of means. Other measures of one difference, such as t, are
    larger when it is. In this one, a shuffle changes only the sums.

    Parameters
    ----------
    sums : ndarray of shape (k, d), float64
        Sums of standardised rows in each cluster.
    sizes : ndarray of shape (k,), intp
    n : int
        The number of all rows.
    """
    own = sizes[:, np.newaxis].astype(np.float64)
    product = own * (n - own)
    scale = np.sqrt(max(n - 1, 1) / np.where(product > 0, product, np.inf))
    return np.asarray(np.abs(sums) * scale, np.float64)
