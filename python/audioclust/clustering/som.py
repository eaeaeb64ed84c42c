"""Self-organizing maps, as plain functions of arrays.

The estimator is :class:`audioclust.SOM`; this is what it wraps, without scikit-learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from audioclust import _core
from audioclust.clustering.kmeans import KMeansSettings, Means, fit_kmeans
from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_int, check_number

if TYPE_CHECKING:
    from numpy.typing import NDArray


Training = Literal["batch", "online"]


Init = Literal["pca", "sample", "random"]


@dataclass(frozen=True)
class MapSettings:
    """What a self-organizing map is told.

    Attributes
    ----------
    shape : tuple of int
        Rows and columns of the grid.
    topology, boundary, neighborhood, training, n_epochs, learning_rate, sigma, decay, init
        See :class:`audioclust.SOM`.
    seed : int
        Seed of the random numbers.
    n_threads : int
        Number of threads it may use; the result does not depend on it.
    """

    shape: tuple[int, int] = (10, 10)
    topology: str = "rectangular"
    boundary: str = "planar"
    neighborhood: str = "gaussian"
    training: str = "batch"
    n_epochs: int = 20
    learning_rate: float = 0.5
    sigma: float | None = None
    decay: str = "to_floor"
    init: str = "pca"
    seed: int = 0
    n_threads: int = 1

    def checked(self) -> _core.Som:
        """Give the settings to the core, or raise a ParameterError."""
        rows, cols = check_shape(self.shape)
        for name, value, known in (
            ("training", self.training, get_args(Training)),
            ("init", self.init, get_args(Init)),
        ):
            if not isinstance(value, str) or value not in known:
                expected = ", ".join(known)
                raise ParameterError(f"{name}={value!r}: expected one of {expected}")
        for name in ("topology", "boundary", "neighborhood", "decay"):
            if not isinstance(getattr(self, name), str):
                raise ParameterError(f"{name}={getattr(self, name)!r}: expected a word")
        sigma = max(rows, cols) / 2 if self.sigma is None else check_number("sigma", self.sigma)
        return _core.Som(
            shape=(rows, cols),
            topology=self.topology,
            boundary=self.boundary,
            neighborhood=self.neighborhood,
            n_epochs=check_int("n_epochs", self.n_epochs, 1),
            learning_rate=check_number("learning_rate", self.learning_rate),
            sigma=sigma,
            decay=self.decay,
            seed=check_int("seed", self.seed, 0, 2**64 - 1),
        )


@dataclass(frozen=True, eq=False)
class Map:
    """A trained map, and how well it fits the rows.

    Attributes
    ----------
    codebook : ndarray of shape (rows, cols, d), of the rows' dtype
        What each unit has become.
    labels : ndarray of shape (n,), int32
        The best-matching unit of each row, ``row * cols + col``.
    umatrix : ndarray of shape (rows, cols), float64
        Mean distance of each unit to its neighbours on the grid.
    hits : ndarray of shape (rows, cols), float64
        Number of rows of each unit, or the sum of their weights.
    quantization_error : float
        Mean distance of the rows to their best-matching units.
    topographic_error : float
        Share of rows whose two nearest units are no neighbours on the grid.
    """

    codebook: NDArray[Any]
    labels: NDArray[np.int32]
    umatrix: NDArray[np.float64]
    hits: NDArray[np.float64]
    quantization_error: float
    topographic_error: float


def check_shape(shape: object) -> tuple[int, int]:
    """Give a grid's rows and columns, or raise a ParameterError."""
    if not isinstance(shape, (tuple, list)) or len(shape) != 2:
        raise ParameterError(f"shape={shape!r}: expected a pair of ints, rows and columns")
    try:
        rows, cols = (check_int("shape", n, 1) for n in shape)
    except ParameterError:
        raise ParameterError(f"shape={shape!r}: expected two ints of at least 1") from None
    return rows, cols


def fit_som(
    rows: NDArray[Any], settings: MapSettings, weights: NDArray[np.float64] | None = None
) -> Map:
    """Train a self-organizing map.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float32 or float64
        What to map, finite; read where it is, with any strides.
    settings : MapSettings
        Shape, training and seed.
    weights : ndarray of shape (n,), float64, optional
        Weight of each row, at least 0 and not all 0.
    """
    core = settings.checked()
    start = initial_codebook(rows, settings, weights)
    if settings.training == "batch":
        codebook = core.train_batch(rows, weights, start, n_threads=settings.n_threads)
    else:
        end = settings.n_epochs
        codebook = core.train_online(rows, weights, start, first=0, end=end)
    return describe(rows, settings, weights, codebook)


def continue_som(
    rows: NDArray[Any],
    settings: MapSettings,
    weights: NDArray[np.float64] | None,
    codebook: NDArray[Any] | None,
    epoch: int,
) -> Map:
    """Train a map, a new one unless there is a codebook, in one more online epoch."""
    core = settings.checked()
    if codebook is None:
        codebook = initial_codebook(rows, settings, weights)
    trained = core.train_online(rows, weights, codebook, first=epoch, end=epoch + 1)
    return describe(rows, settings, weights, trained)


def describe(
    rows: NDArray[Any],
    settings: MapSettings,
    weights: NDArray[np.float64] | None,
    codebook: NDArray[Any],
) -> Map:
    """Give a map of units of shape (units, d), with what it makes of the rows."""
    core = settings.checked()
    shape = check_shape(settings.shape)
    labels, hits, quantization_error, topographic_error = core.fit(
        rows, weights, codebook, n_threads=settings.n_threads
    )
    return Map(
        codebook.reshape(*shape, -1),
        labels,
        core.umatrix(codebook).reshape(shape),
        hits.reshape(shape),
        quantization_error,
        topographic_error,
    )


def regions(found: Map, k: int, seed: int, n_threads: int) -> Means:
    """Group the units of a map by k-means, each counted as often as rows have hit it.

    Raises
    ------
    ParameterError
        If fewer different units than k have been hit.
    """
    units = found.codebook.reshape(-1, found.codebook.shape[-1])
    hits = found.hits.ravel()
    distinct = len(np.unique(units[hits > 0], axis=0))
    if k > distinct:
        raise ParameterError(
            f"k={k} regions need at least {k} different units with samples, got {distinct}"
        )
    return fit_kmeans(units, KMeansSettings(k, seed=seed, n_threads=n_threads), hits)


def initial_codebook(
    rows: NDArray[Any], settings: MapSettings, weights: NDArray[np.float64] | None = None
) -> NDArray[Any]:
    """Give the units, of shape (units, d) and the rows' dtype, that training begins with."""
    n_units = settings.shape[0] * settings.shape[1]
    if weights is not None and not 0 < weights.sum() < np.inf:
        _refuse(rows, weights)
    if settings.init == "pca":
        return _plane(rows, check_shape(settings.shape), weights).astype(rows.dtype)
    rng = np.random.default_rng(settings.seed)
    # Rows without weight are as good as absent.
    there = None if weights is None else weights > 0
    if settings.init == "sample":
        p = None if weights is None else weights / weights.sum()
        replace = len(rows) < n_units or p is not None
        drawn: NDArray[Any] = rows[rng.choice(len(rows), n_units, replace=replace, p=p)]
        return drawn
    where: Any = True if there is None else there[:, np.newaxis]
    low = rows.min(axis=0, where=where, initial=np.inf).astype(np.float64)
    high = rows.max(axis=0, where=where, initial=-np.inf)
    share = rng.random((n_units, rows.shape[1]), np.float64)
    units: NDArray[Any] = (low + share * (high - low)).astype(rows.dtype)
    return units


def _plane(
    rows: NDArray[Any], shape: tuple[int, int], weights: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Span the grid along the first two principal components, the longer side along the first.

    It reaches one standard deviation to either side of the mean.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        center, covariance = _mean_and_covariance(rows, weights)
    if not np.isfinite(covariance).all():
        _refuse(rows, weights)
    variances, vectors = np.linalg.eigh(covariance)
    axes = np.zeros((2, len(center)))
    for axis, component in zip(axes, range(1, len(center) + 1), strict=False):
        vector = vectors[:, -component]
        # Either sign is right; the same one must come out every time.
        sign = np.sign(vector[np.abs(vector).argmax()])
        axis += sign * np.sqrt(max(variances[-component], 0.0)) * vector
    down, along = axes if shape[0] > shape[1] else axes[::-1]
    steps_down, steps_along = (np.linspace(-1, 1, n) if n > 1 else np.zeros(1) for n in shape)
    plane = steps_down[:, None, None] * down + steps_along[None, :, None] * along
    units: NDArray[np.float64] = (center + plane).reshape(-1, len(center))
    return units


def _refuse(rows: NDArray[Any], weights: NDArray[np.float64] | None) -> None:
    """Have the core say what is wrong with rows or weights."""
    _core.assign(rows, rows[:1], n_threads=1, sample_weight=weights)


def _mean_and_covariance(
    rows: NDArray[Any], weights: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # In parts, so that no copy of all rows in double precision is made.
    parts = [slice(start, start + 4096) for start in range(0, len(rows), 4096)]
    total = len(rows) if weights is None else weights.sum()
    mean = np.zeros(rows.shape[1])
    for part in parts:
        some = rows[part].astype(np.float64)
        mean += some.sum(axis=0) if weights is None else weights[part] @ some
    mean /= total
    covariance = np.zeros((len(mean), len(mean)))
    for part in parts:
        off = rows[part] - mean
        weighted = off if weights is None else off * weights[part, None]
        covariance += weighted.T @ off
    return mean, covariance / total
