"""Random rows without clusters that are otherwise like given ones, to compare these with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from audioclust.utils.arguments import check_choice

if TYPE_CHECKING:
    from numpy.typing import NDArray


ReferenceAxes: TypeAlias = Literal["components", "columns"]
"""Whether a reference draws along the principal components or along the columns themselves."""


_KNOTS = 200
"""Points that a column's distribution is reduced to, at most; clusters are larger features."""


class Reference:
    """A distribution without clusters that is otherwise like that of some rows.

    The rows' coordinates along some axes are drawn independently, each from the unimodal
    distribution nearest to its own. So spread, skew, tails and edges stay as they were. What
    makes clusters is gone: several modes, and the dependence of coordinates on each other.

    Drawing along the principal components keeps the correlation of columns, as the second
    reference of the gap statistic does (R. Tibshirani, G. Walther and T. Hastie, "Estimating
    the number of clusters in a data set via the gap statistic", 2001). Theirs draws from
    uniform distributions, which have neither tails nor skew. The coordinates' own values,
    permuted, would not do either: two clusters are two modes of the first component, which the
    reference would then have as well.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float64
        The rows, finite.
    axes : {"components", "columns"}
        The axes along which to draw: the principal components, or the columns themselves.

    Raises
    ------
    ParameterError
        If there are no such axes.
    """

    def __init__(self, rows: NDArray[np.float64], *, axes: ReferenceAxes) -> None:
        check_choice("axes", axes, get_args(ReferenceAxes))
        self._mean = rows.mean(axis=0)
        scores = rows - self._mean
        self._components: _Components | None = None
        if axes == "components":
            every = _Components(*np.linalg.svd(scores, full_matrices=False)[1:])
            self._components = every.above_rounding(len(rows))
            scores = scores @ self._components.axes.T
        self._columns = [_extended(nearest_unimodal(column)) for column in scores.T]

    def draw(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw rows, of shape (n, d); n must be the number of the given rows."""
        columns = [np.interp(rng.random(n), cdf, values) for values, cdf in self._columns]
        scores = np.stack(columns, axis=1)
        if self._components is not None:
            scores = self._components.rows(scores)
        return np.asarray(self._mean + scores, np.float64)


class _Components(NamedTuple):
    """Principal components.

    Attributes
    ----------
    sizes : ndarray of shape (n_components,), float64
        The singular values, descending.
    axes : ndarray of shape (n_components, d), float64
        Their directions, of length 1.
    """

    sizes: NDArray[np.float64]
    axes: NDArray[np.float64]

    def above_rounding(self, n: int) -> _Components:
        """Give those whose size is more than a rounding error, for components of n rows."""
        kept = self.sizes > self.sizes.max() * max(n, len(self.sizes)) * np.finfo(float).eps
        return _Components(self.sizes[kept], self.axes[kept])

    def rows(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give rows with about the given scores, and with exactly these components.

        The scores of real rows are orthogonal, those of drawn rows only approximately. With few
        rows of many columns the difference matters: real rows all have about the same distance
        from each other, and independently drawn ones do not, which would look like clusters. So
        the orthogonal columns nearest to the drawn ones are taken.

        Parameters
        ----------
        scores : ndarray of shape (n, n_components), float64
            Coordinates along the components.

        Returns
        -------
        ndarray of shape (n, d), float64
        """
        centred = scores - scores.mean(axis=0)
        deviation = centred.std(axis=0)
        orthogonal = _nearest_orthogonal(centred / np.where(deviation == 0, 1, deviation))
        return np.asarray((orthogonal * self.sizes) @ self.axes, np.float64)


def _nearest_orthogonal(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the orthogonal columns of length 1 that are nearest to some columns.

    They are the polar factor A (AᵀA)^(−1/2). With many more rows than columns AᵀA is small and
    well conditioned, and its eigenvectors are found several times as fast as A's singular ones.
    """
    n, p = columns.shape
    if n < 4 * p:
        left, _, right = np.linalg.svd(columns, full_matrices=False)
        return np.asarray(left @ right, np.float64)
    squares, axes = np.linalg.eigh(columns.T @ columns)
    roots = np.sqrt(np.maximum(squares, np.finfo(np.float64).tiny))
    return np.asarray(columns @ ((axes / roots) @ axes.T), np.float64)


class Distribution(NamedTuple):
    """A distribution function that is linear between its knots.

    Attributes
    ----------
    values, cdf : ndarray of shape (n_knots,), float64
        The knots, ascending, and the share of the distribution below each.
    """

    values: NDArray[np.float64]
    cdf: NDArray[np.float64]


def nearest_unimodal(column: NDArray[np.float64]) -> Distribution:
    """Give a unimodal distribution near to that of some values, about the nearest.

    A distribution is unimodal if its function is convex up to the mode and concave from there
    on. Left and right of a mode the nearest such functions are the greatest convex minorant and
    the least concave majorant (J. A. Hartigan and P. M. Hartigan, "The dip test of
    unimodality", 1985). The mode is where the larger of their two distances is least. Bisection
    finds it, as the left distance grows with the mode and the right one falls.

    Parameters
    ----------
    column : ndarray of shape (n,), float64
        The values.
    """
    values, cdf = _distribution(column)
    low, high = 0, len(values) - 1
    best, least = cdf, np.inf
    while low <= high:
        mode = (low + high) // 2
        left = _convex_minorant(values[: mode + 1], cdf[: mode + 1])
        right = -_convex_minorant(values[mode:], -cdf[mode:])
        left_off = np.abs(left - cdf[: mode + 1]).max()
        right_off = np.abs(right - cdf[mode:]).max()
        if max(left_off, right_off) < least:
            best, least = np.concatenate([left, right[1:]]), max(left_off, right_off)
        if left_off < right_off:
            low = mode + 1
        else:
            high = mode - 1
    return Distribution(values, best)


def _extended(inner: Distribution) -> Distribution:
    """Extend a distribution by half a gap at each end, where it reaches shares of 0 and 1.

    Without that, extreme values would be drawn less often than they occur, and rows with tails
    would seem to have clusters of outliers.
    """
    values, cdf = inner
    if len(values) < 2:
        return inner
    low, high = (values[1] - values[0]) / 2, (values[-1] - values[-2]) / 2
    ends = ([values[0] - low], values, [values[-1] + high])
    return Distribution(np.concatenate(ends), np.concatenate([[0.0], cdf, [1.0]]))


def _distribution(column: NDArray[np.float64]) -> Distribution:
    """Give the share of values below each distinct value, equal ones counted half."""
    values, counts = np.unique(column, return_counts=True)
    cdf = (np.cumsum(counts) - counts / 2) / len(column)
    if len(values) > _KNOTS:
        knots = np.linspace(cdf[0], cdf[-1], _KNOTS)
        values, first = np.unique(np.interp(knots, cdf, values), return_index=True)
        cdf = knots[first]
    return Distribution(values, cdf)


def _convex_minorant(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the greatest convex function below some points, at each x, ascending."""
    hull: list[tuple[float, float]] = []
    for point in zip(x.tolist(), y.tolist(), strict=True):
        while len(hull) > 1 and _lies_on_or_above(hull[-1], hull[-2], point):
            hull.pop()
        hull.append(point)
    places, heights = zip(*hull, strict=True)
    return np.asarray(np.interp(x, places, heights), np.float64)


def _lies_on_or_above(
    point: tuple[float, float], left: tuple[float, float], right: tuple[float, float]
) -> bool:
    """Tell whether a point lies on or above the line between two others."""
    (x, y), (x0, y0), (x1, y1) = point, left, right
    return (y - y0) * (x1 - x0) >= (y1 - y0) * (x - x0)
