"""The chromagram of a sound beside its histogram of notes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from audioclust.audio.reading import Sound, one_recording, read
from audioclust.audio.sources import Source
from audioclust.audio.spans import Item
from audioclust.extraction.analysis import Analysis, Feature
from audioclust.extraction.registry import registry
from audioclust.features.chroma import chroma_stft
from audioclust.features.row import extract
from audioclust.plotting.style import COLOURS, new_axes
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes


NOTES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")


def plot_pitch(
    item: Item | Source,
    *,
    analysis: Analysis | None = None,
    ax: Sequence[Axes] | None = None,
) -> tuple[Axes, Axes]:
    """Draw the chromagram of a sound beside its histogram of notes.

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
    chromagram, histogram : matplotlib.axes.Axes
        The energy of each pitch class over time, and the share of the frames in which it is
        the strongest, which is what ``features="pitch_histogram"`` gives.

    Raises
    ------
    NothingExtractedError
        If the sound cannot be decoded.
    MissingExtraError
        Without matplotlib: ``pip install 'audioclust[plot]'``.

    Examples
    --------
    >>> import audioclust as ac
    >>> chromagram, histogram = ac.plot_pitch("song.ogg")  # doctest: +SKIP
    >>> histogram.figure.savefig("song.png")  # doctest: +SKIP
    """
    own = next(info.analysis for info in registry() if info.name == "pitch_histogram")
    settings = analysis or own or Analysis()
    name, sound = _sound(item, settings)
    y, sr = sound.y, sound.sr
    chroma = chroma_stft(
        y=y,
        sr=sr,
        n_fft=settings.n_fft,
        hop_length=settings.hop_length,
        win_length=settings.win_length,
        window=settings.window,
        tuning=0.0,
    )
    shares = extract(y, sr=sr, features=Feature("pitch_histogram", settings))
    left, right = new_axes(ax, 2)
    extent = (0, chroma.shape[1] * settings.hop_length / sr, -0.5, 11.5)
    left.imshow(chroma, origin="lower", aspect="auto", cmap="cividis", extent=extent)
    left.set(
        title=on_one_line(os.path.basename(name)), xlabel="time in s", ylabel="pitch class"
    )
    left.set_yticks(range(12), NOTES)
    right.barh(range(12), shares, color=COLOURS[0])
    right.set(xlabel="share of frames in which it is the strongest", ylim=(-0.5, 11.5))
    right.set_yticks(range(12), NOTES)
    return left, right


def _sound(item: Item | Source, settings: Analysis) -> tuple[str, Sound]:
    """Give the name and the samples of what is to be drawn."""
    if not isinstance(item, Item):
        recording = one_recording(item)
        return recording.path, read(recording, settings.sr)
    recording = one_recording(item.path)
    part = {"offset": item.start, "duration": item.end - item.start}
    return recording.path, read(recording, settings.sr, **part)
