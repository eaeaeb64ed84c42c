"""k-means as plain functions of arrays.

The estimator :class:`audioclust.KMeans` wraps them; they need no scikit-learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np

from audioclust import _core
from audioclust.clustering.samples import WARD_ROWS, some_rows
from audioclust.clustering.ward import merges_of
from audioclust.errors import ParameterError
from audioclust.utils.arguments import as_floats, check_int, check_number
from audioclust.utils.threads import n_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray


Start: TypeAlias = Literal["k-means++", "ward", "random"]
"""How the first centres are found, if they are not given."""


@dataclass(frozen=True, eq=False)
class KMeansSettings:
    """What k-means is told.

    Attributes
    ----------
    k : int
        Number of clusters.
    init : {"k-means++", "ward", "random"} or ndarray of shape (k, d)
        How to start, or the first centres; see :class:`audioclust.KMeans`.
    n_init : int
        Number of starts, of which the one with the least inertia is kept. "ward" and given
        centres are always one start.
    max_iter : int
        Largest number of iterations of a start.
    tol : float
        A start ends when the sum of the squared shifts of the centres is at most this, relative
        to the mean variance of the columns.
    seed : int
        Seed of the random numbers.
    n_threads : int
        Number of threads; the result does not depend on it.
    verbose : bool
        Whether to print a line for each iteration.
    """

    k: int
    init: Start | NDArray[Any] = "k-means++"
    n_init: int = 10
    max_iter: int = 300
    tol: float = 1e-4
    seed: int = 0
    n_threads: int = 1
    verbose: bool = False


@dataclass(frozen=True, eq=False)
class KMeansFit:
    """The clusters that k-means found.

    Attributes
    ----------
    labels : ndarray of shape (n,), int32
        The cluster of each row.
    centers : ndarray of shape (k, d), of the rows' dtype
        The centres.
    inertia : float
        Sum of the squared distances of the rows to their centres, each times its weight.
    n_iter : int
        Number of iterations of the start that was kept.
    n_filled : int
        Number of clusters that have rows.
    """

    labels: NDArray[np.int32]
    centers: NDArray[Any]
    inertia: float
    n_iter: int
    n_filled: int


def fit_kmeans(
    rows: NDArray[Any], settings: KMeansSettings, weights: NDArray[np.float64] | None = None
) -> KMeansFit:
    """Find centres such that the squared distances of rows to them are small.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float32 or float64
        The rows, finite; read where they are, with any strides.
    settings : KMeansSettings
        Number of clusters, start and seed.
    weights : ndarray of shape (n,), float64, optional
        Weight of each row, at least 0 and not all 0.

    Raises
    ------
    ParameterError
        If a setting is invalid, a value is not finite, or there are fewer rows than clusters.
    """
    init, n_init = settings.init, check_int("n_init", settings.n_init, 1)
    if isinstance(init, str) and init not in get_args(Start):
        expected = ", ".join(get_args(Start))
        raise ParameterError(f"init={init!r}: expected one of {expected} or centres")
    k = check_int("n_clusters", settings.k, 1)
    if isinstance(init, str) and init == "ward":
        init = ward_centers(rows, k, settings.seed, weights, settings.n_threads)
    if not isinstance(init, str):
        init, n_init = np.asarray(init, rows.dtype), 1
    return KMeansFit(
        *_core.kmeans(
            rows,
            n_clusters=k,
            n_init=n_init,
            max_iter=check_int("max_iter", settings.max_iter, 1),
            tol=check_number("tol", settings.tol),
            seed=settings.seed,
            n_threads=settings.n_threads,
            init=init,
            sample_weight=weights,
            report=_print_progress if settings.verbose else None,
        )
    )


def _print_progress(event: str, n_iter: int, number: float, tolerance: float) -> None:
    """Print what has happened, in scikit-learn's words; its first iteration is number 0."""
    line = {
        "started": "Initialization complete",
        "iteration": f"Iteration {n_iter - 1}, inertia {number}.",
        "settled": f"Converged at iteration {n_iter - 1}: strict convergence.",
        "within": f"Converged at iteration {n_iter - 1}: center shift {number} within "
        f"tolerance {tolerance}.",
    }[event]
    print(line)  # noqa: T201 - this is what verbose asks for


def check_rows(rows: NDArray[Any], weights: NDArray[np.float64] | None) -> None:
    """Raise the core's ParameterError if a row or a weight is invalid.

    Raises
    ------
    ParameterError
        If a value is not finite or too large for squared distances, or if a weight is negative
        or all of them are 0.
    """
    _core.check_rows(rows, weights)


def ward_centers(
    rows: NDArray[Any],
    k: int,
    seed: int,
    weights: NDArray[np.float64] | None = None,
    n_threads: int = 1,
) -> NDArray[Any]:
    """Give the means of Ward's clusters, of a seeded sample of 5,000 rows if there are more.

    Rows of weight 0 are left out. Weights count in the means, but not in forming the clusters.
    """
    check_rows(rows, weights)
    listed = len(rows) if weights is None else np.flatnonzero(weights > 0)
    present = some_rows(listed, WARD_ROWS, seed)
    shares = None if weights is None else weights[present]
    return ward_means(rows[present], k, len(rows), shares, n_threads)


def ward_means(
    some: NDArray[Any],
    k: int,
    n_rows: int,
    shares: NDArray[np.float64] | None = None,
    n_threads: int = 1,
) -> NDArray[Any]:
    """Give the means of Ward's clusters of rows that stand for all.

    Parameters
    ----------
    some : ndarray of shape (n, d), float32 or float64
        The rows, at most 20,000.
    k : int
        Number of clusters.
    n_rows : int
        How many rows they stand for, for errors.
    shares : ndarray of shape (n,), float64, optional
        What each of them counts in the means; 1 if left out.
    n_threads : int
        Number of threads; the result does not depend on it.

    Raises
    ------
    ParameterError
        If they are fewer than k.
    """
    some = some.astype(np.float64)
    if k > len(some):
        found = str(len(some))
        if len(some) < n_rows:
            found += f" in a sample of {len(some):,} from {n_rows:,} rows"
        raise ParameterError(f"k={k} clusters need at least {k} distinct rows, got {found}")
    labels = merges_of(some, n_threads).cut(k)
    shares = np.ones(len(some)) if shares is None else shares
    members = [labels == cluster for cluster in range(k)]
    return np.array([np.average(some[m], axis=0, weights=shares[m]) for m in members])


def partial(
    X: NDArray[Any],  # noqa: N803
    centers: NDArray[Any],
    *,
    sample_weight: NDArray[Any] | None = None,
    n_jobs: int | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Take one step of k-means over some of the rows.

    The next centres are the sums of all parts, added up, over the counts, added up. These sums
    are rounded, so that last digits depend on how rows are divided into parts. For centres that
    do not, see :func:`audioclust.clustering.parted.lloyd.fit_in_parts`.

    Parameters
    ----------
    X : ndarray of shape (n, d), float32 or float64
        Some of the rows, finite.
    centers : ndarray of shape (k, d), float32 or float64
        The centres so far.
    sample_weight : ndarray of shape (n,), default=None
        Weight of each row, at least 0.
    n_jobs : int or None, default=None
        Number of threads; None or -1 for as many as there are cores.

    Returns
    -------
    sums : ndarray of shape (k, d), float64
        For each centre the sum of the rows that are nearest to it, each times its weight.
    counts : ndarray of shape (k,), float64
        The number of these rows, or the sum of their weights.
    inertia : float
        Sum of the squared distances of the rows to their nearest centre, each times its weight.

    Raises
    ------
    ParameterError
        If the arrays' shapes do not fit each other, or a value is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from audioclust.clustering.kmeans import partial
    >>> partial(np.array([[0.0], [1.0], [9.0]]), np.array([[0.0], [10.0]]))
    (array([[1.],
           [9.]]), array([2., 1.]), 2.0)
    """
    rows = as_floats("X", X, (2,))
    weights = None if sample_weight is None else as_floats("sample_weight", sample_weight, (1,))
    return _core.partial(
        rows,
        as_floats("centers", centers, (2,)).astype(rows.dtype, copy=False),
        n_threads=n_threads(n_jobs),
        sample_weight=None if weights is None else weights.astype(np.float64, copy=False),
    )
