"""The nearest neighbours of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust import _core
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Neighbors(ByValue):
    """The nearest neighbours of each of n rows, in the layout of SciPy's sparse rows.

    Attributes
    ----------
    indptr : ndarray of shape (n + 1,), int64
        Where the neighbours of each row begin in `indices`, and where the last row's end.
    indices : ndarray of int64
        The neighbours' indices, ascending for each row.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int64]


def neighbors_of(rows: NDArray[Any], k: int, n_threads: int = 1) -> Neighbors:
    """Find the nearest other rows of each row, by Euclidean distance.

    Rows that are as near as the k-th nearest count too, however many they are. The neighbours
    therefore do not depend on the order of the rows. Distances are equal if rounding may be all
    that they differ by. If all n rows are copies, these are n - 1 neighbours each.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float32 or float64
        Finite, with at least one column.
    k : int
        Number of neighbours of each row, from 1; all others if there are not so many.
    n_threads : int, default=1
        Number of threads; the result does not depend on it.

    Raises
    ------
    ParameterError
        If `k` is below 1, or a value is not finite or too large.

    Notes
    -----
    All distances are computed, as sums of squared differences: time grows as the square of the
    number of rows, memory only with the neighbours that are found. Squared distances count as
    equal up to a relative difference of 1e-9, or of 2e-5 for float32.
    """
    return Neighbors(*_core.neighbors(rows, k, n_threads=n_threads))
