"""CSV and JSON files."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from audioclust.errors import ItemError
from audioclust.utils.files import replacing, write_text
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

    An array is a list of its values, and one of two dimensions a list of rows, each on a line
    of its own. It is written row by row, so that a large one takes no further memory. Values
    of float32 have no more digits than it takes to read the same value back.

    Raises
    ------
    ValueError
        If a number is not finite: JSON has no way to write it.
    """
    with replacing(path, inputs=inputs) as file:
        for piece in _pieces(document, "\n"):
            file.write(piece.encode())
        file.write(b"\n")


def _pieces(value: object, line: str) -> Iterator[str]:
    """Give JSON in pieces; `line` ends a line and indents the next one."""
    if isinstance(value, Mapping) and value:
        start = "{"
        for key, inner in value.items():
            yield f"{start}{line} {json_text(str(key))}: "
            yield from _pieces(inner, f"{line} ")
            start = ","
        yield line + "}"
    elif getattr(value, "ndim", 0) == 2:
        start = "["
        for row in value:  # type: ignore[attr-defined]
            yield f"{start}{line} {_array(row)}"
            start = ","
        yield f"{line}]" if start == "," else "[]"
    elif getattr(value, "ndim", 0) == 1:
        yield _array(value)
    else:
        yield json_text(value, indent=1).replace("\n", line)


def _array(values: Any) -> str:
    """Give an array of one dimension as a list on one line."""
    if values.dtype.kind != "f":
        return json.dumps(values.tolist())
    if not (abs(values) < math.inf).all():
        raise ValueError("a value is not finite: JSON has no way to write it")
    # The text of NumPy's numbers is the shortest that is read back as the same value.
    return f"[{', '.join(map(str, values))}]"


def json_text(document: object, *, indent: int | None = None) -> str:
    """Give plain values as text that can be encoded; see :func:`write_document`."""
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
