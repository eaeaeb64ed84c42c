"""Labelled items as CSV and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from audioclust.export.documents import error_records, write_document, write_rows
from audioclust.export.tables import ItemTable
from audioclust.utils.text import printable

if TYPE_CHECKING:
    from audioclust.utils.types import Path

COLUMNS = ("path", "start", "end", "label", "distance")


def write_csv(table: ItemTable, path: Path) -> None:
    """Write a row for each item: path, start and end in seconds, label, distance."""
    write_rows(COLUMNS, _rows(table), path, table.inputs)


def write_json(table: ItemTable, path: Path) -> None:
    """Write one object: items, errors, and what the table is about."""
    document = {
        "items": [dict(zip(COLUMNS, row, strict=True)) for row in _rows(table)],
        "errors": error_records(table.errors),
        **table.about,
    }
    write_document(document, path, table.inputs)


def _rows(table: ItemTable) -> Iterator[tuple[Any, ...]]:
    columns = zip(table.items, table.labels, table.distances, strict=True)
    for item, label, distance in columns:
        yield printable(item.path), item.start, item.end, label, distance
