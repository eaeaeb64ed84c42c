"""The methods that write spans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audioclust.export.formats import WRITERS
from audioclust.export.tables import SpanTable

if TYPE_CHECKING:
    from audioclust.utils.types import Path


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
