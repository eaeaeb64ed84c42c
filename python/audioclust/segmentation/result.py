"""What segmentation gives: spans, labels, exports, a picture, and what a label sounds like."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audioclust._core import __version__
from audioclust.audio.recording import Recording
from audioclust.audio.spans import SILENCE, Extent, Item, Span, name_of
from audioclust.errors import ItemError, ParameterError
from audioclust.export.tables import SpanTable
from audioclust.results.span_exports import SpanExports
from audioclust.segmentation.windows import Windows
from audioclust.utils.arguments import check_int
from audioclust.utils.text import printable
from audioclust.utils.types import Path

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, repr=False)
class Segmentation(SpanExports):
    """Recordings in spans that sound alike.

    Labels are numbered by how long their spans are together, the longest being 0.

    Attributes
    ----------
    spans : tuple of Span
        (path, start, end, label), times in seconds: for each recording one after the other
        from its start to its end. Silence, where it was asked for, has the label -1.
    labels : ndarray of shape (n_windows,), int32
        For each window the label at its middle.
    k : int
        The number of labels, silence not counted.
    recordings : tuple of Extent
        (path, duration, sr) of each recording.
    windows : Windows
        The length of windows and the distance from one to the next, in seconds.
    errors : tuple of ItemError
        The recordings that could not be used, and why.
    settings : dict
        What was asked for, as it is written to JSON.
    selection : object
        What ``k="auto"`` found, else None.
    """

    spans: tuple[Span, ...]
    labels: NDArray[np.int32]
    k: int
    recordings: tuple[Extent, ...]
    windows: Windows
    errors: tuple[ItemError, ...]
    settings: dict[str, Any]
    sources: tuple[Recording, ...]
    selection: object = None

    @functools.cached_property
    def items(self) -> tuple[Item, ...]:
        """The windows, recording by recording, in the order of `labels`."""
        length, hop = self.windows
        return tuple(
            Item(recording.path, i * hop, i * hop + length)
            for recording in self.recordings
            for i in range(self.windows.number(recording.duration))
        )

    def durations(self) -> dict[int, float]:
        """Give the length of all spans of each label together, in seconds."""
        total: dict[int, float] = {}
        for span in self.spans:
            total[span.label] = total.get(span.label, 0.0) + span.duration
        return dict(sorted(total.items()))

    def __len__(self) -> int:
        return self.k

    def __getitem__(self, label: int) -> tuple[Span, ...]:
        """Give the spans of a label, -1 being silence."""
        if not SILENCE <= label < self.k:
            raise IndexError(f"label {label}: expected -1 to {self.k - 1}")
        return tuple(span for span in self.spans if span.label == label)

    def __repr__(self) -> str:
        total = sum(recording.duration for recording in self.recordings)
        lines = [f"<Segmentation: {len(self.spans)} spans of {total:.1f} s, {self.k} labels>"]
        for label, duration in self.durations().items():
            n = len(self[label])
            lines.append(f"  {name_of(label)}: {n} span{'s' * (n != 1)}, {duration:.1f} s")
        if self.errors:
            lines.append(f"  {len(self.errors)} could not be used: see .errors")
        return "\n".join(lines)

    def span_table(self) -> SpanTable:
        """Give the spans as exports take them."""
        about = {
            "labels": self.labels.tolist(),
            "window": self.windows.length,
            "hop": self.windows.hop,
            "errors": [
                {"path": printable(e.path), "kind": e.kind, "message": printable(e.message)}
                for e in self.errors
            ],
            "k": self.k,
            "settings": self.settings,
            "version": __version__,
        }
        return SpanTable(
            self.spans, self.recordings, about, [error.path for error in self.errors]
        )

    def plot(self, ax: Axes | None = None, *, recording: Path | None = None) -> Axes:
        """Draw the outline of a recording's waveform over time, coloured by label.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None
            Where to draw; None makes a figure.
        recording : str or os.PathLike or None
            The path of one of several recordings; None is the first.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from audioclust.plotting.waveform import plot_spans

        table = self.span_table().restricted(recording or self.recordings[0].path)
        source = next(s for s in self.sources if s.path == table.recordings[0].path)
        return plot_spans(source, table, self.k, ax)

    def write_audio(self, label: int, path: Path) -> None:
        """Write all spans of a label one after the other, with short fades between.

        Parameters
        ----------
        label : int
            0 to k - 1, or -1 for silence.
        path : str or os.PathLike
            A sound file, in the format that its suffix names: .wav, .flac, .ogg and so on. It
            has the rate and the channels of the first recording; others are brought to them.

        Raises
        ------
        ParameterError
            If there is no span with that label, or no such format.
        """
        from audioclust.listening.concatenation import write_spans

        label = check_int("label", label, SILENCE, self.k - 1)
        spans = self[label]
        if not spans:
            expected = f"one of {', '.join(map(str, self.durations()))}, which have spans"
            raise ParameterError(f"label={label}: expected {expected}")
        write_spans(self.sources, spans, path)
