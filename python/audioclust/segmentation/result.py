"""The result of segmentation: labelled spans, to look at, listen to and export."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audioclust._core import __version__
from audioclust.audio.recording import Recording
from audioclust.audio.spans import SILENCE, Extent, Item, Span, name_of
from audioclust.errors import ItemError, ParameterError
from audioclust.export.documents import error_records
from audioclust.export.tables import SpanTable
from audioclust.results.span_exports import SpanExports
from audioclust.segmentation.reporting import SegmentReporting
from audioclust.segmentation.windows import Windows
from audioclust.utils import html
from audioclust.utils.arguments import check_int
from audioclust.utils.files import output_path
from audioclust.utils.types import Path
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from audioclust.segmentation.labelling.label_selection import LabelSelection


@dataclass(frozen=True, eq=False, repr=False)
class Segmentation(SpanExports, SegmentReporting, ByValue):
    """Recordings divided into spans that sound alike.

    Labels are numbered by the total duration of their spans, the longest being 0.
    ``len(result)`` is the number of labels, ``result[i]`` the spans of label `i`, and iteration
    goes over the labels. If silence has a label of its own, ``result[-1]`` are the silent
    spans, else an IndexError is raised.

    Two results are equal if all they hold is equal. A result can be pickled.

    Attributes
    ----------
    spans : tuple of Span
        (path, start, end, label), times in seconds. Those of one recording follow on one
        another from its start to its end. Silence has the label -1, if it was asked for.
    labels : ndarray of shape (n_windows,), int32
        The label at the middle of each window.
    k : int
        The number of labels, silence not counted.
    recordings : tuple of Extent
        (path, duration, sr) of each recording.
    windows : Windows
        Length of windows and distance from one to the next, in seconds.
    errors : tuple of ItemError
        The recordings that could not be used, and why.
    settings : dict
        What was asked for, as it is written to JSON.
    sources : tuple of Recording
        The recordings, with their samples if they were given in memory.
    selection : LabelSelection or None
        How `k` was chosen, if it was not given.
    """

    spans: tuple[Span, ...]
    labels: NDArray[np.int32]
    k: int
    recordings: tuple[Extent, ...]
    windows: Windows
    errors: tuple[ItemError, ...]
    settings: dict[str, Any]
    sources: tuple[Recording, ...]
    selection: LabelSelection | None = None

    @property
    def unassigned(self) -> str | None:
        """What the label -1 means: "silence" if that has a label of its own, else None."""
        return name_of(SILENCE) if self.settings["silence"] else None

    @functools.cached_property
    def items(self) -> tuple[Item, ...]:
        """The windows, recording by recording, in the order of `labels`."""
        return tuple(
            Item(
                recording.path,
                start,
                end,
                decoder=recording.decoder,
                warnings=recording.warnings,
            )
            for recording in self.recordings
            for start, end in self.windows.bounds(self.windows.count(recording.duration))
        )

    def durations(self) -> dict[int, float]:
        """Give the total duration of the spans of each label that has any, in seconds."""
        total: dict[int, float] = {}
        for span in self.spans:
            total[span.label] = total.get(span.label, 0.0) + span.duration
        return dict(sorted(total.items()))

    def __getstate__(self) -> dict[str, Any]:
        """Give what a pickle keeps: nothing of an address that is secret."""
        sources = tuple(source.without_secrets() for source in self.sources)
        return {**self.__dict__, "sources": sources}

    def __len__(self) -> int:
        return self.k

    def __getitem__(self, label: int) -> tuple[Span, ...]:
        """Give the spans of a label, in the order of `spans`; -1 is silence."""
        label = operator.index(label)
        if not self._lowest <= label < self.k:
            raise IndexError(f"label {label}: expected {self._lowest} to {self.k - 1}")
        return tuple(span for span in self.spans if span.label == label)

    def __iter__(self) -> Iterator[tuple[Span, ...]]:
        return (self[label] for label in range(self.k))

    @property
    def _lowest(self) -> int:
        """The lowest label that there may be."""
        return 0 if self.unassigned is None else SILENCE

    def __repr__(self) -> str:
        lines = [f"<Segmentation: {self._summary}>"]
        if self.selection is not None:
            lines.append(f"  {self.selection.choice()}")
        for name, n, duration in self._rows():
            lines.append(f"  {name}: {n} span{'s' * (n != 1)}, {duration:.1f} s")
        if self.errors:
            lines.append(f"  {len(self.errors)} could not be used: see .errors")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [(name, n, f"{duration:.1f}") for name, n, duration in self._rows()]
        caption = f"Segmentation: {self._summary}"
        if self.errors:
            caption += f"; {len(self.errors)} could not be used"
        return html.table(caption, ("label", "spans", "seconds"), rows) + self._players()

    def _players(self) -> str:
        """Give players for the longest span of each of the first labels."""
        from audioclust.listening.beside import Sample, players

        longest = (max(spans, key=lambda span: span.duration) for spans in self if spans)
        samples = (
            Sample(span.label, Item(span.path, span.start, span.end)) for span in longest
        )
        return players(samples, self.sources[0].folder, self.sources)

    @property
    def _summary(self) -> str:
        total = sum(recording.duration for recording in self.recordings)
        spans, labels = len(self.spans), self.k
        return (
            f"{spans} span{'s' * (spans != 1)} of {total:.1f} s,"
            f" {labels} label{'s' * (labels != 1)}"
        )

    def _rows(self) -> list[tuple[str, int, float]]:
        """Give the name, the number of spans and the total duration of each label."""
        return [
            (name_of(label), len(self[label]), duration)
            for label, duration in self.durations().items()
        ]

    def span_table(self) -> SpanTable:
        """Give the spans as they are exported."""
        about = {
            "labels": self.labels.tolist(),
            "window": self.windows.length,
            "hop": self.windows.hop,
            "errors": error_records(self.errors),
            "k": self.k,
            "selection": None if self.selection is None else self.selection.to_dict(),
            "settings": self.settings,
            "version": __version__,
        }
        return SpanTable(
            self.spans,
            self.recordings,
            about,
            [error.path for error in self.errors],
            self.sources[0].folder,
        )

    def plot(self, ax: Axes | None = None, *, recording: Path | None = None) -> Axes:
        """Draw a recording's waveform and a strip of its spans over time, coloured by label.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None
            Where to draw; None makes a figure.
        recording : str, os.PathLike or None
            The path of one of several recordings; None is the first.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        MissingExtraError
            Without matplotlib: ``pip install 'audioclust[plot]'``.
        ParameterError
            If there is no such recording.
        """
        from audioclust.plotting.waveform import plot_spans

        chosen = self.recordings[0].path if recording is None else recording
        table = self.span_table().restricted(chosen)
        source = next(s for s in self.sources if s.path == table.recordings[0].path)
        return plot_spans(source, table, self.k, ax)

    def write_audio(self, label: int, path: Path) -> None:
        """Write all spans of a label one after the other, with short fades between.

        Parameters
        ----------
        label : int
            0 to k - 1, or -1 for silence if that has a label of its own.
        path : str or os.PathLike
            A sound file, in the format that its suffix names: .wav, .flac, .ogg and so on. It
            has the rate and the channels of the first recording that has such spans; others
            are converted to these.

        Raises
        ------
        ParameterError
            If there is no span with that label, or no such format, or the path is one of the
            recordings.
        OSError
            If the file cannot be written.
        """
        from audioclust.listening.concatenation import write_spans

        label = check_int("label", label, self._lowest, self.k - 1)
        spans = self[label]
        if not spans:
            expected = f"one of {', '.join(map(str, self.durations()))}, which have spans"
            raise ParameterError(f"label={label}: expected {expected}")
        # A recording that could not be decoded must not be lost either.
        target = output_path(path, inputs=self.span_table().inputs)
        write_spans(self.sources, spans, target)


# Pickles name it by where users find it, and so survive a move to another module.
Segmentation.__module__ = "audioclust"
