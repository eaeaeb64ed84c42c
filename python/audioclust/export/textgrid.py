"""Praat's TextGrid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from audioclust.audio.spans import Extent, Span, name_of
from audioclust.errors import ParameterError
from audioclust.export.tables import SpanTable
from audioclust.utils.files import write_text
from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import base_name

if TYPE_CHECKING:
    from audioclust.utils.types import Path


def write_textgrid(table: SpanTable, path: Path) -> None:
    """Write a TextGrid for Praat with an interval tier for each recording.

    Gaps between spans become intervals with an empty label. All tiers begin at 0 and end where
    the longest recording ends, because Praat requires tiers of equal length.

    Raises
    ------
    ParameterError
        If spans overlap.
    """
    longest = max(recording.duration for recording in table.recordings)
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', ""]
    lines += ["xmin = 0", f"xmax = {longest:.6f}", "tiers? <exists>"]
    lines += [f"size = {len(table.recordings)}", "item []:"]
    for number, recording in enumerate(table.recordings, 1):
        lines += _tier(number, recording, table.of(recording), longest)
    write_text(path, "\n".join(lines) + "\n", inputs=table.inputs)


def _tier(number: int, recording: Extent, spans: Sequence[Span], longest: float) -> list[str]:
    intervals = _without_gaps(spans, longest)
    name = base_name(recording.path) or recording.path
    lines = [
        f"    item [{number}]:",
        '        class = "IntervalTier"',
        f"        name = {_quoted(name)}",
        "        xmin = 0",
        f"        xmax = {longest:.6f}",
        f"        intervals: size = {len(intervals)}",
    ]
    for i, (start, end, label) in enumerate(intervals, 1):
        lines += [
            f"        intervals [{i}]:",
            f"            xmin = {start:.6f}",
            f"            xmax = {end:.6f}",
            f"            text = {_quoted(label)}",
        ]
    return lines


def _without_gaps(spans: Sequence[Span], longest: float) -> list[tuple[float, float, str]]:
    """Give intervals without gaps between them, from 0 to the end of the longest recording."""
    intervals = []
    at = 0.0
    for span in spans:
        if span.start < at - 1e-6:
            raise ParameterError(
                f"spans of {span.path} overlap at {span.start:.3f} s: expected spans one after"
                " the other, as intervals of a TextGrid must be"
            )
        if span.start > at + 1e-6:
            intervals.append((at, span.start, ""))
        intervals.append((span.start, span.end, name_of(span.label)))
        at = span.end
    if longest > at + 1e-6:
        intervals.append((at, longest, ""))
    return intervals


def _quoted(text: str) -> str:
    doubled = on_one_line(text).replace('"', '""')
    return f'"{doubled}"'
