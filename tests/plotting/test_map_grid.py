"""A map is drawn as cells, each beside those of the units that are its neighbours."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.collections import PatchCollection, PolyCollection
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from support.pictures import blobs

import audioclust as ac
from audioclust.clustering.maps.trained_map import Topology
from audioclust.plotting.map_grid import grid_map, unit_centres


class Grid(NamedTuple):
    """A map that was never trained."""

    hits: NDArray[np.float64]
    umatrix: NDArray[np.float64]
    topology: str


def vertices(collection: PolyCollection | PatchCollection, n: int) -> NDArray[np.float64]:
    """The first `n` corners of each cell, of shape (n_cells, n, 2)."""
    return np.stack([np.asarray(path.vertices)[:n] for path in collection.get_paths()])


@pytest.mark.parametrize(("topology", "corners"), [("rectangular", 4), ("hexagonal", 6)])
def test_a_map_is_drawn_as_its_umatrix_with_hits(topology: Topology, corners: int) -> None:
    som = ac.SOM((4, 5), topology=topology, random_state=0).fit(blobs(3))
    figure, ax = pyplot.subplots()
    assert som.plot(ax) is ax
    cells, circles = ax.collections
    assert isinstance(cells, PolyCollection)
    assert isinstance(circles, PatchCollection)
    np.testing.assert_array_equal(np.asarray(cells.get_array()), som.umatrix_.ravel())
    # The first corner is repeated to close the outline.
    outlines = [np.asarray(path.vertices).round(9) for path in cells.get_paths()]
    assert {len(np.unique(outline, axis=0)) for outline in outlines} == {corners}
    middles = vertices(cells, corners).mean(axis=1)
    np.testing.assert_allclose(
        middles, unit_centres((4, 5), hexagonal=topology == "hexagonal"), atol=1e-9
    )
    hits = som.hit_map().ravel()
    extents = [path.get_extents() for path in circles.get_paths()]
    at = np.array([extent.get_points().mean(axis=0) for extent in extents])
    np.testing.assert_allclose(at, middles[hits > 0], atol=1e-9)
    areas = np.array([extent.width for extent in extents]) ** 2
    np.testing.assert_allclose(areas / areas.max(), hits[hits > 0] / hits.max())
    assert ax.yaxis_inverted()
    figure.canvas.draw()


@pytest.mark.parametrize("topology", ["rectangular", "hexagonal"])
def test_whatever_has_hits_and_distances_can_be_drawn(topology: str) -> None:
    ax = grid_map(Grid(np.eye(30, 2), np.ones((30, 2)), topology))
    ax.figure.canvas.draw()
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0", "1"]
    numbered = [text.get_text() for text in ax.get_yticklabels()]
    assert numbered == [str(row) for row in range(0, 30, 3)]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("column", "row")
    assert ax.get_title() == "U-matrix; circles: hits, at most 1"


def test_hexagons_meet_their_six_neighbours() -> None:
    middles = unit_centres((5, 5), hexagonal=True)
    apart = np.sort(cdist(middles, middles)[12])
    np.testing.assert_allclose(apart[1:7], 1)
    assert apart[7] > 1.7
    areas = 5 * np.sqrt(3) / 2 * 5
    som = ac.SOM((5, 5), topology="hexagonal", random_state=0).fit(blobs(2))
    cells = som.plot().collections[0]
    assert isinstance(cells, PolyCollection)
    x, y = np.moveaxis(vertices(cells, 6), -1, 0)
    twice = x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)
    assert np.abs(twice.sum(axis=1) / 2).sum() == pytest.approx(areas)


@pytest.mark.parametrize("topology", ["rectangular", "hexagonal"])
def test_units_are_drawn_beside_the_neighbours_that_they_have(topology: Topology) -> None:
    som = ac.SOM((5, 4), topology=topology, random_state=0).fit(blobs(3))
    middles = unit_centres((5, 4), hexagonal=topology == "hexagonal")
    apart = cdist(middles, middles)
    # Squares that share a corner are neighbours, too.
    reach = 1.01 if topology == "hexagonal" else 1.42
    beside = (apart > 0) & (apart < reach)
    units = som.codebook_.reshape(20, -1)
    expected = (cdist(units, units) * beside).sum(axis=1) / beside.sum(axis=1)
    np.testing.assert_allclose(som.umatrix_.ravel(), expected)


def test_the_title_of_a_narrow_map_is_in_the_figure() -> None:
    ax = grid_map(Grid(2345 * np.eye(40, 3), np.ones((40, 3)), "hexagonal"))
    ax.figure.canvas.draw()
    figure, title = ax.get_figure(root=True), ax.title.get_window_extent()
    assert figure is not None
    assert 0 <= title.x0 < title.x1 <= figure.bbox.x1
    assert 0 <= title.y0 < title.y1 <= figure.bbox.y1


def test_an_untrained_map_is_not_drawn() -> None:
    from sklearn.exceptions import NotFittedError

    with pytest.raises(NotFittedError):
        ac.SOM((2, 2)).plot()
