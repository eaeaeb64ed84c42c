"""Choosing a number of clusters, and telling whether there are clusters at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audioclust import _core
from audioclust.clustering.metrics import (
    SILHOUETTE_ROWS,
    calinski_harabasz,
    centroids,
    davies_bouldin,
    knee,
    mean_silhouettes,
)
from audioclust.clustering.samples import some_rows
from audioclust.clustering.selection.comparison import compare, is_clear, looks_at
from audioclust.clustering.selection.k_selection import KSelection, Structure
from audioclust.clustering.selection.measuring import (
    COMPARED_ROWS,
    Measurer,
    Rescaling,
    Taken,
    largest_k,
)
from audioclust.clustering.selection.reasons import reason_for
from audioclust.clustering.selection.settings import SelectionSettings
from audioclust.clustering.selection.views import (
    WIDER,
    View,
    last_split,
    near_pairs,
    view_of,
)
from audioclust.clustering.ward import merges_of
from audioclust.extraction.progress import State, display_for
from audioclust.utils.threads import one_blas_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray


MAX_ROWS = 10_000
"""If there are more rows than this, a seeded sample of so many stands for all."""


FEW_ROWS = 20
"""With fewer rows than this chance has too much room, and no number is claimed."""


@dataclass(frozen=True, eq=False)
class _Sample:
    """The rows that are looked at: all, or seeded samples of many.

    Attributes
    ----------
    rows : ndarray of shape (n_seen, d), float64
        At most 10,000 rows, about the origin.
    few : ndarray of shape (n_few, d), float64
        At most 600 of them, scaled as if there were no others.
    before : ndarray of shape (n_few, d), float64
        The same before they were scaled by how they lie to each other.
    places : ndarray of shape (n_few,), int64
        Which of `rows` they are.
    """

    rows: NDArray[np.float64]
    few: NDArray[np.float64]
    before: NDArray[np.float64]
    places: NDArray[np.int64]


def select_k(
    rows: NDArray[np.float64], settings: SelectionSettings, rescaling: Rescaling | None = None
) -> KSelection:
    """Choose a number of clusters; see :func:`audioclust.choose_k`.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float64
        The rows, finite.
    settings : SelectionSettings
        The numbers to try, and how.
    rescaling : Rescaling or None
        How the rows were scaled by how they lie to each other, if they were.
    """
    return select_k_of(len(rows), lambda indices: rows[indices], settings, rescaling)


def select_k_of(
    n: int, taken: Taken, settings: SelectionSettings, rescaling: Rescaling | None = None
) -> KSelection:
    """Choose a number of clusters for n rows, wherever they are: only some are looked at.

    Parameters
    ----------
    n : int
        The number of rows.
    taken : callable
        Gives rows by their numbers, at most 10,000 at a time.
    settings, rescaling : see :func:`select_k`
    """
    rng = np.random.default_rng([settings.seed, 0])
    numbers = settings.numbers(n)
    sample = _sampled(n, taken, rescaling, rng)
    # A k that is too large for these rows cannot be compared with nulls.
    most = largest_k(sample.few)
    ks = np.array([k for k in numbers if k <= most], np.int64)
    if not len(ks):
        return _nothing_to_try(numbers[0], n)
    merges = merges_of(sample.few, settings.n_threads)
    view = view_of(sample.few, ks.tolist(), merges, settings.n_threads)
    n_steps = Measurer.n_steps(settings)
    shown = display_for(settings.progress)(State(n_steps, n_steps, unit="steps"))
    with one_blas_thread(), shown as advance:
        measurer = Measurer(ks, settings, advance)
        rescale = None if rescaling is None else rescaling.rescale
        comparison = compare(view, measurer.nulls(sample.before, rescale))
        stability = measurer.stability(sample.few)
    pairs = near_pairs(sample.few, WIDER, settings.n_threads)
    looks = looks_at(ks, view, comparison, last_split(merges, pairs, int(ks[-1])))
    structure: Structure = "clear" if is_clear(view, comparison) else "none"
    if n < FEW_ROWS:
        structure = "too few"
    labels, silhouette = _labels_and_silhouettes(sample, view, settings, rng)
    inertia = np.array([_inertia(sample.rows, own) for own in labels], np.float64)
    return KSelection(
        k=ks,
        inertia=inertia,
        knee=knee(ks, inertia),
        silhouette=silhouette,
        compared=view.silhouette,
        null_mean=comparison.null_mean,
        null_high=comparison.null_high,
        calinski_harabasz=np.array([calinski_harabasz(sample.rows, own) for own in labels]),
        davies_bouldin=np.array([davies_bouldin(sample.rows, own) for own in labels]),
        stability=stability,
        height_excess=comparison.height_excess,
        apartness_excess=comparison.apartness_excess,
        silhouette_excess=comparison.silhouette_excess,
        structure=structure,
        plausible=() if structure == "none" else looks.ranked,
        best_k=1 if structure == "none" else looks.best,
        reason=reason_for(structure, looks, ks, view, comparison),
        n_rows=n,
        sampled=n > SILHOUETTE_ROWS,
    )


def _sampled(
    n: int, taken: Taken, rescaling: Rescaling | None, rng: np.random.Generator
) -> _Sample:
    """Take at most 10,000 of n rows, and at most 600 of these."""
    seen = some_rows(n, MAX_ROWS, rng)
    places = some_rows(len(seen), COMPARED_ROWS, rng)
    rows = taken(seen)
    # Sums of squares lose digits far from the origin.
    rows = rows - rows.mean(axis=0)
    few = rows[places]
    if rescaling is None:
        return _Sample(rows, few, few, places)
    before = rescaling.before(seen[places])
    if len(few) < n:
        few = rescaling.rescale(before)
        few = few - few.mean(axis=0)
    return _Sample(rows, few, before, places)


def _labels_and_silhouettes(
    sample: _Sample, view: View, settings: SelectionSettings, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give, for each k, the labels of all rows that are looked at, and their mean silhouette.

    Where Ward's tree is that of a part, the others join the cluster with the nearest mean.
    """
    rows, threads = sample.rows, settings.n_threads
    if len(rows) == len(sample.few):
        return view.labels, view.silhouette
    labels = np.empty((len(view.labels), len(rows)), np.int64)
    for own, of_few in zip(labels, view.labels, strict=True):
        means = centroids(rows[sample.places], of_few)[0]
        nearest = _core.assign(rows, means, n_threads=threads)[0]
        # A mean that no row is nearest to leaves no gap in the numbers.
        own[:] = np.unique(nearest, return_inverse=True)[1]
    part = some_rows(len(rows), SILHOUETTE_ROWS, rng)
    return labels, mean_silhouettes(rows[part], labels[:, part], threads)


def _inertia(rows: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Give the sum of the squared distances of rows to the means of their clusters."""
    means = centroids(rows, labels)[0]
    return float(np.sum((rows - means[labels]) ** 2))


def _nothing_to_try(first: int, n: int) -> KSelection:
    """Give the selection for rows that are too few for even the first k."""
    none = np.empty(0)
    return KSelection(
        k=np.empty(0, np.int64),
        inertia=none,
        knee=None,
        silhouette=none,
        compared=none,
        null_mean=none,
        null_high=none,
        calinski_harabasz=none,
        davies_bouldin=none,
        stability=none,
        height_excess=none,
        apartness_excess=none,
        silhouette_excess=none,
        structure="too few",
        plausible=(),
        best_k=1,
        reason=f"too few rows, or too few that differ, to try k={first}",
        n_rows=n,
        sampled=False,
    )
