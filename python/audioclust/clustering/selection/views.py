"""What is measured of Ward's clusters: heights, near pairs, silhouettes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audioclust.clustering.metrics import mean_silhouettes
from audioclust.clustering.neighbors import neighbors_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from audioclust.clustering.ward import Merges


NEAR = 7
"""The number of nearest rows that a row is joined to for the modularity."""


WIDER = 15
"""The number of nearest rows that a row is joined to where clusters are split."""


CROSSING = 0.25
"""The share of near pairs that may lead from one half of a cluster to the other."""


REFUSALS = 4
"""After so many splits in a row of clusters that are not apart, no further one is looked at."""


class View(NamedTuple):
    """What Ward's clusters of some rows are like, for each number of clusters.

    Attributes
    ----------
    labels : ndarray of shape (n_k, n), int64
        The clusters of the rows.
    height : ndarray of shape (n_k,), float64
        The logarithm of how far apart the two clusters are that are merged next, by Ward's
        linkage, in units of the root of the rows' sum of squares.
    modularity : ndarray of shape (n_k,), float64
        How many more of the near pairs are in one cluster than by chance; see
        :func:`graph_measures`.
    apartness : ndarray of shape (n_k,), float64
        How few near pairs lead from one cluster to another; see :func:`graph_measures`.
    silhouette : ndarray of shape (n_k,), float64
        Mean silhouette.
    """

    labels: NDArray[np.int64]
    height: NDArray[np.float64]
    modularity: NDArray[np.float64]
    apartness: NDArray[np.float64]
    silhouette: NDArray[np.float64]

    @property
    def compactness(self) -> NDArray[np.float64]:
        """The silhouette on a scale without an upper end, of shape (n_k,).

        It is the logarithm of about how much farther the next cluster is than the own one, as a
        silhouette is 1 less the ratio of the two distances. So .9 is as far from .7 as .7 is
        from .1, and two clusters that are far apart stand out from a long blob cut in two.
        """
        return np.asarray(-np.log(1 - np.minimum(self.silhouette, 1 - 1e-9)), np.float64)


def view_of(
    rows: NDArray[np.float64], ks: Sequence[int], merges: Merges, n_threads: int = 1
) -> View:
    """Measure Ward's clusters of rows.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float64
        The rows, finite.
    ks : sequence of int
        The numbers of clusters, from 2, each less than n.
    merges : Merges
        Ward's tree of the rows.
    n_threads : int, default=1
        Number of threads; the result does not depend on it.
    """
    labels = merges.cuts(ks)
    heights = merges.heights[len(rows) - np.asarray(ks, np.int64)]
    whole = np.sqrt(np.sum((rows - rows.mean(axis=0)) ** 2))
    # The floor is for copies, which merge at a height of 0.
    height = np.log(np.maximum(heights / whole if whole else heights, 1e-9))
    return View(
        labels,
        np.asarray(height, np.float64),
        *graph_measures(near_pairs(rows, NEAR, n_threads), labels),
        mean_silhouettes(rows, labels, n_threads),
    )


def near_pairs(rows: NDArray[np.float64], n_near: int, n_threads: int = 1) -> NDArray[np.int64]:
    """Give the pairs of rows of which one is among the other's nearest.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float64
        At least two rows, finite.
    n_near : int
        How many rows are the nearest. Equal distances all count, so that the order of the rows
        makes no difference.
    n_threads : int, default=1
        Number of threads; the result does not depend on it.

    Returns
    -------
    pairs : ndarray of shape (n_pairs, 2), int64
        Each pair once, the lower index first.
    """
    n = len(rows)
    found = neighbors_of(rows, n_near, n_threads)
    own, near = np.repeat(np.arange(n), np.diff(found.indptr)), found.indices
    codes = np.unique(np.minimum(own, near) * n + np.maximum(own, near))
    return np.stack(np.divmod(codes, n), axis=1)


def graph_measures(
    pairs: NDArray[np.int64], labels: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Measure how the graph of near pairs lies to clusters, for several labelings.

    Parameters
    ----------
    pairs : ndarray of shape (n_pairs, 2), int64
        The pairs of rows that are joined.
    labels : ndarray of shape (n_labelings, n), int64
        The clusters of the rows, from 0.

    Returns
    -------
    modularity : ndarray of shape (n_labelings,), float64
        The share of pairs within clusters, less the share that there would be if each row kept
        its number of pairs but they were drawn at random (M. E. J. Newman and M. Girvan,
        "Finding and evaluating community structure in networks", 2004).
    apartness : ndarray of shape (n_labelings,), float64
        The negative logarithm of the share of pairs that lead from one cluster to another, one
        more being counted, in units of the share that there would be at random.
    """
    n_pairs = len(pairs)
    n_joined = np.bincount(pairs.ravel(), minlength=labels.shape[1]) / (2 * n_pairs)
    modularity, apartness = [], []
    for own in labels:
        within = np.mean(own[pairs[:, 0]] == own[pairs[:, 1]])
        by_chance = np.sum(np.bincount(own, n_joined) ** 2)
        modularity.append(within - by_chance)
        apartness.append(-np.log((1 - within + 1 / n_pairs) / max(1 - by_chance, 1 / n_pairs)))
    return np.array(modularity, np.float64), np.array(apartness, np.float64)


def last_split(merges: Merges, pairs: NDArray[np.int64], most: int) -> int:
    """Give the largest number of clusters that was reached by splitting two that are apart.

    The tree is gone down from its top. Two clusters that a merge has joined are apart if few of
    the smaller one's near pairs lead to the other: at most :data:`CROSSING` of all that it has
    within both. A cluster of several groups may be split badly at first and well then, so that
    some refusals end nothing; :data:`REFUSALS` in a row do.

    Parameters
    ----------
    merges : Merges
        Ward's tree of n rows.
    pairs : ndarray of shape (n_pairs, 2), int64
        The pairs of near rows.
    most : int
        The largest number of clusters that is looked at, from 2 to n.

    Returns
    -------
    int
        From 1, if even the first two are not apart, to `most`.
    """
    found, refused = 1, 0
    for k in range(2, most + 1):
        one, other = merges.children[len(merges.heights) + 1 - k].tolist()
        tops = merges.tops(k)[pairs]
        ends = np.sum(tops == one, axis=1), np.sum(tops == other, axis=1)
        crossing = int(np.sum((ends[0] == 1) & (ends[1] == 1)))
        within = [2 * int(np.sum(own == 2)) + crossing for own in ends]
        if crossing <= CROSSING * min(within):
            found, refused = k, 0
        else:
            refused += 1
        if refused == REFUSALS:
            break
    return found
