"""The method that shows hits as a page to look at and listen to."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from audioclust.report.content import Audio
from audioclust.report.page import write_page
from audioclust.report.views.timeline import Lane, timeline
from audioclust.results.showing.notebook_map import NotebookMap
from audioclust.results.uses.summary import length_of
from audioclust.utils.arguments import check_choice
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.events.hits import Hits
    from audioclust.export.tables import SpanTable
    from audioclust.report.content import Content
    from audioclust.results.clustering import Clustering
    from audioclust.utils.types import Path


class HitReporting(NotebookMap):
    """The method that makes a page of hits in clusters."""

    if TYPE_CHECKING:
        hits: Hits
        clustering: Clustering

        def span_table(self) -> SpanTable:
            """Give the hits as they are exported."""

    def report(self, path: Path, *, audio: Audio = "link", title: str | None = None) -> None:
        """Write a page to look at and listen to: one HTML file, which needs no network.

        It has the waveform and the spectrogram of the recording with its hits, a map on which
        hits that are alike are near each other, the clusters, and a table of all hits.

        Parameters
        ----------
        path : str or os.PathLike
            The file to write; ``~`` is the home folder.
        audio : {"link", "representatives", "embed", "none"}, default="link"
            Where the page has its sounds: in the recording's own file, in itself for the most
            typical hits of each cluster or for all, or nowhere.
        title : str or None
            Its title; None is made of what there is.

        Raises
        ------
        ParameterError
            If `audio` is none of these words, or the file is the recording.
        OSError
            If it cannot be written.
        """
        check_choice("audio", audio, get_args(Audio))
        write_page(path, self._content(title), audio, self.span_table().inputs)

    def _content(self, title: str | None) -> Content:
        """Give what the page shows: that of the clustering, over time."""
        hits, n, k = self.hits, len(self.hits), self.clustering.k
        name = on_one_line(os.path.basename(hits.recording.path))
        content = self.clustering._content(
            title or f"{name}: {n} hit{'s' * (n != 1)} in {k} cluster{'s' * (k != 1)}"
        )
        lane = Lane(hits.recording, hits.duration, range(n))
        return replace(
            content,
            kind="onsets",
            headline=[
                f"{n} hit{'s' * (n != 1)} in {k} cluster{'s' * (k != 1)}, found in"
                f" {length_of(hits.duration)} of sound.",
            ],
            views={**content.views, "timeline": timeline([lane])},
        )
