"""Pictures, by matplotlib, which is imported only to draw.

Classes differ in colour (M. Okabe & K. Ito's, which colour-blind eyes tell apart), in lightness
and in marker, so that a picture can be read in grey.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.analysis import Analysis, Feature
from audioclust.catalogue import registry
from audioclust.errors import MissingExtraError, ParameterError
from audioclust.features.chroma import chroma_stft
from audioclust.features.row import extract
from audioclust.hits import Sound, one_recording, read
from audioclust.items import Item, Source
from audioclust.text import on_one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

# Neighbours differ most in lightness: 46, 71, 0, 90, 55, 70, 58, 63 of 100.
COLOURS = (
    "#0072B2",
    "#E69F00",
    "#000000",
    "#F0E442",
    "#D55E00",
    "#56B4E9",
    "#009E73",
    "#CC79A7",
)
MARKERS = "os^DvPX*<"
LINES = ("-", "--", ":", "-.")
NOTES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")

_COLUMNS = 2000
"""Columns of a waveform's overview."""


def new_axes(ax: Any, n: int = 1) -> Any:
    """Give the axes to draw on, a figure's of `n` panels if none are given."""
    if ax is not None:
        if n > 1 and np.shape(ax) != (n,):
            raise ParameterError(f"ax={ax!r:.80}: expected {n} axes, one for each panel")
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as why:
        hint = "drawing needs matplotlib: pip install 'audioclust[plot]'"
        raise MissingExtraError(hint) from why
    return pyplot.subplots(1, n, layout="constrained", figsize=(6.4 * n, 4.8))[1]


def _styles(labels: NDArray[Any], k: int) -> Iterator[tuple[int, NDArray[Any], str, str, str]]:
    """Give each class with its members, its colour, its marker and its kind of line."""
    for label in range(k):
        members = np.flatnonzero(labels == label)
        if not len(members):
            continue
        # Nine markers and eight colours: 72 classes before one looks like another.
        styles = (COLOURS[label % 8], MARKERS[label % 9], LINES[label % 4])
        yield label, members, *styles


def principal(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the first two principal components of rows, of shape (n, 2)."""
    centred = rows - rows.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    found = centred @ axes[:2].T
    return np.pad(found, ((0, 0), (0, 2 - found.shape[1])))


def scatter(
    rows: NDArray[np.float64],
    names: Sequence[str],
    labels: NDArray[Any],
    k: int,
    *,
    ax: Axes | None = None,
    noun: str = "cluster",
) -> Axes:
    """Draw rows by class: two columns against each other, more by principal components."""
    ax = new_axes(ax)
    if len(names) > 2:
        rows, names = principal(rows), ("first principal component", "second")
    for label, members, colour, marker, _ in _styles(labels, k):
        ax.scatter(
            *rows[members].T,
            color=colour,
            marker=marker,
            edgecolors="black",
            linewidths=0.5,
            label=f"{noun} {label} ({len(members)})",
        )
    ax.set(xlabel=names[0], ylabel=names[1])
    ax.legend()
    return ax


def waveform(
    y: NDArray[np.float32],
    sr: int,
    times: NDArray[np.float64] | Sequence[float] = (),
    labels: NDArray[Any] | None = None,
    k: int = 1,
    *,
    ax: Axes | None = None,
    noun: str = "class",
) -> Axes:
    """Draw a recording, with a line at each of some times, by class."""
    ax = new_axes(ax)
    seconds, low, high = _overview(y, sr)
    ax.fill_between(seconds, low, high, color="0.6", linewidth=0.3, step="mid")
    times = np.asarray(times, np.float64)
    classes = np.zeros(len(times), int) if labels is None else labels
    top = 1.05 * float(np.abs(y).max(initial=0)) or 1.0
    for label, members, colour, marker, line in _styles(classes, k):
        name = f"{noun} {label} ({len(members)})" if labels is not None else "onsets"
        at = times[members]
        ax.vlines(at, -top, top, color=colour, linestyle=line, linewidth=1)
        ax.plot(
            at,
            np.full(len(at), top),
            linestyle="",
            color=colour,
            marker=marker,
            markeredgecolor="black",
            markeredgewidth=0.5,
            label=name,
        )
    if len(times):
        ax.legend(loc="lower right")
    ax.set(xlabel="time in s", ylabel="amplitude", xlim=(0, max(len(y) / sr, 1 / sr)))
    return ax


def _overview(
    y: NDArray[np.float32], sr: int
) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float32]]:
    """Give times, and the least and the largest sample around each."""
    starts = np.arange(0, len(y), max(1, -(-len(y) // _COLUMNS)))
    low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    return starts / sr, low, high


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
