"""The clustering algorithms: a function each, and the table that names them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from audioclust import _core
from audioclust.means import KMeansSettings, fit_kmeans

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class ClusterSettings:
    """What a clustering algorithm is told.

    Attributes
    ----------
    k : int
        Number of clusters.
    seed : int
        Seed of its random numbers.
    n_threads : int
        Number of threads it may use; the result must not depend on it.
    """

    k: int
    seed: int
    n_threads: int


@dataclass(frozen=True, eq=False)
class Groups:
    """What a clustering algorithm gives.

    Attributes
    ----------
    labels : ndarray of shape (n,), int32
        The cluster of each row, from 0.
    centers : ndarray of shape (k, d), float64
        The centre of each cluster.
    inertia : float
        Sum of the squared distances of the rows to their centres.
    n_iter : int
        Number of iterations.
    """

    labels: NDArray[np.int32]
    centers: NDArray[np.float64]
    inertia: float
    n_iter: int


Algorithm: TypeAlias = "Callable[[NDArray[np.float64], ClusterSettings], Groups]"


def kmeans(rows: NDArray[np.float64], settings: ClusterSettings) -> Groups:
    """Group rows by k-means: the best of ten greedy k-means++ starts."""
    _core.check_distinct(rows, settings.k)
    found = fit_kmeans(
        rows, KMeansSettings(settings.k, seed=settings.seed, n_threads=settings.n_threads)
    )
    return Groups(found.labels, found.centers, found.inertia, found.n_iter)


ALGORITHMS: dict[str, Algorithm] = {"kmeans": kmeans}
