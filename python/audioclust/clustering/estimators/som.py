"""The self-organizing map as a scikit-learn estimator."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import euclidean_distances
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from audioclust import _core
from audioclust.clustering.estimators import bases
from audioclust.clustering.estimators.map_measures import MapMeasures
from audioclust.clustering.estimators.versioned import Versioned
from audioclust.clustering.maps.som import (
    Boundary,
    Decay,
    Init,
    MapSettings,
    Neighborhood,
    Training,
    check_shape,
    continue_som,
    fit_som,
)
from audioclust.clustering.maps.trained_map import Topology, TrainedMap
from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_unmasked
from audioclust.utils.threads import n_threads

if TYPE_CHECKING:
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
    MapMeasures,
    bases.ClassNamePrefixFeaturesOutMixin,
    bases.TransformerMixin,
    bases.BaseEstimator,
):
    """A self-organizing map: units on a grid that become like the samples, neighbours alike.

    Parameters
    ----------
    shape : tuple of int, default=(10, 10)
        Rows and columns of the grid.
    topology : {"rectangular", "hexagonal"}, default="rectangular"
        Whether units have eight neighbours or six. In a hexagonal map odd rows are shifted
        right by half a column, and rows are √3/2 apart.
    boundary : {"planar", "toroidal"}, default="planar"
        Whether the grid ends at its sides or goes on at the opposite ones. A hexagonal map
        can be toroidal if its number of rows is even.
    neighborhood : {"gaussian", "bubble"}, default="gaussian"
        How strongly units at a distance d on the grid follow the best-matching one:
        exp(−d² / 2 radius²), or all equally up to the radius.
    training : {"batch", "online"}, default="batch"
        With all samples at once [2]_, in parallel, or sample by sample in a shuffled order
        [1]_, on one thread.
    n_epochs : int, default=20
        Number of passes over the samples.
    learning_rate : float, default=0.5
        Online training only: share of the way to a sample that its best-matching unit goes in
        the first step, at most 1.
    sigma : float, default=None
        Radius of the neighbourhood at the start; None is half the longer side.
    decay : {"to_floor", "to_zero"}, default="to_floor"
        How radius and learning rate fall, both linearly. ``"to_floor"``: in the last step the
        radius is 0.5 (or sigma if that is less) and the rate 1 % of its start. ``"to_zero"``:
        in step t of T both are 1 − t/T of their start. Steps are epochs in batch training,
        samples in online training.
    init : {"pca", "sample", "random"}, default="pca"
        Units at the start: a plane along the first two principal components, one standard
        deviation to either side of the mean; samples drawn at random; or random values within
        the range of each column.
    random_state : int, RandomState instance or None, default=None
        Seed of the start, unless that is ``"pca"``, and of the order of samples online.
    n_jobs : int, default=None
        Number of threads; None and -1 are all cores. The result does not depend on it.

    Attributes
    ----------
    map_ : TrainedMap
        The trained map, which can be drawn and written to files without the estimator. Its
        arrays are those below.
    codebook_ : ndarray of shape (rows, cols, n_features), of the dtype of X
        The values of each unit.
    bmus_ : ndarray of shape (n_samples, 2), int32
        Row and column of the best-matching unit of each sample.
    labels_ : ndarray of shape (n_samples,), int32
        The same as one number, ``row * cols + col``. A unit is not a cluster: see
        :meth:`regions`.
    umatrix_ : ndarray of shape (rows, cols), float64
        Mean distance of each unit to its neighbours on the grid. High values separate groups.
        :meth:`umatrix` gives sums as well.
    quantization_error_ : float
        Mean distance of the samples to their best-matching units.
    topographic_error_ : float
        Share of the samples whose two nearest units are not neighbours on the grid [3]_;
        diagonals are neighbours on a rectangular one. 0 for a single unit.
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
        topology: Topology = "rectangular",
        boundary: Boundary = "planar",
        neighborhood: Neighborhood = "gaussian",
        training: Training = "batch",
        n_epochs: int = 20,
        learning_rate: float = 0.5,
        sigma: float | None = None,
        decay: Decay = "to_floor",
        init: Init = "pca",
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
            Not used; scikit-learn's pipelines pass it to every estimator.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each sample, at least 0. In batch training, in both errors and in
            :meth:`hit_map` a weight of 2 counts as the same sample twice. In online training a
            weight of w moves units as far as w steps with that sample, one after another.

        Returns
        -------
        SOM
            Itself.

        Raises
        ------
        ParameterError
            If a parameter is invalid.
        """
        rows, weights = self._validated(X, sample_weight, reset=True)
        settings = self._settings(self._drawn_seed())
        self._trained_boundary = settings.boundary
        self._keep(fit_som(rows, settings, weights))
        self.n_iter_: int = settings.n_epochs
        return self

    @available_if(_trains_online)  # type: ignore[untyped-decorator]
    def partial_fit(
        self,
        X: ArrayLike,  # noqa: N803
        y: object = None,  # noqa: ARG002
        sample_weight: ArrayLike | None = None,
    ) -> SOM:
        """Train the map online for one more epoch, with these samples.

        The first call begins a map, or goes on with the one that :meth:`fit` trained. Radius
        and learning rate fall over `n_epochs` calls and then stay as they are; that many calls
        with the same X give what one of :meth:`fit` gives. Attributes about samples are about
        those of the last call.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), float32 or float64
            The samples, finite.
        y : ignored
            Not used; scikit-learn's pipelines pass it to every estimator.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each sample; see :meth:`fit`.

        Returns
        -------
        SOM
            Itself.

        Raises
        ------
        ParameterError
            If a parameter is invalid.
        """
        before: TrainedMap | None = getattr(self, "map_", None)
        rows, weights = self._validated(X, sample_weight, reset=before is None)
        if before is None:
            self._drawn_seed()
        epoch = 0 if before is None else self.n_iter_
        settings = self._settings(self._seed)
        self._trained_boundary = settings.boundary
        self._keep(continue_som(rows, settings, weights, before, epoch))
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
            Of equally near units, the first.
        """
        check_is_fitted(self)
        rows = bases.validated(self, X, dtype=_FLOATS, reset=False)
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
        rows = bases.validated(self, X, dtype=_FLOATS, reset=False)
        distances: NDArray[Any] = euclidean_distances(
            rows, self._units().astype(rows.dtype, copy=False)
        )
        return distances

    @property
    def _n_features_out(self) -> int:
        return int(self.map_.hits.size)

    def _units(self) -> NDArray[Any]:
        units: NDArray[Any] = self.codebook_.reshape(-1, self.codebook_.shape[-1])
        return units

    def _drawn_seed(self) -> int:
        # regions() and partial_fit() use the seed that fit() drew.
        self._seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        return self._seed

    def _settings(self, seed: int) -> MapSettings:
        return MapSettings(
            check_shape(self.shape),
            topology=self.topology,
            boundary=self.boundary,
            neighborhood=self.neighborhood,
            training=self.training,
            n_epochs=self.n_epochs,
            learning_rate=self.learning_rate,
            sigma=self.sigma,
            decay=self.decay,
            init=self.init,
            seed=seed,
            n_threads=n_threads(self.n_jobs),
        )

    def _validated(
        self,
        X: ArrayLike,  # noqa: N803
        sample_weight: ArrayLike | None,
        *,
        reset: bool,
    ) -> tuple[NDArray[Any], NDArray[np.float64] | None]:
        rows = bases.validated(self, X, dtype=_FLOATS, reset=reset)
        if sample_weight is None:
            return rows, None
        check_unmasked("sample_weight", sample_weight)
        try:
            weights = _check_sample_weight(
                sample_weight, rows, dtype=np.float64, ensure_non_negative=True
            )
        except (TypeError, ValueError) as why:
            raise ParameterError(f"sample_weight: {why}") from None
        if not weights.any():
            raise ParameterError("sample_weight: expected at least one weight above 0")
        return rows, weights

    def _keep(self, trained: TrainedMap) -> None:
        if hasattr(self, "feature_names_in_"):
            trained = replace(trained, columns=tuple(map(str, self.feature_names_in_)))
        self.map_ = trained
        self.codebook_: NDArray[Any] = trained.codebook
        self.labels_: NDArray[np.int32] = trained.labels
        self.umatrix_: NDArray[np.float64] = trained.umatrix
        self.quantization_error_: float = trained.quantization_error
        self.topographic_error_: float = trained.topographic_error
        # The places of the samples before.
        vars(self).pop("bmus_", None)

    @cached_property
    def bmus_(self) -> NDArray[np.int32]:
        """Row and column of the best-matching unit of each sample.

        They are made of `labels_` when they are first asked for: for many samples they would
        take twice the memory of the labels, and few callers need both.
        """
        places = np.empty((len(self.labels_), 2), np.int32)
        # Written in place, since divmod alone would make two more arrays.
        np.divmod(self.labels_, self.map_.shape[1], out=(places[:, 0], places[:, 1]))
        return places

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


SOM.__module__ = "audioclust"
