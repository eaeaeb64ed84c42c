"""The row of each cluster that the others are nearest to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audioclust.utils.threads import one_blas_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray


EXACT_ROWS = 1000
"""Rows of a cluster between which all distances are measured, at most."""


def medoids(rows: NDArray[np.float64], labels: NDArray[np.int32], k: int) -> NDArray[np.intp]:
    """Find the medoid of each cluster.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float64
        The rows as they were clustered.
    labels : ndarray of shape (n,), int32
        The cluster of each row, or -1.
    k : int
        The number of clusters.

    Returns
    -------
    ndarray of shape (k,), intp
        For each cluster the number of the row with the least sum of Euclidean distances to all
        others of its cluster; of several such rows the first. In a cluster of more than 1,000
        rows it is the row nearest its mean instead, since distances would be too many. -1 for a
        cluster without rows.
    """
    found = np.full(k, -1, np.intp)
    with one_blas_thread():
        for cluster in range(k):
            members = np.flatnonzero(labels == cluster)
            if len(members):
                found[cluster] = members[_medoid(rows[members])]
    return found


def _medoid(rows: NDArray[np.float64]) -> int:
    """Give the place of the medoid among the rows of one cluster."""
    centred = rows - rows.mean(axis=0)
    squares = np.einsum("ij,ij->i", centred, centred)
    if len(rows) > EXACT_ROWS:
        return int(squares.argmin())
    pairs = squares[:, np.newaxis] + squares - 2 * centred @ centred.T
    # What is left between copies is rounding, and its root would count.
    pairs[pairs < 1e-12 * squares.max(initial=0.0)] = 0.0
    sums = np.sqrt(pairs).sum(axis=1)
    # Sums that are equal but for rounding are equal: the first row wins.
    return int(np.argmax(sums <= sums.min() * (1 + 1e-9)))
