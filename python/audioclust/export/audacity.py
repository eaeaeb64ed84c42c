"""Audacity label tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audioclust.audio.spans import name_of
from audioclust.export.tables import SpanTable
from audioclust.utils.files import write_text

if TYPE_CHECKING:
    from audioclust.utils.types import Path


def write_audacity(table: SpanTable, path: Path) -> None:
    """Write a label track of one recording: start, end and label, separated by tabs.

    Times are in seconds. See Audacity's manual, "Importing and Exporting Labels".
    """
    table.only("a label track")
    lines = (f"{s.start:.6f}\t{s.end:.6f}\t{name_of(s.label)}\n" for s in table.spans)
    write_text(path, "".join(lines), inputs=table.inputs)
