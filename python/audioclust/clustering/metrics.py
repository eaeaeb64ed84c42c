"""Measures of a clustering, equal to scikit-learn's.

scikit-learn itself is not used, because importing it takes 0.9 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from audioclust import _core

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


SILHOUETTE_ROWS = 5000
"""Rows that silhouettes are computed of, at most: their cost grows as the square."""

_BLOCK_ROWS = 1 << 13
"""Rows whose differences from centres are in memory at a time."""


def silhouette(
    rows: NDArray[np.float64], labels: NDArray[np.integer[Any]], n_threads: int = 1
) -> float:
    """Give the mean silhouette (P. J. Rousseeuw, 1987), from -1 to 1.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float64
        The rows, finite. Of more than 5,000 a sample of 5,000 is measured, always the same one.
    labels : ndarray of shape (n,), of ints
        The cluster of each row.
    n_threads : int, default=1
        Number of threads; the result does not depend on it.

    Returns
    -------
    float
        NaN where it is not defined: if the measured rows have one label only, or are as many as
        their labels.
    """
    if len(rows) > SILHOUETTE_ROWS:
        rng = np.random.default_rng(0)
        sample = rng.choice(np.arange(len(rows)), SILHOUETTE_ROWS, replace=False)
        rows, labels = rows[sample], labels[sample]
    names, numbers = np.unique(labels, return_inverse=True)
    if not 1 < len(names) < len(labels):
        return float("nan")
    return float(mean_silhouettes(rows, numbers[np.newaxis], n_threads)[0])


def mean_silhouettes(
    rows: NDArray[np.float64], labelings: NDArray[np.integer[Any]], n_threads: int
) -> NDArray[np.float64]:
    """Give the mean silhouette of the same rows under each of several labelings.

    The distances, which take most of the time, are worked out once.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float64
        The rows, finite.
    labelings : ndarray of shape (n_labelings, n), of ints
        The clusters of the rows, numbered from 0.
    n_threads : int
        Number of threads; the result does not depend on it.

    Returns
    -------
    ndarray of shape (n_labelings,), float64
    """
    found = _core.silhouettes(rows, labelings.astype(np.uint32), n_threads=n_threads)
    return np.asarray(found.mean(axis=1), np.float64)


def calinski_harabasz(rows: NDArray[np.float64], labels: NDArray[np.integer[Any]]) -> float:
    """Give the ratio of the variance between clusters to that within; more is better.

    T. Caliński and J. Harabasz, "A dendrite method for cluster analysis" (1974).
    """
    n, k = len(rows), int(labels.max()) + 1
    centers, sizes = centroids(rows, labels)
    within = float(np.sum((rows - centers[labels]) ** 2))
    between = float(np.sum(sizes * np.sum((centers - rows.mean(axis=0)) ** 2, axis=1)))
    # scikit-learn's convention for clusters without variance.
    return 1.0 if within == 0 else between * (n - k) / (within * (k - 1))


def davies_bouldin(rows: NDArray[np.float64], labels: NDArray[np.integer[Any]]) -> float:
    """Give the mean over clusters of the worst ratio of spread to distance; less is better.

    D. L. Davies and D. W. Bouldin, "A cluster separation measure" (1979).
    """
    centers, sizes = centroids(rows, labels)
    distances = np.linalg.norm(rows - centers[labels], axis=1)
    spread = np.bincount(labels, distances) / sizes
    apart = np.linalg.norm(centers[:, None] - centers, axis=2)
    if np.allclose(spread, 0) or np.allclose(apart, 0):
        return 0.0  # scikit-learn's convention, too: the ratio is not defined.
    np.fill_diagonal(apart, np.inf)
    ratios = (spread[:, None] + spread) / np.where(apart == 0, np.inf, apart)
    return float(ratios.max(axis=1).mean())


def adjusted_rand(first: ArrayLike, second: ArrayLike) -> float:
    """Give the share of pairs of rows that two labelings agree on, corrected for chance.

    L. Hubert and P. Arabie, "Comparing partitions" (1985). It is 1 for the same partition and
    about 0 for independent ones, whatever the labels are called.

    Parameters
    ----------
    first, second : array-like of shape (n,), of ints
        The label of each row, from 0.
    """
    one, other = np.asarray(first, np.int64), np.asarray(second, np.int64)
    together = _n_pairs(_count_cells(one, other)[1])
    in_first, in_second = _n_pairs(np.bincount(one)), _n_pairs(np.bincount(other))
    total = len(one) * (len(one) - 1) / 2
    by_chance = in_first * in_second / total if total else 0.0
    most = (in_first + in_second) / 2
    return 1.0 if most == by_chance else (together - by_chance) / (most - by_chance)


class ClassAgreement(NamedTuple):
    """How well clusters match known classes; all from 0 to 1."""

    homogeneity: float
    completeness: float
    v_measure: float


def homogeneity_completeness_v_measure(classes: ArrayLike, labels: ArrayLike) -> ClassAgreement:
    """Measure how well clusters match known classes, whatever either are called.

    A. Rosenberg and J. Hirschberg, "V-Measure: a conditional entropy-based external cluster
    evaluation measure" (2007).

    Parameters
    ----------
    classes, labels : array-like of shape (n,), of ints
        The class and the cluster of each row, both numbered from 0.

    Returns
    -------
    homogeneity : float
        1 if each cluster has rows of one class only: one less the share of the classes' entropy
        that is left when the clusters are known.
    completeness : float
        1 if each class is in one cluster only: the same with the roles exchanged.
    v_measure : float
        The harmonic mean of both.
    """
    one, other = np.asarray(classes, np.int64), np.asarray(labels, np.int64)
    in_first, in_second = np.bincount(one), np.bincount(other)
    indices, cells = _count_cells(one, other)
    rows, columns = np.divmod(indices, len(in_second))
    homogeneity = 1 - _entropy_left(cells, in_second[columns], in_first)
    completeness = 1 - _entropy_left(cells, in_first[rows], in_second)
    both = homogeneity + completeness
    v_measure = 2 * homogeneity * completeness / both if both else 0.0
    return ClassAgreement(homogeneity, completeness, v_measure)


def centroids(
    rows: NDArray[np.float64], labels: NDArray[np.integer[Any]]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the mean and the number of each cluster's rows; no cluster may be empty.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float64
        The rows.
    labels : ndarray of shape (n,), of ints
        The cluster of each row, from 0; -1 for one in no cluster, which does not count.

    Returns
    -------
    means : ndarray of shape (k, d), float64
    sizes : ndarray of shape (k,), int64
    """
    rows, labels = rows[labels >= 0], labels[labels >= 0]
    sizes = np.bincount(labels)
    sums = np.stack([np.bincount(labels, column) for column in rows.T], axis=1)
    return sums / sizes[:, None], sizes


def distances_to(
    centers: NDArray[np.float64], rows: NDArray[np.float64], labels: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Give the distance of each row to the centre of its cluster, shape (n,).

    For a row with the label -1, which is in none, it is that to the nearest centre.
    """
    own, outside = labels.copy(), labels < 0
    if outside.any():
        own[outside] = _core.assign(rows[outside], centers, n_threads=1)[0]
    distances = np.empty(len(rows))
    # In blocks, since differences of all rows at once take twice the memory of the rows.
    for first in range(0, len(rows), _BLOCK_ROWS):
        block = slice(first, first + _BLOCK_ROWS)
        distances[block] = np.linalg.norm(rows[block] - centers[own[block]], axis=1)
    return distances


def knee(k: NDArray[np.int64], inertia: NDArray[np.float64]) -> int | None:
    """Give the k at which the curve of inertia bends, or None if it does not bend.

    It is the point farthest below the chord from the curve's first point to its last, as in
    V. Satopää et al., "Finding a kneedle in a haystack" (2011). Fewer than three points, and a
    curve that does not fall, have none.
    """
    if len(k) < 3 or inertia[0] <= inertia[-1]:
        return None
    along = (k - k[0]) / (k[-1] - k[0])
    down = (inertia[0] - inertia) / (inertia[0] - inertia[-1])
    below = down - along
    return int(k[below.argmax()]) if below.max() > 0 else None


def _count_cells(
    first: NDArray[np.int64], second: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count how many rows have each pair of labels.

    Returns
    -------
    indices : ndarray of shape (n_cells,), int64
        The pairs that occur, ascending: first label times the number of second labels, plus
        second label.
    cells : ndarray of shape (n_cells,), int64
        The number of rows of each.
    """
    n_second = int(second.max()) + 1
    pairs = first * n_second + second
    if n_second * (int(first.max()) + 1) > 10 * len(pairs):
        # The full table would be large and almost empty; sorting is slower but needs none.
        return np.unique(pairs, return_counts=True)
    counts = np.bincount(pairs)
    indices = np.flatnonzero(counts)
    return indices, counts[indices]


def _n_pairs(sizes: NDArray[np.int64]) -> float:
    """Give the number of pairs of rows within groups of some sizes."""
    return float(np.sum(sizes * (sizes - 1.0)) / 2)


def _entropy_left(
    cells: NDArray[np.int64], given: NDArray[np.int64], sizes: NDArray[np.int64]
) -> float:
    """Give the share of a labeling's entropy that is left when another labeling is known.

    Parameters
    ----------
    cells, given : ndarray of shape (n_cells,), int64
        Number of rows of each pair of labels, and of its label in the labeling that is known.
    sizes : ndarray of shape (n_labels,), int64
        Number of rows of each label of the labeling in question.

    Returns
    -------
    float
        From 0 to 1; 0 for a single label, which leaves nothing to be known.
    """
    sizes = sizes[sizes > 0]
    whole = np.sum(sizes * np.log(sizes.sum() / sizes))
    left = np.sum(cells * np.log(given / cells))
    return float(min(left / whole, 1.0)) if whole else 0.0
