"""The method that shows a segmentation as a page to look at and listen to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.audio.spans import SILENCE, Item, by_warning, name_of
from audioclust.report.content import Content, Group, title_or
from audioclust.report.page import write_page
from audioclust.report.sentences import counted, how_long, per_cent, things, what_failed
from audioclust.report.views.selection import selection
from audioclust.report.views.timeline import Lane, timeline
from audioclust.results.notices import counted_warnings
from audioclust.results.showing.notebook_map import NotebookMap
from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import base_name

if TYPE_CHECKING:
    from audioclust.audio.recording import Recording
    from audioclust.audio.spans import Extent, Span
    from audioclust.errors import ItemError
    from audioclust.export.tables import SpanTable
    from audioclust.report.content import Audio
    from audioclust.segmentation.labelling.label_selection import LabelSelection
    from audioclust.utils.types import Path

_REPRESENTATIVES = 3
"""Spans that stand for a label: its longest, which are the surest."""


class SegmentReporting(NotebookMap):
    """The method that makes a page of labelled spans."""

    if TYPE_CHECKING:
        spans: tuple[Span, ...]
        recordings: tuple[Extent, ...]
        errors: tuple[ItemError, ...]
        sources: tuple[Recording, ...]
        selection: LabelSelection | None
        k: int

        def durations(self) -> dict[int, float]:
            """Give the total duration of the spans of each label."""

        def span_table(self) -> SpanTable:
            """Give the spans as they are exported."""

    def report(self, path: Path, *, audio: Audio = "link", title: str | None = None) -> None:
        """Write a page to look at and listen to: one HTML file, which needs no network.

        It has the waveform and the spectrogram of each recording with its spans, which play
        when they are clicked; the labels with how long they last; and a table of all spans.

        Parameters
        ----------
        path : str or os.PathLike
            The file to write; ``~`` is the home folder.
        audio : {"link", "representatives", "embed", "none"}, default="link"
            Where the page has its sounds: in the recordings' own files, in itself for the
            longest spans of each label or for all, or nowhere.
        title : str or None
            Its title; None is made of what there is.

        Raises
        ------
        ParameterError
            If an argument is invalid, or the file is one of the recordings. Nothing is done
            then.
        OSError
            If it cannot be written.
        """
        write_page(path, self._content, audio, self.span_table().inputs, title)

    def _content(self, title: str | None) -> Content:
        """Give what the page shows."""
        by_path = {extent.path: extent for extent in self.recordings}
        labels = np.array([span.label for span in self.spans], np.int32)
        return Content(
            kind="segmentation",
            title=title_or(title, f"{_named(self.recordings)}: {self._counts()}"),
            headline=self._headline(says_counts=title_or(title, "") != ""),
            items=[_item(span, by_path[span.path]) for span in self.spans],
            labels=labels,
            groups=self._groups(),
            # Label by label: so the turns of one voice are heard one after the other.
            order=np.argsort(labels, kind="stable"),
            errors=self.errors,
            warnings=counted_warnings(by_warning(self.recordings), "recording"),
            folder=self.sources[0].folder,
            views=self._views(),
        )

    def _counts(self) -> str:
        """Say how many spans and labels there are."""
        span, label = things("segmentation")
        return f"{counted(len(self.spans), span)} with {counted(self.k, label)}"

    def _headline(self, *, says_counts: bool) -> list[str]:
        """Give what there is, in sentences; how much of it, if the title does not say it."""
        total = sum(extent.duration for extent in self.recordings)
        counts = f": {self._counts()}" if says_counts else ""
        lines = [f"{how_long(total)} in {counted(len(self.recordings), 'recording')}{counts}."]
        silent = self.durations().get(SILENCE, 0.0)
        if silent:
            lines.append(
                f"{per_cent(silent / total)} of it is silence, pauses and background noise."
            )
        return [*lines, *what_failed(self.errors, "recording")]

    def _groups(self) -> list[Group]:
        """Give the labels as the page lists them, silence last."""
        durations = self.durations()
        total = sum(durations.values())
        groups = []
        for label in sorted(durations, key=lambda label: (label == SILENCE, label)):
            own = [place for place, span in enumerate(self.spans) if span.label == label]
            longest = sorted(own, key=lambda place: -self.spans[place].duration)
            seconds = durations[label]
            many = f"{len(own)} spans of {how_long(seconds / len(own))} on average"
            spans = "one span" if len(own) == 1 else many
            words = f"{per_cent(seconds / total)} of the time, in {spans}"
            groups.append(Group(label, name_of(label), words, longest[:_REPRESENTATIVES]))
        return groups

    def _views(self) -> dict[str, Any]:
        """Give the recordings over time, and why there are so many labels."""
        places: dict[str, list[int]] = {extent.path: [] for extent in self.recordings}
        for place, span in enumerate(self.spans):
            places[span.path].append(place)
        by_path = {source.path: source for source in self.sources}
        lanes = [
            Lane(by_path[one.path], one.duration, places[one.path]) for one in self.recordings
        ]
        chosen = {} if self.selection is None else {"selection": selection(self.selection)}
        return {"timeline": timeline(lanes), **chosen}


def _named(recordings: Sequence[Extent]) -> str:
    """Give the name of the only recording, or how many there are."""
    if len(recordings) == 1:
        return on_one_line(base_name(recordings[0].path))
    return counted(len(recordings), "recording")


def _item(span: Span, extent: Extent) -> Item:
    """Give a span as an item, with how its recording was read."""
    return Item(
        span.path, span.start, span.end, decoder=extent.decoder, warnings=extent.warnings
    )
