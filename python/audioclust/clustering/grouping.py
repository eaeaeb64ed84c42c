"""Rows into groups by any algorithm, with the number of groups chosen if it is open."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audioclust.clustering.algorithms import ALGORITHMS, CHOOSES_K, ClusterSettings, Groups
from audioclust.clustering.choosing_k import K_RANGE, SelectionSettings, select_k
from audioclust.clustering.k_selection import KSelection
from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_choice, check_k, check_k_range, check_seed
from audioclust.utils.threads import n_threads

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class GroupingSettings:
    """How rows are grouped; checked.

    Attributes
    ----------
    algorithm : str
        A name from the table of algorithms.
    k : int or None
        Number of clusters; None if it is to be chosen.
    k_range : tuple of int
        The numbers that are tried if it is.
    random_state : int or None
        The seed that was asked for.
    seed : int
        The seed that is used: `random_state`, or one drawn at random for None.
    n_threads : int
        Number of threads; the result does not depend on it.
    """

    algorithm: str
    k: int | None
    k_range: tuple[int, ...]
    random_state: int | None
    seed: int
    n_threads: int

    @classmethod
    def checked(
        cls,
        k: object,
        *,
        algorithm: object,
        k_range: Iterable[int] = K_RANGE,
        random_state: object,
        n_jobs: int | None,
    ) -> GroupingSettings:
        """Check what a public function was given.

        Raises
        ------
        ParameterError
            If an argument is invalid, or k is given to an algorithm that chooses it.
        """
        name = check_choice("algorithm", algorithm, ALGORITHMS)
        wanted = check_k(k)
        if wanted is not None and name in CHOOSES_K:
            raise ParameterError(
                f"k={k!r}: expected it to be left at 'auto', {name} chooses its own number"
            )
        given, seed = check_seed(random_state)
        return cls(name, wanted, check_k_range(k_range), given, seed, n_threads(n_jobs))


@dataclass(frozen=True, eq=False)
class Grouping:
    """Rows that were grouped.

    Attributes
    ----------
    scaled : ndarray of shape (n, d), float64
        The rows.
    groups : Groups
        What the algorithm made of them.
    selection : KSelection or None
        How the number of groups was chosen, if it was open.
    settings : GroupingSettings
        What was asked for.
    """

    scaled: NDArray[np.float64]
    groups: Groups
    selection: KSelection | None
    settings: GroupingSettings


def group_rows(scaled: NDArray[np.float64], settings: GroupingSettings) -> Grouping:
    """Group rows of shape (n, d), and choose how many groups there are if that is open."""
    told = ClusterSettings(settings.k, settings.seed, settings.n_threads)
    selection = None
    if told.k is None and settings.algorithm not in CHOOSES_K:
        chosen = SelectionSettings(settings.seed, settings.n_threads, settings.k_range)
        selection = select_k(scaled, chosen)
        told = dataclasses.replace(told, k=selection.best_k)
    groups = ALGORITHMS[settings.algorithm](scaled, told)
    return Grouping(scaled, groups, selection, settings)
