"""CSV and JSON files."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from audioclust.errors import ItemError
from audioclust.utils.files import write_text
from audioclust.utils.text import printable

if TYPE_CHECKING:
    from audioclust.audio.spans import Extent, Item
    from audioclust.utils.types import Path


def write_rows(
    head: Sequence[str], rows: Iterable[Sequence[object]], path: Path, inputs: Iterable[str]
) -> None:
    r"""Write CSV with a header, in UTF-8; lines end with CR LF, as RFC 4180 says.

    Text is in quotation marks and numbers are not. A cell of text that a spreadsheet would take
    for a formula gets an apostrophe in front; see :func:`_harmless`. In a name, a byte that is
    not UTF-8 becomes ``\xNN``.

    Raises
    ------
    ParameterError
        If `path` is one of the inputs.
    OSError
        If it cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(head)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    write_text(path, text.getvalue(), inputs=inputs)


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a formula may begin with in a spreadsheet, full-width characters included."""


def _harmless(cell: object) -> object:
    """Give a cell that no spreadsheet runs as a formula: text alone is changed, never a number.

    As OWASP's page "CSV Injection" says, all text is in quotation marks, and what begins like
    a formula gets an apostrophe in front.
    """
    if not isinstance(cell, str):
        return cell
    return printable(f"'{cell}" if cell.startswith(_FORMULA) else cell)


def write_document(document: Mapping[str, Any], path: Path, inputs: Iterable[str]) -> None:
    r"""Write one JSON object, in UTF-8.

    A byte of a file's name that is not UTF-8 is a lone surrogate in Python (PEP 383), and is
    written as JSON's escape of that, such as ``\udce9`` for the byte E9. Python reads it back
    as the same name.

    Raises
    ------
    ValueError
        If a number is not finite: JSON has no way to write it.
    """
    write_text(path, json_text(document, indent=1) + "\n", inputs=inputs)


def json_text(document: Mapping[str, Any], *, indent: int | None = None) -> str:
    """Give one JSON object as text that can be encoded; see :func:`write_document`."""
    text = json.dumps(document, ensure_ascii=False, indent=indent, allow_nan=False)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


_SURROGATE = re.compile("[\ud800-\udfff]")


def how_read(part: Item | Extent) -> dict[str, Any]:
    """Give how an item or a recording was read as it is written to JSON."""
    warnings = [{"kind": w.kind, "message": printable(w.message)} for w in part.warnings]
    return {"decoder": part.decoder, "warnings": warnings}


def error_records(errors: Iterable[ItemError]) -> list[dict[str, str]]:
    """Give what could not be used as it is written to JSON."""
    return [{"path": e.path, "kind": e.kind, "message": printable(e.message)} for e in errors]
