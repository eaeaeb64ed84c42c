"""Which items of a table are those of an earlier one, also if their files were moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from audioclust.errors import ParameterError
from audioclust.extraction.table import FeatureTable
from audioclust.utils.urls.names import absolute

if TYPE_CHECKING:
    from numpy.typing import NDArray

TELLING_COLUMNS = 8
"""Columns from which on two equal rows are taken for the same sound under another path."""


def comparable(one: FeatureTable, other: FeatureTable) -> bool:
    """Tell whether values of two tables can be compared."""
    alike = one.columns == other.columns and one.settings.comparable(other.settings)
    return alike and one.sr == other.sr


def check_comparable(ours: FeatureTable, theirs: FeatureTable) -> None:
    """Raise a ParameterError unless a table's values compare with those of a result."""
    if theirs.columns != ours.columns or not theirs.settings.comparable(ours.settings):
        expected = f"the {len(ours.columns)} columns that were clustered, computed alike"
        raise ParameterError(f"source={theirs!r}: expected {expected}")
    if theirs.sr != ours.sr:
        raise ParameterError(
            f"source at {theirs.sr} Hz: expected {ours.sr} Hz, which sr=None kept before"
        )


def shared_rows(previous: FeatureTable, table: FeatureTable) -> NDArray[np.intp]:
    """Find the items of a table in an earlier one.

    An item is the same if its path is, however it is spelt, and, where a path has several
    items, also its start and end. A file that was moved or renamed is found by its row: it must
    be equal in all columns, of which there are at least 8, and in no other row.

    Parameters
    ----------
    previous, table : FeatureTable

    Returns
    -------
    ndarray of shape (n_items,), int
        The row of each of the table's items in `previous`, -1 for one that was not there.
    """
    earlier = {key: row for row, key in enumerate(_keys(previous))}
    rows = np.array([earlier.get(key, -1) for key in _keys(table)], np.intp)
    if not comparable(previous, table) or len(table.columns) < TELLING_COLUMNS:
        return rows
    lost = _single_rows(previous, set(range(len(previous))) - set(rows.tolist()))
    for values, row in _single_rows(table, np.flatnonzero(rows < 0).tolist()).items():
        rows[row] = lost.get(values, -1)
    return rows


def _keys(table: FeatureTable) -> list[Hashable]:
    """Give what each item is known by, in whatever folder the program runs."""
    folder, items = table.folder, table.items
    if folder is None:
        paths = [item.path for item in items]
    else:
        paths = [absolute(item.path, folder) for item in items]
    counts = Counter(paths)
    kind = folder is None  # A name of audio in memory is no path.
    return [
        (kind, path) if counts[path] == 1 else (kind, path, item.start, item.end)
        for path, item in zip(paths, items, strict=True)
    ]


def _single_rows(table: FeatureTable, rows: Iterable[int]) -> dict[bytes, int]:
    """Find some of a table's rows by their values, without those that are there twice."""
    # Adding 0 makes a negative zero a positive one.
    values = [(row + 0.0).tobytes() for row in table.values]
    counts = Counter(values)
    return {values[row]: row for row in rows if counts[values[row]] == 1}
