"""Onsets and spans are drawn where they are, in the colours of their labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from support.sounds import tone

from audioclust.audio.recording import Recording
from audioclust.audio.spans import Extent, Span
from audioclust.export.tables import SpanTable
from audioclust.plotting.style import COLOURS, UNASSIGNED, style_of
from audioclust.plotting.waveform import plot_spans, waveform


def legend_of(ax: Axes) -> list[str]:
    legend = ax.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def spans_of(labels: list[int], name: str = "y") -> tuple[Recording, SpanTable]:
    """A tone in which each second has the next of some labels."""
    spans = [Span(name, i, i + 1, label) for i, label in enumerate(labels)]
    extent = Extent(name, float(len(labels)), 8000)
    return Recording(name, (tone(len(labels), 200, 8000), 8000)), SpanTable(spans, (extent,))


def test_onsets_are_drawn_by_cluster() -> None:
    times = np.array([0.1, 0.2, 0.7])
    ax = waveform(tone(1, 200, 8000), 8000, times, np.array([1, 0, 1]), 2)
    for label, line in enumerate(ax.lines):
        np.testing.assert_array_equal(np.asarray(line.get_xdata()), times[[[1], [0, 2]][label]])
        assert (line.get_color(), line.get_marker()) == (COLOURS[label], "os"[label])
    assert legend_of(ax) == ["cluster 0 (1)", "cluster 1 (2)"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (s)", "amplitude")


def test_onsets_without_labels_are_alike() -> None:
    ax = waveform(tone(1, 200, 8000), 8000, [0.1, 0.2])
    assert legend_of(ax) == ["onsets"]
    assert legend_of(waveform(tone(1, 200, 8000), 8000)) == []


def test_the_legend_hides_no_onset() -> None:
    ax = waveform(tone(1, 200, 8000), 8000, [0.1, 0.99])
    ax.figure.canvas.draw()
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_window_extent().x0 >= ax.get_window_extent().x1


def test_each_span_is_drawn_in_the_colour_of_its_label() -> None:
    recording, table = spans_of([1, 0, -1])
    ax = plot_spans(recording, table, 2)
    assert len(ax.collections) == 3
    expected = [COLOURS[1], COLOURS[0], UNASSIGNED.colour]
    for i, (area, colour) in enumerate(zip(ax.collections, expected, strict=True)):
        assert isinstance(area, PolyCollection)
        assert tuple(np.asarray(area.get_facecolor())[0]) == to_rgba(colour)
        limits = area.get_datalim(ax.transData)
        assert (limits.x0, limits.x1) == pytest.approx((i, i + 1))
    assert ax.collections[2].get_hatch() == UNASSIGNED.hatch
    assert legend_of(ax) == ["0", "1", "silence"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (s)", "amplitude")
    assert ax.get_xlim() == (0, 3)


def test_the_fifth_label_and_those_after_it_have_a_pattern() -> None:
    recording, table = spans_of([3, 4])
    ax = plot_spans(recording, table, 5)
    assert [area.get_hatch() for area in ax.collections] == [None, None, style_of(4).hatch]


def test_labels_are_in_the_order_of_their_numbers() -> None:
    recording, table = spans_of([10, -1, 9, 2])
    assert legend_of(plot_spans(recording, table, 11)) == ["2", "9", "10", "silence"]


def test_the_name_of_a_recording_is_no_formula(tmp_path: Path) -> None:
    name = "$\\frac{1}$\n"
    ax = plot_spans(*spans_of([0, 1], name), 2)
    ax.figure.canvas.draw()
    assert ax.get_title() == "$\\frac{1}$\\n"
