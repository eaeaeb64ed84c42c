"""How a number of clusters is chosen; imported without NumPy, as the command line reads it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from audioclust.extraction.progress import Progress

K_RANGE = range(2, 16)
"""The numbers of clusters that are tried of few rows, unless others are given."""


LARGEST_K = 50
"""The largest number of clusters that is tried, unless a larger one is asked for."""


@dataclass(frozen=True)
class SelectionSettings:
    """How a number of clusters is chosen. The values must have been checked.

    Attributes
    ----------
    seed : int
        Seed of the random numbers.
    n_threads : int
        Number of threads; the result does not depend on it.
    k_range : tuple of int
        The numbers to try, ascending, from 2. If it is empty, the number of rows decides; see
        :func:`numbers_for`.
    n_nulls : int
        Number of nulls of each of the two references, from 3.
    n_stability : int
        Number of subsamples for stability, from 2.
    progress : bool, callable or None
        Whether it is shown how many steps are done; see
        :data:`audioclust.extraction.progress.Progress`.
    """

    seed: int
    n_threads: int
    k_range: tuple[int, ...] = ()
    n_nulls: int = 20
    n_stability: int = 10
    progress: Progress = False

    def numbers(self, n_rows: int) -> tuple[int, ...]:
        """Give the numbers of clusters to try for so many rows."""
        return self.k_range or tuple(numbers_for(n_rows))


def numbers_for(n_rows: int) -> range:
    """Give the numbers of clusters to try for so many rows unless others are asked for.

    They go from 2 to twice the square root of the number of rows, but at least to 15 and at
    most to 50.
    """
    return range(2, max(K_RANGE[-1], min(LARGEST_K, math.isqrt(4 * n_rows))) + 1)
