"""The clustering algorithms: a function each, and the table that names them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from audioclust import _core
from audioclust.clustering.kmeans import KMeansSettings, fit_kmeans, some_rows, ward_labels
from audioclust.clustering.metrics import centroids
from audioclust.clustering.som import MapSettings, fit_som, regions
from audioclust.errors import AudioclustError, ConvergenceWarning, ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray


MAX_PAIRWISE_ROWS = 20_000
"""Rows that algorithms take, at most, which need memory as the square of their number."""


@dataclass(frozen=True)
class ClusterSettings:
    """What a clustering algorithm is told.

    Attributes
    ----------
    k : int or None
        Number of clusters; None for an algorithm of :data:`CHOOSES_K`, and no other.
    seed : int
        Seed of its random numbers.
    n_threads : int
        Number of threads it may use; the result must not depend on it.
    """

    k: int | None
    seed: int
    n_threads: int

    @property
    def n_clusters(self) -> int:
        """The number of clusters, where there must be one."""
        if self.k is None:
            raise ParameterError("k=None: expected an int from 1")
        return self.k


@dataclass(frozen=True, eq=False)
class Groups:
    """What a clustering algorithm gives.

    Attributes
    ----------
    labels : ndarray of shape (n,), int32
        The cluster of each row, from 0.
    centers : ndarray of shape (k, d), float64, or None
        The centre of each cluster, if the algorithm has such.
    inertia : float or None
        Sum of the squared distances of the rows to their centres, if that is what the algorithm
        makes small.
    n_iter : int or None
        Number of iterations, if it iterates.
    """

    labels: NDArray[np.int32]
    centers: NDArray[np.float64] | None
    inertia: float | None
    n_iter: int | None


Algorithm: TypeAlias = "Callable[[NDArray[np.float64], ClusterSettings], Groups]"


def kmeans(rows: NDArray[np.float64], settings: ClusterSettings) -> Groups:
    """Group rows by k-means: the best of ten greedy k-means++ starts."""
    k = settings.n_clusters
    _core.check_distinct(rows, k)
    found = fit_kmeans(
        rows, KMeansSettings(k, seed=settings.seed, n_threads=settings.n_threads)
    )
    return Groups(found.labels, found.centers, found.inertia, found.n_iter)


def ward(rows: NDArray[np.float64], settings: ClusterSettings) -> Groups:
    """Group rows from the bottom up: scikit-learn's agglomerative clustering, Ward's linkage.

    It has no centres: clusters are joined, and no row is ever assigned to one.
    """
    k = settings.n_clusters
    _check_pairwise("ward", rows)
    _core.check_distinct(rows, k)
    return Groups(ward_labels(rows, k), None, None, None)


def gmm(rows: NDArray[np.float64], settings: ClusterSettings) -> Groups:
    """Group rows by scikit-learn's mixture of k Gaussians.

    Covariances are diagonal, with 0.1 added to each variance; it starts from Ward's clusters,
    of more than 5,000 rows from those of a seeded sample. The centres are the Gaussians' means.
    """
    from sklearn.mixture import GaussianMixture

    k = settings.n_clusters
    _core.check_distinct(rows, k)
    if k == 1:
        # Its own checks want two rows, for a mixture that is known.
        return Groups(np.zeros(len(rows), np.int32), rows.mean(axis=0)[None], None, 0)
    means, sizes, variances = _start(rows, k, settings.seed)
    mixture = GaussianMixture(
        k,
        covariance_type="diag",
        reg_covar=0.1,
        init_params="random_from_data",  # All that it would choose is given.
        means_init=means,
        weights_init=sizes / sizes.sum(),
        precisions_init=1 / (variances + 0.1),
        random_state=settings.seed % 2**32,
    )
    labels = _quietly(lambda: mixture.fit_predict(rows))
    if not mixture.converged_:
        _warn("gmm", mixture.n_iter_)
    return Groups(labels.astype(np.int32), mixture.means_, None, int(mixture.n_iter_))


def affinity(rows: NDArray[np.float64], settings: ClusterSettings) -> Groups:
    """Group rows by scikit-learn's affinity propagation, which chooses their number.

    The centres are rows: those that the others of their cluster chose.
    """
    from sklearn.cluster import AffinityPropagation

    if settings.k is not None:
        raise ParameterError(f"k={settings.k}: expected none, affinity chooses its own number")
    _check_pairwise("affinity", rows)
    if len(np.unique(rows, axis=0)) == 1:
        # It would make as many clusters as there are rows.
        return Groups(np.zeros(len(rows), np.int32), rows[:1].copy(), None, 0)
    model = AffinityPropagation(random_state=settings.seed % 2**32)
    labels = _quietly(lambda: model.fit_predict(rows))
    if labels.min() < 0:
        raise AudioclustError(
            f"affinity found no clusters in {model.n_iter_} iterations: try another algorithm"
        )
    if model.n_iter_ == model.max_iter:
        _warn("affinity", model.n_iter_)
    centers = np.asarray(model.cluster_centers_, np.float64)
    return Groups(labels.astype(np.int32), centers, None, int(model.n_iter_))


def som(rows: NDArray[np.float64], settings: ClusterSettings) -> Groups:
    """Group rows by the regions of a self-organizing map.

    It has about 5 √n units for n rows, J. Vesanto's rule of thumb ("SOM Toolbox for Matlab 5",
    2000), a third more columns than rows; if fewer than k of them are hit, twice as many, up to
    eight times. It has no centres: a row is of the region of the unit that is nearest to it.
    """
    k = settings.n_clusters
    _core.check_distinct(rows, k)
    n_units = max(5 * len(rows) ** 0.5, k)
    for growth in (1, 2, 4, 8):
        told = MapSettings(
            map_shape(growth * n_units), seed=settings.seed, n_threads=settings.n_threads
        )
        found = fit_som(rows, told)
        units = found.codebook.reshape(-1, rows.shape[1])[found.hits.ravel() > 0]
        if len(np.unique(units, axis=0)) >= k:
            break
    areas = regions(found, k, settings.seed, settings.n_threads)
    return Groups(areas.labels[found.labels], None, None, None)


def map_shape(n_units: float) -> tuple[int, int]:
    """Give rows and columns of a map of so many units, or a few more."""
    height = max(round((0.75 * n_units) ** 0.5), 1)
    return height, -int(-n_units // height)


ALGORITHMS: dict[str, Algorithm] = {
    "kmeans": kmeans,
    "som": som,
    "gmm": gmm,
    "ward": ward,
    "affinity": affinity,
}


CHOOSES_K = frozenset({"affinity"})
"""The algorithms that choose the number of clusters themselves, and must not be given one."""


def _start(
    rows: NDArray[np.float64], k: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Give the means, sizes and variances of Ward's clusters of at most 5,000 rows."""
    rows = rows[some_rows(len(rows), seed)]
    labels = ward_labels(rows, k)
    means, sizes = centroids(rows, labels)
    variances, _ = centroids((rows - means[labels]) ** 2, labels)
    return means, sizes, variances


def _check_pairwise(algorithm: str, rows: NDArray[np.float64]) -> None:
    if len(rows) > MAX_PAIRWISE_ROWS:
        raise ParameterError(
            f"algorithm={algorithm!r} with {len(rows)} rows: expected at most "
            f"{MAX_PAIRWISE_ROWS}, as its memory grows as the square of their number"
        )


def _quietly(work: Callable[[], Any]) -> Any:
    """Work without scikit-learn's warnings; what is worth saying is said in our own words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return work()


def _warn(algorithm: str, n_iter: int) -> None:
    warnings.warn(
        f"{algorithm} has not converged in {n_iter} iterations: its clusters may be poor",
        ConvergenceWarning,
        stacklevel=4,
    )
