"""The chromagram of a sound beside its histogram of pitch classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audioclust.audio.reading import Sound, one_recording, read
from audioclust.audio.sources import Source
from audioclust.audio.spans import Item
from audioclust.extraction.analysis import Analysis, Feature
from audioclust.extraction.registry import registry
from audioclust.features.chroma import chroma_stft
from audioclust.features.row import extract
from audioclust.plotting.style import TIME, set_name_as_title, two_axes_or_new
from audioclust.utils.palette import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


_MAX_COLUMNS = 2000
"""Columns of a chromagram that are drawn: more than a screen shows."""


NOTES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")


class PitchAxes(NamedTuple):
    """The two panels of :func:`audioclust.plot_pitch`.

    Attributes
    ----------
    chromagram : matplotlib.axes.Axes
        The energy of each pitch class over time.
    histogram : matplotlib.axes.Axes
        The share of the frames in which each pitch class is the strongest.
    """

    chromagram: Axes
    histogram: Axes


PitchAxes.__module__ = "audioclust"


def plot_pitch(
    item: Item | Source,
    *,
    analysis: Analysis | None = None,
    ax: Sequence[Axes] | None = None,
) -> PitchAxes:
    """Draw the chromagram of a sound beside its histogram of pitch classes.

    Parameters
    ----------
    item : Item, path, or mapping of one name to (y, sr)
        The sound; of an item, the part from its start to its end. It is read into memory as a
        whole.
    analysis : Analysis or None
        What both are computed with; None is the analysis of ``"pitch_histogram"``.
    ax : pair of matplotlib.axes.Axes, or None
        Where to draw; None makes a figure.

    Returns
    -------
    PitchAxes
        (chromagram, histogram): the energy of each pitch class over time, and the share of the
        frames in which it is the strongest, which is what ``features="pitch_histogram"`` gives.

    Raises
    ------
    NothingExtractedError
        If the sound cannot be decoded.
    MissingExtraError
        If matplotlib is not installed: ``pip install 'audioclust[plot]'``.
    ParameterError
        If `ax` is not a pair, or `item` stands for more than one recording.

    Examples
    --------
    >>> import audioclust as ac
    >>> panels = ac.plot_pitch("song.ogg")  # doctest: +SKIP
    >>> panels.histogram.figure.savefig("song.png")  # doctest: +SKIP
    """
    own = next(info.analysis for info in registry() if info.name == "pitch_histogram")
    settings = analysis or own or Analysis()
    name, sound = _sound(item, settings)
    sr = sound.sr
    chroma = chroma_stft(
        y=sound.y,
        sr=sr,
        n_fft=settings.n_fft,
        hop_length=settings.hop_length,
        win_length=settings.win_length,
        window=settings.window,
        tuning=0.0,
    )
    shares = extract(sound.y, sr=sr, features=Feature("pitch_histogram", settings))
    panels = PitchAxes(*two_axes_or_new(ax))
    _draw_chromagram(panels.chromagram, chroma, chroma.shape[1] * settings.hop_length / sr)
    set_name_as_title(panels.chromagram, name)
    _draw_histogram(panels.histogram, shares)
    return panels


def _draw_chromagram(ax: Axes, chroma: NDArray[np.floating], seconds: float) -> None:
    """Draw the energy of each pitch class, of shape (12, n_frames), over time."""
    extent = (0.0, seconds, -0.5, 11.5)
    # Each pitch class keeps its own row, which smoothing would mix with those beside it. Of
    # more frames than a screen has columns, means are drawn instead.
    image = ax.imshow(
        _at_most(chroma, _MAX_COLUMNS),
        origin="lower",
        aspect="auto",
        cmap="cividis",
        extent=extent,
        interpolation="nearest",
    )
    ax.figure.colorbar(image, ax=ax, label="energy, the strongest being 1")
    ax.set(xlabel=TIME, ylabel="pitch class")
    ax.set_yticks(range(12), NOTES)


def _at_most(chroma: NDArray[np.floating], n_columns: int) -> NDArray[np.floating]:
    """Give the mean of every few columns, so that there are not too many."""
    n_frames = chroma.shape[1]
    if n_frames <= n_columns:
        return chroma
    starts = np.arange(n_columns) * n_frames // n_columns
    lengths = np.diff(np.append(starts, n_frames))
    return np.asarray(np.add.reduceat(chroma, starts, axis=1) / lengths)


def _draw_histogram(ax: Axes, shares: NDArray[np.floating]) -> None:
    """Draw the share of each of the twelve pitch classes."""
    ax.barh(range(12), shares, color=COLOURS[0])
    ax.set(xlabel="share of frames in which it is strongest", ylabel="pitch class")
    ax.set_ylim(-0.5, 11.5)
    ax.set_yticks(range(12), NOTES)


def _sound(item: Item | Source, settings: Analysis) -> tuple[str, Sound]:
    """Give the name and the samples of what is to be drawn."""
    if not isinstance(item, Item):
        recording = one_recording(item)
        return recording.path, read(recording, settings.sr)
    return item.path, read(item, settings.sr)
