"""Rows and clusters as points."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.plotting.style import new_axes, styles
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from audioclust.results.clustering import Clustering


def principal(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the first two principal components of rows, of shape (n, 2)."""
    centred = rows - rows.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    found = centred @ axes[:2].T
    return np.pad(found, ((0, 0), (0, 2 - found.shape[1])))


def scatter(
    rows: NDArray[np.float64],
    names: Sequence[str],
    labels: NDArray[Any],
    k: int,
    *,
    ax: Axes | None = None,
    noun: str = "cluster",
) -> Axes:
    """Draw rows by class: two columns against each other, more by principal components."""
    ax = new_axes(ax)
    if len(names) > 2:
        rows, names = principal(rows), ("first principal component", "second")
    for label, members, colour, marker, _ in styles(labels, k):
        ax.scatter(
            *rows[members].T,
            color=colour,
            marker=marker,
            edgecolors="black",
            linewidths=0.5,
            label=f"{noun} {label} ({len(members)})",
        )
    ax.set(xlabel=names[0], ylabel=names[1])
    ax.legend()
    return ax


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
