"""Spans of recordings with labels, and the formats that other programs read them in.

A format is a function here and a line in :data:`WRITERS`.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from audioclust.checks import check_path
from audioclust.errors import ParameterError
from audioclust.text import on_one_line, printable, write_text

if TYPE_CHECKING:
    from audioclust.items import Path

SILENCE = -1
"""The label of silence, where it has one of its own; as text it is "silence"."""


class Span(NamedTuple):
    """A stretch of a recording that has one label.

    Attributes
    ----------
    path : str
        The file, or the name of audio in memory.
    start, end : float
        In seconds.
    label : int
        Its cluster, or -1 for silence.
    """

    path: str
    start: float
    end: float
    label: int

    @property
    def duration(self) -> float:
        """Its length in seconds."""
        return self.end - self.start


class Extent(NamedTuple):
    """What exports need to know of a recording.

    Attributes
    ----------
    path : str
        As in its spans.
    duration : float
        In seconds.
    sr : int
        Its sampling rate in Hz.
    """

    path: str
    duration: float
    sr: int


@dataclass(frozen=True)
class SpanTable:
    """Spans and the recordings that they are of.

    Attributes
    ----------
    spans : sequence of Span
        Of each recording in order of time.
    recordings : sequence of Extent
        In the order in which they were given.
    about : mapping
        What else a JSON file is to say.
    """

    spans: Sequence[Span]
    recordings: Sequence[Extent]
    about: Mapping[str, Any] = field(default_factory=dict)

    def of(self, recording: Extent) -> list[Span]:
        """Give the spans of one recording."""
        return [span for span in self.spans if span.path == recording.path]

    def only(self, what: str) -> Extent:
        """Give the one recording there is, or raise a ParameterError that says `what` for."""
        if len(self.recordings) != 1:
            raise ParameterError(
                f"{what} is of one recording, but these spans are of {len(self.recordings)}:"
                " expected recording=, the path of one of them"
            )
        return self.recordings[0]

    def restricted(self, path: Path | None) -> SpanTable:
        """Give the part that is of one recording, or all of it for None."""
        if path is None:
            return self
        name = check_path("recording", path)
        chosen = [recording for recording in self.recordings if recording.path == name]
        if not chosen:
            known = ", ".join(on_one_line(r.path) for r in self.recordings[:5])
            raise ParameterError(f"recording={name!r}: expected one of {known}")
        return SpanTable(self.of(chosen[0]), chosen, self.about)


def name_of(label: int) -> str:
    """Give a label as text."""
    return "silence" if label == SILENCE else str(label)


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


def write_audacity(table: SpanTable, path: Path) -> None:
    """Write a label track of one recording: start, end and label, parted by tabs."""
    table.only("a label track")
    lines = (f"{s.start:.6f}\t{s.end:.6f}\t{name_of(s.label)}\n" for s in table.spans)
    write_text(path, "".join(lines))


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


def write_raven(table: SpanTable, path: Path) -> None:
    """Write a selection table of one recording for Raven: tabs, a line for each span."""
    recording = table.only("a selection table")
    head = ("Selection", "View", "Channel", "Begin Time (s)", "End Time (s)", "Low Freq (Hz)",
            "High Freq (Hz)", "Begin File", "Label")  # fmt: skip
    file = on_one_line(os.path.basename(recording.path))
    high = f"{recording.sr / 2:.1f}"
    lines = ["\t".join(head)]
    for number, span in enumerate(table.spans, 1):
        times = f"{span.start:.6f}", f"{span.end:.6f}"
        row = str(number), "Spectrogram 1", "1", *times, "0.0", high, file, name_of(span.label)
        lines.append("\t".join(row))
    write_text(path, "\n".join(lines) + "\n")


def write_textgrid(table: SpanTable, path: Path) -> None:
    """Write a TextGrid for Praat with an interval tier for each recording.

    What lies between spans has an empty label. Tiers begin at 0, and all end with the longest
    recording, as Praat demands.
    """
    longest = max(recording.duration for recording in table.recordings)
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', ""]
    lines += ["xmin = 0", f"xmax = {longest:.6f}", "tiers? <exists>"]
    lines += [f"size = {len(table.recordings)}", "item []:"]
    for number, recording in enumerate(table.recordings, 1):
        lines += _tier(number, recording, table.of(recording), longest)
    write_text(path, "\n".join(lines) + "\n")


def _tier(number: int, recording: Extent, spans: Sequence[Span], longest: float) -> list[str]:
    intervals = _without_gaps(spans, longest)
    name = os.path.basename(recording.path) or recording.path
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
    """Give intervals that follow on one another up to the end."""
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


WRITERS: dict[str, Callable[[SpanTable, Path], None]] = {
    "csv": write_csv,
    "json": write_json,
    "audacity": write_audacity,
    "rttm": write_rttm,
    "raven": write_raven,
    "textgrid": write_textgrid,
}
"""The formats by name; an exporting method ``to_<name>`` calls the one of its name."""


class SpanExports:
    """The methods that write spans: for results that give a :class:`SpanTable`."""

    def span_table(self) -> SpanTable:
        """Give what is written."""
        raise NotImplementedError

    def to_csv(self, path: Path) -> None:
        """Write path, start, end (seconds) and label of each span; see :func:`write_csv`."""
        WRITERS["csv"](self.span_table(), path)

    def to_json(self, path: Path) -> None:
        """Write spans, recordings, errors and settings; see :func:`write_json`."""
        WRITERS["json"](self.span_table(), path)

    def to_audacity(self, path: Path, *, recording: Path | None = None) -> None:
        """Write a label track for Audacity; `recording` picks one of several."""
        WRITERS["audacity"](self.span_table().restricted(recording), path)

    def to_rttm(self, path: Path) -> None:
        """Write NIST's RTTM; spaces in names become ``%20``, see :func:`write_rttm`."""
        WRITERS["rttm"](self.span_table(), path)

    def to_raven(self, path: Path, *, recording: Path | None = None) -> None:
        """Write a selection table for Raven; `recording` picks one of several."""
        WRITERS["raven"](self.span_table().restricted(recording), path)

    def to_textgrid(self, path: Path) -> None:
        """Write a TextGrid for Praat, a tier for each recording; see :func:`write_textgrid`."""
        WRITERS["textgrid"](self.span_table(), path)
