"""Sums over rows in parts whose bits do not depend on the division.

``_core.exact_sums`` cuts each number into three bins and gives the sums of the bins. These are
never rounded, so those of several parts may be added in any order. What is below the third bin
is cut off: of each number at most ``2 ** (3 * N - 156)`` times a power of two that is at most
twice the largest number of the column, for at most ``2 ** N`` rows. The proof is in
rust/core/src/cluster/exact.rs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust import _core

if TYPE_CHECKING:
    from numpy.typing import NDArray


def binned(
    rows: NDArray[Any],
    about: NDArray[np.float64],
    largest: NDArray[np.float64],
    n_total: int,
    squares: bool = False,
) -> NDArray[np.float64]:
    """Give the sums of a part's rows minus `about`, or of their squares, in three bins.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float32 or float64
        The rows of one part, finite.
    about : ndarray of shape (d,)
        What is subtracted from each row.
    largest : ndarray of shape (d,)
        The largest absolute difference in each column, of all rows of all parts.
    n_total : int
        The number of all rows of all parts, at most 2**30.
    squares : bool
        Whether to add up squares of the differences.

    Returns
    -------
    ndarray of shape (3, d)
        The bins. Those of several parts are added up by :func:`added`, and :func:`finished`
        gives the sums.

    Raises
    ------
    ParameterError
        If the sums could overflow, or lengths do not fit each other.
    """
    return _core.exact_sums(rows, about, largest, n_total, squares=squares)


def added(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add the bins of two parts; nothing is rounded."""
    return one + other


def finished(bins: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the sums, of shape (d,), that bins of shape (3, d) stand for."""
    # The two largest may all but cancel each other. So what their sum loses is kept (D. Knuth,
    # "The Art of Computer Programming", volume 2, 4.2.2).
    high, middle, low = bins
    total: NDArray[np.float64] = high + middle
    of_middle = total - high
    lost = (high - (total - of_middle)) + (middle - of_middle)
    total += lost + low
    return total
