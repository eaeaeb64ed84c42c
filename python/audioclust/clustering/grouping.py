"""Grouping rows by any algorithm, with the number of groups chosen if it is open."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from audioclust.clustering.algorithms import ALGORITHMS
from audioclust.clustering.groups import ClusterSettings, Groups, Start
from audioclust.clustering.scaling import Scaler
from audioclust.clustering.selection.choosing_k import select_k
from audioclust.clustering.selection.k_selection import KSelection
from audioclust.clustering.selection.measuring import Rescaling, Taken
from audioclust.clustering.selection.settings import SelectionSettings
from audioclust.errors import ParameterError
from audioclust.extraction.progress import Progress
from audioclust.utils.arguments import check_choice, check_k, check_k_range, check_seed
from audioclust.utils.threads import n_threads

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from audioclust.clustering.samples import Sample


@dataclass(frozen=True)
class GroupingSettings:
    """How rows are to be grouped. :meth:`checked` makes one of a public function's arguments.

    Attributes
    ----------
    algorithm : str
        A name from :data:`~audioclust.clustering.algorithms.ALGORITHMS`.
    k : int or None
        Number of clusters; None if it is to be chosen.
    k_range : tuple of int
        The numbers of clusters to choose from, ascending; empty if the number of rows is to
        decide.
    random_state : int or None
        The seed as it was given.
    seed : int
        The seed that is used: `random_state`, or one drawn at random for None.
    n_threads : int
        Number of threads; the result does not depend on it.
    start : {"k-means++", "ward"}
        Where k-means starts.
    """

    algorithm: str
    k: int | None
    k_range: tuple[int, ...]
    random_state: int | None
    seed: int
    n_threads: int
    start: Start = "k-means++"

    @classmethod
    def checked(
        cls,
        k: object,
        *,
        algorithm: object,
        k_range: Iterable[int] | None = None,
        random_state: object,
        n_jobs: int | None,
    ) -> GroupingSettings:
        """Check the arguments of a public function.

        Raises
        ------
        ParameterError
            If an argument is invalid, or k is given to an algorithm that chooses it.
        """
        name = check_choice("algorithm", algorithm, ALGORITHMS)
        number = check_k(k)
        if number is not None and not ALGORITHMS[name].needs_k:
            raise ParameterError(
                f"k={number}: expected it to be left at 'auto', {name} chooses its own number"
            )
        given, seed = check_seed(random_state)
        numbers = () if k_range is None else check_k_range(k_range)
        return cls(name, number, numbers, given, seed, n_threads(n_jobs))

    def continuing(self, k: int) -> GroupingSettings:
        """Give these settings with the number of clusters of an earlier result, if it is open.

        It stays open for an algorithm that chooses it, and if there is a range to choose from.
        """
        is_open = self.k is None and not self.k_range and ALGORITHMS[self.algorithm].needs_k
        return replace(self, k=k) if is_open else self


@dataclass(frozen=True, eq=False)
class Grouping:
    """Rows that were grouped.

    Attributes
    ----------
    scaled : ndarray of shape (n, d), float64
        The rows.
    groups : Groups
        What the algorithm gave.
    selection : KSelection or None
        How the number of groups was chosen; None if it was given, or if the algorithm chose it.
    settings : GroupingSettings
        What was asked for.
    """

    scaled: NDArray[np.float64]
    groups: Groups
    selection: KSelection | None
    settings: GroupingSettings


def group_rows(
    scaled: NDArray[np.float64],
    settings: GroupingSettings,
    progress: Progress = False,
    *,
    things: str = "rows",
    rescaling: Rescaling | None = None,
    centers: NDArray[np.float64] | None = None,
    sample: Sample | None = None,
) -> Grouping:
    """Group rows of shape (n, d), choosing the number of groups first if it is open.

    Parameters
    ----------
    scaled : ndarray of shape (n, d), float64
        The rows.
    settings : GroupingSettings
        What was asked for.
    progress : bool, callable or None
        Shows how the choice goes on; see :data:`audioclust.extraction.progress.Progress`.
    things : str, default="rows"
        What the rows are of, such as "sounds", for errors.
    rescaling : Rescaling or None
        How the rows were scaled by how they lie to each other, if they were.
    centers : ndarray of shape (n_centers, d), float64, or None
        Where k-means starts if there are as many groups.
    sample : callable or None
        Gives the rows that stand for all where these are too many; None if they are drawn.

    Raises
    ------
    ParameterError
        If there are more rows than the algorithm takes, or fewer distinct ones than groups.
    """
    algorithm = ALGORITHMS[settings.algorithm]
    algorithm.check_size(len(scaled))
    k, selection = settings.k, None
    if k is not None:
        _check_enough(scaled, k, things)
    if k is None and algorithm.needs_k:
        selection = chosen_k(scaled, settings, progress, rescaling)
        k = selection.best_k
    if centers is not None and len(centers) != k:
        centers = None
    told = ClusterSettings(
        k, settings.seed, settings.n_threads, settings.start, centers, sample
    )
    groups = algorithm.run(scaled, told)
    return Grouping(scaled, groups, selection, settings)


def _check_enough(rows: NDArray[np.float64], k: int, things: str) -> None:
    """Raise a ParameterError, in the user's words, if fewer rows differ than k."""
    found = len(different(rows, k))
    if found < k:
        raise too_few_differ(k, found, len(rows), things)


def different(rows: NDArray[np.float64], most: int) -> frozenset[bytes]:
    """Give digests of rows that differ, at most so many. They are short enough to be sent."""
    found: set[bytes] = set()
    for row in rows:
        # Adding 0 makes a negative zero a positive one.
        found.add(hashlib.blake2b((row + 0.0).tobytes(), digest_size=16).digest())
        if len(found) == most:
            break
    return frozenset(found)


def too_few_differ(k: int, n_different: int, n: int, things: str) -> ParameterError:
    """Give the error for fewer different rows than groups."""
    return ParameterError(
        f"k={k}: expected at most {n_different}, the number of {things} that differ; there are "
        f"{n} {things}"
    )


def chosen_k(
    scaled: NDArray[np.float64],
    settings: GroupingSettings,
    progress: Progress = False,
    rescaling: Rescaling | None = None,
) -> KSelection:
    """Choose a number of groups for rows of shape (n, d) from the range of the settings."""
    return select_k(scaled, selection_settings(settings, progress), rescaling)


def selection_settings(settings: GroupingSettings, progress: Progress) -> SelectionSettings:
    """Give how a number of groups is chosen."""
    return SelectionSettings(
        settings.seed, settings.n_threads, settings.k_range, progress=progress
    )


def rescaling_of(values: ArrayLike, scaler: Scaler) -> Rescaling | None:
    """Give how nulls are to be scaled if rows were scaled by how they lie to each other.

    Parameters
    ----------
    values : array-like of shape (n, d)
        The rows in their own units, finite.
    scaler : Scaler
        The scaling that was fitted to them.

    Returns
    -------
    Rescaling or None
        None for a scaling of single columns, which nulls share as they are.
    """
    rows = np.asarray(values)
    return rescaling_by(scaler, lambda indices: rows[indices])


def rescaling_by(scaler: Scaler, taken: Taken) -> Rescaling | None:
    """Give the same for rows that are taken by their numbers; see :func:`rescaling_of`."""
    if scaler.scaling != "neighbors":
        return None
    standard = Scaler("standard", scaler.center, scaler.scale)
    return Rescaling(lambda indices: standard.transform(taken(indices)), _by_neighbors)


def _by_neighbors(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return Scaler.fit(rows, "neighbors").transform(rows)
