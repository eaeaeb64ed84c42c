"""Spans as CSV and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audioclust.audio.spans import Span
from audioclust.export.documents import write_document, write_rows
from audioclust.export.tables import SpanTable
from audioclust.utils.text import printable

if TYPE_CHECKING:
    from audioclust.utils.types import Path


def write_csv(table: SpanTable, path: Path) -> None:
    """Write a row for each span: path, start and end in seconds, label."""
    rows = ((printable(s.path), s.start, s.end, s.label) for s in table.spans)
    write_rows(Span._fields, rows, path, table.inputs)


def write_json(table: SpanTable, path: Path) -> None:
    """Write one object: spans, recordings, and what the table is about."""
    document = {
        "spans": [{**span._asdict(), "path": printable(span.path)} for span in table.spans],
        "recordings": [{**r._asdict(), "path": printable(r.path)} for r in table.recordings],
        **table.about,
    }
    write_document(document, path, table.inputs)
