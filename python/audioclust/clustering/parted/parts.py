"""Rows in parts, wherever these are kept, and what is computed of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

R = TypeVar("R")


GATHERED_ROWS = 4_000_000
"""Rows up to which one process holds all. 150 columns of float32 take 2.4 GB then, and fitting
them in one process is faster than a few milliseconds for each task and iteration."""


def are_many(n_rows: int) -> bool:
    """Tell whether so many rows stay in parts, if they are in parts.

    Of so many rows, samples take the place of what would look at all rows again and again. They
    do so in one process too, so that the result does not depend on where the rows are.
    """
    return n_rows > GATHERED_ROWS


class Parts(Protocol):
    """Rows in parts, in their order. Functions go to the rows, and small results come back."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of rows of each part."""

    def each(self, work: Callable[..., R], *arguments: Any) -> list[R]:
        """Give ``work(rows, *arguments)`` for the rows of each part, in their order."""

    def total(self, work: Callable[..., R], add: Callable[[R, R], R], *arguments: Any) -> R:
        """Add up ``work(rows, *arguments)`` of all parts, of which there is at least one.

        The sum must not depend on how parts are put together: it is taken in a tree.
        """

    def mapped(self, work: Callable[..., NDArray[Any]], *arguments: Any) -> Parts:
        """Give parts of the rows ``work(rows, *arguments)``, which stay where they are."""

    def taken(self, indices: NDArray[np.intp]) -> NDArray[Any]:
        """Give the rows with these numbers, counted through all parts, ascending."""


class InMemory:
    """Parts that are arrays of this process."""

    def __init__(self, arrays: Sequence[NDArray[Any]]) -> None:
        self.arrays: tuple[NDArray[Any], ...] = tuple(arrays)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of rows of each part."""
        return tuple(map(len, self.arrays))

    def each(self, work: Callable[..., R], *arguments: Any) -> list[R]:
        """Give ``work(rows, *arguments)`` for the rows of each part, in their order."""
        return [work(rows, *arguments) for rows in self.arrays]

    def total(self, work: Callable[..., R], add: Callable[[R, R], R], *arguments: Any) -> R:
        """Add up ``work(rows, *arguments)`` of all parts."""
        return functools.reduce(add, (work(rows, *arguments) for rows in self.arrays))

    def mapped(self, work: Callable[..., NDArray[Any]], *arguments: Any) -> InMemory:
        """Give parts of the rows ``work(rows, *arguments)``."""
        return InMemory([work(rows, *arguments) for rows in self.arrays])

    def taken(self, indices: NDArray[np.intp]) -> NDArray[Any]:
        """Give the rows with these numbers, counted through all parts, ascending."""
        if len(self.arrays) == 1 and len(indices) == len(self.arrays[0]):
            return self.arrays[0]  # All of them: nothing to copy.
        firsts = np.cumsum([0, *self.sizes])
        return np.concatenate(
            [
                rows[indices[(indices >= first) & (indices < first + len(rows))] - first]
                for first, rows in zip(firsts[:-1], self.arrays, strict=True)
            ]
        )
