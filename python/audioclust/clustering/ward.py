"""Hierarchical clustering by Ward's linkage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audioclust import _core
from audioclust.utils.arguments import check_int
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        check_int("k", k, 1, len(self.heights) + 1)
        return np.asarray(self.cuts([k])[0], np.int32)

    def cuts(self, ks: Sequence[int]) -> NDArray[np.int64]:
        """Cut the tree into several numbers of clusters.

        Parameters
        ----------
        ks : sequence of int
            The numbers of clusters, from 1 to the number of rows; they are not checked.

        Returns
        -------
        labels : ndarray of shape (n_k, n), int64
            For each number what :meth:`cut` gives. Each cluster lies in one of the clusters of
            any smaller number.
        """
        found = np.empty((len(ks), len(self.heights) + 1), np.int64)
        for own, k in zip(found, ks, strict=True):
            _, first, numbers = np.unique(self.tops(k), return_index=True, return_inverse=True)
            own[:] = np.argsort(np.argsort(first))[numbers]
        return found

    def tops(self, k: int) -> NDArray[np.int64]:
        """Give the cluster that each row is in when there are k, numbered as in `children`."""
        n = len(self.heights) + 1
        above = np.arange(2 * n - 1)
        done = np.arange(n - k)
        above[self.children[: n - k]] = n + done[:, np.newaxis]
        # Each step doubles the number of merges that a row has climbed.
        while not np.array_equal(above, climbed := above[above]):
            above = climbed
        return above[:n]


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
