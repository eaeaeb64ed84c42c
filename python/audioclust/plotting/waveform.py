"""Waveforms over time, with onsets or with labelled spans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.envelope import Outline, outline
from audioclust.audio.preparation.mixing import to_mono
from audioclust.audio.spans import SILENCE, Span, name_of
from audioclust.plotting.legends import add_legend_beside
from audioclust.plotting.style import (
    AMPLITUDE,
    TIME,
    LabelStyle,
    axes_or_new,
    members_by_label,
    set_name_as_title,
    style_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from audioclust.audio.recording import Recording
    from audioclust.export.tables import SpanTable


_OPAQUE_LINES = 60
"""Number of onsets whose lines are opaque; those of more get fainter, to show the waveform."""


def waveform(
    y: NDArray[np.float32],
    sr: int,
    times: NDArray[np.float64] | Sequence[float] = (),
    labels: NDArray[np.integer] | None = None,
    k: int = 1,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw a waveform, with a line and a marker at each onset in the colour of its cluster.

    The markers of each cluster are in a lane of their own above the waveform.

    Parameters
    ----------
    y : ndarray of shape (n,), float32
        The samples.
    sr : int
        Their rate in Hz.
    times : ndarray of shape (n_onsets,), float64
        The onsets, in seconds.
    labels : ndarray of shape (n_onsets,), int, or None
        The cluster of each onset, from 0 to k - 1; None draws all onsets alike.
    k : int, default=1
        The number of clusters.
    ax : matplotlib.axes.Axes or None
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    drawn = axes_or_new(ax)
    low, high = outline([y], len(y))
    seconds = np.arange(len(low)) * len(y) / (len(low) * sr)
    drawn.fill_between(seconds, low, high, color="0.6", linewidth=0.3, step="mid")
    onsets = np.asarray(times, np.float64)
    peak = float(np.abs(y).max(initial=0)) or 1.0
    title = None if labels is None else "cluster (size)"
    if labels is None:
        groups = [(0, "onsets", onsets)] if len(onsets) else []
    else:
        groups = [
            (label, f"{label} ({len(members)})", onsets[members])
            for label, members in members_by_label(labels, k)
        ]
    height = _draw_lanes(drawn, groups, peak)
    if groups:
        keys = drawn.get_legend_handles_labels()
        add_legend_beside(drawn, *keys, title=title, widen=ax is None)
    drawn.set(xlabel=TIME, ylabel=AMPLITUDE, xlim=(0, max(len(y) / sr, 1 / sr)))
    drawn.set_ylim(-1.05 * peak, 1.05 * peak + height)
    _number_amplitudes(drawn, peak)
    return drawn


def _draw_lanes(
    ax: Axes, groups: Sequence[tuple[int, str, NDArray[np.float64]]], peak: float
) -> float:
    """Draw groups of onsets, given as (label, name, times), and give the height that they take.

    Each group has a lane above the waveform, in the order of the legend. All lanes together are
    at most about as high as the waveform.
    """
    if not groups:
        return 0.0
    lane = 2 * peak / max(20, len(groups))
    n_onsets = sum(len(times) for _, _, times in groups)
    opacity = min(1.0, _OPAQUE_LINES / max(1, n_onsets))
    for i, (label, name, times) in enumerate(groups):
        ends = (-peak, peak + (len(groups) - i) * lane)
        _draw_onsets(ax, times, ends, style_of(label), name, opacity)
    return (len(groups) + 1) * lane


def _draw_onsets(
    ax: Axes,
    times: NDArray[np.float64],
    ends: tuple[float, float],
    style: LabelStyle,
    name: str,
    opacity: float,
) -> None:
    """Draw a line between two heights at each time, with a marker at its upper end."""
    colour = style.colour
    ax.vlines(times, *ends, color=colour, linestyle=style.line, linewidth=1, alpha=opacity)
    ax.plot(
        times,
        np.full(len(times), ends[1]),
        linestyle="",
        color=style.colour,
        marker=style.marker,
        markersize=5,
        markeredgecolor="black",
        markeredgewidth=0.5,
        label=name,
    )


def _number_amplitudes(ax: Axes, peak: float) -> None:
    """Write numbers at the axis of amplitudes only as far as the waveform reaches."""
    ax.set_yticks([tick for tick in ax.get_yticks() if abs(tick) <= peak])


def plot_spans(recording: Recording, table: SpanTable, k: int, ax: Axes | None = None) -> Axes:
    """Draw the outline of a recording and a strip of its spans, in the colours of labels.

    Parameters
    ----------
    recording : Recording
        What to decode.
    table : SpanTable
        The spans of this recording only, and its extent.
    k : int
        The number of labels.
    ax : matplotlib.axes.Axes or None
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    DecodeError
        If the recording cannot be read any more.
    """
    drawn = axes_or_new(ax)
    from audioclust.plotting.span_strip import STRIP, draw_strip

    extent = table.recordings[0]
    with open_stream(recording) as stream:
        shape = outline(map(to_mono, stream.blocks), round(extent.duration * extent.sr))
    edges = np.linspace(0, extent.duration, len(shape.low) + 1)
    used = sorted({span.label for span in table.spans})
    for label in used:
        spans = [span for span in table.spans if span.label == label]
        _draw_spans(drawn, spans, edges, shape, style_of(label))
    draw_strip(drawn, table.spans, extent.duration)
    peak = float(max(shape.high.max(), -shape.low.min())) or 1.0
    # The waveform is above the strip, with some space around it.
    bottom = -peak * (1 + 3 * STRIP) / (1 - STRIP)
    drawn.set(xlim=(0, extent.duration), ylim=(bottom, 1.05 * peak))
    drawn.set(xlabel=TIME, ylabel=AMPLITUDE)
    _number_amplitudes(drawn, peak)
    set_name_as_title(drawn, extent.path)
    shown = [label for label in (*range(k), SILENCE) if label in used]
    _add_label_legend(drawn, shown, widen=ax is None)
    return drawn


def _draw_spans(
    ax: Axes,
    spans: Sequence[Span],
    edges: NDArray[np.float64],
    shape: Outline,
    style: LabelStyle,
) -> None:
    """Fill the parts of a waveform that are in spans; column i of it is from edges[i] on."""
    from matplotlib.collections import PolyCollection

    areas = [_area_of(span, edges, shape) for span in spans]
    ax.add_collection(
        PolyCollection(areas, facecolor=style.colour, edgecolor=style.edge, linewidth=0.5)
    )


def _area_of(span: Span, edges: NDArray[np.float64], shape: Outline) -> NDArray[np.float64]:
    """Give the corners of the part of a waveform that is in a span, of shape (n, 2)."""
    first = max(0, int(np.searchsorted(edges, span.start, "right")) - 1)
    last = max(first + 1, int(np.searchsorted(edges, span.end, "left")))
    # The first and the last column may go beyond the span, whose ends are drawn exactly.
    times = np.clip(np.append(edges[first:last], span.end), span.start, span.end)
    # Each column is level from its own edge to the next one.
    across = np.repeat(times, 2)[1:-1]
    low, high = (np.repeat(values[first:last], 2) for values in shape)
    return np.column_stack([np.append(across, across[::-1]), np.append(high, low[::-1])])


def _add_label_legend(ax: Axes, labels: Sequence[int], *, widen: bool) -> None:
    """Add a legend that names the area of each label."""
    from matplotlib.patches import Patch

    styles = [style_of(label) for label in labels]
    patches = [
        Patch(facecolor=s.colour, edgecolor=s.ink if s.hatch else s.edge, hatch=s.hatch)
        for s in styles
    ]
    names = [name_of(label) for label in labels]
    add_legend_beside(ax, patches, names, title="label", widen=widen)
