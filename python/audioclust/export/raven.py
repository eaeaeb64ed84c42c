"""Selection tables for Raven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audioclust.audio.spans import name_of
from audioclust.export.tables import SpanTable
from audioclust.utils.files import write_text
from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import base_name

if TYPE_CHECKING:
    from audioclust.utils.types import Path


def write_raven(table: SpanTable, path: Path) -> None:
    """Write a selection table of one recording for Raven: a row for each span.

    Columns are separated by tabs. Each selection goes from 0 Hz to half the sampling rate.
    """
    recording = table.only("a selection table")
    head = ("Selection", "View", "Channel", "Begin Time (s)", "End Time (s)", "Low Freq (Hz)",
            "High Freq (Hz)", "Begin File", "Label")  # fmt: skip
    file = on_one_line(base_name(recording.path))
    high = f"{recording.sr / 2:.1f}"
    lines = ["\t".join(head)]
    for number, span in enumerate(table.spans, 1):
        times = f"{span.start:.6f}", f"{span.end:.6f}"
        row = str(number), "Spectrogram 1", "1", *times, "0.0", high, file, name_of(span.label)
        lines.append("\t".join(row))
    write_text(path, "\n".join(lines) + "\n", inputs=table.inputs)
