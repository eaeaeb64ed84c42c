"""Waveforms with onsets or labels."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.envelope import outline
from audioclust.audio.preparation import to_mono
from audioclust.audio.spans import SILENCE, name_of
from audioclust.export.tables import SpanTable
from audioclust.plotting.style import new_axes, styles
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from audioclust.audio.recording import Recording


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
    low, high = outline([y], len(y))
    seconds = np.arange(len(low)) * len(y) / (len(low) * sr)
    ax.fill_between(seconds, low, high, color="0.6", linewidth=0.3, step="mid")
    times = np.asarray(times, np.float64)
    classes = np.zeros(len(times), int) if labels is None else labels
    top = 1.05 * float(np.abs(y).max(initial=0)) or 1.0
    for label, members, colour, marker, line in styles(classes, k):
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


def plot_spans(recording: Recording, table: SpanTable, k: int, ax: Axes | None) -> Axes:
    """Draw a recording's outline, each span in its label's colour, over time in seconds."""
    drawn: Axes = new_axes(ax)
    extent = table.recordings[0]
    with open_stream(recording) as stream:
        low, high = outline(map(to_mono, stream.blocks), round(extent.duration * extent.sr))
    edges = np.linspace(0, extent.duration, len(low) + 1)
    shades = colours(k)
    named: set[int] = set()
    for span in table.spans:
        first = max(0, int(np.searchsorted(edges, span.start, "right")) - 1)
        last = max(first + 1, int(np.searchsorted(edges, span.end, "left")))
        shown = slice(first, last)
        x = np.clip(np.append(edges[shown], span.end), span.start, span.end)
        style = _silence() if span.label == SILENCE else {"color": shades[span.label]}
        label = None if span.label in named else name_of(span.label)
        named.add(span.label)
        tops, bottoms = (np.append(v[shown], v[last - 1]) for v in (high, low))
        drawn.fill_between(x, bottoms, tops, step="post", linewidth=0.5, label=label, **style)
    drawn.set(xlim=(0, extent.duration), xlabel="time (s)", ylabel="amplitude")
    drawn.set_title(on_one_line(os.path.basename(extent.path)))
    handles, labels = drawn.get_legend_handles_labels()
    order = sorted(range(len(labels)), key=lambda i: labels[i])
    drawn.legend([handles[i] for i in order], [labels[i] for i in order], title="label",
              loc="upper left", bbox_to_anchor=(1, 1))  # fmt: skip
    return drawn


def colours(k: int) -> list[tuple[float, ...]]:
    """Give colours that differ to colour-blind eyes and in grey: dark to light "cividis"."""
    import matplotlib as mpl

    shades = mpl.colormaps["cividis"]
    return [tuple(shades(at)) for at in np.linspace(0, 0.9, k)]


def _silence() -> dict[str, Any]:
    return {"facecolor": "white", "edgecolor": "0.5", "hatch": "////"}
