"""Labelled items as CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from audioclust.export.tables import ItemTable
from audioclust.utils.files import write_text
from audioclust.utils.text import printable

if TYPE_CHECKING:
    from audioclust.utils.types import Path


def write_csv(table: ItemTable, path: Path) -> None:
    """Write a line for each item: path, start, end (seconds), label, distance to the centre."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["path", "start", "end", "label", "distance"])
    writer.writerows(entry.values() for entry in _entries(table))
    write_text(path, text.getvalue(), inputs=table.inputs)


def write_json(table: ItemTable, path: Path) -> None:
    """Write one object: items, errors, and what the table is about."""
    document = {
        "items": _entries(table),
        "errors": [
            {"path": printable(e.path), "kind": e.kind, "message": printable(e.message)}
            for e in table.errors
        ],
        **table.about,
    }
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    write_text(path, text + "\n", inputs=table.inputs)


def _entries(table: ItemTable) -> list[dict[str, Any]]:
    return [
        {
            "path": printable(item.path),
            "start": item.start,
            "end": item.end,
            "label": label,
            "distance": distance,
        }
        for item, label, distance in zip(
            table.items, table.labels, table.distances, strict=True
        )
    ]
