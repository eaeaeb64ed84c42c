"""Spans as CSV and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audioclust.audio.spans import Span
from audioclust.export.documents import how_read, write_document, write_rows
from audioclust.export.tables import SpanTable

if TYPE_CHECKING:
    from audioclust.utils.types import Path


def write_csv(table: SpanTable, path: Path) -> None:
    """Write a row for each span: path, start and end in seconds, label."""
    write_rows(Span._fields, table.spans, path, table.inputs)


def write_json(table: SpanTable, path: Path) -> None:
    """Write one object: spans, recordings, the folder of the paths, and what it is about."""
    document = {
        "spans": [span._asdict() for span in table.spans],
        "recordings": [{**r._asdict(), **how_read(r)} for r in table.recordings],
        "folder": table.folder,
        **table.about,
    }
    write_document(document, path, table.inputs)
