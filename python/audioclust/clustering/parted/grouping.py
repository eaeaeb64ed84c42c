"""k-means of the rows of a parted table: what group_rows() gives, with rows left in parts."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.clustering.grouping import (
    GroupingSettings,
    different,
    rescaling_by,
    selection_settings,
    too_few_differ,
)
from audioclust.clustering.groups import Groups
from audioclust.clustering.kmeans import KMeansSettings, ward_means
from audioclust.clustering.parted.lloyd import fit_in_parts
from audioclust.clustering.samples import (
    WARD_ROWS,
    Digests,
    Sample,
    likely_share,
    merged_digests,
    smallest_digests,
)
from audioclust.clustering.scaling import Scaler, Scaling, fitted_in_parts
from audioclust.clustering.selection.choosing_k import select_k_of
from audioclust.clustering.selection.k_selection import KSelection
from audioclust.errors import ParameterError
from audioclust.extraction.progress import Progress
from audioclust.extraction.table import FeatureTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.clustering.parted.parts import Parts
    from audioclust.clustering.parted.tables import PartedTable


@dataclass(frozen=True, eq=False)
class PartedGrouping:
    """Rows in parts that were grouped.

    Attributes
    ----------
    groups : Groups
        The groups of all rows, numbered by size.
    scaler : Scaler
        The scaling that was fitted to them.
    selection : KSelection or None
        How the number of groups was chosen; None if it was given.
    settings : GroupingSettings
        What was asked for.
    """

    groups: Groups
    scaler: Scaler
    selection: KSelection | None
    settings: GroupingSettings


def check_parted_algorithm(algorithm: str) -> None:
    """Raise a ParameterError unless an algorithm takes rows that stay in parts."""
    if algorithm != "kmeans":
        raise ParameterError(
            f"algorithm={algorithm!r}: expected 'kmeans' for more rows than one process holds;"
            " extract() gives a table, and a table of fewer rows can be clustered by any"
        )


def group_in_parts(
    table: PartedTable,
    asked: GroupingSettings,
    scaling: Scaling,
    progress: Progress = False,
    *,
    things: str = "rows",
) -> PartedGrouping:
    """Scale the rows of a parted table and group them by k-means, as one process would.

    Every bit is that of one process with all rows, if there are so many that it looks at
    samples; see :func:`~audioclust.clustering.parted.parts.are_many`.

    Parameters
    ----------
    table : PartedTable
        The rows in their own units, at least one.
    asked : GroupingSettings
        What was asked for. k-means starts from Ward's clusters of a sample.
    scaling : {"standard", "quantile", "minmax", "none", "neighbors"}
        How columns are scaled.
    progress : bool, callable or None
        Shows how the choice of a number goes on.
    things : str, default="rows"
        What the rows are of, such as "sounds", for errors.

    Raises
    ------
    ParameterError
        For another algorithm, or if fewer rows differ than there are groups.
    """
    check_parted_algorithm(asked.algorithm)
    sample = functools.cache(lambda: smallest_in_parts(table, WARD_ROWS, asked.seed))
    scaler = fitted_in_parts(table.values, scaling, sample, asked.n_threads)
    scaled = table.values.mapped(_scaled, scaler)
    selection = (
        None if asked.k is not None else _chosen_k(table, scaled, asked, scaler, progress)
    )
    k = asked.k if selection is None else selection.best_k
    assert k is not None  # noqa: S101 - k-means chooses none itself
    groups = _kmeans(scaled, k, asked, sample, things)
    return PartedGrouping(groups.by_size(), scaler, selection, asked)


def smallest_in_parts(table: PartedTable, most: int, seed: int) -> NDArray[np.intp]:
    """Give what :func:`~audioclust.clustering.samples.smallest_items` gives of all items."""
    sizes = table.values.sizes
    n = sum(sizes)
    if n <= most:
        return np.arange(n)
    found = _digests(table, most, seed, likely_share(most, n))
    if len(found.numbers) < most:
        found = _digests(table, most, seed, 1.0)
    return np.sort(found.numbers)


def _digests(table: PartedTable, most: int, seed: int, share: float) -> Digests:
    parts = table.each_table(_digests_of, most, seed, share)
    return merged_digests(parts, table.values.sizes, most)


def _digests_of(part: FeatureTable, most: int, seed: int, share: float) -> Digests:
    return smallest_digests(part.items, most, seed, share)


def _scaled(rows: NDArray[Any], scaler: Scaler) -> NDArray[np.float64]:
    return scaler.transform(rows)


def _chosen_k(
    table: PartedTable,
    scaled: Parts,
    asked: GroupingSettings,
    scaler: Scaler,
    progress: Progress,
) -> KSelection:
    """Choose a number of groups; only the rows that are looked at are fetched."""
    told = selection_settings(asked, progress)
    rescaling = rescaling_by(scaler, table.values.taken)
    return select_k_of(sum(scaled.sizes), scaled.taken, told, rescaling)


def _kmeans(
    scaled: Parts, k: int, asked: GroupingSettings, sample: Sample, things: str
) -> Groups:
    """Group scaled rows in parts by k-means from Ward's clusters of a sample."""
    n, some = sum(scaled.sizes), scaled.taken(sample())
    _check_enough(scaled, some, k, things)
    told = KMeansSettings(k)
    start = ward_means(some, k, n, None, asked.n_threads)
    fit = fit_in_parts(scaled, start, max_iter=told.max_iter, tol=told.tol)
    return Groups(np.concatenate(fit.labels), fit.centers, fit.inertia, fit.n_iter)


def _check_enough(scaled: Parts, some: NDArray[np.float64], k: int, things: str) -> None:
    """Raise a ParameterError if fewer rows differ than k; most often a sample has enough."""
    if len(different(some, k)) < k:
        found = scaled.total(different, functools.partial(_united, k), k)
        if len(found) < k:
            raise too_few_differ(k, len(found), sum(scaled.sizes), things)


def _united(most: int, one: frozenset[bytes], other: frozenset[bytes]) -> frozenset[bytes]:
    return frozenset(sorted(one | other)[:most])
