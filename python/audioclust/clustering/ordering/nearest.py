"""The nearest rows of each row, nearest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.clustering.neighbors import neighbors_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

DOUBLES = 5000
"""Rows up to which all distances are computed in double precision. Of more rows, those that may
be the nearest are found in single precision, in half the time, and then compared in double."""

BLOCK_VALUES = 2**20
"""Number of values that are subtracted at once: 8 MB, whatever the number of rows."""


def nearest_of(rows: NDArray[Any], m: int, n_threads: int = 1) -> NDArray[np.int64]:
    """Give the `m` nearest other rows of each row, nearest first.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float32 or float64
        Finite, with at least one column.
    m : int
        Number of neighbours of each row, from 1.
    n_threads : int, default=1
        Number of threads; the result does not depend on it.

    Returns
    -------
    nearest : ndarray of shape (n, m), int64
        Their indices by Euclidean distance; -1 where there are no more rows. Copies of a row
        come first, from it on in a circle, so that each of them is somebody's neighbour. Other
        rows that are equally near are in the order of their indices.

    Notes
    -----
    Time grows as the square of the number of different rows, and memory as n, however many
    copies there are.
    """
    values = np.ascontiguousarray(rows, np.float64)
    # Copies would all be neighbours of each other, which takes much memory.
    _, firsts, copies = np.unique(values, axis=0, return_index=True, return_inverse=True)
    by_first = np.argsort(firsts)
    near = _nearest_of_different(values[firsts[by_first]], m, n_threads)
    if len(firsts) == len(values):
        return near
    number = np.empty_like(by_first)
    number[by_first] = np.arange(len(by_first))
    return _with_copies(near, number[copies.reshape(-1)])


def _nearest_of_different(
    rows: NDArray[np.float64], m: int, n_threads: int
) -> NDArray[np.int64]:
    """Give the nearest of rows that are all different."""
    nearest = np.full((len(rows), m), -1, np.int64)
    seen = rows if len(rows) <= DOUBLES else _in_single_precision(rows)
    found = neighbors_of(seen, m, n_threads)
    counts = np.diff(found.indptr)
    row = np.repeat(np.arange(len(rows)), counts)
    order = np.lexsort((found.indices, _squared(rows, row, found.indices), row))
    place = np.arange(len(row)) - np.repeat(found.indptr[:-1], counts)
    kept = place < m
    nearest[row[kept], place[kept]] = found.indices[order][kept]
    return nearest


def _in_single_precision(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    """Round rows after their mean was taken away and the largest value made 1.

    So rounding is small beside the differences of rows, and no square is too large.
    """
    off = rows - rows.mean(axis=0)
    scaled: NDArray[np.float32] = (off / (np.abs(off).max() or 1.0)).astype(np.float32)
    return scaled


def _squared(
    rows: NDArray[np.float64], a: NDArray[np.int64], b: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give the squared distances of pairs of rows."""
    squared = np.empty(len(a))
    step = max(1, BLOCK_VALUES // rows.shape[1])
    for start in range(0, len(a), step):
        some = slice(start, start + step)
        off = rows[a[some]] - rows[b[some]]
        squared[some] = np.einsum("ij,ij->i", off, off)
    return squared


def _with_copies(near: NDArray[np.int64], group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the nearest of all rows from those of the different ones.

    Parameters
    ----------
    near : ndarray of shape (n_different, m)
        The nearest of the different rows.
    group : ndarray of shape (n,)
        Which of them each row is a copy of.
    """
    m = near.shape[1]
    members = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group))
    copies_of = np.split(members, ends[:-1])
    nearest = np.full((len(group), m), -1, np.int64)
    for own, copies in enumerate(copies_of):
        others = [copies_of[other][:m] for other in near[own].tolist() if other >= 0]
        after = np.concatenate([*others, np.full(m, -1)])[:m]
        for place, row in enumerate(copies.tolist()):
            circle = np.concatenate([copies[place + 1 : place + 1 + m], copies[:place][:m]])
            nearest[row] = np.concatenate([circle, after])[:m]
    return nearest
