"""Labelled items as CSV and JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from audioclust.export.documents import error_records, how_read, write_document, write_rows
from audioclust.export.tables import ItemTable

if TYPE_CHECKING:
    from audioclust.utils.types import Path

COLUMNS = ("path", "start", "end", "label", "name", "distance")


def write_csv(table: ItemTable, path: Path) -> None:
    """Write a row for each item: path, start, end in seconds, label, name, distance, more.

    An end that is not known, and the name of a cluster without one, are left empty; in JSON
    they are null.
    """
    write_rows((*COLUMNS, *table.more), _rows(table), path, table.inputs)


def write_json(table: ItemTable, path: Path) -> None:
    """Write one object: items, errors, the folder of the paths, what it is about, arrays.

    Names that are not UTF-8 are written so that they can be read back; see
    :func:`audioclust.export.documents.write_document`.
    """
    names = (*COLUMNS, *table.more)
    document = {
        "items": [
            {**dict(zip(names, row, strict=True)), **how_read(item)}
            for row, item in zip(_rows(table), table.items, strict=True)
        ],
        "errors": error_records(table.errors),
        "folder": table.folder,
        **table.about,
        **table.arrays,
    }
    write_document(document, path, table.inputs)


def _rows(table: ItemTable) -> Iterator[tuple[Any, ...]]:
    columns = (table.items, table.labels, table.label_names, table.distances)
    for item, label, name, distance, *more in zip(*columns, *table.more.values(), strict=True):
        end = item.end if math.isfinite(item.end) else None
        yield item.path, item.start, end, label, name, distance, *map(_plain, more)


def _plain(value: Any) -> Any:
    """Give a value as CSV and JSON have it: None for NaN, and float32 in few digits."""
    if value != value:
        return None
    # The text of a float32 is the shortest that is read back as the same value.
    return float(str(value)) if hasattr(value, "dtype") else value
