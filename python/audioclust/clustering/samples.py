"""Seeded samples of rows, for what is too slow or too large for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


WARD_ROWS = 5000
"""Rows that a tree or neighbours are found of, at most: their cost grows as the square."""


def some_rows(
    rows: int | NDArray[np.intp], most: int, seed: int | np.random.Generator
) -> NDArray[np.intp]:
    """Give the indices of rows, ascending: so many drawn at random if there are more.

    Parameters
    ----------
    rows : int or ndarray of intp
        The number of rows, or the indices to draw from, ascending.
    most : int
        How many there are at most.
    seed : int or numpy.random.Generator
        Seed of the draw, or what to draw with. Nothing is drawn if all are taken.
    """
    listed = np.arange(rows) if isinstance(rows, int) else rows
    if len(listed) <= most:
        return listed
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(listed, most, replace=False))
