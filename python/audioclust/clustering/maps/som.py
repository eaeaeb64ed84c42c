"""Self-organizing maps as plain functions of arrays.

The estimator :class:`audioclust.SOM` wraps them; they need no scikit-learn.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np

from audioclust import _core
from audioclust.clustering.kmeans import KMeansFit, KMeansSettings, check_rows, fit_kmeans
from audioclust.clustering.maps.trained_map import Topology, TrainedMap
from audioclust.clustering.principal_axes import principal_axes
from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_choice, check_int, check_number

if TYPE_CHECKING:
    from numpy.typing import NDArray


Boundary: TypeAlias = Literal["planar", "toroidal"]
"""Whether the grid ends at its sides or goes on at the opposite ones."""


Neighborhood: TypeAlias = Literal["gaussian", "bubble"]
"""How the pull on a unit falls with its distance from the best-matching one."""


Training: TypeAlias = Literal["batch", "online"]
"""Whether units move once an epoch, by all rows, or after each row."""


Decay: TypeAlias = Literal["to_floor", "to_zero"]
"""How far radius and learning rate fall."""


Init: TypeAlias = Literal["pca", "sample", "random"]
"""Where units are before training."""


Reduce: TypeAlias = Literal["mean", "sum"]
"""How the distances of a unit to its neighbours become one number."""


_WORDS = {
    "topology": get_args(Topology),
    "boundary": get_args(Boundary),
    "neighborhood": get_args(Neighborhood),
    "training": get_args(Training),
    "decay": get_args(Decay),
    "init": get_args(Init),
}
"""The words that each setting may be."""


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
        Number of threads; the result does not depend on it.
    """

    shape: tuple[int, int] = (10, 10)
    _: KW_ONLY
    topology: Topology = "rectangular"
    boundary: Boundary = "planar"
    neighborhood: Neighborhood = "gaussian"
    training: Training = "batch"
    n_epochs: int = 20
    learning_rate: float = 0.5
    sigma: float | None = None
    decay: Decay = "to_floor"
    init: Init = "pca"
    seed: int = 0
    n_threads: int = 1

    def checked(self) -> _core.Som:
        """Check the settings and give them to the core.

        Raises
        ------
        ParameterError
            If a setting is invalid.
        """
        rows, cols = check_shape(self.shape)
        for name, known in _WORDS.items():
            check_choice(name, getattr(self, name), known)
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
) -> TrainedMap:
    """Train a self-organizing map.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float32 or float64
        The rows, finite; read where they are, with any strides.
    settings : MapSettings
        Shape, training and seed.
    weights : ndarray of shape (n,), float64, optional
        Weight of each row, at least 0 and not all 0.

    Raises
    ------
    ParameterError
        If a setting, a row or a weight is invalid.
    """
    core = settings.checked()
    start = initial_codebook(rows, settings, weights)
    if settings.training == "batch":
        units = core.train_batch(rows, weights, start, n_threads=settings.n_threads)
    else:
        end = settings.n_epochs
        units = core.train_online(rows, weights, start, first=0, end=end)
    return _trained(core, rows, settings, weights, units)


def continue_som(
    rows: NDArray[Any],
    settings: MapSettings,
    weights: NDArray[np.float64] | None,
    before: TrainedMap | None,
    epoch: int,
) -> TrainedMap:
    """Train a map online for one more epoch.

    Parameters
    ----------
    rows, settings, weights
        See :func:`fit_som`.
    before : TrainedMap or None
        The map so far; None begins a new one.
    epoch : int
        The number of epochs before this one, which radius and learning rate depend on.
    """
    core = settings.checked()
    units = initial_codebook(rows, settings, weights) if before is None else before.units
    units = core.train_online(rows, weights, units, first=epoch, end=epoch + 1)
    return _trained(core, rows, settings, weights, units)


def _trained(
    core: _core.Som,
    rows: NDArray[Any],
    settings: MapSettings,
    weights: NDArray[np.float64] | None,
    units: NDArray[Any],
) -> TrainedMap:
    """Make a map of trained units, of shape (units, d), and measure how it fits the rows."""
    shape = check_shape(settings.shape)
    labels, hits, quantization_error, topographic_error = core.fit(
        rows, weights, units, n_threads=settings.n_threads
    )
    return TrainedMap(
        codebook=units.reshape(*shape, -1),
        labels=labels,
        umatrix=core.umatrix(units).reshape(shape),
        hits=hits.reshape(shape),
        quantization_error=quantization_error,
        topographic_error=topographic_error,
        topology=settings.topology,
        columns=tuple(f"x{i}" for i in range(units.shape[1])),
    )


def measured_map(
    trained: TrainedMap,
    boundary: Boundary,
    rows: NDArray[Any],
    weights: NDArray[np.float64] | None,
    n_threads: int,
) -> TrainedMap:
    """Give a map with labels, hits and errors of other rows than it was trained with.

    Parameters
    ----------
    trained : TrainedMap
        The map.
    boundary : {"planar", "toroidal"}
        Whether its grid ends at its sides.
    rows, weights
        See :func:`fit_som`.
    n_threads : int
        Number of threads; the result does not depend on it.
    """
    settings = replace(_grid_of(trained, boundary), n_threads=n_threads)
    measured = _trained(settings.checked(), rows, settings, weights, trained.units)
    return replace(measured, columns=trained.columns)


def umatrix_of(trained: TrainedMap, boundary: Boundary, reduce: Reduce) -> NDArray[np.float64]:
    """Give the U-matrix of a map, of its shape; see :meth:`audioclust.SOM.umatrix`."""
    check_choice("reduce", reduce, get_args(Reduce))
    core = _grid_of(trained, boundary).checked()
    return core.umatrix(trained.units, reduce=reduce).reshape(trained.shape)


def _grid_of(trained: TrainedMap, boundary: Boundary) -> MapSettings:
    """Give settings with the grid of a map; nothing else in them matters to measure it."""
    return MapSettings(trained.shape, topology=trained.topology, boundary=boundary)


def regions(trained: TrainedMap, k: int, seed: int, n_threads: int) -> KMeansFit:
    """Group the units of a map by k-means, each weighted by its hits.

    Raises
    ------
    ParameterError
        If fewer different units than k have been hit.
    """
    distinct = trained.n_distinct
    if k > distinct:
        raise ParameterError(
            f"k={k} regions need at least {k} different units with samples, got {distinct}"
        )
    settings = KMeansSettings(k, seed=seed, n_threads=n_threads)
    return fit_kmeans(trained.units, settings, trained.hits.ravel())


def initial_codebook(
    rows: NDArray[Any], settings: MapSettings, weights: NDArray[np.float64] | None = None
) -> NDArray[Any]:
    """Give the units before training, of shape (units, d) and the rows' dtype."""
    if weights is not None and not 0 < weights.sum() < np.inf:
        check_rows(rows, weights)
    if settings.init == "pca":
        return _plane(rows, check_shape(settings.shape), weights).astype(rows.dtype)
    n_units = settings.shape[0] * settings.shape[1]
    rng = np.random.default_rng(settings.seed)
    if settings.init == "sample":
        return _drawn_rows(rows, n_units, weights, rng)
    return _random_values(rows, n_units, weights, rng)


def _drawn_rows(
    rows: NDArray[Any],
    n: int,
    weights: NDArray[np.float64] | None,
    rng: np.random.Generator,
) -> NDArray[Any]:
    """Draw `n` rows, with a chance in proportion to their weights."""
    p = None if weights is None else weights / weights.sum()
    replace = len(rows) < n or p is not None
    drawn: NDArray[Any] = rows[rng.choice(len(rows), n, replace=replace, p=p)]
    return drawn


def _random_values(
    rows: NDArray[Any],
    n: int,
    weights: NDArray[np.float64] | None,
    rng: np.random.Generator,
) -> NDArray[Any]:
    """Draw `n` units, each value evenly within its column's range over rows with a weight."""
    where: Any = True if weights is None else (weights > 0)[:, np.newaxis]
    low = rows.min(axis=0, where=where, initial=np.inf).astype(np.float64)
    high = rows.max(axis=0, where=where, initial=-np.inf)
    share = rng.random((n, rows.shape[1]), np.float64)
    units: NDArray[Any] = (low + share * (high - low)).astype(rows.dtype)
    return units


def _plane(
    rows: NDArray[Any], shape: tuple[int, int], weights: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Lay the grid in the plane of the first two principal components.

    The longer side lies along the first. It reaches one standard deviation to either side of
    the mean.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        center, axes = principal_axes(rows, weights)
    if not np.isfinite(axes).all():
        check_rows(rows, weights)
    down, along = axes if shape[0] > shape[1] else axes[::-1]
    steps_down, steps_along = (np.linspace(-1, 1, n) if n > 1 else np.zeros(1) for n in shape)
    plane = steps_down[:, None, None] * down + steps_along[None, :, None] * along
    units: NDArray[np.float64] = (center + plane).reshape(-1, len(center))
    return units
