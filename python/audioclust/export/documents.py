"""CSV and JSON files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from audioclust.errors import ItemError
from audioclust.utils.files import write_text
from audioclust.utils.text import printable

if TYPE_CHECKING:
    from audioclust.utils.types import Path


def write_rows(
    head: Sequence[str], rows: Iterable[Sequence[object]], path: Path, inputs: Iterable[str]
) -> None:
    """Write CSV with a header, in UTF-8; lines end with CR LF, as RFC 4180 says."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows(rows)
    write_text(path, text.getvalue(), inputs=inputs)


def write_document(document: Mapping[str, Any], path: Path, inputs: Iterable[str]) -> None:
    """Write one JSON object, in UTF-8.

    Raises
    ------
    ValueError
        If a number is not finite: JSON has no way to write it.
    """
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    write_text(path, text + "\n", inputs=inputs)


def error_records(errors: Iterable[ItemError]) -> list[dict[str, str]]:
    """Give what could not be used as it is written to JSON."""
    return [
        {"path": printable(e.path), "kind": e.kind, "message": printable(e.message)}
        for e in errors
    ]
