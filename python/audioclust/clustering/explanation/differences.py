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
        Its bootstrap interval at 95 %, of each column by itself.
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
    members = [np.flatnonzero(labels == cluster) for cluster in range(k)]
    parts = [*members, np.flatnonzero(labels < 0)]
    sizes = np.array([len(part) for part in parts])
    sums = np.stack([standard[part].sum(axis=0) for part in parts])
    squares = np.stack([np.einsum("ij,ij->j", *[standard[part]] * 2) for part in parts])
    found = _hedges(sums, squares, sizes)
    with one_blas_thread():
        low, high = _intervals(standard, parts, sizes, found, rng)
        bound = _largest_by_chance(standard, sizes, rng)
    beyond = (low > 0) | (high < 0)
    enough = np.minimum(sizes[:-1], len(rows) - sizes[:-1]) >= FEWEST
    shown = _correlations(sums[:-1], sizes[:-1], len(rows)) > bound
    stands_out = shown & beyond & (np.abs(found) >= LEAST) & enough[:, np.newaxis]
    return Differences(found, low, high, stands_out)


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
    sums: NDArray[np.float64], squares: NDArray[np.float64], sizes: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Give Hedges' g of each part but the last beside all other parts.

    Parameters
    ----------
    sums, squares : ndarray of shape (..., n_parts, d), float64
        Sums and sums of squares of the rows of each part.
    sizes : ndarray of shape (n_parts,), intp
    """
    inside = sizes[:-1, np.newaxis].astype(np.float64)
    outside = sizes.sum() - inside
    both = (inside > 0) & (outside > 0)
    own, rest = np.maximum(inside, 1), np.maximum(outside, 1)
    total, all_squares = sums.sum(axis=-2, keepdims=True), squares.sum(axis=-2, keepdims=True)
    mean, other = sums[..., :-1, :] / own, (total - sums[..., :-1, :]) / rest
    within = all_squares - inside * mean**2 - outside * other**2
    freedom = max(int(sizes.sum()) - 2, 1)
    spread = np.sqrt(np.maximum(within / freedom, _LEAST_SPREAD**2))
    few = 1 - 3 / (4 * freedom - 1)
    return np.asarray(np.where(both, few * (mean - other) / spread, 0.0), np.float64)


def _intervals(
    standard: NDArray[np.float64],
    parts: list[NDArray[np.intp]],
    sizes: NDArray[np.intp],
    found: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the ends of the bootstrap interval of each difference."""
    d = standard.shape[1]
    # The last draw takes each row as often: it is what the sample itself gives.
    sums, squares = np.zeros((2, DRAWS + 1, len(parts), d))
    for part, rows in enumerate(parts):
        if len(rows):
            drawn = standard[some_rows(rows, DRAWN_ROWS, rng)]
            even = np.full(len(drawn), 1 / len(drawn))
            weights = np.vstack([rng.multinomial(len(rows), even, DRAWS), len(rows) * even])
            sums[:, part], squares[:, part] = weights @ drawn, weights @ drawn**2
    values = _hedges(sums, squares, sizes)
    beyond = round(DRAWS * (1 - COVERED) / 2)
    draws = np.moveaxis(values[:-1], 0, -1).copy()
    draws.partition((beyond, DRAWS - 1 - beyond), axis=-1)
    moved = found - values[-1]
    return draws[..., beyond] + moved, draws[..., DRAWS - 1 - beyond] + moved


def _largest_by_chance(
    standard: NDArray[np.float64], sizes: NDArray[np.intp], rng: np.random.Generator
) -> float:
    """Give what the largest correlation exceeds by chance only as often as CHANCE says."""
    n = len(standard)
    if n > SHUFFLED_ROWS:
        shares = np.round(sizes * SHUFFLED_ROWS / n).astype(np.intp)
        sizes = np.maximum(shares, np.minimum(sizes, 10))
        n = min(n, int(sizes.sum()))
    sample = standard[some_rows(len(standard), n, rng)]
    # A sample's own means and spreads would make correlations of it larger or smaller.
    sample = _standardised(sample)
    ends = np.cumsum(sizes)
    largest = np.empty(SHUFFLES)
    for i in range(SHUFFLES):
        shuffled = sample[rng.permutation(n)]
        sums = np.stack(
            [
                shuffled[end - size : end].sum(axis=0)
                for end, size in zip(ends, sizes, strict=True)
            ]
        )
        largest[i] = _correlations(sums[:-1], sizes[:-1], n).max(initial=0.0)
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
