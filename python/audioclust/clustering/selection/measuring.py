"""Measuring several numbers of clusters of rows, of nulls and of subsamples, in threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar, get_args

import numpy as np

from audioclust.clustering.metrics import adjusted_rand
from audioclust.clustering.selection.null_models import Reference, ReferenceAxes
from audioclust.clustering.selection.settings import SelectionSettings
from audioclust.clustering.selection.views import View, view_of
from audioclust.clustering.ward import merges_of
from audioclust.extraction.progress import Advance
from audioclust.utils.threads import Cancelled, unordered

if TYPE_CHECKING:
    from numpy.typing import NDArray


R = TypeVar("R")


Rescale: TypeAlias = "Callable[[NDArray[np.float64]], NDArray[np.float64]]"
"""Scales rows by how they lie to each other; see :class:`Rescaling`."""


COMPARED_ROWS = 600
"""Rows for comparing with nulls and for stability, at most, as these need many trees."""


_SHARE = 0.8
"""The share of the rows in each subsample that stability is measured with."""


Taken: TypeAlias = "Callable[[NDArray[np.intp]], NDArray[np.float64]]"
"""Gives the rows with some numbers, ascending, wherever all of them are."""


class Rescaling(NamedTuple):
    """How rows were scaled by how they lie to each other, as neighbour scaling does.

    Such a scaling brings out whatever groups rows seem to have. Nulls must be scaled likewise,
    or else it would make structure where there is none.

    Attributes
    ----------
    before : callable
        Gives rows as they were before that, by their numbers.
    rescale : callable
        Gives rows like those scaled, of the same shape.
    """

    before: Taken
    rescale: Rescale


def largest_k(rows: NDArray[np.float64]) -> int:
    """Give the largest number of clusters whose silhouette says anything; 0 for few rows.

    k clusters need k distinct rows, and one row more: if each row has a cluster of its own,
    every silhouette is 0.
    """
    return min(len(np.unique(rows, axis=0)), len(rows) - 1)


class Measurer:
    """Measures Ward's clusters of nulls and of subsamples, in threads.

    Each has its own seed and its own place in the result, so that neither the number of threads
    nor the order in which they end matters.

    Parameters
    ----------
    ks : ndarray of shape (n_k,), int64
        The numbers of clusters, ascending.
    settings : SelectionSettings
        Nulls, subsamples, seed and threads.
    advance : callable
        Called with the number of steps done, twice, as each ends; see :meth:`n_steps`.
    """

    def __init__(
        self, ks: NDArray[np.int64], settings: SelectionSettings, advance: Advance
    ) -> None:
        self._ks = ks.tolist()
        self._settings = settings
        self._advance = advance
        self._done = 0

    @staticmethod
    def n_steps(settings: SelectionSettings) -> int:
        """Give how many steps there are: nulls and subsamples."""
        return settings.n_nulls * len(get_args(ReferenceAxes)) + settings.n_stability

    def nulls(
        self, rows: NDArray[np.float64], rescale: Rescale | None
    ) -> tuple[list[View], ...]:
        """Give the views of nulls like the rows, for each reference.

        Parameters
        ----------
        rows : ndarray of shape (n, d), float64
            The rows, before they are rescaled.
        rescale : callable or None
            What the rows are rescaled with, and so the nulls too.
        """
        references = [Reference(rows, axes=axes) for axes in get_args(ReferenceAxes)]
        each = self._settings.n_nulls

        def null(job: int, stop: threading.Event) -> View:
            _check_running(stop)
            rng = np.random.default_rng([self._settings.seed, 1, job])
            drawn = references[job // each].draw(len(rows), rng)
            if rescale is not None:
                drawn = rescale(drawn)
            return view_of(drawn, self._ks, merges_of(drawn, 1))

        found = self._in_threads(null, range(each * len(references)))
        return tuple(found[i * each : (i + 1) * each] for i in range(len(references)))

    def stability(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the mean agreement of the trees of subsamples of the rows, of shape (n_k,).

        The agreement of two subsamples is the adjusted Rand index of the rows that both have;
        NaN for a k that they have too few distinct rows for.
        """
        n = len(rows)
        size = min(n, max(2, round(_SHARE * n)))

        def labels_of(job: int, stop: threading.Event) -> NDArray[np.int64]:
            _check_running(stop)
            rng = np.random.default_rng([self._settings.seed, 2, job])
            seen = np.sort(rng.choice(n, size, replace=False))
            labels = np.full((len(self._ks), n), -1, np.int64)
            most = largest_k(rows[seen])
            possible = [k for k in self._ks if k <= most]
            labels[: len(possible), seen] = merges_of(rows[seen], 1).cuts(possible)
            return labels

        found = self._in_threads(labels_of, range(self._settings.n_stability))
        return np.array(
            [_agreement([labels[i] for labels in found]) for i in range(len(self._ks))]
        )

    def _in_threads(
        self, work: Callable[[int, threading.Event], R], jobs: Sequence[int]
    ) -> list[R]:
        """Give the result of each job, in their order."""
        done = {}
        for job, result in unordered(work, jobs, self._settings.n_threads, jobs):
            done[job] = result
            self._done += 1
            self._advance(self._done, self._done)
        return [done[i] for i in range(len(jobs))]


def _check_running(stop: threading.Event) -> None:
    if stop.is_set():
        raise Cancelled


def _agreement(labelings: Sequence[NDArray[np.int64]]) -> float:
    """Give the mean adjusted Rand index of all pairs of labelings; -1 marks absent rows."""
    found = []
    for first, second in combinations(labelings, 2):
        both = (first >= 0) & (second >= 0)
        if both.sum() > 1:
            found.append(adjusted_rand(first[both], second[both]))
    return float(np.mean(found)) if found else float("nan")
