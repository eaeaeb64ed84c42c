"""The clustering algorithms as functions of rows and settings, for the table of algorithms.

scikit-learn is imported only by the functions that call it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from audioclust import _core
from audioclust.clustering.groups import ClusterSettings, Groups, Start
from audioclust.clustering.kmeans import KMeansSettings, fit_kmeans, ward_means
from audioclust.clustering.maps.som import MapSettings, fit_som, regions
from audioclust.clustering.metrics import centroids
from audioclust.clustering.parted.parts import are_many
from audioclust.clustering.samples import WARD_ROWS, some_rows
from audioclust.clustering.ward import merges_of
from audioclust.errors import AudioclustError, ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray


R = TypeVar("R")


def kmeans(rows: NDArray[np.float64], settings: ClusterSettings) -> Groups:
    """Group rows by k-means.

    The start is as the settings say: the best of ten greedy k-means++ starts, or the means of
    Ward's clusters, of a sample of 5,000 rows if there are more; or given centres. Of more than
    4,000,000 rows it is Ward's clusters.
    """
    k = settings.n_clusters
    _core.check_distinct(rows, k)
    start: Start | NDArray[np.float64] = settings.start
    if settings.centers is not None:
        start = settings.centers
    elif settings.start == "ward" or are_many(len(rows)):
        start = ward_means(
            rows[_sample(rows, settings)], k, len(rows), None, settings.n_threads
        )
    told = KMeansSettings(k, start, seed=settings.seed, n_threads=settings.n_threads)
    found = fit_kmeans(rows, told)
    return Groups(found.labels, found.centers, found.inertia, found.n_iter)


def ward(rows: NDArray[np.float64], settings: ClusterSettings) -> Groups:
    """Group rows by merging the two nearest clusters, by Ward's distance, until k are left.

    There are no centres: clusters are merged, and rows are never assigned to a nearest one.
    """
    k = settings.n_clusters
    _core.check_distinct(rows, k)
    return Groups(merges_of(rows, settings.n_threads).cut(k), None, None, None)


def gmm(rows: NDArray[np.float64], settings: ClusterSettings) -> Groups:
    """Group rows by scikit-learn's mixture of k Gaussians.

    Covariances are diagonal, with 0.1 added to each variance. The start is Ward's clusters, of
    a sample of 5,000 rows if there are more. The centres are the Gaussians' means.
    """
    from sklearn.mixture import GaussianMixture

    k = settings.n_clusters
    _core.check_distinct(rows, k)
    if k == 1:
        # scikit-learn refuses a single row, though one Gaussian needs no fitting at all.
        return Groups(np.zeros(len(rows), np.int32), rows.mean(axis=0)[None], None, 0)
    means, sizes, variances = _ward_gaussians(rows, settings)
    mixture = GaussianMixture(
        k,
        covariance_type="diag",
        reg_covar=0.1,
        # The cheapest: all that it would choose is given below.
        init_params="random_from_data",
        means_init=means,
        weights_init=sizes / sizes.sum(),
        precisions_init=1 / (variances + 0.1),
        random_state=settings.seed % 2**32,
    )
    labels = _without_warnings(lambda: mixture.fit_predict(rows))
    if not mixture.converged_:
        _warn_of_no_convergence("gmm", mixture.n_iter_)
    return Groups(labels.astype(np.int32), mixture.means_, None, int(mixture.n_iter_))


def affinity(rows: NDArray[np.float64], settings: ClusterSettings) -> Groups:
    """Group rows by scikit-learn's affinity propagation, which chooses their number.

    The centres are rows: each cluster's exemplar.
    """
    from sklearn.cluster import AffinityPropagation

    if settings.k is not None:
        raise ParameterError(f"k={settings.k}: expected none, affinity chooses its own number")
    if len(np.unique(rows, axis=0)) == 1:
        # scikit-learn would make as many clusters as there are rows.
        return Groups(np.zeros(len(rows), np.int32), rows[:1].copy(), None, 0)
    model = AffinityPropagation(random_state=settings.seed % 2**32)
    labels = _without_warnings(lambda: model.fit_predict(rows))
    if labels.min() < 0:
        raise AudioclustError(
            f"affinity found no clusters in {model.n_iter_} iterations: try another algorithm"
        )
    if model.n_iter_ == model.max_iter:
        _warn_of_no_convergence("affinity", model.n_iter_)
    centers = np.asarray(model.cluster_centers_, np.float64)
    return Groups(labels.astype(np.int32), centers, None, int(model.n_iter_))


def hdbscan(rows: NDArray[np.float64], settings: ClusterSettings) -> Groups:
    """Group rows by scikit-learn's HDBSCAN, which chooses the number of clusters.

    A cluster is a dense region of at least 5 rows, scikit-learn's default; of 5 rows or fewer,
    one of all but one, and of at least 2. Rows outside of all are noise, with the label -1.
    There are no centres.
    """
    from sklearn.cluster import HDBSCAN

    if settings.k is not None:
        raise ParameterError(f"k={settings.k}: expected none, hdbscan chooses its own number")
    if len(np.unique(rows, axis=0)) == 1:
        # One region, however few rows there are. scikit-learn would call them noise.
        return Groups(np.zeros(len(rows), np.int32), None, None, None)
    model = HDBSCAN(min_cluster_size=max(2, min(5, len(rows) - 1)), copy=True)
    labels = _without_warnings(lambda: model.fit_predict(rows))
    if labels.max() < 0:
        raise AudioclustError(
            f"hdbscan found no clusters: all {len(rows)} rows are noise; try another algorithm"
        )
    return Groups(labels.astype(np.int32), None, None, None)


def som(rows: NDArray[np.float64], settings: ClusterSettings) -> Groups:
    """Group rows by the regions of a self-organizing map.

    The map has about 5 √n units for n rows, J. Vesanto's rule of thumb ("SOM Toolbox for Matlab
    5", 2000), and a third more columns than rows. If fewer than k different units are hit, maps
    twice, four and eight times as large are tried. There are no centres: a row belongs to the
    region of its best-matching unit.
    """
    k = settings.n_clusters
    _core.check_distinct(rows, k)
    n_units = max(5 * len(rows) ** 0.5, k)
    for growth in (1, 2, 4, 8):
        shape = map_shape(growth * n_units)
        told = MapSettings(shape, seed=settings.seed, n_threads=settings.n_threads)
        trained = fit_som(rows, told)
        if trained.n_distinct >= k:
            break
    areas = regions(trained, k, settings.seed, settings.n_threads)
    labels = areas.labels[trained.labels]
    return Groups(labels, None, None, None, trained_map=trained, unit_labels=areas.labels)


def map_shape(n_units: float) -> tuple[int, int]:
    """Give the rows and columns of a map with that many units, or a few more."""
    height = max(round((0.75 * n_units) ** 0.5), 1)
    return height, -int(-n_units // height)


def _ward_gaussians(
    rows: NDArray[np.float64], settings: ClusterSettings
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Give the means, sizes and variances of Ward's clusters of at most 5,000 rows."""
    rows = rows[_sample(rows, settings)]
    labels = merges_of(rows, settings.n_threads).cut(settings.n_clusters)
    means, sizes = centroids(rows, labels)
    variances, _ = centroids((rows - means[labels]) ** 2, labels)
    return means, sizes, variances


def _sample(rows: NDArray[np.float64], settings: ClusterSettings) -> NDArray[np.intp]:
    """Give the numbers of the rows that Ward's clusters are found of."""
    if settings.sample is not None:
        return settings.sample()
    return some_rows(len(rows), WARD_ROWS, settings.seed)


def _without_warnings(work: Callable[[], R]) -> R:
    """Call `work` without scikit-learn's warnings, in place of which we give our own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return work()


def _warn_of_no_convergence(algorithm: str, n_iter: int) -> None:
    from audioclust.clustering.estimators.bases import ConvergenceWarning

    warnings.warn(
        f"{algorithm} has not converged in {n_iter} iterations: its clusters may be poor",
        ConvergenceWarning,
        # This function, the algorithm, Deferred, group_rows() and the public function that
        # called it: the line that is shown is the user's.
        stacklevel=6,
    )
