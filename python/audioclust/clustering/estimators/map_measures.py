"""What a trained map tells: how well it fits any samples, and how its units differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from audioclust.clustering.maps.som import Boundary, Reduce, measured_map, regions, umatrix_of
from audioclust.clustering.maps.trained_map import TrainedMap
from audioclust.utils.arguments import check_int
from audioclust.utils.threads import n_threads

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray


class MapMeasures:
    """The methods of :class:`audioclust.SOM` that train nothing."""

    map_: TrainedMap
    n_jobs: int | None
    _seed: int
    _trained_boundary: Boundary

    if TYPE_CHECKING:

        def _validated(
            self,
            X: ArrayLike,  # noqa: N803
            sample_weight: ArrayLike | None,
            *,
            reset: bool,
        ) -> tuple[NDArray[Any], NDArray[np.float64] | None]: ...

    def measure(
        self,
        X: ArrayLike,  # noqa: N803
        sample_weight: ArrayLike | None = None,
    ) -> TrainedMap:
        """Give the map as it fits other samples than it was trained with.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), float32 or float64
            The samples, finite.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each sample, at least 0.

        Returns
        -------
        TrainedMap
            Units and U-matrix are those of ``map_``; labels, hits, quantization error and
            topographic error are about these samples.

        Raises
        ------
        ParameterError
            If all weights are 0.
        """
        check_is_fitted(self)
        rows, weights = self._validated(X, sample_weight, reset=False)
        threads = n_threads(self.n_jobs)
        return measured_map(self.map_, self._trained_boundary, rows, weights, threads)

    def quantization_error(
        self,
        X: ArrayLike,  # noqa: N803
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Give the mean distance of samples to their best-matching units; see :meth:`measure`.

        Returns
        -------
        float
            At least 0. For the samples of the training it is ``quantization_error_``.
        """
        return self.measure(X, sample_weight).quantization_error

    def topographic_error(
        self,
        X: ArrayLike,  # noqa: N803
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Give the share of samples whose two nearest units are no neighbours on the grid.

        See :meth:`measure` for the arguments.

        Returns
        -------
        float
            From 0 to 1. For the samples of the training it is ``topographic_error_``.
        """
        return self.measure(X, sample_weight).topographic_error

    def score(
        self,
        X: ArrayLike,  # noqa: N803
        y: object = None,  # noqa: ARG002
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Give the negative mean distance of samples to their best-matching units.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), float32 or float64
            The samples, finite.
        y : ignored
            Not used; scikit-learn's pipelines pass it to every estimator.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each sample, at least 0.

        Returns
        -------
        float
            At most 0; higher is better, as scikit-learn's model selection expects. More units
            are always nearer, so it compares maps of one shape.
        """
        return -self.quantization_error(X, sample_weight)

    def umatrix(self, reduce: Reduce = "mean") -> NDArray[np.float64]:
        """Give the distances of each unit to its neighbours on the grid as one number.

        Parameters
        ----------
        reduce : {"mean", "sum"}, default="mean"
            The mean is ``umatrix_``. The sum is less at the sides of the grid, where units have
            fewer neighbours.

        Returns
        -------
        ndarray of shape (rows, cols), float64
            Euclidean distances; 0 for a single unit.

        Raises
        ------
        ParameterError
            If `reduce` is another word.
        """
        check_is_fitted(self)
        return umatrix_of(self.map_, self._trained_boundary, reduce)

    def hit_map(self) -> NDArray[np.float64]:
        """Give the number of samples of each unit, or the sum of their weights.

        Returns
        -------
        ndarray of shape (rows, cols), float64
            A copy of ``map_.hits``, about the samples that the map was last trained with.
        """
        check_is_fitted(self)
        return self.map_.hits.copy()

    def regions(self, k: int) -> NDArray[np.int32]:
        """Group units that are alike by k-means, each weighted by its hits.

        Parameters
        ----------
        k : int
            Number of groups, at most the number of different units that were hit.

        Returns
        -------
        ndarray of shape (rows, cols), int32
            The group of each unit, from 0 to k - 1; ``regions(k).ravel()[labels_]`` is that of
            each sample.

        Raises
        ------
        ParameterError
            If k is invalid, or larger than the number of different units that were hit.
        """
        check_is_fitted(self)
        k = check_int("k", k, 1)
        areas = regions(self.map_, k, self._seed, n_threads(self.n_jobs))
        return areas.labels.reshape(self.map_.hits.shape)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the U-matrix, with the hits of each unit; see :meth:`TrainedMap.plot`."""
        check_is_fitted(self)
        return self.map_.plot(ax)
