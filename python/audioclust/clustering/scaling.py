"""Bringing columns of different units to one scale.

The formulas of "standard", "quantile" and "minmax" are those of scikit-learn's StandardScaler,
QuantileTransformer and MinMaxScaler, which are not used because importing scikit-learn takes
longer than most calls of cluster().
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from audioclust import _core
from audioclust.clustering.parted.moments import ends, mean_and_deviation
from audioclust.clustering.parted.parts import InMemory, are_many
from audioclust.clustering.samples import WARD_ROWS, Sample, some_rows
from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_choice, check_unmasked
from audioclust.utils.threads import one_blas_thread
from audioclust.utils.types import Scaling as Scaling
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from audioclust.clustering.parted.parts import Parts

CLIP = 3.0
"""Standard deviations at which values are clipped, so that outliers have a bounded effect."""


_EDGE = 1e-7
"""scikit-learn's bound. Shares are kept this far from 0 and 1, where the normal distribution's
quantiles are infinite, and values this near to a column's end count as its end."""


NEIGHBORS = 7
"""Number of nearest neighbours whose differences neighbour scaling takes for differences within
groups. With 3 to 7 the labelled sets that it was made on came out nearly alike."""


_BLOCK_ROWS = 1 << 13
"""Rows that are scaled at a time, so that what is in between takes little memory."""


_UNITS: dict[Scaling, str] = {
    "standard": "standard deviations",
    "quantile": "normal quantiles",
    "minmax": "-1 to 1",
    "none": "not scaled",
    "neighbors": "weighted standard deviations",
}


@dataclass(frozen=True, eq=False)
class Scaler(ByValue):
    """A scaling that was fitted to the columns of a table.

    Attributes
    ----------
    scaling : {"standard", "quantile", "minmax", "none", "neighbors"}
        - ``"standard"``: mean 0 and standard deviation 1, clipped to ±3.
        - ``"quantile"``: the standard normal distribution, by rank, clipped to ±3.
        - ``"minmax"``: -1 to 1.
        - ``"none"``: unchanged.
        - ``"neighbors"``: as ``"standard"``, and then turned so that directions in which
          nearest neighbours differ count less; see Notes.

        A constant column becomes 0 unless scaling is ``"none"``.
    center, scale : ndarray of shape (n_columns,), float64
        What is subtracted, and what the difference is then divided by. A scale of 0 marks a
        constant column. ``"quantile"`` uses `scale` only for that.
    quantiles : ndarray of shape (n_quantiles, n_columns), float64, or None
        Quantiles of each column at evenly spaced shares from 0 to 1, at most 100; None unless
        scaling is ``"quantile"``.
    matrix : ndarray of shape (n_columns, n_columns), float64, or None
        What standardised and clipped rows are multiplied by, symmetric; None unless scaling is
        ``"neighbors"``.

    Notes
    -----
    Neighbour scaling takes two rows that are among each other's 7 nearest neighbours for rows
    of one group. Rows are standardised and clipped first. S is the mean of
    (zᵢ − zⱼ)(zᵢ − zⱼ)ᵀ / 2 over these pairs: the covariance within groups, as far as the pairs
    are of one group. Rows are multiplied by [(1 − s) S / t + s I]^(−1/2), where t is the mean
    of the diagonal of S. The share s = p / (p + n) of the identity I is the larger the fewer
    rows n there are for p columns. Constant columns count neither in p nor in t. All rows that
    are as near as the seventh are neighbours, so that the order of rows makes no difference but
    for rounding. If there are no pairs, or only pairs of copies, the matrix is the identity.
    """

    scaling: Scaling
    center: NDArray[np.float64]
    scale: NDArray[np.float64]
    quantiles: NDArray[np.float64] | None = None
    matrix: NDArray[np.float64] | None = None

    @property
    def unit(self) -> str:
        """What one is of what :meth:`transform` gives, in words."""
        return _UNITS[self.scaling]

    @classmethod
    def fit(
        cls,
        values: ArrayLike,
        scaling: Scaling,
        *,
        seed: int = 0,
        n_threads: int = 1,
    ) -> Scaler:
        """Fit a scaling to values.

        Parameters
        ----------
        values : array-like of shape (n_items, n_columns)
            At least one row, finite; taken as float64.
        scaling : {"standard", "quantile", "minmax", "none", "neighbors"}
            How columns are scaled.
        seed : int, default=0
            Seed of the sample of 5,000 rows that is drawn if there are more. ``"neighbors"``
            looks at the neighbours of these, and ``"quantile"`` takes their quantiles if there
            are more than 4,000,000 rows. :func:`cluster` knows what its rows are of, and takes
            another sample, which does not depend on their order.
        n_threads : int, default=1
            Number of threads; the result does not depend on it.

        Raises
        ------
        ParameterError
            If there is no such scaling, there are no rows, or values have another number of
            dimensions; for ``"standard"`` and ``"neighbors"`` also if a value is not finite, or
            its size exceeds 1e140.
        """
        cls.check(scaling)
        rows = _as_rows("values", values)
        sample = functools.partial(some_rows, len(rows), WARD_ROWS, seed)
        return fitted_in_parts(InMemory([rows]), scaling, sample, n_threads)

    @staticmethod
    def check(scaling: object) -> None:
        """Raise a ParameterError unless there is such a scaling."""
        check_choice("scaling", scaling, get_args(Scaling))

    def transform(self, values: ArrayLike) -> NDArray[np.float64]:
        """Scale values.

        Parameters
        ----------
        values : array-like of shape (n_items, n_columns)
            Finite; taken as float64.

        Returns
        -------
        ndarray of shape (n_items, n_columns), float64

        Raises
        ------
        ParameterError
            If there are not two dimensions, or as many columns as the scaling was fitted to.
        """
        rows = _as_rows("values", values, len(self.center))
        scaled = np.empty(rows.shape)
        for first in range(0, len(rows), _BLOCK_ROWS):
            block = slice(first, first + _BLOCK_ROWS)
            scaled[block] = self._scaled(np.asarray(rows[block], np.float64))
        return scaled

    def _scaled(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scale a few rows; what a row becomes does not depend on the others."""
        if self.quantiles is None:
            scaled = (x - self.center) / np.where(self.scale == 0, 1, self.scale)
        else:
            scaled = _normal_quantiles(_shares_below(x, self.quantiles))
        scaled[:, self.scale == 0] = 0
        if self.scaling in ("standard", "quantile", "neighbors"):
            np.clip(scaled, -CLIP, CLIP, out=scaled)
        if self.matrix is not None:
            # Not by NumPy, where copies of a row may come to differ by rounding.
            return _core.multiplied(scaled, self.matrix, n_threads=1)
        return scaled

    def inverse_transform(self, scaled: ArrayLike) -> NDArray[np.float64]:
        """Give values in the columns' own units from scaled ones; what was clipped stays so.

        Parameters
        ----------
        scaled : array-like of shape (n_items, n_columns)
            Scaled values; taken as float64.

        Returns
        -------
        ndarray of shape (n_items, n_columns), float64

        Raises
        ------
        ParameterError
            As :meth:`transform`.
        """
        z = _as_rows("scaled", scaled, len(self.center)).astype(np.float64, copy=False)
        if self.matrix is not None:
            z = np.asarray(np.linalg.solve(self.matrix, z.T).T, np.float64)
        if self.quantiles is None:
            return z * self.scale + self.center
        from scipy.special import ndtr

        shares = np.linspace(0, 1, len(self.quantiles))
        columns = zip(ndtr(z).T, self.quantiles.T, strict=True)
        return np.stack([np.interp(p, shares, quantiles) for p, quantiles in columns], axis=1)


Scaler.__module__ = "audioclust"


def fitted_in_parts(
    parts: Parts, scaling: Scaling, sample: Sample, n_threads: int = 1
) -> Scaler:
    """Fit a scaling to rows in parts: the same bits, however they are divided.

    Parameters
    ----------
    parts : Parts
        Rows of float32 or float64, finite, at least one of them.
    scaling : {"standard", "quantile", "minmax", "none", "neighbors"}
        How columns are scaled.
    sample : callable
        Gives the numbers of the rows that are looked at where all would be too many.
    n_threads : int
        Number of threads; the result does not depend on it.

    Raises
    ------
    ParameterError
        If there are no rows; for ``"standard"`` and ``"neighbors"`` also if a value is not
        finite, or too large.
    """
    n = sum(parts.sizes)
    if n == 0:
        raise ParameterError("values has no rows: expected at least one")
    if scaling == "standard":
        return Scaler(scaling, *mean_and_deviation(parts))
    if scaling == "neighbors":
        standard = Scaler("standard", *mean_and_deviation(parts))
        z = standard.transform(parts.taken(sample()))
        matrix = _neighbor_matrix(z, standard.scale != 0, n_threads)
        return Scaler(scaling, standard.center, standard.scale, matrix=matrix)
    low, high = ends(parts)
    if scaling == "minmax":
        return Scaler(scaling, (low + high) / 2, (high - low) / 2)
    if scaling == "none":
        return Scaler(scaling, np.zeros(len(low)), np.ones(len(low)))
    some = parts.taken(sample() if are_many(n) else np.arange(n))
    return Scaler(scaling, low, high - low, _quantiles(some))


def _as_rows(name: str, values: ArrayLike, width: int | None = None) -> NDArray[Any]:
    """Give values as rows of float32 or float64; what is either is not copied.

    Parameters
    ----------
    name : str
        The argument's name, for errors.
    values : array-like of shape (n, width)
        The rows.
    width : int, optional
        Number of columns; any if left out.
    """
    check_unmasked(name, values)
    rows = np.asarray(values)
    if rows.ndim != 2:
        raise ParameterError(f"{name} has shape {rows.shape}: expected rows and columns")
    if width is not None and rows.shape[1] != width:
        raise ParameterError(
            f"{name} has {rows.shape[1]} columns: expected {width}, as many as the scaling was"
            " fitted to"
        )
    return rows if rows.dtype in (np.float32, np.float64) else rows.astype(np.float64)


def _quantiles(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Give the quantiles of each column at evenly spaced shares, at most 100 of them."""
    shares = np.linspace(0, 1, min(100, len(rows)))
    found = np.empty((len(shares), rows.shape[1]))
    # A column at a time: sorting takes copies in float64.
    for own, column in zip(found.T, rows.T, strict=True):
        own[:] = np.percentile(column.astype(np.float64), shares * 100)
    # Rounding may leave two equal neighbours in descending order. Adding 0 makes negative zeros
    # positive ones, as it is chance which of both is found.
    return np.maximum.accumulate(found + 0.0, axis=0)


def _neighbor_matrix(
    z: NDArray[np.float64], varies: NDArray[np.bool_], n_threads: int
) -> NDArray[np.float64]:
    """Give the matrix of neighbour scaling for standardised rows.

    Parameters
    ----------
    z : ndarray of shape (n, n_columns), float64
        The rows that are looked at.
    varies : ndarray of shape (n_columns,), bool
        False for constant columns, which the matrix leaves as they are.
    n_threads : int
        Number of threads that look for neighbours.
    """
    n, p = len(z), int(varies.sum())
    matrix = np.eye(z.shape[1])
    if p == 0:
        return matrix
    scatter = _core.neighbor_scatter(z[:, varies], NEIGHBORS, n_threads=n_threads)
    t = np.trace(scatter) / p
    if t == 0:
        return matrix
    s = p / (p + n)
    with one_blas_thread():
        variances, axes = np.linalg.eigh((1 - s) * scatter / t + s * np.eye(p))
        root = (axes * variances**-0.5) @ axes.T
    # Rounding leaves the product's two halves a little different.
    matrix[np.ix_(varies, varies)] = (root + root.T) / 2
    return matrix


def _shares_below(
    x: NDArray[np.float64], quantiles: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the share of each column's distribution that lies below each value, from 0 to 1.

    Parameters
    ----------
    x : ndarray of shape (n_items, n_columns), float64
        The values.
    quantiles : ndarray of shape (n_quantiles, n_columns), float64
        Each column's quantiles at evenly spaced shares, ascending.
    """
    shares = np.linspace(0, 1, len(quantiles))
    found = np.empty(x.shape)
    for p, column, own in zip(found.T, x.T, quantiles.T, strict=True):
        # Where quantiles are equal, interpolation finds the first of them from the right and
        # the last from the left; the share in the middle is wanted.
        right = np.interp(column, own, shares)
        left = -np.interp(-column, -own[::-1], -shares[::-1])
        p[:] = (right + left) / 2
        p[column + _EDGE > own[-1]] = 1
        p[column - _EDGE < own[0]] = 0
    return found


def _normal_quantiles(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the standard normal distribution's quantiles at some shares, all finite."""
    from scipy.special import ndtri

    return np.asarray(ndtri(np.clip(shares, _EDGE, 1 - _EDGE)), np.float64)
