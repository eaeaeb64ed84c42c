"""Tables of the parts of a scan as the table of the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from audioclust._core import __version__
from audioclust.audio.choosing.file_filter import FileFilter
from audioclust.audio.sources import Scan
from audioclust.errors import ItemError
from audioclust.extraction.descriptors.values import Descriptors
from audioclust.extraction.embeddings.vectors import other_size
from audioclust.extraction.recordings import complete, rates_differ
from audioclust.extraction.table import FeatureTable


def merged(
    tables: Sequence[FeatureTable], files: FileFilter, found: Scan | None = None
) -> FeatureTable:
    """Give the table that all recordings would have had together; see :func:`joined`.

    Parameters
    ----------
    tables : sequence of FeatureTable
    files : FileFilter
        Which recordings were asked for.
    found : Scan or None

    Raises
    ------
    NoAudioError
        If all recordings are left out.
    NothingExtractedError
        If none of the others could be used.
    ParameterError
        If features keep the rates of recordings, and these differ.
    """
    return complete(joined(tables, found), files)


def joined(tables: Sequence[FeatureTable], found: Scan | None = None) -> FeatureTable:
    """Put tables of parts together; the result may have no rows.

    It is equal to the table that :func:`extract_part` gives for the whole scan, to the bit and
    in the order of errors, but for this: where vectors of an embedding have several sizes, a
    recording that was the odd one in its own part stays an error, and is not counted when the
    most frequent size of all parts is found.

    Parameters
    ----------
    tables : sequence of FeatureTable
        What :func:`extract_part` gave for each part, in the order of the parts; at least one.
    found : Scan or None, default=None
        The whole scan. It is needed only if vectors of embeddings have other sizes in some
        parts than in most, for the order of the errors that their recordings become. Without
        it, these come after the other errors of their part.

    Raises
    ------
    ParameterError
        If features keep the rates of recordings, and these differ.
    """
    used = [table for table in tables if len(table)]
    _check_rates(used)
    sizes = _common_sizes(used)
    fitting = [table for table in used if _sizes_of(table) == sizes]
    # With no row there are no columns of embeddings.
    first = fitting[0] if fitting else tables[0]
    columns = first.columns if fitting else first.settings.plans.columns
    none = np.empty((0, len(columns)), np.float32)
    versions = {table.version for table in tables}
    return FeatureTable(
        values=np.concatenate([none, *(table.values for table in fitting)]),
        columns=columns,
        items=tuple(item for table in fitting for item in table.items),
        errors=_errors(tables, sizes, found),
        settings=first.settings,
        sr=first.sr if fitting else None,
        version=versions.pop() if len(versions) == 1 else __version__,
        folder=next((one.folder for one in tables if one.folder is not None), None),
        left_out=tuple(one for table in tables for one in table.left_out),
        descriptors=_descriptors(fitting),
    )


def _check_rates(used: Sequence[FeatureTable]) -> None:
    """Raise the error of features at the rates of recordings, which differ."""
    for table in used[1:]:
        first = used[0]
        if table.sr != first.sr:
            raise rates_differ(first.items[0].path, first.sr, table.items[0].path, table.sr)


def _sizes_of(table: FeatureTable) -> list[int]:
    """Give the size of the vectors of each embedding, which is known if there are rows."""
    return [embedding.size or 0 for embedding in table.settings.embeddings]


def _common_sizes(used: Sequence[FeatureTable]) -> list[int]:
    """Give the size that most vectors of each embedding have, those of the first if tied."""
    counts: list[Counter[int]] = []
    for table in used:
        counts = counts or [Counter() for _ in table.settings.embeddings]
        for count, size in zip(counts, _sizes_of(table), strict=True):
            count[size] += len(table)
    # Of equal counts, most_common() has the one first that was met first.
    return [count.most_common(1)[0][0] for count in counts]


def _errors(
    tables: Sequence[FeatureTable], sizes: Sequence[int], found: Scan | None
) -> tuple[ItemError, ...]:
    """Give the errors of all parts, and those of rows whose vectors have other sizes."""
    odd = {place: _odd_rows(table, sizes) for place, table in enumerate(tables)}
    errors = [one for place, table in enumerate(tables) for one in (*table.errors, *odd[place])]
    if found is None or not any(odd.values()):
        return tuple(errors)
    places = {recording.path: place for place, recording in enumerate(found.recordings)}
    of_scan = len(found.errors)
    later = sorted(errors[of_scan:], key=lambda error: places[error.path])
    return (*errors[:of_scan], *later)


def _odd_rows(table: FeatureTable, sizes: Sequence[int]) -> list[ItemError]:
    """Give the errors of all rows of a table, if its vectors have other sizes than these."""
    if not len(table) or _sizes_of(table) == sizes:
        return []
    embeddings = table.settings.embeddings
    vectors = [np.empty(size, np.float32) for size in _sizes_of(table)]
    failed = (other_size(item.path, embeddings, vectors, sizes) for item in table.items)
    return [error for error in failed if error is not None]


def _descriptors(tables: Sequence[FeatureTable]) -> Descriptors | None:
    """Put descriptors one after the other, if they were asked for."""
    given = [table.descriptors for table in tables if table.descriptors is not None]
    if not given:
        return None
    return Descriptors(np.concatenate([one.values for one in given]), given[0].columns)
