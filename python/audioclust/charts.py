"""Pictures of results: clusters, what speaks for a number of them, maps."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.plot import COLOURS, new_axes, principal, scatter
from audioclust.text import on_one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from audioclust.result import Clustering
    from audioclust.selection import KSelection
    from audioclust.som import SOM

_ROW = math.sqrt(3) / 2
"""From a row of hexagons one unit wide to the next."""

_HALF_HEXAGON = 1 / math.sqrt(3)
"""From the centre of a hexagon one unit wide to each of its corners."""


def clusters(result: Clustering, ax: Axes | None = None) -> Axes:
    """Draw scaled rows by cluster, and name the item nearest each centre."""
    ax = new_axes(ax)
    points, names = _plane(result.scaled, result.table.columns)
    scatter(points, names, result.labels, result.k, ax=ax)
    left = points[:, 0].min() + np.ptp(points[:, 0]) / 2
    for label in range(result.k):
        members = np.flatnonzero(result.labels == label)
        if not len(members):
            continue
        nearest = members[result.distances[members].argmin()]
        # Names go towards the middle, so that none leaves the picture.
        side = 1 if points[nearest, 0] < left else -1
        x, y = points[nearest]
        ax.scatter(x, y, s=150, facecolors="none", edgecolors="black", zorder=3)
        ax.annotate(
            on_one_line(os.path.basename(result.items[nearest].path)),
            points[nearest],
            xytext=(9 * side, 6),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            fontsize="small",
            bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "alpha": 0.75, "lw": 0},
            # A name may have dollar signs that are no formula.
            parse_math=False,
            zorder=4,
        )
    return ax


def _plane(
    rows: NDArray[np.float64], columns: Sequence[str]
) -> tuple[NDArray[np.float64], Sequence[str]]:
    """Give two columns to draw against each other, and their names."""
    if len(columns) == 1:
        return np.column_stack([rows, np.arange(len(rows))]), (columns[0], "number of the item")
    if len(columns) == 2:
        return rows, columns
    return principal(rows), ("first principal component", "second principal component")


def selection(found: KSelection, ax: Any = None) -> tuple[Axes, Axes]:
    """Draw the elbow, and the silhouettes beside those of nulls."""
    elbow, silhouette = new_axes(ax, 2)
    from matplotlib.ticker import MaxNLocator

    elbow.plot(found.k, found.inertia, color=COLOURS[0], marker="o")
    elbow.set(xlabel="number of clusters k", ylabel="inertia", title="elbow")
    if found.knee is not None:
        bend = found.inertia[found.k == found.knee]
        elbow.plot([found.knee], bend, linestyle="", marker="o", markersize=13,
                   markerfacecolor="none", markeredgecolor="black",
                   label=f"knee: k={found.knee}")  # fmt: skip
        elbow.legend()
    _silhouettes(found, silhouette)
    for panel in (elbow, silhouette):
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    return elbow, silhouette


def _silhouettes(found: KSelection, ax: Axes) -> None:
    if not len(found.k):
        ax.set(xlabel="number of clusters k", ylabel="silhouette", title=found.reason)
        return
    ax.fill_between(found.k, found.null_mean, found.null_high, color="0.8", linewidth=0)
    ax.plot(found.k, found.null_mean, color="0.35", linestyle="--",
            label="without clusters: mean to 95th percentile")  # fmt: skip
    if not np.array_equal(found.compared, found.silhouette, equal_nan=True):
        ax.plot(found.k, found.compared, color=COLOURS[0], linestyle=":",
                label="of as many rows as the nulls have")  # fmt: skip
    ax.plot(found.k, found.silhouette, color=COLOURS[0], label="silhouette")
    plausible = np.isin(found.k, found.plausible)
    for members, name, fill in (
        (plausible, "plausible", COLOURS[0]),
        (~plausible, "not plausible", "white"),
    ):
        if members.any():
            ax.plot(found.k[members], found.silhouette[members], linestyle="", marker="o",
                    color=COLOURS[0], markerfacecolor=fill, label=name)  # fmt: skip
    best = found.k == found.best_k
    if best.any():
        ax.plot(found.k[best], found.silhouette[best], linestyle="", marker="*", markersize=18,
                color=COLOURS[1], markeredgecolor="black",
                label=f"best: k={found.best_k}")  # fmt: skip
    title = "silhouette" if best.any() else "silhouette: no clear structure"
    ax.set(xlabel="number of clusters k", ylabel="silhouette", title=title)
    ax.legend(fontsize="small")


def grid_map(som: SOM, ax: Axes | None = None) -> Axes:
    """Draw a map's U-matrix, a circle in each unit as large as it has hits."""
    ax = new_axes(ax)
    from matplotlib.collections import PatchCollection, PolyCollection
    from matplotlib.patches import Circle

    hits = som.hit_map()
    hexagonal = som.topology == "hexagonal"
    middles = unit_centres(hits.shape, hexagonal)
    cells = PolyCollection(
        list(middles[:, np.newaxis] + _outline(hexagonal)),
        array=som.umatrix_.ravel(),
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
