"""Measures of a clustering that need no scikit-learn, whose import takes 0.9 s."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def calinski_harabasz(rows: NDArray[np.float64], labels: NDArray[np.int32]) -> float:
    """Give the ratio of variance between clusters to that within (Caliński, Harabasz 1974)."""
    n, k = len(rows), int(labels.max()) + 1
    centers, sizes = centroids(rows, labels)
    within = float(np.sum((rows - centers[labels]) ** 2))
    between = float(np.sum(sizes * np.sum((centers - rows.mean(axis=0)) ** 2, axis=1)))
    # 1 where nothing is left to explain is scikit-learn's convention.
    return 1.0 if within == 0 else between * (n - k) / (within * (k - 1))


def davies_bouldin(rows: NDArray[np.float64], labels: NDArray[np.int32]) -> float:
    """Give the mean, over clusters, of the worst ratio of spread to distance (1979)."""
    centers, sizes = centroids(rows, labels)
    distances = np.linalg.norm(rows - centers[labels], axis=1)
    spread = np.bincount(labels, distances) / sizes
    apart = np.linalg.norm(centers[:, None] - centers, axis=2)
    if np.allclose(spread, 0) or np.allclose(apart, 0):
        return 0.0  # scikit-learn's convention, too.
    np.fill_diagonal(apart, np.inf)
    ratios = (spread[:, None] + spread) / np.where(apart == 0, np.inf, apart)
    return float(ratios.max(axis=1).mean())


def adjusted_rand(first: NDArray[np.int32], second: NDArray[np.int32]) -> float:
    """Give the share of pairs labelings agree on, chance taken off (Hubert, Arabie 1985)."""
    width = int(second.max()) + 1
    cells = np.bincount(first.astype(np.int64) * width + second)
    together = _pairs(cells)
    in_first, in_second = _pairs(np.bincount(first)), _pairs(np.bincount(second))
    total = len(first) * (len(first) - 1) / 2
    by_chance = in_first * in_second / total if total else 0.0
    most = (in_first + in_second) / 2
    return 1.0 if most == by_chance else (together - by_chance) / (most - by_chance)


def centroids(
    rows: NDArray[np.float64], labels: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the mean of each cluster's rows, and their number, which is never 0."""
    sizes = np.bincount(labels)
    sums = np.stack([np.bincount(labels, column) for column in rows.T], axis=1)
    return sums / sizes[:, None], sizes


def knee(k: NDArray[np.int64], inertia: NDArray[np.float64]) -> int | None:
    """Give the k at which the curve of inertia bends, None if it does not or has no middle.

    It is the one farthest below the chord from the curve's first point to its last, as in
    V. Satopää et al., "Finding a kneedle in a haystack" (2011).
    """
    if len(k) < 3 or inertia[0] <= inertia[-1]:
        return None
    along = (k - k[0]) / (k[-1] - k[0])
    down = (inertia[0] - inertia) / (inertia[0] - inertia[-1])
    below = down - along
    return int(k[below.argmax()]) if below.max() > 0 else None


def _pairs(counts: NDArray[np.int64]) -> float:
    return float(np.sum(counts * (counts - 1.0)) / 2)
