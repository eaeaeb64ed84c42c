"""What clustering algorithms take and give."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from audioclust.errors import ParameterError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from audioclust.clustering.maps.trained_map import TrainedMap
    from audioclust.clustering.samples import Sample


Start: TypeAlias = Literal["k-means++", "ward"]
"""Where k-means starts: at the best of ten draws of k-means++, or at Ward's clusters."""


@dataclass(frozen=True)
class ClusterSettings:
    """What a clustering algorithm is told.

    Attributes
    ----------
    k : int or None
        Number of clusters; None for an algorithm that chooses it, and for no other.
    seed : int
        Seed of its random numbers.
    n_threads : int
        Number of threads it may use; the result must not depend on it.
    start : {"k-means++", "ward"}
        Where k-means starts. Other algorithms do not look at it.
    centers : ndarray of shape (k, d), float64, or None
        Centres that k-means starts from instead.
    sample : callable or None
        Gives the rows that stand for all where these are too many for Ward's clusters; None if
        5,000 are to be drawn.
    """

    k: int | None
    seed: int
    n_threads: int
    start: Start = "k-means++"
    centers: NDArray[np.float64] | None = None
    sample: Sample | None = None

    @property
    def n_clusters(self) -> int:
        """The number of clusters, for an algorithm that needs one."""
        if self.k is None:
            raise ParameterError("k=None: expected an int from 1")
        return self.k


@dataclass(frozen=True, eq=False)
class Groups:
    """What a clustering algorithm gives.

    Attributes
    ----------
    labels : ndarray of shape (n,), int32
        The cluster of each row, from 0; -1 for noise, which is in none.
    centers : ndarray of shape (k, d), float64, or None
        The centre of each cluster; None if the algorithm has no centres.
    inertia : float or None
        Sum of the squared distances of the rows to their centres; None if the algorithm does
        not minimise it.
    n_iter : int or None
        Number of iterations; None if the algorithm does not iterate.
    trained_map : TrainedMap or None
        The map whose units were grouped; None if the algorithm trains none.
    unit_labels : ndarray of shape (n_units,), int32, or None
        The cluster that each unit of the map is in; None without a map.
    """

    labels: NDArray[np.int32]
    centers: NDArray[np.float64] | None
    inertia: float | None
    n_iter: int | None
    trained_map: TrainedMap | None = None
    unit_labels: NDArray[np.int32] | None = None

    @property
    def k(self) -> int:
        """The number of clusters."""
        return int(self.labels.max()) + 1 if self.centers is None else len(self.centers)

    def by_size(self) -> Groups:
        """Give the same groups numbered by size, equally large ones by their first rows."""
        # Not at the top, because the command line reads settings without NumPy.
        import numpy as np

        members = np.flatnonzero(self.labels >= 0)
        sizes = np.bincount(self.labels[members], minlength=self.k)
        first = np.full(self.k, len(self.labels))
        np.minimum.at(first, self.labels[members], members)
        order = np.lexsort((first, -sizes))
        # The last number is that of noise, which -1 finds.
        number = np.full(self.k + 1, -1, np.int32)
        number[order] = np.arange(self.k)
        centers = None if self.centers is None else self.centers[order]
        units = None if self.unit_labels is None else number[self.unit_labels]
        return replace(self, labels=number[self.labels], centers=centers, unit_labels=units)
