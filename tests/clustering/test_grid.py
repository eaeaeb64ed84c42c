"""Which units of a map are beside each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from audioclust.clustering.maps.grid import units_around
from audioclust.plotting.map_grid import unit_centres


def beside(shape: tuple[int, int], topology: str, boundary: str, unit: int) -> list[int]:
    """The units whose centres, as they are drawn, are near enough to that of a unit.

    A toroidal grid is drawn nine times, side by side.
    """
    hexagonal = topology == "hexagonal"
    centres = unit_centres(shape, hexagonal=hexagonal)
    height = shape[0] * (np.sqrt(0.75) if hexagonal else 1)
    found = set()
    for down in (-1, 0, 1) if boundary == "toroidal" else (0,):
        for along in (-1, 0, 1) if boundary == "toroidal" else (0,):
            moved = np.array([along * shape[1], down * height])
            off = np.abs(centres + moved - centres[unit])
            far = np.linalg.norm(off, axis=1) if hexagonal else off.max(axis=1)
            # Neighbours are 1 apart, all others at least 1.7; rows may be off by rounding.
            found |= set(np.flatnonzero(far < 1.1).tolist())
    return sorted(found)


@pytest.mark.parametrize(
    ("topology", "boundary", "shapes"),
    [
        ("rectangular", "planar", [(1, 1), (2, 3), (5, 4), (6, 1)]),
        ("rectangular", "toroidal", [(1, 1), (2, 3), (5, 4), (6, 1)]),
        ("hexagonal", "planar", [(1, 1), (2, 3), (5, 4), (6, 1)]),
        # A toroidal grid of hexagons has an even number of rows.
        ("hexagonal", "toroidal", [(2, 3), (4, 5), (6, 1)]),
    ],
)
def test_units_around_one_are_those_drawn_beside_it(
    topology: Any, boundary: Any, shapes: list[tuple[int, int]]
) -> None:
    cases = [(shape, unit) for shape in shapes for unit in range(shape[0] * shape[1])]
    for shape, unit in cases:
        found = units_around(shape, topology, boundary, unit)
        assert list(found) == beside(shape, topology, boundary, unit)


@pytest.mark.parametrize("topology", ["rectangular", "hexagonal"])
@pytest.mark.parametrize("boundary", ["planar", "toroidal"])
def test_a_neighbour_of_a_unit_has_it_for_a_neighbour(topology: Any, boundary: Any) -> None:
    around = [units_around((4, 6), topology, boundary, unit) for unit in range(24)]
    assert all(unit in around[other] for unit in range(24) for other in around[unit])
