"""Labelled items as CSV and JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from audioclust.export.documents import error_records, how_read, write_document, write_rows
from audioclust.export.tables import ItemTable

if TYPE_CHECKING:
    from audioclust.utils.types import Path

COLUMNS = ("path", "start", "end", "label", "distance")


def write_csv(table: ItemTable, path: Path) -> None:
    """Write a row for each item: path, start and end in seconds, label, distance, and more.

    An end that is not known is left empty; in JSON it is null.
    """
    write_rows((*COLUMNS, *table.more), _rows(table), path, table.inputs)


def write_json(table: ItemTable, path: Path) -> None:
    """Write one object: items, errors, the folder of the paths, and what the table is about.

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
    }
    write_document(document, path, table.inputs)


def _rows(table: ItemTable) -> Iterator[tuple[Any, ...]]:
    columns = (table.items, table.labels, table.distances, *table.more.values())
    for item, label, distance, *more in zip(*columns, strict=True):
        end = item.end if math.isfinite(item.end) else None
        yield item.path, item.start, end, label, distance, *more
