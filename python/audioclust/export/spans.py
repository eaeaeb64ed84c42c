"""Spans as CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from audioclust.export.tables import SpanTable
from audioclust.utils.files import write_text
from audioclust.utils.text import printable

if TYPE_CHECKING:
    from audioclust.utils.types import Path


def write_csv(table: SpanTable, path: Path) -> None:
    """Write a line for each span: path, start, end (seconds), label."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["path", "start", "end", "label"])
    writer.writerows((printable(s.path), s.start, s.end, s.label) for s in table.spans)
    write_text(path, text.getvalue())


def write_json(table: SpanTable, path: Path) -> None:
    """Write one object: spans, recordings, and what the table is about."""
    document = {
        "spans": [{**span._asdict(), "path": printable(span.path)} for span in table.spans],
        "recordings": [{**r._asdict(), "path": printable(r.path)} for r in table.recordings],
        **table.about,
    }
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    write_text(path, text + "\n")
