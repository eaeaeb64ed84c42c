"""The outline of a recording over time, coloured by spans. Needs the extra [plot]."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.decode import open_stream
from audioclust.plot import new_axes
from audioclust.prepare import to_mono
from audioclust.spans import SILENCE, SpanTable, name_of
from audioclust.text import on_one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from audioclust.items import Recording

STEPS = 2000
"""Points of an outline."""


def plot_spans(recording: Recording, table: SpanTable, k: int, ax: Axes | None) -> Axes:
    """Draw a recording's outline, each span in its label's colour, over time in seconds."""
    drawn: Axes = new_axes(ax)
    extent = table.recordings[0]
    low, high = outline(recording, extent.duration, extent.sr)
    edges = np.linspace(0, extent.duration, STEPS + 1)
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


def outline(
    recording: Recording, duration: float, sr: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give the smallest and the largest sample in each of :data:`STEPS` equal parts."""
    low = np.full(STEPS, np.inf, np.float32)
    high = np.full(STEPS, -np.inf, np.float32)
    total = max(1, round(duration * sr))
    stream = open_stream(recording)
    at = 0
    try:
        for block in stream.blocks:
            y = to_mono(block)
            steps = np.minimum((np.arange(at, at + len(y)) * STEPS) // total, STEPS - 1)
            firsts = np.flatnonzero(np.diff(steps, prepend=-1))
            np.minimum.at(low, steps[firsts], np.minimum.reduceat(y, firsts))
            np.maximum.at(high, steps[firsts], np.maximum.reduceat(y, firsts))
            at += len(y)
    finally:
        stream.close()
    return np.where(low > high, 0, low), np.where(low > high, 0, high)
