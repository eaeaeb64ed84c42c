"""Features of recordings as a table: several recordings at once, each in one pass."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.choosing.file_filter import FileFilter
from audioclust.audio.choosing.lengths import Outside
from audioclust.audio.sources import Scan
from audioclust.errors import NothingExtractedError, ParameterError
from audioclust.extraction.batch import BatchSettings, Outcome
from audioclust.extraction.cache.keys import settings_key
from audioclust.extraction.cache.outcomes import outcome_with_cache
from audioclust.extraction.cache.settings import NO_CACHE, CacheSettings
from audioclust.extraction.descriptors.values import Descriptors
from audioclust.extraction.embeddings.vectors import (
    common_sizes,
    other_size,
    vector_columns,
)
from audioclust.extraction.one_recording import OneRecording, Row
from audioclust.extraction.settings import ExtractionSettings
from audioclust.extraction.table import FeatureTable

if TYPE_CHECKING:
    from numpy.typing import NDArray


def extract_found(
    found: Scan,
    settings: ExtractionSettings,
    batch: BatchSettings,
    cache: CacheSettings = NO_CACHE,
) -> FeatureTable:
    """Compute the features of recordings that a scan found; see :func:`audioclust.extract`."""
    return complete(extract_part(found, settings, batch, cache), found.files)


def extract_part(
    found: Scan,
    settings: ExtractionSettings,
    batch: BatchSettings,
    cache: CacheSettings = NO_CACHE,
) -> FeatureTable:
    """Compute the features of recordings, which may be a part of those that were asked for.

    Returns
    -------
    FeatureTable
        It has no rows if none of the recordings could be used: whether that is an error is
        known only when all parts are there; see :func:`complete`.
    """
    plans = settings.plans
    for embedding in settings.embeddings:
        embedding.prepare()
    values = np.empty((len(found.recordings), len(plans.columns)), np.float32)
    made = _outcome(found, settings, batch, cache, values)
    left_out = tuple(one.left_out for one in made.results if isinstance(one, Outside))
    outcome = Outcome([one for one in made.results if isinstance(one, Row)], made.errors)
    sizes = common_sizes([row.vectors for row in outcome.results])
    rows, errors = _of_sizes(sizes, outcome, found, settings)
    return FeatureTable(
        values=_stacked(rows, values),
        columns=plans.columns + (vector_columns(settings.embeddings, sizes) if rows else ()),
        items=tuple(row.item for row in rows),
        errors=errors,
        settings=settings.with_sizes(sizes) if rows else settings,
        sr=rows[0].sr if rows and plans.keep_rate else None,
        folder=found.recordings[0].folder if found.recordings else None,
        left_out=left_out,
        descriptors=_described([row.descriptors for row in rows]),
    )


def complete(table: FeatureTable, files: FileFilter) -> FeatureTable:
    """Give a table back if it has rows.

    Raises
    ------
    NoAudioError
        If all is left out.
    NothingExtractedError
        If the rest could not be used.
    """
    if len(table):
        return table
    if table.errors:
        raise NothingExtractedError(table.errors)
    raise files.nothing_left(len(table.left_out))


def _outcome(
    found: Scan,
    settings: ExtractionSettings,
    batch: BatchSettings,
    cache: CacheSettings,
    values: NDArray[np.float32],
) -> Outcome[Row | Outside]:
    """Look up the rows of all recordings, and compute those that are not known.

    Parameters
    ----------
    values : ndarray of shape (n_recordings, n_columns)
        Where the values of rows from the cache go.
    """
    plans = settings.plans
    first: Row | None = None

    def check(row: Row | Outside) -> None:
        nonlocal first
        if isinstance(row, Outside):
            return
        first = first or row
        if plans.keep_rate:
            _check_same_rate(first, row)

    one = OneRecording(settings, plans, found.files)
    key_of = functools.partial(settings_key, settings)
    return outcome_with_cache(found, one, key_of, batch, cache, values, check)


def _stacked(rows: Sequence[Row], values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the values of rows as one array, with as few copies as there can be.

    Parameters
    ----------
    rows : sequence of Row
        The rows, of which those from the cache have their values in `values`, in this order.
    values : ndarray of shape (n, n_columns)
        An array for at least as many rows, which is overwritten.
    """
    for place, row in enumerate(rows):
        # What is overwritten belonged to this row or to one before it.
        values[place] = row.values
    values = values[: len(rows)]
    if not rows or not rows[0].vectors:
        return values
    vectors = [np.concatenate(row.vectors) for row in rows]
    return np.concatenate([values, np.stack(vectors)], axis=1)


def _described(rows: Sequence[NDArray[np.float32] | None]) -> Descriptors | None:
    """Put the descriptors of recordings into a table, if they were asked for."""
    given = [row for row in rows if row is not None]
    return Descriptors(np.stack(given)) if given else None


def _of_sizes(
    sizes: Sequence[int], outcome: Outcome[Row], found: Scan, settings: ExtractionSettings
) -> Outcome[Row]:
    """Make errors of the rows whose vectors have other sizes than these."""
    rows, failed = [], []
    for row in outcome.results:
        error = other_size(row.item.path, settings.embeddings, row.vectors, sizes)
        rows += [row] if error is None else []
        failed += [] if error is None else [error]
    if not failed:
        return outcome
    places = {recording.path: place for place, recording in enumerate(found.recordings)}
    of_scan = len(found.errors)
    later = sorted([*outcome.errors[of_scan:], *failed], key=lambda error: places[error.path])
    errors = (*outcome.errors[:of_scan], *later)
    return Outcome(rows, errors)


def _check_same_rate(first: Row, other: Row) -> None:
    if first.sr != other.sr:
        raise rates_differ(first.item.path, first.sr, other.item.path, other.sr)


def rates_differ(path: str, sr: int | None, other: str, other_sr: int | None) -> ParameterError:
    """Give the error of features at the rates of two recordings, which are not the same."""
    return ParameterError(
        f"sr=None: expected one rate throughout, but {path} has {sr} Hz"
        f" and {other} has {other_sr} Hz"
    )
