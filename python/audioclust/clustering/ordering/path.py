"""A short path through rows: neighbours on it are alike.

It is the travelling salesman's problem without the way back, from a given row on. The nearest
row that is left comes next, and then 2-opt (Croes, 1958) turns stretches of the path around as
long as that shortens it, with neighbour lists and don't-look bits (Bentley, 1992). These bits
miss some turns; short paths are looked at again until there is none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from audioclust.clustering.neighbors import neighbors_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEIGHBORS = 12
"""How many nearest rows of each are tried as its neighbours on the path."""

MAX_LOOKS = 30
"""How often each row is looked at, on average, at most."""

AGAIN = 2000
"""Paths of at most so many rows are looked at again after a turn. Of 10,000 rows the path would
become .5 % shorter by that, in four times the time."""

_GAIN = 1e-9
"""A path has to become shorter by this share of the steps in question: less is rounding."""


class _Near(NamedTuple):
    """The rows nearest a row, nearest first, and their distances from it."""

    rows: NDArray[np.int64]
    distances: NDArray[np.float64]


def alike_path(rows: NDArray[Any], start: int, n_threads: int = 1) -> NDArray[np.int64]:
    """Order rows so that each is like the one before it.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float32 or float64
        Scaled, at least one.
    start : int
        The row that comes first.
    n_threads : int, default=1
        Number of threads that look for neighbours; the order does not depend on it.

    Returns
    -------
    order : ndarray of shape (n,), int64
        Each row once. The path is never longer than that of :func:`nearest_path`. The same rows
        give the same order.
    """
    values = np.ascontiguousarray(rows, np.float64)
    # Copies of a row come one after the other. As neighbours they would take much memory.
    _, firsts, copies = np.unique(values, axis=0, return_index=True, return_inverse=True)
    by_first = np.argsort(firsts)
    number = np.empty_like(by_first)
    number[by_first] = np.arange(len(by_first))
    group = number[copies.reshape(-1)]
    place = np.empty_like(by_first)
    place[_path(values[firsts[by_first]], int(group[start]), n_threads)] = np.arange(
        len(by_first)
    )
    is_other = np.arange(len(values)) != start
    return np.lexsort((is_other, place[group]))


def _path(rows: NDArray[np.float64], start: int, n_threads: int) -> NDArray[np.int64]:
    """Give a short path through rows that are all different."""
    near = _nearest_first(rows, n_threads)
    order = _nearest_path(rows, start, near)
    if len(order) < 3:
        return order
    path = _Path(rows, order, near)
    path.shorten()
    # Sums of rounded gains are not to be trusted to the last digit.
    return path.order if length_of(rows, path.order) <= length_of(rows, order) else order


def length_of(rows: NDArray[Any], order: NDArray[np.int64]) -> float:
    """Give the length of a path: the sum of the distances of its steps."""
    return float(np.linalg.norm(np.diff(rows[order], axis=0), axis=1).sum())


def nearest_path(rows: NDArray[Any], start: int) -> NDArray[np.int64]:
    """Give the path that always goes on to the nearest row that is left.

    Of equally near ones it is the one with the lowest index.
    """
    return _nearest_path(rows, start, _nearest_first(rows))


def _nearest_path(rows: NDArray[Any], start: int, near: Sequence[_Near]) -> NDArray[np.int64]:
    """Give the same, where the nearest rows of each are known."""
    order = np.empty(len(rows), np.int64)
    order[0] = at = start
    left = _Left(rows)
    left.remove(start)
    for step in range(1, len(rows)):
        known = near[at].rows
        ahead = known[left.has[known]]
        order[step] = at = int(ahead[0]) if len(ahead) else left.nearest(at)
        left.remove(at)
    return order


class _Left:
    """The rows that are not yet on a path.

    Attributes
    ----------
    has : ndarray of shape (n,), bool
        Whether each row is left.
    """

    def __init__(self, rows: NDArray[Any]) -> None:
        self.has = np.ones(len(rows), bool)
        self._rows = rows
        self._together(np.arange(len(rows)))

    def remove(self, row: int) -> None:
        """Take a row away."""
        self.has[row] = False
        self._n -= 1

    def nearest(self, row: int) -> int:
        """Give the nearest of those that are left."""
        if self._n < len(self._indices) * 7 // 8:
            self._together(self._indices[self.has[self._indices]])
        difference = self._values - self._rows[row]
        squares = np.einsum("ij,ij->i", difference, difference)
        squares[~self.has[self._indices]] = np.inf
        return int(self._indices[squares.argmin()])

    def _together(self, indices: NDArray[np.int64]) -> None:
        """Put rows side by side in memory, as they are gone through often."""
        self._indices, self._values, self._n = indices, self._rows[indices], len(indices)


class _Path:
    """A path that 2-opt makes shorter.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
    order : ndarray of shape (n,)
        A path, whose first row stays the first.
    near : sequence of _Near
        The nearest rows of each row.
    """

    def __init__(
        self, rows: NDArray[np.float64], order: NDArray[np.int64], near: Sequence[_Near]
    ) -> None:
        self.order = order.copy()
        self._rows = rows
        self._place = np.empty(len(order), np.int64)
        self._place[order] = np.arange(len(order))
        self._near = near

    def shorten(self) -> None:
        """Turn stretches around until no such turn helps, or every row was looked at enough."""
        looks = MAX_LOOKS * len(self.order)
        was_turned = True
        # Steps within a stretch that was turned go the other way, so that new turns may help.
        while was_turned and looks:
            was_turned = False
            waiting = deque(self.order.tolist())
            is_waiting = np.ones(len(self.order), bool)
            while waiting and looks:
                looks -= 1
                row = waiting.popleft()
                is_waiting[row] = False
                ends = self._turn_at(row)
                was_turned = was_turned or (len(ends) > 0 and len(self.order) <= AGAIN)
                for end in ends:
                    if not is_waiting[end]:
                        is_waiting[end] = True
                        waiting.append(end)

    def _turn_at(self, row: int) -> list[int]:
        """Make the best turn that brings a row beside one near it, and give its four ends.

        The list is empty if no turn helps.
        """
        near, distances = self._near[row]
        at, last = int(self._place[row]), len(self.order) - 1
        best = _GAIN, 0, 0
        # A step (a, b), (c, d) becomes (a, c), (b, d): with the row as a and with it as b.
        if at < last:
            best = max(best, self._best_turn(at, self._place[near], distances, ahead=1))
        if at > 0:
            places = self._place[near] - 1
            best = max(best, self._best_turn(at - 1, places, distances, ahead=0))
        _, first, then = best
        if first == then:
            return []
        ends = [first, first + 1, then, min(then + 1, last)]
        touched = [int(row) for row in self.order[ends]]
        self._turn(first + 1, then)
        return touched

    def _best_turn(
        self,
        at: int,
        others: NDArray[np.int64],
        distances: NDArray[np.float64],
        *,
        ahead: int,
    ) -> tuple[float, int, int]:
        """Give the largest share that is gained by turning around between two steps.

        Parameters
        ----------
        at : int
            The place of one step: it goes from there to the next place.
        others : ndarray of shape (m,)
            The places of the other steps. That of the last row has no end and no length.
        distances : ndarray of shape (m,)
            How far the rows that come beside the one in question are from it.
        ahead : {0, 1}
            Whether that row is where the step at `at` begins (1) or ends.

        Returns
        -------
        gain, first, last : float, int, int
            The gain as a share of the two steps, and their places in order.
        """
        order, last = self.order, len(self.order) - 1
        step = float(self._distances(order[at], order[at + 1]))
        # A turn gains only if a row comes to lie nearer to its neighbour than it did.
        is_step = (others != at) & (others >= 0) & (distances < step)
        if not is_step.any():
            return (0.0, 0, 0)
        others, distances = others[is_step], distances[is_step]
        has_end = others < last
        begins, ends = order[others], order[np.minimum(others + 1, last)]
        there = np.where(has_end, self._distances(begins, ends), 0.0)
        # What was at the other side of both steps comes together too.
        if ahead:
            made = np.where(has_end, self._distances(order[at + 1], ends), 0.0)
        else:
            made = self._distances(order[at], begins)
        gains = (step + there - distances - made) / (step + there)
        found = int(gains.argmax())
        first, then = sorted((at, int(others[found])))
        return float(gains[found]), first, then

    def _turn(self, begin: int, end: int) -> None:
        """Turn around the rows from one place to another, both included."""
        turned = self.order[begin : end + 1][::-1].copy()
        self.order[begin : end + 1] = turned
        self._place[turned] = np.arange(begin, end + 1)

    def _distances(self, a: Any, b: Any) -> NDArray[np.float64]:
        difference = self._rows[a] - self._rows[b]
        return np.asarray(np.sqrt((difference * difference).sum(axis=-1)))


def _nearest_first(rows: NDArray[Any], n_threads: int = 1) -> list[_Near]:
    """Give the nearest rows of each row."""
    found = neighbors_of(rows, NEIGHBORS, n_threads)
    near = []
    for i, (begin, end) in enumerate(zip(found.indptr[:-1], found.indptr[1:], strict=True)):
        others = found.indices[begin:end]
        distances = np.linalg.norm(rows[others] - rows[i], axis=1)
        # Copies of a row are all its neighbours, however many there are.
        order = np.argsort(distances, kind="stable")[:NEIGHBORS]
        near.append(_Near(others[order], distances[order]))
    return near
