"""The method that shows hits as a page to look at and listen to."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.preparation.resampling import Resampler
from audioclust.errors import AudioclustError
from audioclust.listening.encoding import data_uri
from audioclust.report.content import title_or
from audioclust.report.page import write_page
from audioclust.report.sentences import counted, how_long, things
from audioclust.report.views.timeline import Lane, timeline
from audioclust.results.showing.contents import content_of
from audioclust.results.showing.notebook_map import NotebookMap
from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import base_name

if TYPE_CHECKING:
    from audioclust.events.hits import Hits
    from audioclust.export.tables import SpanTable
    from audioclust.listening.clicks import Sonification
    from audioclust.report.content import Audio, Content
    from audioclust.results.clustering import Clustering
    from audioclust.utils.types import Path


MAX_CLICKS = 60.0
"""Recordings up to so many seconds are in the page with a click at each hit."""

_OPUS_RATE = 48_000
"""The rate of Opus in Hz."""


class HitReporting(NotebookMap):
    """The method that makes a page of hits in clusters."""

    if TYPE_CHECKING:
        hits: Hits
        clustering: Clustering

        def sonify(self) -> Sonification:
            """Add a click to the recording where each hit starts."""

        def span_table(self) -> SpanTable:
            """Give the hits as they are exported."""

    def report(self, path: Path, *, audio: Audio = "link", title: str | None = None) -> None:
        """Write a page to look at and listen to: one HTML file, which needs no network.

        It has the waveform and the spectrogram of the recording with its hits, a map on which
        hits that are alike are near each other, the clusters, and a table of all hits. If it
        lasts at most a minute, it can be heard with a click at each hit.

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
        content = functools.partial(self._content, has_sounds=audio != "none")
        write_page(path, content, audio, self.span_table().inputs, title)

    def _content(self, title: str | None, *, has_sounds: bool = True) -> Content:
        """Give what the page shows: that of the clustering, over time."""
        hits, clustering = self.hits, self.clustering
        hit, group = things("onsets")
        words = f"{counted(len(hits), hit)} in {counted(clustering.k, group)}"
        found = f"{words}, found" if title else "Found"
        name = on_one_line(base_name(hits.recording.path))
        points = clustering.layout().points
        content = content_of(clustering, title_or(title, f"{name}: {words}"), points)
        lane = Lane(hits.recording, hits.duration, range(len(hits)))
        return replace(
            content,
            kind="onsets",
            headline=[f"{found} in {how_long(hits.duration)} of sound."],
            views={
                **content.views,
                "timeline": {
                    **timeline([lane]),
                    "clicks": self._clicks() if has_sounds else None,
                },
            },
        )

    def _clicks(self) -> str | None:
        """Give the recording with clicks as a data URL, if it is short and still there."""
        if self.hits.duration > MAX_CLICKS:
            return None
        try:
            made = self.sonify()
        except (AudioclustError, OSError):
            return None
        mono = np.atleast_2d(made.y).mean(axis=0)
        resampler = Resampler(made.sr, _OPUS_RATE)
        y = np.concatenate([*resampler.push(mono), *resampler.finish()])
        # Resampling may exceed full scale a little.
        return data_uri(np.clip(y, -1, 1), _OPUS_RATE, ("Opus", "MP3"))
