"""Pictures of clusters, of what speaks for k, and of maps show what is there."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from sklearn.decomposition import PCA
from support.sounds import tone

import audioclust as ac
from audioclust.plotting.map_grid import unit_centres

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    from matplotlib import pyplot

    pyplot.close("all")


@pytest.fixture(scope="module")
def result(library: list[str]) -> ac.Clustering:
    return ac.cluster(library, 6)


def blobs(k: int, n: int = 30, d: int = 4) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(1)
    return np.concatenate([rng.normal(8 * i, 1, (n, d)) * (-1) ** i for i in range(k)])


def points(ax: Any) -> list[np.ndarray[Any, Any]]:
    return [np.asarray(c.get_offsets()) for c in ax.collections]


def lines(ax: Any) -> dict[str, Any]:
    return {str(line.get_label()): line for line in ax.lines}


# Clusters


def test_clusters_are_drawn_by_their_principal_components(result: ac.Clustering) -> None:
    from matplotlib import pyplot

    figure, ax = pyplot.subplots()
    assert result.plot(ax) is ax
    found = points(ax)
    expected = PCA(2).fit_transform(result.scaled)
    for label in range(6):
        # The sign of a component is arbitrary.
        members = expected[result.labels == label]
        np.testing.assert_allclose(np.abs(found[label]), np.abs(members), atol=1e-8)
    rings = np.concatenate(found[6:])
    assert len(rings) == 6
    figure.canvas.draw()


def test_the_item_nearest_each_centre_is_named(result: ac.Clustering) -> None:
    ax = result.plot()
    names = [item.path.rsplit("/")[-1] for (item,) in result.representatives()]
    assert [text.get_text() for text in ax.texts] == names
    for text, ring in zip(ax.texts, points(ax)[6:], strict=True):
        np.testing.assert_array_equal(text.xy, ring[0])  # type: ignore[attr-defined]


def test_names_are_no_formulas() -> None:
    sounds = {f"$\\frac{{{i}}}$\n": (tone(0.3, 200.0 * i), 22050) for i in range(1, 5)}
    ax = ac.cluster(sounds, 2, features=["rms", "spectral_centroid"]).plot()
    ax.figure.canvas.draw()
    assert all(text.get_text().endswith("$\\n") for text in ax.texts)


@pytest.mark.parametrize("algorithm", ["ward", "gmm", "affinity", "som"])
def test_every_algorithms_clusters_can_be_drawn(library: list[str], algorithm: Any) -> None:
    k: Any = "auto" if algorithm == "affinity" else 4
    result = ac.cluster(library, k, algorithm=algorithm)
    ax = result.plot()
    drawn = [len(each) for each in points(ax)]
    filled = len({*result.labels.tolist()})
    assert sum(drawn[:filled]) == len(library)
    assert len(ax.texts) == filled


def test_one_cluster_and_one_column_can_be_drawn() -> None:
    sounds = {f"{i}": (tone(0.3, 200.0 * i), 22050) for i in range(1, 4)}
    one = ac.cluster(sounds, 1).plot()
    assert len(points(one)[0]) == 3
    column = ac.cluster(sounds, 2, features="rms").plot()
    assert sum(map(len, points(column)[:2])) == 3


# The number of clusters


def test_the_elbow_stands_beside_the_silhouettes() -> None:
    from matplotlib import pyplot

    found = ac.choose_k(blobs(3), random_state=0)
    figure, pair = pyplot.subplots(1, 2)
    left, right = found.plot(pair)
    assert (left, right) == tuple(pair)
    curve, knee = left.lines
    np.testing.assert_array_equal(curve.get_xydata(), np.column_stack([found.k, found.inertia]))
    assert knee.get_label() == f"knee: k={found.knee}"
    drawn = lines(right)
    np.testing.assert_array_equal(drawn["silhouette"].get_ydata(), found.silhouette)
    nulls = drawn["without clusters: mean to 95th percentile"]
    np.testing.assert_array_equal(nulls.get_ydata(), found.null_mean)
    assert drawn["plausible"].get_xdata().tolist() == list(found.plausible)
    assert drawn["best: k=3"].get_xdata().tolist() == [3]
    band = right.collections[0].get_datalim(right.transData)
    np.testing.assert_allclose([band.ymin, band.ymax], [min(found.null_mean.min(),
        found.null_high.min()), max(found.null_high.max(), found.null_mean.max())])  # fmt: skip
    figure.canvas.draw()


def test_without_structure_no_k_is_the_best() -> None:
    rows = np.random.default_rng(0).normal(size=(60, 3))
    found = ac.choose_k(rows, random_state=0)
    assert found.best_k == 1
    _, right = found.plot()
    assert right.get_title() == "silhouette: no clear structure"
    assert not [name for name in lines(right) if name.startswith("best")]
    assert len(lines(right)["not plausible"].get_xdata()) == len(found.k)


def test_of_too_few_rows_the_reason_is_drawn() -> None:
    found = ac.choose_k(np.zeros((2, 2)), random_state=0)
    left, right = found.plot()
    assert right.get_title() == found.reason
    left.figure.canvas.draw()


def test_what_nulls_are_compared_with_is_drawn_if_it_is_something_else() -> None:
    found = ac.choose_k(blobs(2), random_state=0)
    name = "of as many rows as the nulls have"
    assert name not in lines(found.plot()[1])
    other = dataclasses.replace(found, compared=found.compared - 0.1)
    drawn = lines(other.plot()[1])[name]
    np.testing.assert_array_equal(drawn.get_ydata(), other.compared)


def test_two_panels_need_two_axes() -> None:
    from matplotlib import pyplot

    with pytest.raises(ac.ParameterError, match="expected 2 axes, one for each panel"):
        ac.choose_k(blobs(2), random_state=0).plot(pyplot.subplots()[1])


# Maps


@pytest.mark.parametrize(("topology", "corners"), [("rectangular", 4), ("hexagonal", 6)])
def test_a_map_is_drawn_as_its_umatrix_with_hits(topology: Any, corners: int) -> None:
    from matplotlib import pyplot

    som = ac.SOM((4, 5), topology=topology, random_state=0).fit(blobs(3))
    figure, ax = pyplot.subplots()
    assert som.plot(ax) is ax
    cells: Any
    circles: Any
    cells, circles = ax.collections
    np.testing.assert_array_equal(cells.get_array(), som.umatrix_.ravel())
    # The first corner is repeated to close the outline.
    assert {len(np.unique(p.vertices.round(9), axis=0)) for p in cells.get_paths()} == {corners}
    middles = np.array([p.vertices[:corners].mean(axis=0) for p in cells.get_paths()])
    np.testing.assert_allclose(
        middles, unit_centres((4, 5), topology == "hexagonal"), atol=1e-9
    )
    hits = som.hit_map().ravel()
    at = np.array([p.get_extents().get_points().mean(axis=0) for p in circles.get_paths()])
    np.testing.assert_allclose(at, middles[hits > 0], atol=1e-9)
    areas = np.array([p.get_extents().width for p in circles.get_paths()]) ** 2
    np.testing.assert_allclose(areas / areas.max(), hits[hits > 0] / hits.max())
    assert ax.yaxis_inverted()
    figure.canvas.draw()


def test_hexagons_meet_their_six_neighbours() -> None:
    from scipy.spatial.distance import cdist

    middles = unit_centres((5, 5), hexagonal=True)
    apart = np.sort(cdist(middles, middles)[12])
    np.testing.assert_allclose(apart[1:7], 1)
    assert apart[7] > 1.7
    areas = 5 * np.sqrt(3) / 2 * 5
    som = ac.SOM((5, 5), topology="hexagonal", random_state=0).fit(blobs(2))
    cells: Any = som.plot().collections[0]
    corners = np.stack([p.vertices[:6] for p in cells.get_paths()])
    x, y = corners[..., 0], corners[..., 1]
    twice = x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)
    assert np.abs(twice.sum(axis=1) / 2).sum() == pytest.approx(areas)


@pytest.mark.parametrize("topology", ["rectangular", "hexagonal"])
def test_units_are_drawn_beside_the_neighbours_that_they_have(topology: Any) -> None:
    from scipy.spatial.distance import cdist

    som = ac.SOM((5, 4), topology=topology, random_state=0).fit(blobs(3))
    middles = unit_centres((5, 4), topology == "hexagonal")
    apart = cdist(middles, middles)
    # Of squares those that share a corner are neighbours, too.
    reach = 1.01 if topology == "hexagonal" else 1.42
    beside = (apart > 0) & (apart < reach)
    units = som.codebook_.reshape(20, -1)
    expected = (cdist(units, units) * beside).sum(axis=1) / beside.sum(axis=1)
    np.testing.assert_allclose(som.umatrix_.ravel(), expected)


def test_an_untrained_map_is_not_drawn() -> None:
    from sklearn.exceptions import NotFittedError

    with pytest.raises(NotFittedError):
        ac.SOM((2, 2)).plot()


# Without matplotlib


def test_without_matplotlib_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, result: ac.Clustering
) -> None:
    rows = blobs(2)
    drawn = (result, ac.choose_k(rows), ac.SOM((2, 2)).fit(rows))
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for each in drawn:
        with pytest.raises(ac.MissingExtraError, match=r"audioclust\[plot\]") as caught:
            each.plot()
        assert isinstance(caught.value, ac.AudioclustError)
        assert isinstance(caught.value, ImportError)
