"""Self-organizing maps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from audioclust.plotting.style import new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from audioclust.clustering.trained_map import TrainedMap


_ROW = math.sqrt(3) / 2
"""From a row of hexagons one unit wide to the next."""


_HALF_HEXAGON = 1 / math.sqrt(3)
"""From the centre of a hexagon one unit wide to each of its corners."""


def grid_map(som: TrainedMap, ax: Axes | None = None) -> Axes:
    """Draw a map's U-matrix, a circle in each unit as large as it has hits."""
    ax = new_axes(ax)
    from matplotlib.collections import PatchCollection, PolyCollection
    from matplotlib.patches import Circle

    hits = som.hits
    hexagonal = som.topology == "hexagonal"
    middles = unit_centres(hits.shape, hexagonal)
    cells = PolyCollection(
        list(middles[:, np.newaxis] + _outline(hexagonal)),
        array=som.umatrix.ravel(),
        cmap="cividis",
        edgecolors="white",
        linewidths=0.5,
    )
    ax.add_collection(cells)
    # The area of a circle tells the hits.
    radii = 0.42 * np.sqrt(hits.ravel() / hits.max())
    circles = [Circle(at, r) for at, r in zip(middles, radii, strict=True) if r]
    ax.add_collection(PatchCollection(circles, facecolor="white", edgecolor="black"))
    low, high = middles.min(axis=0), middles.max(axis=0)
    ax.set(
        xlim=(low[0] - 0.6, high[0] + 0.6),
        ylim=(high[1] + 0.65, low[1] - 0.65),
        aspect="equal",
        xlabel="column",
        ylabel="row",
        title=f"U-matrix; circles: hits, at most {hits.max():g}",
    )
    rows, cols = (np.arange(0, n, max(1, -(-n // 10))) for n in hits.shape)
    ax.set_yticks(rows * (_ROW if hexagonal else 1.0), rows.tolist())
    ax.set_xticks(cols, cols.tolist())
    ax.figure.colorbar(cells, ax=ax, label="mean distance to neighbours", shrink=0.8)
    return ax


def unit_centres(shape: tuple[int, ...], hexagonal: bool) -> NDArray[np.float64]:
    """Give where each unit is drawn, (x, y), of shape (rows * cols, 2).

    In hexagonal maps odd rows are half a column further right, and rows √3/2 apart.
    """
    rows, cols = np.indices(shape).reshape(2, -1).astype(np.float64)
    if not hexagonal:
        return np.column_stack([cols, rows])
    return np.column_stack([cols + rows % 2 / 2, rows * _ROW])


def _outline(hexagonal: bool) -> NDArray[np.float64]:
    """Give the corners of a cell around its centre: a hexagon on its point, or a square."""
    if not hexagonal:
        return np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    angles = np.radians(np.arange(30, 390, 60))
    return _HALF_HEXAGON * np.column_stack([np.cos(angles), np.sin(angles)])
