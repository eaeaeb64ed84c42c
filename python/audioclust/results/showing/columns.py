"""The columns of a page: the numbers of each item that say most about its groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from audioclust.clustering.metrics import centroids
from audioclust.extraction.descriptors.vocabulary import KEYS, descriptor_info
from audioclust.extraction.registry import registry
from audioclust.report.content import N_COLUMNS, Column
from audioclust.results.words import phrase_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.extraction.table import FeatureTable

UNITS = ("Hz", "dB")
"""The units of features that people know. The others are shown as numbers alone."""

SEEN_ROWS = 20_000
"""Rows that decide which columns are taken, at most: more would tell the same."""


def page_columns(table: FeatureTable, labels: NDArray[np.int32]) -> list[Column]:
    """Choose the columns of a page.

    Parameters
    ----------
    table : FeatureTable
        Its descriptors come first, but the length, which a page has anyway, and how sure they
        are. Then come the features in which groups differ most, one of those that say the same
        in words, and none of a topic that a descriptor is about.
    labels : ndarray of shape (n_items,), int32
        The group of each item, or -1.

    Returns
    -------
    columns : list of Column
        At most :data:`audioclust.report.content.N_COLUMNS`; none that is constant.
    """
    described = list(_described(table))
    topics = {column.words for column in described}
    seen = {*topics}
    room = N_COLUMNS - len(described)
    features: list[Column] = []
    for place in _most_telling(table.values, labels).tolist():
        phrase = phrase_for(table.columns[place])
        words = phrase.quantity if phrase.kind in ("value", "change") else phrase.column
        if words in seen or phrase.topic in topics:
            continue
        if len(features) == room:
            break
        seen.add(words)
        values = table.values[:, place].astype(np.float64)
        features.append(Column(phrase.column, words, _unit(phrase.column), values))
    return [*described, *features]


def _described(table: FeatureTable) -> Iterator[Column]:
    """Give the descriptors that are worth showing, as far as they are known of any item."""
    descriptors = table.descriptors
    for name in () if descriptors is None else descriptors.columns:
        info = descriptor_info(name)
        values = np.asarray(descriptors[name], np.float64) if descriptors is not None else None
        is_shown = name != "duration" and not name.endswith("_confidence")
        if values is not None and is_shown and np.isfinite(values).any():
            names = KEYS if info.is_name else ()
            yield Column(name, info.quantity, info.unit, values, names)


def _most_telling(values: NDArray[np.floating], labels: NDArray[np.int32]) -> NDArray[np.intp]:
    """Order columns by the share of their variance that lies between groups, largest first.

    Columns that are constant are left out. Without groups the columns are in their order.
    """
    step = -(-len(values) // SEEN_ROWS)
    some = np.asarray(values[::step], np.float64)
    own = labels[::step]
    # Items in no group are no group.
    is_in = own >= 0
    total = some.var(axis=0)
    varies = np.flatnonzero((np.ptp(values, axis=0) > 0) & (total > 0))
    if not is_in.any():
        return varies
    present, numbers = np.unique(own[is_in], return_inverse=True)
    means, sizes = centroids(some[is_in], numbers.astype(np.int32))
    weights = sizes[:, None] / sizes.sum()
    middle = (weights * means).sum(axis=0)
    between = (weights * (means - middle) ** 2).sum(axis=0)
    if len(present) == 1:
        return varies
    shares = between[varies] / total[varies]
    return varies[np.argsort(-shares, kind="stable")]


def _unit(column: str) -> str:
    """Give the unit of a column if people know it; how fast something changes has none."""
    if column.endswith("_change"):
        return ""
    for info in registry():
        if any(column == own or column.startswith(f"{own}_") for own in info.columns):
            return info.unit if info.unit in UNITS else ""
    return ""
