"""The scores of each number of clusters are drawn, beside those of rows without clusters."""

from __future__ import annotations

import dataclasses

import numpy as np
from matplotlib import pyplot
from support.pictures import assert_legend_is_beside, blobs, lines

import audioclust as ac
from audioclust.plotting.k_selection import KSelectionAxes

MEAN = "without clusters: mean"
BAND = "without clusters: up to 95th percentile"


def test_the_elbow_stands_beside_the_silhouettes() -> None:
    found = ac.choose_k(blobs(3), random_state=0)
    figure, pair = pyplot.subplots(1, 2)
    left, right = panels = found.plot(pair)
    assert isinstance(panels, KSelectionAxes)
    assert (left, right) == (panels.elbow, panels.silhouette) == tuple(pair)
    curve, knee = left.lines
    np.testing.assert_array_equal(curve.get_xydata(), np.column_stack([found.k, found.inertia]))
    assert knee.get_label() == f"knee: k={found.knee}"
    drawn = lines(right)
    np.testing.assert_array_equal(drawn["silhouette"].get_ydata(), found.silhouette)
    np.testing.assert_array_equal(drawn[MEAN].get_ydata(), found.null_mean)
    assert np.asarray(drawn["plausible"].get_xdata()).tolist() == sorted(found.plausible)
    assert np.asarray(drawn["best: k=3"].get_xdata()).tolist() == [3]
    assert right.collections[0].get_label() == BAND
    band = right.collections[0].get_datalim(right.transData)
    nulls = np.concatenate([found.null_mean, found.null_high])
    np.testing.assert_allclose([band.ymin, band.ymax], [nulls.min(), nulls.max()])
    assert left.get_xlabel() == right.get_xlabel() == "number of clusters k"
    figure.canvas.draw()


def test_without_structure_no_k_is_the_best() -> None:
    rows = np.random.default_rng(0).normal(size=(60, 3))
    found = ac.choose_k(rows, random_state=0)
    assert found.best_k == 1
    _, right = found.plot()
    assert right.get_title() == "silhouette: no clear structure"
    assert not [name for name in lines(right) if name.startswith("best")]
    assert len(np.asarray(lines(right)["not plausible"].get_xdata())) == len(found.k)


def test_if_there_are_too_few_rows_the_reason_is_drawn() -> None:
    found = ac.choose_k(np.zeros((2, 2)), random_state=0)
    left, right = found.plot()
    assert right.get_title() == found.reason
    # There is nothing to measure, so that no numbers stand at the axes.
    assert not [*left.get_xticks(), *left.get_yticks(), *right.get_xticks()]
    left.figure.canvas.draw()


def test_what_nulls_are_compared_with_is_drawn_if_it_is_something_else() -> None:
    found = ac.choose_k(blobs(2), random_state=0)
    name = "silhouette of as many rows as without clusters"
    assert name not in lines(found.plot()[1])
    other = dataclasses.replace(found, compared=found.compared - 0.1)
    drawn = lines(other.plot()[1])[name]
    np.testing.assert_array_equal(drawn.get_ydata(), other.compared)


def test_the_legend_hides_no_scores() -> None:
    panels = ac.choose_k(blobs(3), random_state=0).plot()
    panels.silhouette.figure.canvas.draw()
    assert_legend_is_beside(panels.silhouette)
    knee = panels.elbow.get_legend()
    assert knee is not None
    box = knee.get_window_extent()
    at = panels.elbow.transData.transform(panels.elbow.lines[0].get_xydata())
    assert not any(box.contains(x, y) for x, y in at)
