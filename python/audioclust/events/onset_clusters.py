"""What clustering the hits of a recording gives."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.reading import read, read_as_it_is
from audioclust.audio.spans import Extent, Span
from audioclust.audio.writing import write_sound
from audioclust.errors import ParameterError
from audioclust.export.tables import SpanTable
from audioclust.listening.clicks import ONE_PITCH, Sonification, pitches, with_clicks
from audioclust.results.span_exports import SpanExports
from audioclust.utils.arguments import check_int, check_path
from audioclust.utils.files import output_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from audioclust.audio.spans import Item
    from audioclust.events.hits import Hits
    from audioclust.results.clustering import Clustering
    from audioclust.utils.types import Path


@dataclass(frozen=True, eq=False)
class OnsetClusters(SpanExports):
    """The hits of one recording in classes.

    Classes are numbered by size, the largest being 0. ``len(result)`` is the number of classes,
    ``result[i]`` the hits of class `i`, and iteration goes over the classes.

    Attributes
    ----------
    hits : Hits
        The recording, its onsets and what was measured of each.
    clustering : Clustering
        The classes as :func:`audioclust.cluster` gives them, with scores and representatives.
    """

    hits: Hits
    clustering: Clustering

    @property
    def path(self) -> str:
        """The recording's path."""
        return self.hits.recording.path

    @property
    def labels(self) -> NDArray[np.int32]:
        """The class of each hit, of shape (n_hits,)."""
        return self.clustering.labels

    @property
    def spans(self) -> tuple[Span, ...]:
        """Each hit as (path, start, end, label), in seconds, in the order of time."""
        labelled = zip(self.items, self.labels.tolist(), strict=True)
        return tuple(Span(*item, label) for item, label in labelled)

    @property
    def items(self) -> tuple[Item, ...]:
        """Each hit as (path, start, end), in seconds, in the order of time."""
        return self.clustering.items

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
        """The centres of the classes in scaled units, of shape (k, n_columns)."""
        return self.clustering.centers

    @property
    def inertia(self) -> float | None:
        """Sum of the squared distances to the centres, in scaled units; see Clustering."""
        return self.clustering.inertia

    @property
    def k(self) -> int:
        """The number of classes."""
        return self.clustering.k

    def __len__(self) -> int:
        return self.k

    def __getitem__(self, label: int) -> tuple[Item, ...]:
        """Give the hits of a class, in the order of time."""
        return self.clustering[label]

    def __iter__(self) -> Iterator[tuple[Item, ...]]:
        return iter(self.clustering)

    def __repr__(self) -> str:
        sizes = ", ".join(str(len(members)) for members in self)
        return (
            f"<OnsetClusters: {len(self.labels)} hits in {self.k} classes of {sizes},"
            f" by {self.clustering.algorithm}>"
        )

    @property
    def pitches(self) -> tuple[float, ...]:
        """The pitch of each class's clicks, in Hz."""
        return pitches(self.k, self.sr)

    def sonify(self, label: int | str | None = None, path: Path | None = None) -> Sonification:
        """Put a click on the recording where each hit starts.

        Parameters
        ----------
        label : int, "all" or None, default=None
            None for all hits, each class at its pitch (see :attr:`pitches`); a class for its
            hits only; "all" for all hits at 1,000 Hz, whatever their class.
        path : str, os.PathLike or None
            Where to write it, as the suffix says: .wav, .flac or another that libsndfile
            writes, in 16 bits where the format has them.

        Returns
        -------
        Sonification
            As many samples as the recording has, at its own rate and with its channels. If it
            would clip with the clicks, everything is scaled down, and `gain` says by how much.
            A click is the sine of 0.1 s that mir_eval makes, where mir_eval puts it.

        Raises
        ------
        ParameterError
            For a class there is not, a path of a format that cannot be written, or the
            recording's own.
        """
        chosen, tones = self._clicks(label)
        if path is not None:
            output_path(path, inputs=self._inputs)
        y, sr = read_as_it_is(self.hits.recording)
        starts = (self.samples[chosen] * sr // self.sr).tolist()
        made = with_clicks(y, sr, zip(starts, tones, strict=True))
        if path is not None:
            write_sound(path, made.y.T, sr, inputs=self._inputs)
        return made

    @property
    def _inputs(self) -> list[str]:
        """The recording's path, if it is a file's: no sound may replace it."""
        return [self.path] if self.hits.recording.audio is None else []

    def _clicks(self, label: int | str | None) -> tuple[NDArray[np.int64], list[float]]:
        """Give which hits click, and the pitch of each."""
        if label == "all":
            return np.arange(len(self.labels)), [ONE_PITCH] * len(self.labels)
        chosen = self._chosen(label)
        return chosen, [self.pitches[i] for i in self.labels[chosen]]

    def _chosen(self, label: int | str | None) -> NDArray[np.int64]:
        """Give the hits of a class, or all."""
        if label is None:
            return np.arange(len(self.labels))
        try:
            own = check_int("label", label, 0, self.k - 1)
        except ParameterError as why:
            raise ParameterError(f"{why}, or None for all") from None
        return np.flatnonzero(self.labels == own)

    def write_hits(self, label: int | None, folder: Path) -> list[str]:
        """Cut hits out and write each to a file, for a sampler.

        Parameters
        ----------
        label : int or None
            The class; None for all.
        folder : str or os.PathLike
            Where to write them; made if it is not there.

        Returns
        -------
        paths : list of str
            ``class_number.wav`` such as ``0_001.wav``, numbered within each class in the order
            of time, in 24 bits, at the recording's own rate and with its channels.

        Raises
        ------
        ParameterError
            For a class there is not.
        """
        chosen = self._chosen(label)
        folder = os.path.expanduser(check_path("folder", folder))
        os.makedirs(folder, exist_ok=True)
        y, sr = read_as_it_is(self.hits.recording)
        digits = max(3, len(str(len(self.labels))))
        written: list[str] = []
        numbers = [0] * self.k
        for i in chosen.tolist():
            span, own = self.items[i], int(self.labels[i])
            numbers[own] += 1
            name = f"{own}_{numbers[own]:0{digits}}.wav"
            written.append(os.path.join(folder, name))
            cut = y[round(span.start * sr) : round(span.end * sr)]
            # A lossy recording may go beyond full scale.
            cut = cut / max(1.0, float(np.abs(cut).max(initial=0)))
            write_sound(written[-1], cut, sr, subtype="PCM_24", inputs=self._inputs)
        return written

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the scaled features of each hit, by class.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None
            Where to draw; None makes a figure.

        Returns
        -------
        matplotlib.axes.Axes
            Two columns against each other, one against time, more by their principal
            components. Classes differ in colour, lightness and marker.

        Raises
        ------
        MissingExtraError
            Without matplotlib: ``pip install 'audioclust[plot]'``.
        """
        from audioclust.plotting.scatter import scatter
        from audioclust.plotting.style import TIME

        rows, names = self.features_scaled, self.columns
        if len(names) == 1:
            rows = np.column_stack([self.times, rows])
            names = (TIME, *names)
        return scatter(rows, names, self.labels, self.k, ax=ax)

    def plot_waveform(self, ax: Axes | None = None, *, label: int | str | None = None) -> Axes:
        """Draw the recording with a line at each onset, by class.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None
            Where to draw; None makes a figure.
        label : int, "all" or None, default=None
            None for all onsets by class, a class for its own, "all" for all alike.

        Returns
        -------
        matplotlib.axes.Axes
            Time in seconds. Classes differ in colour, lightness, marker and line.

        Raises
        ------
        MissingExtraError
            Without matplotlib: ``pip install 'audioclust[plot]'``.
        """
        from audioclust.plotting.waveform import waveform

        chosen = self._chosen(None if label == "all" else label)
        classes = None if label == "all" else self.labels[chosen]
        y, sr, _ = read(self.hits.recording, self.sr)
        return waveform(y, sr, self.times[chosen], classes, self.k, ax=ax)

    def span_table(self) -> SpanTable:
        """Give the hits as the methods ``to_csv``, ``to_audacity`` and so on write them."""
        table = self.clustering.table
        about = {
            "features": dict(zip(self.columns, self.features.T.tolist(), strict=True)),
            "k": self.k,
            "inertia": self.inertia,
            "settings": {
                **dataclasses.asdict(table.settings),
                "algorithm": self.clustering.algorithm,
                "scaling": self.clustering.scaler.scaling,
                "random_state": self.clustering.random_state,
            },
            "version": table.version,
        }
        extent = Extent(self.path, self.hits.duration, self.hits.own_sr)
        return SpanTable(self.spans, (extent,), about)


def check_enough(k: int, n: int) -> None:
    """Raise a ParameterError unless there are at least `k` hits."""
    if k > n:
        raise ParameterError(
            f"k={k}: expected at most {n}, the number of onsets found; a smaller delta or wait"
            " finds more"
        )
