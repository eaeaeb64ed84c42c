"""Clusters are drawn as points, and the item nearest each centre is named."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D
from matplotlib.text import Text
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from support.pictures import assert_legend_is_beside, overlap, points
from support.sounds import tone

import audioclust as ac
from audioclust.plotting.scatter import clusters, in_plane


class Columns(NamedTuple):
    columns: tuple[str, ...]


class Scaling(NamedTuple):
    unit: str


STANDARD = Scaling("standard deviations")


@dataclass(frozen=True)
class Rows:
    """Labelled rows that no clustering has made."""

    scaled: NDArray[np.float64]
    table: Columns
    labels: NDArray[np.int32]
    k: int
    items: tuple[ac.Item, ...]
    distances: NDArray[np.float64]
    scaler: Scaling = STANDARD
    names: Mapping[int, str] = field(default_factory=dict)


def many(n: int, k: int, name: str = "sound_{:05d}.wav") -> Rows:
    """Rows in clusters that are beside each other and one another's size in part."""
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 2, (k, 8))
    labels = np.sort(np.append(np.arange(k), rng.integers(0, k, n - k))).astype(np.int32)
    away = rng.normal(size=(n, 8))
    items = tuple(ac.Item(f"folder/{name.format(i)}", 0, 1) for i in range(n))
    columns = Columns(tuple("abcdefgh"))
    distances = np.linalg.norm(away, axis=1)
    return Rows(centres[labels] + away, columns, labels, k, items, distances)


def assert_names_can_be_read(ax: Axes, least: int) -> None:
    """Check that names overlap neither each other nor the edges, and cover few points."""
    shown = [text for text in ax.texts if text.get_visible()]
    assert len(shown) >= least
    boxes = [Text.get_window_extent(text) for text in shown]
    inside = ax.get_window_extent()
    for box in boxes:
        assert inside.x0 <= box.x0 < box.x1 <= inside.x1
        assert inside.y0 <= box.y0 < box.y1 <= inside.y1
    assert not any(overlap(*pair) for pair in itertools.combinations(boxes, 2))
    drawn = ax.transData.transform(np.concatenate(points(ax)))
    for box in boxes:
        assert sum(map(bool, (box.contains(x, y) for x, y in drawn))) <= 1 + 0.01 * len(drawn)


@pytest.fixture(scope="module")
def result(library: list[str]) -> ac.Clustering:
    return ac.cluster(library, 6)


def test_clusters_are_drawn_by_their_principal_components(result: ac.Clustering) -> None:
    figure, ax = pyplot.subplots()
    assert result.plot(ax) is ax
    found = points(ax)
    expected = PCA(2).fit_transform(result.scaled)
    for label in range(6):
        # The sign of a component is arbitrary.
        members = expected[result.labels == label]
        np.testing.assert_allclose(np.abs(found[label]), np.abs(members), atol=1e-8)
    assert len(found[6]) == 6
    shares = PCA(2).fit(result.scaled).explained_variance_ratio_
    assert ax.get_xlabel() == f"PC 1 ({100 * shares[0]:.0f} % of variance)"
    assert ax.get_ylabel() == f"PC 2 ({100 * shares[1]:.0f} % of variance)"
    assert ax.get_title() == "60 items in 6 clusters"
    figure.canvas.draw()


def test_the_item_nearest_each_centre_is_named(result: ac.Clustering) -> None:
    ax = result.plot()
    names = [item.path.rsplit("/")[-1] for (item,) in result.representatives()]
    assert [text.get_text() for text in ax.texts] == names
    for text, ring in zip(ax.texts, points(ax)[6], strict=True):
        np.testing.assert_array_equal(text.xy, ring)  # type: ignore[attr-defined]


def test_whatever_has_rows_and_labels_can_be_drawn() -> None:
    points_ = np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 1.0], [9.0, 1.0]])
    rows = Rows(
        scaled=points_,
        table=Columns(("rms", "zero_crossings")),
        labels=np.array([0, 0, 2, 2], np.int32),
        k=3,
        items=tuple(ac.Item(f"folder/{name}", 0, 1) for name in "abcd"),
        distances=np.array([0.2, 0.1, 0.0, 3.0]),
    )
    ax = clusters(rows)
    assert [text.get_text() for text in ax.texts] == ["b", "c"]
    names = ("rms (standard deviations)", "zero_crossings (standard deviations)")
    assert (ax.get_xlabel(), ax.get_ylabel()) == names
    legend = ax.get_legend()
    assert legend is not None
    # Cluster 1 has no rows.
    assert [t.get_text() for t in legend.get_texts()] == ["0 (2)", "2 (2)"]


@pytest.mark.parametrize(
    ("n", "k", "least"),
    [(60, 2, 2), (60, 15, 12), (2000, 15, 10), (2000, 40, 10), (20000, 40, 5)],
)
def test_names_and_legend_of_many_clusters_can_be_read(n: int, k: int, least: int) -> None:
    ax = clusters(many(n, k))
    ax.figure.canvas.draw()
    assert_names_can_be_read(ax, least)
    assert_legend_is_beside(ax)


@pytest.mark.parametrize("layout", [None, "constrained"])
def test_many_clusters_can_be_read_in_two_axes_of_a_user(layout: Any) -> None:
    figure, pair = pyplot.subplots(1, 2, figsize=(11, 5), layout=layout)
    for ax, k in zip(pair, (15, 40), strict=True):
        assert clusters(many(200, k), ax) is ax
    figure.canvas.draw()
    for ax in pair:
        assert_names_can_be_read(ax, 3)
        assert_legend_is_beside(ax)
    assert figure.get_size_inches().tolist() == [11, 5]


def test_names_find_new_places_when_the_figure_changes() -> None:
    ax = clusters(many(60, 15))
    ax.figure.canvas.draw()
    ax.set_xlim(-30, 30)
    ax.figure.canvas.draw()
    assert_names_can_be_read(ax, 5)


def test_long_names_are_shortened_so_that_they_fit() -> None:
    ax = clusters(many(100, 8, "a very long name of a recording, made in the rain, {:05d}.wav"))
    ax.figure.canvas.draw()
    assert_names_can_be_read(ax, 4)
    assert all(len(text.get_text()) == 28 for text in ax.texts)


def test_names_in_other_scripts_use_any_installed_font_that_has_them(
    monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    from audioclust.plotting import point_names

    # This character is in a font that comes with matplotlib, but not in its usual one.
    rows = many(20, 2, "\u1d8a{:05d}.wav")
    monkeypatch.setattr(point_names, "_OTHER_SCRIPTS", ())
    clusters(rows).figure.canvas.draw()
    assert any("missing from font" in str(warning.message) for warning in recwarn)
    recwarn.clear()
    monkeypatch.setattr(point_names, "_OTHER_SCRIPTS", ("no such font", "STIXGeneral"))
    clusters(rows).figure.canvas.draw()
    assert not recwarn.list


def test_the_more_points_lie_on_one_another_the_fainter_they_are() -> None:
    few, large = faintness(many(60, 2))
    crowded, small = faintness(many(2000, 2))
    alike, _ = faintness(replace(many(60, 2), scaled=np.ones((60, 8))))
    assert few > 0.7 > crowded > alike >= 0.2
    assert large > 2 * small


def faintness(rows: Rows) -> tuple[float, float]:
    """How opaque the first cluster's markers are, from 0 to 1, and their area."""
    (markers, *_) = clusters(rows).collections
    assert isinstance(markers, PathCollection)
    alpha = markers.get_alpha()
    assert isinstance(alpha, float)
    return alpha, float(np.asarray(markers.get_sizes())[0])


def test_the_keys_of_a_legend_are_opaque_and_differ_in_shape() -> None:
    legend = clusters(many(2000, 15)).get_legend()
    assert legend is not None
    keys = [key for key in legend.legend_handles if isinstance(key, Line2D)]
    assert len(keys) == 15
    assert all(key.get_alpha() is None for key in keys)
    assert len({key.get_marker() for key in keys}) == 9


def test_equal_rows_have_no_variance_to_name() -> None:
    ax = clusters(replace(many(20, 2), scaled=np.ones((20, 8))))
    ax.figure.canvas.draw()
    assert ax.get_xlabel() == "PC 1 (0 % of variance)"


def test_a_figure_with_names_can_be_pickled() -> None:
    figure = clusters(many(60, 5)).figure
    again = pickle.loads(pickle.dumps(figure))
    again.canvas.draw()
    assert_names_can_be_read(again.axes[0], 4)


def test_names_are_no_formulas() -> None:
    sounds = {f"$\\frac{{{i}}}$\n": (tone(0.3, 200.0 * i), 22050) for i in range(1, 5)}
    ax = ac.cluster(sounds, 2, features=["rms", "spectral_centroid"]).plot()
    ax.figure.canvas.draw()
    assert all(text.get_text().endswith("$\\n") for text in ax.texts)


@pytest.mark.parametrize("algorithm", ["ward", "gmm", "affinity", "som"])
def test_the_clusters_of_every_algorithm_can_be_drawn(
    library: list[str], algorithm: str
) -> None:
    k = None if algorithm == "affinity" else 4
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
    assert column.get_ylabel() == "number of the item"


def test_a_single_row_has_a_place_in_the_plane() -> None:
    found, names = in_plane(np.ones((1, 3)), ("a", "b", "c"))
    np.testing.assert_array_equal(found, [[0, 0]])
    assert len(names) == 2
