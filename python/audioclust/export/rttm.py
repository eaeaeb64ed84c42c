"""NIST's RTTM."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from audioclust.audio.spans import Span, name_of
from audioclust.export.tables import SpanTable
from audioclust.utils.files import write_text
from audioclust.utils.text import printable

if TYPE_CHECKING:
    from audioclust.utils.types import Path


def write_rttm(table: SpanTable, path: Path) -> None:
    """Write a SPEAKER line of ten fields for each span, as NIST's Rich Transcription has them.

    The file is named by the recording's name without folder and suffix, or by its whole path
    where two recordings share that name; :func:`escaped` makes one field of it. Times are in
    milliseconds, so that a span begins where the one before ends.
    """
    names = file_names(recording.path for recording in table.recordings)
    write_text(path, "".join(_rttm_line(span, names[span.path]) for span in table.spans))


def _rttm_line(span: Span, name: str) -> str:
    start, end = round(span.start, 3), round(span.end, 3)
    times = f"{start:.3f} {end - start:.3f}"
    return f"SPEAKER {name} 1 {times} <NA> <NA> {name_of(span.label)} <NA> <NA>\n"


def file_names(paths: Iterable[str]) -> dict[str, str]:
    """Give each path a name for RTTM, no two the same."""
    stems: dict[str, list[str]] = {}
    for path in paths:
        stem = os.path.splitext(os.path.basename(path))[0]
        stems.setdefault(escaped(stem), []).append(path)
    return {
        path: stem if len(sharing) == 1 and stem else escaped(path)
        for stem, sharing in stems.items()
        for path in sharing
    }


def escaped(name: str) -> str:
    """Give a name without white space: it, ``%`` and ``;`` become ``%`` and two hex digits.

    That is for each byte in UTF-8, as in a URL: a space is ``%20``, and
    :func:`urllib.parse.unquote` undoes it. A semicolon would make a comment of a line.
    """
    return "".join(
        "".join(f"%{byte:02X}" for byte in c.encode())
        if c in "%;" or c.isspace() or not c.isprintable()
        else c
        for c in printable(name)
    )
