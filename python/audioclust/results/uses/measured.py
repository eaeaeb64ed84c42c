"""What clusters are compared by: features, lengths and descriptors, each with words for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audioclust.clustering.scaling import Scaler
from audioclust.extraction.descriptors.vocabulary import descriptor_info
from audioclust.results.words import Phrase, phrase_for, phrase_for_descriptor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from audioclust.audio.spans import Item
    from audioclust.extraction.descriptors.values import Descriptors
    from audioclust.extraction.table import FeatureTable


LEAST_CONFIDENCE = 0.5
"""Values of descriptors that are less sure than this are taken as not known."""

LEAST_KNOWN = 0.5
"""The share of items whose value of a descriptor must be known for it to be compared."""

_SHORTEST = 1e-3
"""Seconds, or Hz, that count as such at least: their logarithms are compared."""


@dataclass(frozen=True)
class Measured:
    """What was measured of items, and what is said of it.

    Attributes
    ----------
    values : ndarray of shape (n_items, n_columns), float64
        Standardised, and clipped at three standard deviations, so that a single item of an odd
        value counts little.
    phrases : tuple of Phrase
        The words for each column.
    """

    values: NDArray[np.float64]
    phrases: tuple[Phrase, ...]


def measured(table: FeatureTable, descriptors: Descriptors | None) -> Measured:
    """Gather what can be said of the items of a table.

    Parameters
    ----------
    table : FeatureTable
        Its columns are used, and the lengths of its items if all are known.
    descriptors : Descriptors or None
        A row for each item. Those that are amounts are used: a key is a name. Of each topic
        that a descriptor is about, it replaces the features, since its unit is known. Where a
        value is not known, or hardly sure, the mean of the others stands in for it; one that
        is known of less than half of the items is left out.

    Returns
    -------
    Measured
        Lengths and frequencies are compared by their logarithms: twice as long is as much more
        as half as long is less.
    """
    added = {
        phrase: _filled(values)
        for phrase, values in _described(table.items, descriptors)
        if np.isfinite(values).mean() >= LEAST_KNOWN
    }
    taken = {phrase.topic for phrase in added}
    phrases = [phrase_for(column) for column in table.columns]
    kept = [place for place, phrase in enumerate(phrases) if phrase.topic not in taken]
    columns = [
        table.values[:, kept].astype(np.float64),
        *(v[:, np.newaxis] for v in added.values()),
    ]
    whole = np.hstack(columns)
    return Measured(
        Scaler.fit(whole, "standard").transform(whole),
        (*(phrases[place] for place in kept), *added),
    )


def _described(
    items: tuple[Item, ...], descriptors: Descriptors | None
) -> Iterable[tuple[Phrase, NDArray[np.float64]]]:
    """Give the amounts that are known beside features, NaN where one is not known."""
    names = () if descriptors is None else descriptors.columns
    if "duration" not in names:
        lengths = np.array([item.end - item.start for item in items])
        if np.isfinite(lengths).all():
            info = descriptor_info("duration")
            yield phrase_for_descriptor(info), np.log(np.maximum(lengths, _SHORTEST))
    for name in names:
        info = descriptor_info(name)
        if descriptors is not None and info.more:
            values = descriptors[name].astype(np.float64)
            if info.confidence in names:
                sure = descriptors[info.confidence] >= LEAST_CONFIDENCE
                values = np.where(sure, values, np.nan)
            in_logarithms = info.unit in ("s", "Hz")
            logs = np.log(np.maximum(values, _SHORTEST)) if in_logarithms else values
            yield phrase_for_descriptor(info), logs


def _filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put the mean of what is known in the place of what is not."""
    known = np.isfinite(values)
    return np.where(known, values, values[known].mean())
