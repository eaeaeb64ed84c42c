"""Which of today's clusters continue which earlier ones; functions of arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ABSENT = -2
"""What stands for the earlier cluster of an item that was not there."""


@dataclass(frozen=True)
class Continuity:
    """How today's clusters follow earlier ones.

    Attributes
    ----------
    continues : tuple of int
        For each of today's clusters the earlier one that it continues, or -1 if it is new.
    numbers : tuple of int
        The number that each of today's clusters gets.
    """

    continues: tuple[int, ...]
    numbers: tuple[int, ...]

    @property
    def number_of(self) -> dict[int, int]:
        """The number that each earlier cluster has now; without those that are gone."""
        pairs = zip(self.continues, self.numbers, strict=True)
        return {earlier: number for earlier, number in pairs if earlier >= 0}


def continuity(
    before: NDArray[np.integer],
    labels: NDArray[np.integer],
    k_before: int,
    k: int,
    distances: NDArray[np.float64] | None = None,
) -> Continuity:
    """Find which of today's clusters continue which earlier ones, and number them.

    Shared items come first. Clusters are matched one to one such that matched ones share as
    many items as possible: the assignment problem (H. W. Kuhn, "The Hungarian method", 1955). A
    pair counts only if at least half of the earlier cluster's items that are still there are in
    the later one, or if at least half of the later one's items come from the earlier one. The
    first is what MONIC asks of a cluster that survives (M. Spiliopoulou et al., "MONIC:
    modeling and monitoring cluster transitions", 2006), the second keeps one part of a cluster
    that was split.

    Then centres: an earlier cluster of which no item is there any more is continued by the
    nearest of the clusters left, among those that no other earlier centre is nearer to.

    A cluster keeps the number of the one that it continues. Numbers have no gaps: if there are
    fewer clusters than before, those whose numbers are too high take the lowest free ones. New
    clusters take the numbers that are left, the largest cluster the lowest.

    Parameters
    ----------
    before : ndarray of shape (n,), int
        The earlier cluster of each of today's items: -1 for none, -2 if it was not there.
    labels : ndarray of shape (n,), int
        Today's cluster of each item, -1 for none. How they are numbered makes no difference.
    k_before, k : int
        Numbers of clusters.
    distances : ndarray of shape (k_before, k), float64, or None
        Distances between centres; None if they cannot be compared.

    Returns
    -------
    Continuity
    """
    order = _by_size(labels, k)
    place = np.argsort(order)
    own = np.where(labels >= 0, place[labels], -1)
    continues = _by_items(before, own, k_before, k)
    if distances is not None:
        gone = np.bincount(before[before >= 0], minlength=k_before) == 0
        _continue_by_centers(continues, gone, distances[:, order])
    numbers = _numbered(continues)
    return Continuity(tuple(continues[place].tolist()), tuple(numbers[place].tolist()))


def _by_size(labels: NDArray[np.integer], k: int) -> NDArray[np.intp]:
    """Give the clusters by size, the largest first, equally large ones by their first items."""
    members = np.flatnonzero(labels >= 0)
    first = np.full(k, len(labels))
    np.minimum.at(first, labels[members], members)
    return np.lexsort((first, -np.bincount(labels[members], minlength=k)))


def _by_items(
    before: NDArray[np.integer], labels: NDArray[np.integer], k_before: int, k: int
) -> NDArray[np.intp]:
    """Give, for each of today's clusters, the one that it continues by shared items, or -1."""
    from scipy.optimize import linear_sum_assignment

    counts = np.zeros((k_before, k), np.int64)
    shared = (before >= 0) & (labels >= 0)
    np.add.at(counts, (before[shared], labels[shared]), 1)
    there = np.bincount(before[before >= 0], minlength=k_before)
    sizes = np.bincount(labels[labels >= 0], minlength=k)
    enough = (2 * counts >= there[:, None]) | (2 * counts >= sizes)
    weights = np.where(enough, counts, 0)
    continues = np.full(k, -1, np.intp)
    earlier, later = linear_sum_assignment(weights, maximize=True)
    real = weights[earlier, later] > 0
    continues[later[real]] = earlier[real]
    return continues


def _continue_by_centers(
    continues: NDArray[np.intp], gone: NDArray[np.bool_], distances: NDArray[np.float64]
) -> None:
    """Let clusters that continue none yet continue earlier ones without items, by centres."""
    nearest = distances.argmin(axis=0)
    for earlier in np.flatnonzero(gone):
        candidates = np.flatnonzero((continues < 0) & (nearest == earlier))
        if len(candidates):
            continues[candidates[distances[earlier, candidates].argmin()]] = earlier


def _numbered(continues: NDArray[np.intp]) -> NDArray[np.intp]:
    """Give the number of each of today's clusters, which come by size."""
    k = len(continues)
    numbers = np.where(continues < k, continues, -1)
    free = iter(sorted(set(range(k)) - set(numbers.tolist())))
    # Those with too high a number, by it; then the new ones, by size.
    waiting = np.flatnonzero(numbers < 0)
    for cluster in sorted(waiting.tolist(), key=lambda c: (continues[c] < 0, continues[c], c)):
        numbers[cluster] = next(free)
    return numbers
