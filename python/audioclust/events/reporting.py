"""The method that shows hits as a page to look at and listen to."""

from __future__ import annotations

import functools
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from audioclust.report.content import check_page
from audioclust.report.page import write_page
from audioclust.report.sentences import counted, how_long
from audioclust.report.views.timeline import Lane, timeline
from audioclust.results.showing.contents import content_of
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.events.hits import Hits
    from audioclust.export.tables import SpanTable
    from audioclust.report.content import Audio, Content
    from audioclust.results.clustering import Clustering
    from audioclust.utils.types import Path


class HitReporting:
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
            If an argument is invalid, or the file is the recording. Nothing is done then.
        OSError
            If it cannot be written.
        """
        check_page(audio, title)
        content = functools.partial(self._content, title)
        write_page(path, content, audio, self.span_table().inputs)

    def _content(self, title: str | None) -> Content:
        """Give what the page shows: that of the clustering, over time."""
        hits, clustering = self.hits, self.clustering
        words = f"{counted(len(hits), 'hit')} in {counted(clustering.k, 'cluster')}"
        name = on_one_line(os.path.basename(hits.recording.path))
        points = clustering.layout().points
        content = content_of(clustering, title or f"{name}: {words}", points)
        lane = Lane(hits.recording, hits.duration, range(len(hits)))
        return replace(
            content,
            kind="onsets",
            headline=[f"{words}, found in {how_long(hits.duration)} of sound."],
            views={**content.views, "timeline": timeline([lane])},
        )
