"""The columns of a page: the numbers of each item that say most about its groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audioclust.clustering.metrics import centroids
from audioclust.extraction.descriptors.vocabulary import KEYS, descriptor_info
from audioclust.extraction.registry import registry
from audioclust.report.content import N_COLUMNS, Column
from audioclust.results.words import Phrase, phrase_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.extraction.table import FeatureTable

UNITS = ("Hz",)
"""The units of features that people know. In the others, sounds are shown by their ranks.

Cepstral coefficients and means of bands are in dB, but they are no levels that anybody knows.
"""

SHOWN_UNITS = {"1/s": "a second"}
"""How units of descriptors are written that are no abbreviations people know."""

PARTS = tuple(f"_part_{number}" for number in range(1, 5))
"""How the names of columns end that are means of one part of a sound."""

SEEN_ROWS = 20_000
"""Rows that decide which columns are taken, about: more would hardly tell another thing."""


def page_columns(table: FeatureTable, labels: NDArray[np.int32]) -> list[Column]:
    """Choose the columns of a page.

    Parameters
    ----------
    table : FeatureTable
        Its descriptors come first, but for the length, which a page has anyway, and for how
        sure they are. Features follow: those that words tell of the whole sound, one for each
        topic, then of its parts and changes, then those without words. Among these, the ones
        come first in which groups differ most.
    labels : ndarray of shape (n_items,), int32
        The group of each item, or -1.

    Returns
    -------
    columns : list of Column
        At most :data:`audioclust.report.content.N_COLUMNS`, no two in the same words, and none
        that is constant. A feature that is known of four parts has a column of their mean, with
        a name such as "rms_parts".
    """
    described = list(_described(table))
    topics = {column.words for column in described}
    candidates = [one for one in _candidates(table) if one.phrase.topic not in topics]
    ranked = _ranked(candidates, labels)
    features = [candidate.column for candidate in _once(ranked)]
    return [*described, *features[: N_COLUMNS - len(described)]]


class _Candidate(NamedTuple):
    """A feature that may be a column.

    Attributes
    ----------
    phrase : Phrase
        It in words.
    column : Column
        Its values.
    tier : int
        0 if words tell of the whole sound, 1 if of a part or a change, 2 without words.
    """

    phrase: Phrase
    column: Column
    tier: int


def _described(table: FeatureTable) -> Iterator[Column]:
    """Give the descriptors that are worth showing, as far as they are known of any item."""
    descriptors = table.descriptors
    if descriptors is None:
        return
    for name in descriptors:
        info, values = descriptor_info(name), descriptors[name].astype(np.float64)
        if name != "duration" and (info.more or info.is_name) and np.isfinite(values).any():
            names = KEYS if info.is_name else ()
            unit = SHOWN_UNITS.get(info.unit, info.unit)
            yield Column(name, info.quantity, unit, values, names)


def _candidates(table: FeatureTable) -> Iterator[_Candidate]:
    """Give the means of parts, and then the columns of a table."""
    place = {name: place for place, name in enumerate(table.columns)}
    for name in table.columns:
        feature = name.removesuffix(PARTS[0])
        parts = [f"{feature}{part}" for part in PARTS]
        if name == parts[0] and all(part in place for part in parts):
            values = table.values[:, [place[part] for part in parts]].mean(axis=1)
            whole = phrase_for(f"{feature}_mean")
            if whole.kind == "value":
                yield _candidate(whole._replace(column=f"{feature}_parts"), values)
    for name, at in place.items():
        yield _candidate(phrase_for(name), table.values[:, at])


def _candidate(phrase: Phrase, values: NDArray[np.floating]) -> _Candidate:
    has_words = phrase.kind in ("value", "change")
    words = phrase.quantity if has_words else phrase.column
    tier = 2 - has_words - (phrase.kind == "value" and not phrase.place)
    unit, known = _unit(phrase.column), values.astype(np.float64)
    if unit:
        return _Candidate(phrase, Column(phrase.column, words, unit, known), tier)
    more, less = (
        (phrase.more, phrase.less)
        if has_words
        else (f"higher in {phrase.column}", f"lower in {phrase.column}")
    )
    column = Column(phrase.column, words, "", known, more=more, less=less)
    return _Candidate(phrase, column, tier)


def _ranked(
    candidates: Iterable[_Candidate], labels: NDArray[np.int32]
) -> Iterator[_Candidate]:
    """Sort what is not constant by its tier, and then by how much groups differ in it."""
    varying = [one for one in candidates if np.ptp(one.column.values) > 0]
    if not varying:
        return
    step = -(-len(labels) // SEEN_ROWS)
    values = np.column_stack([one.column.values[::step] for one in varying])
    shares = _between(values, labels[::step])
    tiers = np.array([one.tier for one in varying])
    for place in np.lexsort((-shares, tiers)).tolist():
        yield varying[place]


def _between(values: NDArray[np.float64], labels: NDArray[np.int32]) -> NDArray[np.float64]:
    """Give the share of the variance of each column that lies between groups."""
    is_in = labels >= 0
    if not is_in.any():
        return np.zeros(values.shape[1])
    some = values[is_in]
    numbers = np.unique(labels[is_in], return_inverse=True)[1].astype(np.int32)
    means, sizes = centroids(some, numbers)
    between = np.average((means - some.mean(axis=0)) ** 2, axis=0, weights=sizes)
    total = some.var(axis=0)
    shares: NDArray[np.float64] = np.divide(
        between, total, out=np.zeros_like(total), where=total > 0
    )
    return shares


def _once(candidates: Iterable[_Candidate]) -> Iterator[_Candidate]:
    """Leave out what others say in the same words, or of the whole sound."""
    seen: set[str] = set()
    for one in candidates:
        said = {one.column.words} | ({one.phrase.topic} if one.tier == 0 else set())
        if not said & seen:
            seen |= said
            yield one


def _unit(column: str) -> str:
    """Give the unit of a column if people know it; how fast something changes has none."""
    if column.endswith("_change"):
        return ""
    for info in registry():
        if any(column == own or column.startswith(f"{own}_") for own in info.columns):
            return info.unit if info.unit in UNITS else ""
    return ""
