"""Ends, means and deviations of the columns of rows in parts, the same bits for any parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.clustering.parted.sums import added, binned, finished
from audioclust.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.clustering.parted.parts import Parts

LARGEST = 1e140
"""The largest value: squares of differences of two such values stay finite in any sum."""


def ends(parts: Parts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the least and the largest value of each column; a zero is a positive one."""
    low, high = parts.total(_ends_of, _wider)
    return low, high


def mean_and_deviation(parts: Parts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the mean and standard deviation of each column, 0 for what is constant.

    Parameters
    ----------
    parts : Parts
        Rows of float32 or float64, finite, at least one of them.

    Raises
    ------
    ParameterError
        If a value is not finite, or so large that sums of squares would not be.

    Notes
    -----
    Sums have the same bits for any order of the rows and any division into parts. For that,
    each number is cut at a share of the largest of its column, and each square at that share
    of the largest square. The share depends on the number of rows only: 2**-96 for a million.
    The deviation is that of n, not of n - 1.
    """
    low, high = ends(parts)
    _check_squares(low, high)
    n = sum(parts.sizes)
    nothing = np.zeros(len(low))
    mean = _sums(parts, nothing, _largest(low, high, nothing)) / n
    # A mean is not outside of what it is the mean of, however it was rounded.
    mean = np.clip(mean, low, high)
    variance = _sums(parts, mean, _largest(low, high, mean), squares=True) / n
    # Rounding errors of a constant column must not be scaled to a standard deviation of 1. The
    # bound is scikit-learn's.
    eps = np.finfo(np.float64).eps
    rounding = n * eps * variance + (n * mean * eps) ** 2
    return mean, np.where(variance <= rounding, 0.0, np.sqrt(variance))


def _check_squares(low: NDArray[np.float64], high: NDArray[np.float64]) -> None:
    """Raise a ParameterError if squares of values between two ends cannot be added up."""
    largest = np.maximum(np.abs(low), np.abs(high))
    # What is not a number is not at most anything.
    bad = np.flatnonzero(~(largest <= LARGEST))
    if len(bad):
        raise ParameterError(
            f"values: column {bad[0]} has one of size {largest[bad[0]]}: expected finite"
            f" numbers of at most {LARGEST}"
        )


def _sums(
    parts: Parts,
    about: NDArray[np.float64],
    largest: NDArray[np.float64],
    squares: bool = False,
) -> NDArray[np.float64]:
    """Give the sum of each column's differences from `about`, or of their squares."""
    bins = parts.total(binned, added, about, largest, sum(parts.sizes), squares)
    return finished(bins)


def _ends_of(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Give the least and the largest value of each column of a part, which may be empty."""
    low = rows.min(axis=0, initial=np.inf).astype(np.float64)
    high = rows.max(axis=0, initial=-np.inf).astype(np.float64)
    # Of zeros of both signs either may be found; adding 0 makes all of them positive.
    return np.stack([low, high]) + 0.0


def _wider(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put the ends of two parts together."""
    return np.stack([np.minimum(one[0], other[0]), np.maximum(one[1], other[1])])


def _largest(
    low: NDArray[np.float64], high: NDArray[np.float64], about: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the largest difference from `about` that a value between two ends can have."""
    return np.asarray(np.maximum(np.abs(low - about), np.abs(high - about)))
