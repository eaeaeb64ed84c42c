"""Bringing columns of different units to one scale.

The formulas are those of scikit-learn's StandardScaler, QuantileTransformer and MinMaxScaler,
which are not used because importing scikit-learn takes longer than most calls of cluster().
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from audioclust.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


Scaling = Literal["standard", "quantile", "minmax", "none"]


CLIP = 3.0
"""Values are clipped at this many standard deviations, so that one odd sound bends nothing."""


_NORMAL = NormalDist()


_EDGE = 1e-7
"""scikit-learn's bound: quantiles are kept this far from 0 and 1, where the normal distribution
is infinite, and values this near to a column's end count as its end."""


@dataclass(frozen=True, eq=False)
class Scaler:
    """A scaling that was fitted to the columns of a table.

    Attributes
    ----------
    scaling : str
        - ``"standard"``: mean 0 and standard deviation 1, clipped to ±3.
        - ``"quantile"``: the normal distribution, by rank, clipped to ±3.
        - ``"minmax"``: -1 to 1.
        - ``"none"``: as they are.

        A column that is constant becomes 0 in all but the last.
    center, scale : ndarray of shape (n_columns,), float64
        What is subtracted, and then divided by; a scale of 0 marks a constant column.
    quantiles : ndarray of shape (n_quantiles, n_columns), float64, or None
        The quantiles of each column, for ``"quantile"``.
    """

    scaling: Scaling
    center: NDArray[np.float64]
    scale: NDArray[np.float64]
    quantiles: NDArray[np.float64] | None = None

    @classmethod
    def fit(cls, values: ArrayLike, scaling: Scaling) -> Scaler:
        """Fit a scaling to values of shape (n_items, n_columns), finite."""
        x = np.asarray(values, np.float64)
        cls.check(scaling)
        if scaling == "standard":
            return cls(scaling, *_mean_and_deviation(x))
        low, high = x.min(axis=0), x.max(axis=0)
        if scaling == "minmax":
            return cls(scaling, (low + high) / 2, (high - low) / 2)
        zeros = np.zeros(x.shape[1])
        if scaling == "none":
            return cls(scaling, zeros, zeros + 1)
        shares = np.linspace(0, 1, min(100, len(x)))
        quantiles = np.percentile(x, shares * 100, axis=0)
        # Rounding may turn around two neighbours that are equal.
        return cls(scaling, low, high - low, np.maximum.accumulate(quantiles, axis=0))

    @staticmethod
    def check(scaling: object) -> None:
        """Raise a ParameterError unless there is such a scaling."""
        if scaling not in get_args(Scaling):
            expected = ", ".join(get_args(Scaling))
            raise ParameterError(f"scaling={scaling!r}: expected one of {expected}")

    def transform(self, values: ArrayLike) -> NDArray[np.float64]:
        """Scale values of shape (n_items, n_columns)."""
        x = np.asarray(values, np.float64)
        if self.quantiles is not None:
            columns = zip(x.T, self.quantiles.T, strict=True)
            scaled = np.stack([_to_normal(*column) for column in columns], axis=1)
        else:
            scaled = (x - self.center) / np.where(self.scale == 0, 1, self.scale)
        scaled[:, self.scale == 0] = 0
        if self.scaling in ("standard", "quantile"):
            np.clip(scaled, -CLIP, CLIP, out=scaled)
        return scaled

    def inverse_transform(self, scaled: ArrayLike) -> NDArray[np.float64]:
        """Give back, from scaled values, values in the columns' own units."""
        z = np.asarray(scaled, np.float64)
        if self.quantiles is None:
            return z * self.scale + self.center
        cdf = np.vectorize(_NORMAL.cdf, otypes=[np.float64])
        shares = np.linspace(0, 1, len(self.quantiles))
        columns = zip(cdf(z).T, self.quantiles.T, strict=True)
        return np.stack([np.interp(p, shares, quantiles) for p, quantiles in columns], axis=1)


def _mean_and_deviation(
    x: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    mean = x.mean(axis=0)
    deviation = x.std(axis=0)
    # What rounding alone makes of a constant must not be blown up to a standard deviation of 1;
    # the bound is scikit-learn's.
    eps = np.finfo(np.float64).eps
    n = len(x)
    rounding = n * eps * deviation**2 + (n * mean * eps) ** 2
    return mean, np.where(deviation**2 <= rounding, 0.0, deviation)


def _to_normal(
    column: NDArray[np.float64], quantiles: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Map a column to the normal distribution by way of its quantiles."""
    shares = np.linspace(0, 1, len(quantiles))
    # Of a run of equal quantiles the first is found from the right and the last from the left;
    # their mean is where the value stands.
    right = np.interp(column, quantiles, shares)
    left = -np.interp(-column, -quantiles[::-1], -shares[::-1])
    p = (right + left) / 2
    # The ends belong to the outermost, and to what is as near to them as scikit-learn's bound.
    p[column + _EDGE > quantiles[-1]] = 1
    p[column - _EDGE < quantiles[0]] = 0
    p = np.clip(p, _EDGE, 1 - _EDGE)
    return np.fromiter(map(_NORMAL.inv_cdf, p.tolist()), np.float64, len(p))
