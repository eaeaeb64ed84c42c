"""Clusters are drawn as points, and the item nearest each centre is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest
from matplotlib import pyplot
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from support.pictures import points
from support.sounds import tone

import audioclust as ac
from audioclust.plotting.scatter import clusters, in_plane, scatter


class Columns(NamedTuple):
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """Labelled rows that no clustering has made."""

    scaled: NDArray[np.float64]
    table: Columns
    labels: NDArray[np.int32]
    k: int
    items: tuple[ac.Item, ...]
    distances: NDArray[np.float64]


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
    rings = np.concatenate(found[6:])
    assert len(rings) == 6
    assert ax.get_xlabel() == "first principal component"
    figure.canvas.draw()


def test_the_item_nearest_each_centre_is_named(result: ac.Clustering) -> None:
    ax = result.plot()
    names = [item.path.rsplit("/")[-1] for (item,) in result.representatives()]
    assert [text.get_text() for text in ax.texts] == names
    for text, ring in zip(ax.texts, points(ax)[6:], strict=True):
        np.testing.assert_array_equal(text.xy, ring[0])  # type: ignore[attr-defined]


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
    # Names go towards the middle.
    assert [text.get_horizontalalignment() for text in ax.texts] == ["left", "right"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("rms", "zero_crossings")
    legend = ax.get_legend()
    assert legend is not None
    # Cluster 1 has no rows.
    assert [t.get_text() for t in legend.get_texts()] == ["cluster 0 (2)", "cluster 2 (2)"]


def test_the_legend_of_many_clusters_hides_no_points() -> None:
    rng = np.random.default_rng(0)
    ax = scatter(rng.normal(size=(150, 2)), ("a", "b"), np.arange(150) % 15, 15)
    ax.figure.canvas.draw()
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_window_extent().x0 >= ax.get_window_extent().x1


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
