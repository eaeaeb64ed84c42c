"""The self-organizing map as a scikit-learn estimator."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.metrics import euclidean_distances
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from audioclust import _core
from audioclust.clustering.estimators.versioned import Versioned
from audioclust.clustering.som import (
    Map,
    MapSettings,
    check_shape,
    continue_som,
    fit_som,
    regions,
)
from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_int
from audioclust.utils.threads import n_threads

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray


_FLOATS = [np.float64, np.float32]


def _trains_online(som: SOM) -> bool:
    if som.training != "online":
        raise ParameterError(
            f"training={som.training!r}: expected 'online' for partial_fit, since batch "
            "training needs all samples in every epoch"
        )
    return True


class SOM(
    Versioned,
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """A self-organizing map: units on a grid that take on what samples are, near ones alike.

    Parameters
    ----------
    shape : tuple of int, default=(10, 10)
        Rows and columns of the grid.
    topology : {"rectangular", "hexagonal"}, default="rectangular"
        Whether units have eight neighbours or six. In a hexagonal map odd rows are shifted
        right by half a column and rows are √3/2 apart.
    boundary : {"planar", "toroidal"}, default="planar"
        Whether the grid ends at its sides or goes on at the opposite ones. A hexagonal map
        can be toroidal if its number of rows is even.
    neighborhood : {"gaussian", "bubble"}, default="gaussian"
        How much units at a distance d on the grid follow the best-matching one:
        exp(−d² / 2 radius²), or all alike up to the radius.
    training : {"batch", "online"}, default="batch"
        With all rows at once [2]_, in parallel, or row by row in a shuffled order [1]_, on one
        thread.
    n_epochs : int, default=20
        How often the rows are gone through.
    learning_rate : float, default=0.5
        Share of the way to a row that its best-matching unit goes in the first step of online
        training, at most 1; batch training has none.
    sigma : float, default=None
        Radius of the neighbourhood to begin with; None is half the longer side.
    decay : {"to_floor", "to_zero"}, default="to_floor"
        How radius and rate fall, in a line: until in the last step the radius is 0.5 (or sigma
        if that is less) and the rate 1 % of what it was; or so that in step t of T both are
        1 − t/T of what they were. Steps are epochs in batch training, rows in online training.
    init : {"pca", "sample", "random"}, default="pca"
        What units are to begin with: a plane along the first two principal components, one
        standard deviation to either side of the mean; rows drawn at random; or random values
        within the range of each column.
    random_state : int, RandomState instance or None, default=None
        Seed of the start, unless that is ``"pca"``, and of the order of samples online.
    n_jobs : int, default=None
        Number of threads; None and -1 are all cores. The result does not depend on it.

    Attributes
    ----------
    codebook_ : ndarray of shape (rows, cols, n_features), of the dtype of X
        What each unit has become.
    bmus_ : ndarray of shape (n_samples, 2), int32
        Row and column of the best-matching unit of each sample.
    labels_ : ndarray of shape (n_samples,), int32
        The same as one number, ``row * cols + col``. A unit is not a cluster: see
        :meth:`regions`.
    umatrix_ : ndarray of shape (rows, cols), float64
        Mean distance of each unit to its neighbours on the grid: ridges part groups.
    quantization_error_ : float
        Mean distance of the samples to their best-matching units.
    topographic_error_ : float
        Share of samples whose two nearest units are no neighbours on the grid [3]_; diagonals
        are neighbours on a rectangular one. 0 for a single unit.
    n_iter_ : int
        Number of epochs trained.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if X had names.

    References
    ----------
    .. [1] T. Kohonen, "Self-organized formation of topologically correct feature maps",
       Biological Cybernetics 43, 1982.
    .. [2] T. Kohonen, "Essentials of the self-organizing map", Neural Networks 37, 2013.
    .. [3] K. Kiviluoto, "Topology preservation in self-organizing maps", ICNN 1996.

    Examples
    --------
    >>> import numpy as np
    >>> from audioclust import SOM
    >>> colours = np.array([[0, 0, 1], [0, 0, 0.9], [1, 0, 0], [0.9, 0, 0]])
    >>> SOM((2, 3)).fit(colours).bmus_.shape
    (4, 2)
    """

    def __init__(
        self,
        shape: tuple[int, int] = (10, 10),
        *,
        topology: str = "rectangular",
        boundary: str = "planar",
        neighborhood: str = "gaussian",
        training: str = "batch",
        n_epochs: int = 20,
        learning_rate: float = 0.5,
        sigma: float | None = None,
        decay: str = "to_floor",
        init: str = "pca",
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.shape = shape
        self.topology = topology
        self.boundary = boundary
        self.neighborhood = neighborhood
        self.training = training
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.sigma = sigma
        self.decay = decay
        self.init = init
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(
        self,
        X: ArrayLike,  # noqa: N803
        y: object = None,  # noqa: ARG002
        sample_weight: ArrayLike | None = None,
    ) -> SOM:
        """Train the map.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), float32 or float64
            The samples, finite; not copied if they have one of these dtypes.
        y : ignored
            Here for the sake of scikit-learn's conventions.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each sample, at least 0. In batch training, in both errors and in
            :meth:`hit_map` a weight of 2 is the same sample twice. In online training a sample
            with a weight of w moves units as w steps with it, one after another, would.

        Returns
        -------
        SOM
            Itself.

        Raises
        ------
        ParameterError
            If a parameter has a value that it cannot have.
        """
        rows, weights = self._validated(X, sample_weight, reset=True)
        settings = self._settings(self._drawn_seed())
        self._keep(fit_som(rows, settings, weights))
        self.n_iter_ = settings.n_epochs
        return self

    @available_if(_trains_online)  # type: ignore[untyped-decorator]
    def partial_fit(
        self,
        X: ArrayLike,  # noqa: N803
        y: object = None,  # noqa: ARG002
        sample_weight: ArrayLike | None = None,
    ) -> SOM:
        """Train the map online in one more epoch, with these samples.

        Radius and rate fall as if `n_epochs` epochs of this many samples were to come in all,
        and then stay; that many calls with the same X are the same as one of :meth:`fit`. The
        first call begins a map; after :meth:`fit`, a call goes on with what was fitted.
        Attributes about samples are about those of the last call.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), float32 or float64
            The samples, finite.
        y : ignored
            Here for the sake of scikit-learn's conventions.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each sample; see :meth:`fit`.

        Returns
        -------
        SOM
            Itself.
        """
        begun = hasattr(self, "codebook_")
        rows, weights = self._validated(X, sample_weight, reset=not begun)
        if not begun:
            self._drawn_seed()
        settings = self._settings(self._seed)
        epoch = self.n_iter_ if begun else 0
        self._keep(
            continue_som(rows, settings, weights, self._units() if begun else None, epoch)
        )
        self.n_iter_ = epoch + 1
        return self

    def fit_predict(
        self,
        X: ArrayLike,  # noqa: N803
        y: object = None,
        sample_weight: ArrayLike | None = None,
    ) -> NDArray[np.int32]:
        """Train the map and give the best-matching unit of each sample; see :meth:`fit`."""
        return self.fit(X, y, sample_weight).labels_

    def predict(self, X: ArrayLike) -> NDArray[np.int32]:  # noqa: N803
        """Give the best-matching unit of each sample, as ``row * cols + col``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), float32 or float64
            The samples, finite.

        Returns
        -------
        ndarray of shape (n_samples,), int32
            Of equally near units the first.
        """
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=_FLOATS, reset=False)
        units = self._units().astype(rows.dtype, copy=False)
        return _core.assign(rows, units, n_threads=n_threads(self.n_jobs))[0]

    def transform(self, X: ArrayLike) -> NDArray[Any]:  # noqa: N803
        """Give the distance of each sample to each unit.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), float32 or float64
            The samples, finite.

        Returns
        -------
        ndarray of shape (n_samples, rows * cols), of the dtype of X
            Euclidean distances.
        """
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=_FLOATS, reset=False)
        distances: NDArray[Any] = euclidean_distances(
            rows, self._units().astype(rows.dtype, copy=False)
        )
        return distances

    def hit_map(self) -> NDArray[np.float64]:
        """Give the number of samples of each unit, or the sum of their weights.

        Returns
        -------
        ndarray of shape (rows, cols), float64
            Of the samples that the map was last trained with.
        """
        check_is_fitted(self)
        return self._map.hits.copy()

    def regions(self, k: int) -> NDArray[np.int32]:
        """Group units that are alike, each counted as often as samples have hit it.

        Parameters
        ----------
        k : int
            Number of groups, at most the number of different units that were hit.

        Returns
        -------
        ndarray of shape (rows, cols), int32
            The group of each unit, from 0 up to k; ``regions(k).ravel()[labels_]`` is that of
            each sample.
        """
        check_is_fitted(self)
        k = check_int("k", k, 1)
        areas = regions(self._map, k, self._seed, n_threads(self.n_jobs))
        return areas.labels.reshape(self._map.hits.shape)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the U-matrix, with the hits of each unit.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None
            Where to draw; None makes a figure.

        Returns
        -------
        matplotlib.axes.Axes
            A cell for each unit, hexagons for a hexagonal map, row 0 on top: the lighter, the
            farther it is from its neighbours. The area of the circle in it is its hits.

        Raises
        ------
        MissingExtraError
            Without matplotlib: ``pip install 'audioclust[plot]'``.
        """
        check_is_fitted(self)
        from audioclust.plotting.map_grid import grid_map

        drawn: Any = SimpleNamespace(
            hits=self._map.hits, umatrix=self.umatrix_, topology=self.topology
        )
        return grid_map(drawn, ax)

    @property
    def _n_features_out(self) -> int:
        return int(self._map.hits.size)

    def _units(self) -> NDArray[Any]:
        units: NDArray[Any] = self.codebook_.reshape(-1, self.codebook_.shape[-1])
        return units

    def _drawn_seed(self) -> int:
        # regions() and partial_fit() go on with what fit() drew.
        self._seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        return self._seed

    def _settings(self, seed: int) -> MapSettings:
        return MapSettings(
            check_shape(self.shape),
            self.topology,
            self.boundary,
            self.neighborhood,
            self.training,
            self.n_epochs,
            self.learning_rate,
            self.sigma,
            self.decay,
            self.init,
            seed,
            n_threads(self.n_jobs),
        )

    def _validated(
        self,
        X: ArrayLike,  # noqa: N803
        sample_weight: ArrayLike | None,
        *,
        reset: bool,
    ) -> tuple[NDArray[Any], NDArray[np.float64] | None]:
        rows = validate_data(self, X, dtype=_FLOATS, reset=reset)
        if sample_weight is None:
            return rows, None
        weights = _check_sample_weight(
            sample_weight, rows, dtype=np.float64, ensure_non_negative=True
        )
        if not weights.any():
            raise ParameterError("sample_weight: expected at least one weight above 0")
        return rows, weights

    def _keep(self, found: Map) -> None:
        self.codebook_ = found.codebook
        self.labels_ = found.labels
        # Written where it is to be: rows may be many.
        self.bmus_ = np.empty((len(found.labels), 2), np.int32)
        cols = found.codebook.shape[1]
        np.divmod(found.labels, cols, out=(self.bmus_[:, 0], self.bmus_[:, 1]))
        self.umatrix_ = found.umatrix
        self.quantization_error_ = found.quantization_error
        self.topographic_error_ = found.topographic_error
        self._map = found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
