"""The result of onsets(): the hits of a recording in clusters."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

import numpy as np

from audioclust.audio.reading import read
from audioclust.audio.spans import Extent, Span
from audioclust.errors import ItemError, ParameterError
from audioclust.events.hit_sounds import add_clicks, file_names, write_each
from audioclust.events.reporting import HitReporting
from audioclust.export.documents import error_records
from audioclust.export.tables import SpanTable
from audioclust.listening.clicks import ONE_PITCH, Sonification, pitches
from audioclust.results.span_exports import SpanExports
from audioclust.utils import html
from audioclust.utils.arguments import check_int
from audioclust.utils.text import on_one_line
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from audioclust.audio.spans import Item
    from audioclust.clustering.selection.k_selection import KSelection
    from audioclust.events.hits import Hits
    from audioclust.results.clustering import Clustering
    from audioclust.utils.types import Path


Chosen: TypeAlias = 'int | Literal["all"] | None'
"""Some hits: those of a cluster, all regardless of their clusters, or all by cluster."""


@dataclass(frozen=True, eq=False, repr=False)
class OnsetClusters(SpanExports, HitReporting, ByValue):
    """The hits of one recording in clusters.

    Clusters are numbered by size, the largest being 0. ``len(result)`` is the number of
    clusters, ``result[i]`` the hits of cluster `i`, and iteration goes over the clusters.

    Two results are equal if all they hold is equal. A result can be pickled.

    Attributes
    ----------
    hits : Hits
        The recording, its onsets and what was measured of each hit.
    clustering : Clustering
        The clusters as :func:`audioclust.cluster` gives them, with scores and representatives.
    unassigned : None
        What the label -1 means: nothing, as each hit is in a cluster.
    """

    hits: Hits
    clustering: Clustering

    unassigned: ClassVar[str | None] = None

    @property
    def path(self) -> str:
        """The recording's path."""
        return self.hits.recording.path

    @property
    def labels(self) -> NDArray[np.int32]:
        """The cluster of each hit, of shape (n_hits,)."""
        return self.clustering.labels

    @property
    def spans(self) -> tuple[Span, ...]:
        """Each hit as (path, start, end, label), times in seconds, in the order of time."""
        labelled = zip(self.items, self.labels.tolist(), strict=True)
        return tuple(Span(*item, label) for item, label in labelled)

    @property
    def items(self) -> tuple[Item, ...]:
        """Each hit as (path, start, end), times in seconds, in the order of time."""
        return self.clustering.items

    @property
    def errors(self) -> tuple[ItemError, ...]:
        """The recordings that could not be used: none, as that is raised."""
        return self.clustering.errors

    @property
    def frames(self) -> NDArray[np.int64]:
        """The frame of each onset, of shape (n_hits,)."""
        return self.hits.frames

    @property
    def samples(self) -> NDArray[np.int64]:
        """The sample of each onset at the rate `sr`, of shape (n_hits,)."""
        return self.hits.samples

    @property
    def times(self) -> NDArray[np.float64]:
        """The time of each onset in seconds, of shape (n_hits,)."""
        return np.asarray(self.hits.samples / self.hits.sr)

    @property
    def sr(self) -> int:
        """The rate in Hz at which the recording was analysed."""
        return self.hits.sr

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the features."""
        return self.clustering.table.columns

    @property
    def features(self) -> NDArray[np.float32]:
        """The features of each hit in their own units, of shape (n_hits, n_columns)."""
        return self.clustering.table.values

    @property
    def features_scaled(self) -> NDArray[np.float64]:
        """The features as they were clustered, of shape (n_hits, n_columns)."""
        return self.clustering.scaler.transform(self.features)

    @property
    def centers(self) -> NDArray[np.float64] | None:
        """The clusters' centres in scaled units, of shape (k, n_columns), or None."""
        return self.clustering.centers

    @property
    def inertia(self) -> float | None:
        """Sum of the squared distances to the centres, in scaled units; see Clustering."""
        return self.clustering.inertia

    @property
    def selection(self) -> KSelection | None:
        """How the number of clusters was chosen, if it was not given."""
        return self.clustering.selection

    @property
    def k(self) -> int:
        """The number of clusters."""
        return self.clustering.k

    def __len__(self) -> int:
        return self.k

    def __getitem__(self, label: int) -> tuple[Item, ...]:
        """Give the hits of a cluster, in the order of time."""
        label = operator.index(label)
        if not 0 <= label < self.k:
            raise IndexError(f"cluster {label}: expected 0 to {self.k - 1}")
        return self.clustering[label]

    def __iter__(self) -> Iterator[tuple[Item, ...]]:
        return (self[label] for label in range(self.k))

    def __repr__(self) -> str:
        sizes = ", ".join(str(len(members)) for members in self)
        clusters = f"{self.k} cluster{'s' * (self.k != 1)}"
        head = (
            f"<OnsetClusters: {len(self.labels)} hits in {clusters} of {sizes},"
            f" by {self.clustering.algorithm}>"
        )
        if self.selection is None:
            return head
        return f"{head}\n  {self.selection.choice()}"

    def _repr_html_(self) -> str:
        rows = [
            (label, len(members), f"{pitch:.0f}", f"{members[0].start:.2f}" if members else "")
            for label, (members, pitch) in enumerate(zip(self, self.pitches, strict=True))
        ]
        caption = f"OnsetClusters: {len(self.labels)} hits of {on_one_line(self.path)}"
        head = ("cluster", "hits", "clicks (Hz)", "first at (s)")
        return html.table(caption, head, rows) + self._players()

    def _players(self) -> str:
        """Give players for the most typical hits of the first clusters."""
        from audioclust.listening.beside import Sample, players

        nearest = enumerate(self.clustering.representatives())
        samples = (Sample(label, items[0]) for label, items in nearest if items)
        recording = self.hits.recording
        return players(samples, recording.folder, [recording])

    @property
    def pitches(self) -> tuple[float, ...]:
        """The pitch of each cluster's clicks, in Hz."""
        return pitches(self.k, self.sr)

    def sonify(self, label: Chosen = None, path: Path | None = None) -> Sonification:
        """Add a click to the recording where each hit starts.

        Parameters
        ----------
        label : int, "all" or None, default=None
            None for all hits, those of each cluster at a pitch of their own (see
            :attr:`pitches`); a cluster for its hits only; "all" for all hits at 1,000 Hz.
        path : str, os.PathLike or None
            The file to write, in the format that its suffix names: .wav, .flac or another that
            libsndfile writes, in 16 bits where the format has them.

        Returns
        -------
        Sonification
            As many samples as the recording has, at its own rate and with its channels. If it
            would clip with the clicks, everything is scaled down, and `gain` says by how much.
            Clicks are mir_eval's: sines of 0.1 s that decay, at the same samples.

        Raises
        ------
        ParameterError
            If there is no such cluster, or the file is the recording itself or of a format
            that cannot be written.
        OSError
            If the file cannot be written.
        """
        if label == "all":
            chosen = self._chosen(None)
            tones = [ONE_PITCH] * len(chosen)
        else:
            chosen = self._chosen(label)
            tones = [self.pitches[own] for own in self.labels[chosen]]
        clicks = zip(self.samples[chosen].tolist(), tones, strict=True)
        return add_clicks(self.hits.recording, clicks, self.sr, path)

    def _chosen(self, label: int | None) -> NDArray[np.int64]:
        """Give the numbers of the hits of a cluster, or of all hits for None."""
        if label is None:
            return np.arange(len(self.labels))
        try:
            own = check_int("label", label, 0, self.k - 1)
        except ParameterError as why:
            raise ParameterError(f"{why}, or None for all") from None
        return np.flatnonzero(self.labels == own)

    def write_hits(self, label: int | None, folder: Path) -> list[str]:
        """Cut hits out of the recording and write each to a file, for a sampler.

        Parameters
        ----------
        label : int or None
            The cluster; None for all hits.
        folder : str or os.PathLike
            Where to write them; it is made if it does not exist.

        Returns
        -------
        paths : list of str
            In the order of time. Files are named ``cluster_number.wav``, such as
            ``0_001.wav``, and numbered within each cluster. They have 24 bits and the
            recording's own rate and channels.

        Raises
        ------
        ParameterError
            If there is no such cluster, one of the files is the recording itself, or the
            folder has files with the names of such hits.
        OSError
            If a file cannot be written.
        """
        names = file_names(self.labels.tolist())
        hits = [(names[i], self.items[i]) for i in self._chosen(label).tolist()]
        return write_each(self.hits.recording, hits, folder, label)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the scaled features of each hit, by cluster.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None
            Where to draw; None makes a figure.

        Returns
        -------
        matplotlib.axes.Axes
            One feature is drawn against time, two against each other, and more by their first
            two principal components. Clusters differ in colour, lightness and marker.

        Raises
        ------
        MissingExtraError
            Without matplotlib: ``pip install 'audioclust[plot]'``.
        """
        from audioclust.plotting.scatter import scatter
        from audioclust.plotting.style import TIME, shown_name

        unit = self.clustering.scaler.unit
        rows, names = self.features_scaled, [f"{name} ({unit})" for name in self.columns]
        if len(names) == 1:
            rows = np.column_stack([self.times, rows])
            names = [TIME, *names]
        title = f"{len(rows)} hits of {shown_name(self.path)}"
        return scatter(rows, names, self.labels, self.k, title=title, ax=ax)

    def plot_waveform(self, ax: Axes | None = None, *, label: Chosen = None) -> Axes:
        """Draw the recording with a line at each onset, by cluster.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None
            Where to draw; None makes a figure.
        label : int, "all" or None, default=None
            None for all onsets by cluster, a cluster for its own, "all" for all alike.

        Returns
        -------
        matplotlib.axes.Axes
            Time in seconds. Clusters differ in colour, lightness, marker and line, and the
            markers of each are in a lane of their own above the waveform.

        Raises
        ------
        MissingExtraError
            Without matplotlib: ``pip install 'audioclust[plot]'``.
        ParameterError
            If there is no such cluster.
        """
        from audioclust.plotting.style import set_name_as_title
        from audioclust.plotting.waveform import waveform

        chosen = self._chosen(None if label == "all" else label)
        labels = None if label == "all" else self.labels[chosen]
        sound = read(self.hits.recording, self.sr)
        drawn = waveform(sound.y, sound.sr, self.times[chosen], labels, self.k, ax=ax)
        set_name_as_title(drawn, self.path)
        return drawn

    def span_table(self) -> SpanTable:
        """Give the hits as they are exported."""
        table = self.clustering.table
        about = {
            "features": dict(zip(self.columns, self.features.T.tolist(), strict=True)),
            "errors": error_records(self.errors),
            "k": self.k,
            "selection": None if self.selection is None else self.selection.to_dict(),
            "inertia": self.inertia,
            "settings": {
                **table.settings.as_json(),
                "algorithm": self.clustering.algorithm,
                "scaling": self.clustering.scaler.scaling,
                "random_state": self.clustering.random_state,
            },
            "version": table.version,
        }
        decoder, warnings = table.items[0].decoder, table.items[0].warnings
        own_sr = self.hits.own_sr
        extent = Extent(
            self.path, self.hits.duration, own_sr, decoder=decoder, warnings=warnings
        )
        return SpanTable(self.spans, (extent,), about, folder=self.hits.recording.folder)


# Pickles name it by where users find it, and so survive a move to another module.
OnsetClusters.__module__ = "audioclust"
