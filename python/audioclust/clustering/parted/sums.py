"""Sums over rows in parts whose bits do not depend on the division.

``_core.exact_sums`` gives sums of some rows in two bins. A bin is never rounded, so the bins of
several parts may be added in any order. The proof is in rust/core/src/cluster/exact.rs.
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
    """Give the sums of a part's rows minus `about`, or of their squares, in two bins.

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
    ndarray of shape (2, d)
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
    """Give the sums, of shape (d,), that bins of shape (2, d) stand for; rounded once."""
    total: NDArray[np.float64] = bins[0] + bins[1]
    return total
