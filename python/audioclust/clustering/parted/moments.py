"""Ends, means and deviations of the columns of rows in parts, the same bits for any parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.clustering.parted.sums import added, binned, finished

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.clustering.parted.parts import Parts


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

    Notes
    -----
    Sums are exact, so that neither the order of rows nor their division into parts matters. The
    deviation is that of n, not of n - 1.
    """
    low, high = ends(parts)
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
