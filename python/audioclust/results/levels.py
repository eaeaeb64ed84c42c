"""Nested groupings of the same items, and what sets the groups apart, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audioclust import _core
from audioclust.clustering.groups import Groups
from audioclust.clustering.metrics import centroids
from audioclust.clustering.samples import WARD_ROWS, some_rows
from audioclust.clustering.scaling import Scaler
from audioclust.clustering.ward import merges_of
from audioclust.errors import ParameterError
from audioclust.results.held import Held
from audioclust.results.words import different_topics
from audioclust.utils import html
from audioclust.utils.arguments import check_k_range
from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import base_name
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.spans import Item
    from audioclust.extraction.table import FeatureTable


N_WORDS = 3
"""Phrases for a level, at most."""


N_CLUSTER_WORDS = 2
"""Phrases for a cluster, at most."""


_LEAST_DISTANCE = 0.5
"""How many standard deviations within clusters make a difference that is put into words."""


@dataclass(frozen=True, eq=False)
class Level(ByValue):
    """One of several nested groupings of the same items.

    Clusters are numbered by size, the largest being 0.

    Attributes
    ----------
    k : int
        The number of clusters.
    labels : ndarray of shape (n_items,), int32
        The cluster of each item.
    sizes : tuple of int
        The number of items of each cluster.
    words : str
        What sets apart the clusters that this level splits the next coarser one into: the
        columns that differ most, in words, strongest first.
    columns : tuple of str
        The names of these columns.
    cluster_words : tuple of str
        For each cluster, how it differs from the others that were split off with it; empty for
        a cluster that the coarser level has as well.
    examples : tuple of Item
        For each cluster, the item nearest its mean.
    """

    k: int
    labels: NDArray[np.int32]
    sizes: tuple[int, ...]
    words: str
    columns: tuple[str, ...]
    cluster_words: tuple[str, ...]
    examples: tuple[Item, ...]

    def __repr__(self) -> str:
        lines = [f"<Level: {len(self.labels)} items in {self.k} clusters: {self.words}>"]
        for i, (size, item, words) in enumerate(
            zip(self.sizes, self.examples, self.cluster_words, strict=True)
        ):
            items = f"{size} item{'s' if size > 1 else ''}"
            name = on_one_line(base_name(item.path))
            lines.append(f"  {i}: {items}, such as {name}{words and f': {words}'}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Give a table of the clusters as a notebook shows it."""
        caption = f"Level: {len(self.labels)} items in {self.k} clusters: {self.words}"
        names = [base_name(item.path) for item in self.examples]
        rows = zip(range(self.k), self.sizes, names, self.cluster_words, strict=True)
        return html.table(caption, ("cluster", "items", "such as", "in words"), rows)


Level.__module__ = "audioclust"


class NestedLevels(Held):
    """The method that gives nested groupings, for a result with a table and scaled rows."""

    def levels(self, ks: Iterable[int] | None = None) -> tuple[Level, ...]:
        """Give nested groupings of the items, and say what each of them separates.

        They are cuts of one tree, Ward's of the rows as they were clustered. So each cluster
        of a level lies in one cluster of each coarser level, and nobody need believe in one
        number. The result's own labels come from its algorithm, and may differ from those of
        the level with as many clusters.

        Parameters
        ----------
        ks : iterable of int, optional
            The numbers of clusters, from 2. Left out, they are the plausible ones if the number
            was chosen, and the result's own number if it was given.

        Returns
        -------
        tuple of Level
            The coarsest first; empty if no number of clusters is plausible.

        Raises
        ------
        ParameterError
            If `ks` holds anything but ints from 2, or nothing, or there are more clusters than
            different rows. Of more than 5,000 items the different rows of the sample count.

        Notes
        -----
        Of more than 5,000 items the tree is that of a random sample of 5,000. It is the same
        sample each time, whatever the result's seed. The others join the cluster of the finest
        level whose mean is nearest, and with it those of all other levels.

        The words are those of ``audioclust.results.words``, for columns in their own units,
        standardised. A column counts for as much as the share of its variance, within the
        clusters that are split, that lies between the new clusters.

        Examples
        --------
        >>> for level in result.levels():  # doctest: +SKIP
        ...     print(level.k, level.words)
        """
        if ks is not None:
            numbers = check_k_range(ks, "ks")
        elif self.selection is None:
            numbers = (self.k,) if self.k > 1 else ()
        else:
            numbers = tuple(sorted(self.selection.plausible))
        return levels_of(self.table, self.scaled, numbers)


def levels_of(
    table: FeatureTable, scaled: NDArray[np.float64], ks: tuple[int, ...]
) -> tuple[Level, ...]:
    """Cut Ward's tree of a table's rows; see :meth:`NestedLevels.levels`.

    Parameters
    ----------
    table : FeatureTable
        The features in their own units.
    scaled : ndarray of shape (n, d), float64
        The rows as they are clustered.
    ks : tuple of int
        The numbers of clusters, ascending.
    """
    if not ks:
        return ()
    seen = some_rows(len(scaled), WARD_ROWS, 0)
    n_different = len(np.unique(scaled[seen], axis=0))
    if ks[-1] > n_different:
        of = "" if len(seen) == len(scaled) else f" of a sample of {len(seen):,}"
        raise ParameterError(
            f"k={ks[-1]}: expected at most {n_different}, the number of sounds{of} that differ"
        )
    standard = Scaler.fit(table.values, "standard").transform(table.values)
    coarser = np.zeros(len(scaled), np.int32)
    found = []
    for labels in _nested(scaled, seen, ks):
        found.append(_level(table, scaled, standard, labels, coarser))
        coarser = labels
    return tuple(found)


def _nested(
    scaled: NDArray[np.float64], seen: NDArray[np.intp], ks: tuple[int, ...]
) -> list[NDArray[np.int32]]:
    """Give the labels of each number of clusters, numbered by size; some rows make the tree."""
    labels = merges_of(scaled[seen]).cuts(ks)
    if len(seen) < len(scaled):
        finest = labels[-1]
        first = np.unique(finest, return_index=True)[1]
        joined = _core.assign(scaled, centroids(scaled[seen], finest)[0], n_threads=1)[0]
        # The tree's own rows stay where they are, so that no cluster can end up empty.
        joined[seen] = finest
        labels = labels[:, first[joined]]
    return [Groups(own.astype(np.int32), None, None, None).by_size().labels for own in labels]


def _level(
    table: FeatureTable,
    scaled: NDArray[np.float64],
    standard: NDArray[np.float64],
    labels: NDArray[np.int32],
    coarser: NDArray[np.int32],
) -> Level:
    """Describe a level beside the next coarser one."""
    means, sizes = centroids(scaled, labels)
    distances = np.sum((scaled - means[labels]) ** 2, axis=1)
    nearest = [
        int(rows[distances[rows].argmin()])
        for rows in (np.flatnonzero(labels == cluster) for cluster in range(len(sizes)))
    ]
    between, within, apart = _differences(standard, labels, coarser)
    total = between + within
    shares = np.divide(between, total, out=np.zeros_like(total), where=total > 0)
    said = list(different_topics(table.columns, shares, N_WORDS))
    return Level(
        k=len(sizes),
        labels=labels,
        sizes=tuple(sizes.tolist()),
        words=", ".join(f"{phrase.quantity} ({phrase.column})" for _, phrase in said),
        columns=tuple(phrase.column for _, phrase in said),
        cluster_words=tuple(_in_words(table.columns, own) for own in apart),
        examples=tuple(table.items[row] for row in nearest),
    )


def _differences(
    standard: NDArray[np.float64], labels: NDArray[np.int32], coarser: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Measure, for each column, how the parts of split clusters differ.

    Returns
    -------
    between, within : ndarray of shape (n_columns,), float64
        Sums of squares in the clusters that are split, between their parts and within these.
    apart : ndarray of shape (k, n_columns), float64
        How far each part's mean is above that of the others of its cluster, in standard
        deviations within parts; 0 for a cluster that is not split.
    """
    means, sizes = centroids(standard, labels)
    parents, parent_sizes = centroids(standard, coarser)
    # The parent of each cluster is that of any of its rows.
    parent = coarser[np.unique(labels, return_index=True)[1]]
    is_split = sizes < parent_sizes[parent]
    counts = np.where(is_split, sizes, 0)
    between = np.sum(counts[:, None] * (means - parents[parent]) ** 2, axis=0)
    within = np.sum(((standard - means[labels]) ** 2)[is_split[labels]], axis=0)
    spread = np.sqrt(within / max(int(counts.sum()), 1))
    others = parent_sizes[parent] - sizes
    of_others = parents[parent] * parent_sizes[parent][:, None] - means * sizes[:, None]
    distance = means - of_others / np.maximum(others, 1)[:, None]
    # A column that is constant within all parts sets them apart without any doubt.
    apart = distance / np.where(spread > 0, spread, np.finfo(float).tiny ** 0.5)
    return between, within, np.where(is_split[:, None], apart, 0.0)


def _in_words(columns: tuple[str, ...], apart: NDArray[np.float64]) -> str:
    """Say how a cluster differs, from how far its mean is above that of others."""
    strengths = np.where(np.abs(apart) >= _LEAST_DISTANCE, np.abs(apart), 0.0)
    return ", ".join(
        phrase.more if apart[place] > 0 else phrase.less
        for place, phrase in different_topics(columns, strengths, N_CLUSTER_WORDS)
    )
