"""The outline of a waveform."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = 2000
"""Number of columns of an outline: more than a screen shows."""


class Outline(NamedTuple):
    """The extremes of a signal in equal parts of it.

    Attributes
    ----------
    low, high : ndarray of shape (n_columns,), float32
        The smallest and the largest sample of each part.
    """

    low: NDArray[np.float32]
    high: NDArray[np.float32]


def outline(
    blocks: Iterable[NDArray[np.float32]], n_samples: int, n_columns: int = COLUMNS
) -> Outline:
    """Give the smallest and the largest sample in each of some equal parts of a signal.

    Parameters
    ----------
    blocks : iterable of ndarray of shape (n,), float32
        The signal, of one channel, in one piece or more.
    n_samples : int
        How long it is. Samples beyond that count to the last part, and parts that the signal
        does not reach are 0.
    n_columns : int
        The number of parts. There are fewer if there are fewer samples, but at least one.

    Returns
    -------
    Outline
        Part `c` is from sample ``ceil(c * n_samples / n_columns)`` to the next part's first.
    """
    n_columns = max(1, min(n_columns, n_samples))
    starts = -(-np.arange(n_columns) * n_samples // n_columns)
    low = np.full(n_columns, np.inf, np.float32)
    high = np.full(n_columns, -np.inf, np.float32)
    at = 0
    for y in blocks:
        if not len(y):
            continue
        first = np.searchsorted(starts, at, "right") - 1
        last = np.searchsorted(starts, at + len(y), "left")
        cuts = np.maximum(starts[first:last] - at, 0)
        low[first:last] = np.minimum(low[first:last], np.minimum.reduceat(y, cuts))
        high[first:last] = np.maximum(high[first:last], np.maximum.reduceat(y, cuts))
        at += len(y)
    is_empty = low > high
    return Outline(np.where(is_empty, 0, low), np.where(is_empty, 0, high))
