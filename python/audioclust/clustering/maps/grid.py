"""Which units of a map are beside each other."""

from __future__ import annotations

from audioclust.clustering.maps.som import Boundary
from audioclust.clustering.maps.trained_map import Topology

_AROUND = tuple((down, along) for down in (-1, 0, 1) for along in (-1, 0, 1))
"""Steps to the units around one in a rectangular map, with itself."""

_OF_EVEN_ROWS = ((-1, -1), (-1, 0), (0, -1), (0, 0), (0, 1), (1, -1), (1, 0))
"""The same in even rows of a hexagonal map; odd rows lie half a column farther right."""

_OF_ODD_ROWS = tuple((down, along + down % 2) for down, along in _OF_EVEN_ROWS)


def units_around(
    shape: tuple[int, int], topology: Topology, boundary: Boundary, unit: int
) -> tuple[int, ...]:
    """Give a unit and those beside it, by their numbers, ascending.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns of the grid.
    topology : {"rectangular", "hexagonal"}
        Whether a unit has eight neighbours, diagonals included, or six.
    boundary : {"planar", "toroidal"}
        Whether the grid ends at its sides or goes on at the opposite ones.
    unit : int
        Its number, ``row * cols + col``.

    Returns
    -------
    tuple of int
        Each once, also if a narrow toroidal grid reaches one on two ways.
    """
    rows, cols = shape
    row, col = divmod(unit, cols)
    steps = _AROUND
    if topology == "hexagonal":
        steps = _OF_ODD_ROWS if row % 2 else _OF_EVEN_ROWS
    places = ((row + down, col + along) for down, along in steps)
    if boundary == "toroidal":
        found = {down % rows * cols + along % cols for down, along in places}
    else:
        found = {r * cols + c for r, c in places if 0 <= r < rows and 0 <= c < cols}
    return tuple(sorted(found))
