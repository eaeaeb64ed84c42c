"""Lloyd's k-means over rows in parts, with the bits of k-means over all rows at once.

Nothing is kept where the rows are. Each iteration sends the centres to the parts and gets exact
sums back (see :mod:`audioclust.clustering.parted.sums`). So it makes no difference how rows are
divided, or whether a part was computed twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from audioclust import _core
from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_int, check_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.clustering.parted.parts import Parts

Rows: TypeAlias = "NDArray[Any]"
Sums: TypeAlias = "tuple[NDArray[np.float64], NDArray[np.int64]]"
"""For each cluster the sums of its rows, in bins, and the number of its rows."""

MEDIAN_OF = 1000
"""The offset is the median of at most so many rows, as for rows in one place."""


@dataclass(frozen=True, eq=False)
class PartedFit:
    """The clusters that were found.

    Attributes
    ----------
    centers : ndarray of shape (k, d), of the rows' dtype
        The centres.
    inertia : float
        Sum of the squared distances of the rows to their centres.
    n_iter : int
        Number of iterations.
    labels : list of ndarray, int32
        The cluster of each row, one array a part.
    """

    centers: NDArray[Any]
    inertia: float
    n_iter: int
    labels: list[NDArray[np.int32]]


@dataclass(frozen=True, eq=False)
class Frame:
    """What a step over one part must know of all parts.

    Attributes
    ----------
    offset : ndarray of shape (d,), of the rows' dtype
        What is subtracted from rows and centres.
    largest : ndarray of shape (d,)
        The largest absolute value of each column after that.
    least : ndarray of shape (d,)
        The smallest number above 0 in each column after that, of some rows. Sums keep all
        of its digits.
    n_total : int
        The number of all rows.
    """

    offset: NDArray[Any]
    largest: NDArray[np.float64]
    least: NDArray[np.float64]
    n_total: int

    @property
    def core(self) -> tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64], int]:
        """The same as the core takes it."""
        return self.offset, self.largest, self.least, self.n_total


def fit_in_parts(
    parts: Parts, centers: NDArray[Any], *, max_iter: int = 300, tol: float = 1e-4
) -> PartedFit:
    """Run k-means from given centres over rows in parts.

    Gives what :func:`audioclust.clustering.kmeans.fit_kmeans` gives for all rows in one array
    and ``init=centers``, bit for bit.

    Parameters
    ----------
    parts : Parts
        The rows, finite, all float32 or all float64; at most 2**30 rows.
    centers : array-like of shape (k, d)
        The first centres.
    max_iter : int
        Largest number of iterations.
    tol : float
        Iterations end when the sum of the squared shifts of the centres is at most this,
        relative to the mean variance of the columns.

    Raises
    ------
    ParameterError
        If a value is not finite or too large, shapes do not fit each other, there are fewer
        rows than clusters, or a setting is invalid.
    """
    max_iter = check_int("max_iter", max_iter, 1)
    tol = check_number("tol", tol)
    start = np.asarray(centers)
    if start.ndim != 2 or 0 in start.shape:
        raise ParameterError(f"init={start.shape}: expected (clusters, columns)")
    frame = frame_of(parts, *start.shape)
    moments = parts.total(_moments, _plus, frame)
    tolerance = tol * _core.lloyd_variance(moments, frame.n_total)
    found, n_iter = _iterated(
        parts,
        frame,
        _core.lloyd_shifted(start.astype(frame.offset.dtype, copy=False), frame.core),
        max_iter,
        tolerance,
    )
    end = _core.lloyd_shifted(found, frame.core, back=True)
    labelled = parts.each(_labels, end)
    digits: NDArray[np.int64] = np.sum([digits for _, digits in labelled], axis=0)
    labels = [labels for labels, _ in labelled]
    return PartedFit(end, _core.lloyd_total(digits), n_iter, labels)


def frame_of(parts: Parts, k: int, d: int) -> Frame:
    """Find the rows' middle and largest values, and check that centres fit them."""
    n_total = sum(parts.sizes)
    if k > n_total:
        raise ParameterError(f"k={k} clusters need at least {k} distinct rows, got {n_total}")
    step = -(-n_total // MEDIAN_OF)
    offset, least = _core.lloyd_offset(parts.taken(np.arange(0, n_total, step)))
    if offset.shape != (d,):
        expected = f"({k}, {len(offset)}): clusters and columns"
        raise ParameterError(f"init=an array of shape ({k}, {d}): expected {expected}")
    largest = parts.total(_largest, np.maximum, offset)
    # No row is farther away than this. Only if it is too far is each row checked, by the core.
    with np.errstate(over="ignore"):
        squared = float(np.sum(largest**2))
    if not squared <= float(np.finfo(offset.dtype).max) / 16:
        _check_parts(parts, offset)
    return Frame(offset, largest, least, n_total)


def _check_parts(parts: Parts, offset: NDArray[Any]) -> None:
    """Let the core raise for the first part with a number that is not finite, or too large."""
    good = parts.each(_finite)
    finite = all(good)
    if finite:
        good = parts.each(_fits, offset)
    if all(good):
        return
    bad = good.index(False)
    first = sum(parts.sizes[:bad])
    told = np.arange(first, first + parts.sizes[bad])
    if finite:
        # The error tells of the largest value, which another part may have.
        told = np.union1d(told, _largest_row(parts))
    _core.lloyd_check(parts.taken(told), _lone(offset), first=first)


def _largest_row(parts: Parts) -> int:
    """Give the number of the row that has the largest absolute value."""
    peaks = parts.each(_peak)
    part = max(range(len(peaks)), key=lambda i: peaks[i][0])
    return sum(parts.sizes[:part]) + peaks[part][1]


def _iterated(
    parts: Parts, frame: Frame, centers: NDArray[Any], max_iter: int, tolerance: float
) -> tuple[NDArray[Any], int]:
    """Give the last centres, relative to the offset, and the number of iterations."""
    before: Sums | None = None
    n_iter = 0
    while n_iter < max_iter:
        n_iter += 1
        sums = parts.total(_step, _plus_both, centers, frame)
        # Before empty clusters are filled, as the core does it: lloyd.rs says why.
        settled = before is not None and all(map(np.array_equal, before, sums))
        before = sums
        if 0 in sums[1]:
            sums = _filled(parts, frame, centers, sums)
        centers, shift = _core.lloyd_next(sums, centers, frame.core)
        if settled or shift <= tolerance:
            break
    return centers, n_iter


def _filled(parts: Parts, frame: Frame, centers: NDArray[Any], sums: Sums) -> Sums:
    """Give each cluster without rows the row that is farthest from its centre."""
    counts = sums[1]
    enough = len(counts) + int(np.count_nonzero(counts == 0))
    found = parts.each(_farthest, centers, frame, enough)
    firsts = np.cumsum([0, *parts.sizes])
    squared = np.concatenate([far[0] for far in found])
    indices = np.concatenate(
        [first + far[1] for first, far in zip(firsts[:-1], found, strict=True)]
    )
    labels = np.concatenate([far[2] for far in found])
    # The farthest first, and of equally far rows the one that comes first.
    order = np.lexsort((indices, -squared))[:enough]
    fillers = _core.lloyd_fillers(counts, labels[order])
    if not fillers:
        return sums
    chosen = order[[place for place, _ in fillers]]
    ascending = np.argsort(indices[chosen])
    rows = parts.taken(indices[chosen][ascending])
    moves = [(int(labels[chosen[i]]), fillers[i][1]) for i in ascending]
    return _core.lloyd_moved(sums, rows, moves, frame.core)


# What follows is sent to the parts.


def _largest(rows: Rows, offset: NDArray[Any]) -> NDArray[np.float64]:
    return _core.lloyd_largest(rows, offset)


def _finite(rows: Rows) -> bool:
    return bool(np.isfinite(rows).all())


def _peak(rows: Rows) -> tuple[float, int]:
    """Give the largest absolute value and the row that has it, of a part that may be empty."""
    if not len(rows):
        return -1.0, 0
    sizes = np.abs(rows).max(axis=1)
    row = int(sizes.argmax())
    return float(sizes[row]), row


def _fits(rows: Rows, offset: NDArray[Any]) -> bool:
    try:
        _core.lloyd_check(rows, _lone(offset))
    except ParameterError:
        return False
    return True


def _lone(
    offset: NDArray[Any],
) -> tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64], int]:
    """Give a frame for checks, which look at nothing but the offset."""
    nothing = np.zeros(len(offset))
    return offset, nothing, nothing, 1


def _moments(rows: Rows, frame: Frame) -> NDArray[np.float64]:
    return _core.lloyd_moments(rows, frame.core)


def _step(rows: Rows, centers: NDArray[Any], frame: Frame) -> Sums:
    return _core.lloyd_step(rows, centers, frame.core)


def _farthest(
    rows: Rows, centers: NDArray[Any], frame: Frame, enough: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int32]]:
    return _core.lloyd_farthest(rows, centers, frame.core, enough)


def _labels(rows: Rows, centers: NDArray[Any]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    return _core.lloyd_labels(rows, centers)


def _plus(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return one + other


def _plus_both(one: Sums, other: Sums) -> Sums:
    return one[0] + other[0], one[1] + other[1]
