"""RTTM, NIST's format for who speaks when."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from audioclust.audio.spans import Span, name_of
from audioclust.export.tables import SpanTable
from audioclust.utils.files import write_text
from audioclust.utils.text import printable

if TYPE_CHECKING:
    from audioclust.utils.types import Path


def write_rttm(table: SpanTable, path: Path) -> None:
    """Write a SPEAKER line of ten fields for each span, as in NIST's Rich Transcription.

    The file field is the recording's name without folder and suffix, or its whole path if two
    recordings share that name, escaped by :func:`escaped`. Times are rounded to milliseconds,
    start and end rather than the duration: a span then begins where the one before it ends.
    """
    names = file_names(recording.path for recording in table.recordings)
    write_text(
        path,
        "".join(_rttm_line(span, names[span.path]) for span in table.spans),
        inputs=table.inputs,
    )


def _rttm_line(span: Span, name: str) -> str:
    start, end = round(span.start, 3), round(span.end, 3)
    times = f"{start:.3f} {end - start:.3f}"
    return f"SPEAKER {name} 1 {times} <NA> <NA> {name_of(span.label)} <NA> <NA>\n"


def file_names(paths: Iterable[str]) -> dict[str, str]:
    """Give each path a name for RTTM; no two are the same."""
    stems = {path: escaped(os.path.splitext(os.path.basename(path))[0]) for path in paths}
    shared = Counter(stems.values())
    names = {p: stem if stem and shared[stem] == 1 else escaped(p) for p, stem in stems.items()}
    # A whole path may still be what another recording's name is without its suffix.
    if len(set(names.values())) < len(names):
        return {path: escaped(path) for path in stems}
    return names


def escaped(name: str) -> str:
    """Give a name without white space, which separates the fields of RTTM.

    White space, ``%``, ``;`` and what cannot be printed become ``%`` and two hexadecimal digits
    for each byte in UTF-8, as in a URL: a space becomes ``%20``, and
    :func:`urllib.parse.unquote` undoes it. A semicolon would begin a comment.
    """
    return "".join(
        "".join(f"%{byte:02X}" for byte in c.encode())
        if c in "%;" or c.isspace() or not c.isprintable()
        else c
        for c in printable(name)
    )
