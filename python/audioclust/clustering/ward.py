"""Hierarchical clustering by Ward's linkage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audioclust import _core
from audioclust.utils.arguments import check_int
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Merges(ByValue):
    """How n rows were merged until one cluster was left: a tree whose cuts are nested clusters.

    Attributes
    ----------
    children : ndarray of shape (n - 1, 2), int64
        The two clusters of each merge, the lower number first. Clusters below n are single
        rows, and n + i is what merge i made, as in SciPy's and scikit-learn's trees.
    heights : ndarray of shape (n - 1,), float64
        The distance of the two clusters, ascending, as SciPy defines it: the square root of
        twice the growth of the sum of squared distances to the clusters' means. For two rows
        that is their Euclidean distance.
    """

    children: NDArray[np.int64]
    heights: NDArray[np.float64]

    def cut(self, k: int) -> NDArray[np.int32]:
        """Give the labels of k clusters: the tree without its last k - 1 merges.

        Parameters
        ----------
        k : int
            Number of clusters, from 1 to the number of rows.

        Returns
        -------
        labels : ndarray of shape (n,), int32
            The cluster of each row, from 0, numbered by their first rows.

        Raises
        ------
        ParameterError
            If there are not so many rows.
        """
        n = len(self.heights) + 1
        check_int("k", k, 1, n)
        cluster = np.arange(2 * n - k)
        # From the last merge down, so that each child learns the cluster of its parent.
        for i in range(n - k - 1, -1, -1):
            cluster[self.children[i]] = cluster[n + i]
        _, first, labels = np.unique(cluster[:n], return_index=True, return_inverse=True)
        number = np.empty(k, np.int32)
        number[np.argsort(first)] = np.arange(k)
        return number[labels.reshape(n)]


def merges_of(rows: NDArray[np.float64], n_threads: int = 1) -> Merges:
    """Merge the two nearest clusters of rows, by Ward's distance, until one is left.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float64
        From 1 to 20,000 rows, finite. Their distances take 8 bytes for each pair of rows.
    n_threads : int, default=1
        Number of threads; the result does not depend on it.

    Raises
    ------
    ParameterError
        If there are too many rows or none, or a value is not finite or too large.

    Notes
    -----
    The formulas are J. H. Ward's ("Hierarchical grouping to optimize an objective function",
    1963) and, for the distances to a merged cluster, G. N. Lance and W. T. Williams' ("A
    general theory of classificatory sorting strategies", 1967). Merges are found by chains of
    nearest neighbours (F. Murtagh, 1983). Where several pairs are equally near, the tree is one
    of those possible.
    """
    return Merges(*_core.ward(rows, n_threads=n_threads))
