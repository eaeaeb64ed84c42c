"""How many clusters there are, if there are any."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from audioclust import _core
from audioclust.clustering.k_selection import SILHOUETTE_ROWS, KSelection
from audioclust.clustering.kmeans import KMeansSettings, Means, fit_kmeans
from audioclust.clustering.metrics import adjusted_rand, calinski_harabasz, davies_bouldin, knee
from audioclust.clustering.null_models import Reference
from audioclust.utils.threads import Cancelled, unordered

if TYPE_CHECKING:
    from numpy.typing import NDArray


R = TypeVar("R")


K_RANGE = range(2, 16)
"""The numbers of clusters that are tried unless others are named."""


MAX_ROWS = 10_000
"""Of more rows than this, a seeded sample of so many is looked at."""


COMPARED_ROWS = 1000
"""Rows that are compared with nulls and refitted for stability, at most: both are many."""


STABLE = 0.5
"""The stability that a plausible k has at least: halfway from chance to perfect agreement."""


_SHARE = 0.8
"""The share of the rows that each refit for stability sees."""


def largest_k(rows: NDArray[np.float64]) -> int:
    """Give the largest number of clusters that rows have a silhouette for, 0 for no rows.

    There must be as many different rows, and one cluster must have two, as every silhouette
    would be 0 otherwise.
    """
    return min(len(np.unique(rows, axis=0)), len(rows) - 1)


class SelectionSettings(NamedTuple):
    """How a number of clusters is chosen; checked.

    Attributes
    ----------
    seed, n_threads : int
        Seed of the random numbers, and number of threads, which nothing depends on.
    k_range : tuple of int
        The numbers to try, ascending, from 2.
    n_init : int
        Number of starts of each fit.
    n_nulls : int
        Number of nulls of each of the two references.
    n_stability : int
        Number of refits for stability.
    """

    seed: int
    n_threads: int
    k_range: tuple[int, ...] = tuple(K_RANGE)
    n_init: int = 3
    n_nulls: int = 20
    n_stability: int = 10


def select_k(rows: NDArray[np.float64], settings: SelectionSettings) -> KSelection:
    """Choose a number of clusters for rows of shape (n, d), finite; see `choose_k`."""
    rng = np.random.default_rng([settings.seed, 0])
    n = len(rows)
    rows = _sample(rows, MAX_ROWS, rng)
    # Sums of squares lose digits far from the origin.
    rows = rows - rows.mean(axis=0)
    most = largest_k(rows)
    ks = np.array([k for k in settings.k_range if k <= most], np.int64)
    if not len(ks):
        return _nothing_to_try(settings.k_range[0], n)
    few = _sample(rows, COMPARED_ROWS, rng)
    fitter = _Fitter(ks, settings)
    fits = fitter.fits(rows)
    labels = np.stack([groups.labels for groups in fits])
    silhouette = _silhouette_of_sample(rows, labels, rng, settings.n_threads)
    compared = silhouette if few is rows else fitter.compared(few)
    stability = fitter.stability(few)
    verdict = _compare(compared, fitter.nulls(few), stability)
    plausible = tuple(int(k) for k in ks[verdict.plausible])
    # Excess alone leans to many clusters, whose nulls are low, and stability to few.
    merit = (compared - verdict.mean) * np.nan_to_num(stability) ** 2
    merit = np.where(verdict.plausible, merit, -np.inf)
    best = int(ks[merit.argmax()]) if plausible else 1
    inertia = np.array([groups.inertia for groups in fits], np.float64)
    return KSelection(
        k=ks,
        inertia=inertia,
        knee=knee(ks, inertia),
        silhouette=silhouette,
        compared=compared,
        null_mean=verdict.mean,
        null_high=verdict.high,
        calinski_harabasz=np.array([calinski_harabasz(rows, each) for each in labels]),
        davies_bouldin=np.array([davies_bouldin(rows, each) for each in labels]),
        stability=stability,
        plausible=plausible,
        best_k=best,
        reason=_reason(best, plausible, ks, compared, verdict.mean, stability),
        n_rows=n,
        sampled=n > SILHOUETTE_ROWS,
    )


def _sample(
    rows: NDArray[np.float64], most: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    return rows if len(rows) <= most else rows[_chosen(len(rows), most, rng)]


def _chosen(n: int, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Give at most so many of the numbers below n, ascending."""
    return np.arange(n) if n <= most else np.sort(rng.choice(n, most, replace=False))


def _nothing_to_try(first: int, n: int) -> KSelection:
    none = np.empty(0)
    return KSelection(
        k=np.empty(0, np.int64), inertia=none, knee=None, silhouette=none, compared=none,
        null_mean=none, null_high=none, calinski_harabasz=none, davies_bouldin=none,
        stability=none, plausible=(), best_k=1, n_rows=n, sampled=False,
        reason=f"too few rows, or too few that differ, to try k={first}",
    )  # fmt: skip


class _Fitter:
    """Fits each of some numbers of clusters to rows, in threads.

    Each fit has a seed of its own and a place of its own in what is returned, so that neither
    the number of threads nor the order in which they end matters.
    """

    def __init__(self, ks: NDArray[np.int64], settings: SelectionSettings) -> None:
        self._ks = ks.tolist()
        self._settings = settings

    def fits(self, rows: NDArray[np.float64]) -> list[Means]:
        """Fit each k."""
        seed, threads = self._settings.seed, self._settings.n_threads
        if len(rows) > COMPARED_ROWS:
            # One after the other, as only the caller's thread can be interrupted in a fit.
            return [self._fit(rows, k, seed, threads) for k in self._ks]
        return self._in_threads(lambda k, _: self._fit(rows, k, seed), self._ks)

    def compared(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the silhouettes of each k's fit to rows that are compared with nulls."""
        return self._in_threads(
            lambda _, stop: self._silhouettes(rows, self._settings.seed, stop), [0]
        )[0]

    def nulls(self, rows: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Give the silhouettes of nulls, of shape (n_nulls, n_k), for each reference."""
        references = [Reference(rows, axes=axes) for axes in ("components", "columns")]
        each = self._settings.n_nulls

        def null(job: int, stop: threading.Event) -> NDArray[np.float64]:
            rng = np.random.default_rng([self._settings.seed, 1, job])
            drawn = references[job // each].draw(len(rows), rng)
            return self._silhouettes(drawn, int(rng.integers(2**63)), stop)

        found = np.array(self._in_threads(null, range(each * len(references))))
        return np.split(found, len(references))

    def stability(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the mean agreement of refits to subsamples, for each k."""
        n = len(rows)
        size = min(n, max(2, round(_SHARE * n)))

        def refit(job: int, stop: threading.Event) -> NDArray[np.int32]:
            rng = np.random.default_rng([self._settings.seed, 2, job])
            seen = np.sort(rng.choice(n, size, replace=False))
            labels = np.full((len(self._ks), n), -1, np.int32)
            for place, k in enumerate(self._within(rows[seen])):
                _check_running(stop)
                labels[place, seen] = self._fit(rows[seen], k, int(rng.integers(2**63))).labels
            return labels

        refits = self._in_threads(refit, range(self._settings.n_stability))
        return np.array(
            [_agreement([labels[i] for labels in refits]) for i in range(len(self._ks))]
        )

    def _silhouettes(
        self, rows: NDArray[np.float64], seed: int, stop: threading.Event
    ) -> NDArray[np.float64]:
        """Give the mean silhouette of each k's fit to rows, NaN if they are too few for k."""
        found = np.full(len(self._ks), np.nan)
        labels = []
        for k in self._within(rows):
            _check_running(stop)
            labels.append(self._fit(rows, k, seed).labels)
        if labels:
            found[: len(labels)] = _mean_silhouettes(rows, np.stack(labels), 1)
        return found

    def _within(self, rows: NDArray[np.float64]) -> list[int]:
        """Give those of the ks that rows are enough for."""
        most = largest_k(rows)
        return [k for k in self._ks if k <= most]

    def _fit(self, rows: NDArray[np.float64], k: int, seed: int, n_threads: int = 1) -> Means:
        n_init = self._settings.n_init
        return fit_kmeans(
            rows, KMeansSettings(k, n_init=n_init, seed=seed, n_threads=n_threads)
        )

    def _in_threads(
        self, work: Callable[[int, threading.Event], R], jobs: Sequence[int]
    ) -> list[R]:
        done = dict(unordered(work, jobs, self._settings.n_threads, int))
        return [done[i] for i in range(len(jobs))]


def _check_running(stop: threading.Event) -> None:
    if stop.is_set():
        raise Cancelled


def _agreement(labelings: Sequence[NDArray[np.int32]]) -> float:
    """Give the mean adjusted Rand index of each two labelings, of the rows that both have."""
    found = []
    for first, second in combinations(labelings, 2):
        both = (first >= 0) & (second >= 0)
        if both.sum() > 1:
            found.append(adjusted_rand(first[both], second[both]))
    return float(np.mean(found)) if found else float("nan")


def _silhouette_of_sample(
    rows: NDArray[np.float64],
    labels: NDArray[np.int32],
    rng: np.random.Generator,
    n_threads: int,
) -> NDArray[np.float64]:
    seen = _chosen(len(rows), SILHOUETTE_ROWS, rng)
    return _mean_silhouettes(rows[seen], labels[:, seen], n_threads)


def _mean_silhouettes(
    rows: NDArray[np.float64], labels: NDArray[np.int32], n_threads: int
) -> NDArray[np.float64]:
    found = _core.silhouettes(rows, labels.astype(np.uint32), n_threads=n_threads)
    return np.asarray(found.mean(axis=1), np.float64)


class _Verdict(NamedTuple):
    plausible: NDArray[np.bool_]
    mean: NDArray[np.float64]
    high: NDArray[np.float64]


def _compare(
    compared: NDArray[np.float64],
    nulls: list[NDArray[np.float64]],
    stability: NDArray[np.float64],
) -> _Verdict:
    """Tell which silhouettes the nulls of no reference explain.

    There is structure if at some k the silhouette exceeds, in standard deviations of its nulls,
    the 95th percentile of what is the largest over all k of a null among the others: of many ks
    some are high by chance. If there is, every k above the 95th percentile of its own nulls is
    plausible. What refits hardly find again, in either, is no structure.
    """
    above = ~(stability < STABLE)  # It is not known of very few rows.
    outstanding = above.copy()
    for each in nulls:
        largest = [
            _standardised(null, np.delete(each, i, axis=0)).max() for i, null in enumerate(each)
        ]
        above &= compared > np.percentile(each, 95, axis=0)
        outstanding &= _standardised(compared, each) > np.percentile(largest, 95)
    mean = np.max([each.mean(axis=0) for each in nulls], axis=0)
    high = np.max([np.percentile(each, 95, axis=0) for each in nulls], axis=0)
    return _Verdict(above & (above & outstanding).any(), mean, high)


def _standardised(
    silhouettes: NDArray[np.float64], nulls: NDArray[np.float64]
) -> NDArray[np.float64]:
    # Nulls that are all the same must not make of rounding an excess without end.
    spread = nulls.std(axis=0, ddof=1) + 1e-9
    return np.asarray((silhouettes - nulls.mean(axis=0)) / spread, np.float64)


def _reason(
    best: int,
    plausible: tuple[int, ...],
    ks: NDArray[np.int64],
    compared: NDArray[np.float64],
    null_mean: NDArray[np.float64],
    stability: NDArray[np.float64],
) -> str:
    if not plausible:
        tried = f"k={ks[0]}" if len(ks) == 1 else f"k={ks[0]} to {ks[-1]}"
        why = "are no higher than without clusters, or refits disagree"
        return f"no clear structure: silhouettes of {tried} {why}"
    i = int(np.searchsorted(ks, best))
    why = (
        f"silhouette {compared[i]:.2f}, {null_mean[i]:.2f} on average without clusters, "
        f"stability {stability[i]:.2f}"
    )
    return f"{why}; also plausible: {_in_words([k for k in plausible if k != best])}"


def _in_words(ks: Sequence[int]) -> str:
    """Give ascending numbers in words, those that follow each other as runs."""
    runs: list[list[int]] = []
    for k in ks:
        if runs and k == runs[-1][-1] + 1:
            runs[-1].append(k)
        else:
            runs.append([k])
    texts = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    return ", ".join(texts) or "none"
