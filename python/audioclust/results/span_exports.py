"""The methods that give spans to files and to other libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audioclust.export.dataframe import data_frame
from audioclust.export.formats import write_table
from audioclust.export.tables import SpanTable

if TYPE_CHECKING:
    from audioclust.export.dataframe import Library
    from audioclust.utils.types import Path


class SpanExports:
    """The methods that give spans away, for results that give a :class:`SpanTable`.

    All that write raise an OSError if the file cannot be written, and a ParameterError if it is
    one of the recordings.
    """

    def span_table(self) -> SpanTable:
        """Give the spans as they are exported."""
        raise NotImplementedError

    def export(self, path: Path, *, format: str | None = None) -> None:  # noqa: A002
        """Write the spans in any of the formats.

        Parameters
        ----------
        path : str or os.PathLike
            The file to write.
        format : {"csv", "json", "audacity", "rttm", "raven", "textgrid"} or None
            The format; None is the one that the path's suffix names.

        Raises
        ------
        ParameterError
            If there is no such format, or the file is one of the recordings.
        """
        write_table(self.span_table(), path, format)

    def to_csv(self, path: Path) -> None:
        """Write path, start, end (both in seconds) and label of each span as CSV."""
        write_table(self.span_table(), path, "csv")

    def to_json(self, path: Path) -> None:
        """Write spans, recordings, errors and settings as one JSON object."""
        write_table(self.span_table(), path, "json")

    def to_audacity(self, path: Path, *, recording: Path | None = None) -> None:
        """Write a label track for Audacity; `recording` is the path of one of several."""
        write_table(self.span_table().restricted(recording), path, "audacity")

    def to_rttm(self, path: Path) -> None:
        """Write NIST's RTTM; a space in a file's name becomes ``%20``."""
        write_table(self.span_table(), path, "rttm")

    def to_raven(self, path: Path, *, recording: Path | None = None) -> None:
        """Write a selection table for Raven; `recording` is the path of one of several."""
        write_table(self.span_table().restricted(recording), path, "raven")

    def to_textgrid(self, path: Path) -> None:
        """Write a TextGrid for Praat, with a tier for each recording."""
        write_table(self.span_table(), path, "textgrid")

    def to_dataframe(self, library: Library | None = None) -> Any:
        """Give the label of each span as a data frame.

        Parameters
        ----------
        library : {"pandas", "polars"} or None, default=None
            Whose frame it is; None for pandas, or for polars if pandas is not installed.

        Returns
        -------
        pandas.DataFrame or polars.DataFrame
            In pandas path, start and end (both in seconds) are levels of the index, in polars
            columns.

        Raises
        ------
        MissingExtraError
            Without the library: ``pip install 'audioclust[pandas]'`` or
            ``'audioclust[polars]'``.
        """
        spans = self.span_table().spans
        return data_frame(spans, {"label": [span.label for span in spans]}, library)
