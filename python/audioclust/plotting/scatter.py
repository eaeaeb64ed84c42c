"""Rows as points, by cluster."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from audioclust.plotting.legends import add_legend_beside
from audioclust.plotting.style import (
    UNASSIGNED,
    LabelStyle,
    axes_or_new,
    members_by_label,
    shown_name,
    style_of,
)

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from audioclust.audio.spans import Item


_LARGEST, _SMALLEST = 36.0, 5.0
"""Areas of markers, in square points of 1/72 inch, of few and of very many rows."""

_LONGEST_NAME = 28
"""Characters of a cluster's name that a legend shows, at most."""


class NamedColumns(Protocol):
    """A table, of which only the names of its columns are used."""

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns."""


class Unit(Protocol):
    """A scaling, of which only the unit of what it gives is used."""

    @property
    def unit(self) -> str:
        """What one is of scaled columns."""


class LabelledRows(Protocol):
    """Rows of numbers in clusters, each row of one item."""

    @property
    def scaled(self) -> NDArray[np.float64]:
        """The rows as they were clustered, of shape (n_items, n_columns)."""

    @property
    def table(self) -> NamedColumns:
        """Names the columns of `scaled`."""

    @property
    def scaler(self) -> Unit:
        """Names the unit of `scaled`."""

    @property
    def labels(self) -> NDArray[np.int32]:
        """The cluster of each row, of shape (n_items,)."""

    @property
    def k(self) -> int:
        """The number of clusters."""

    @property
    def names(self) -> Mapping[int, str]:
        """The names of clusters that have one, by number."""

    @property
    def items(self) -> Sequence[Item]:
        """The item of each row."""

    @property
    def distances(self) -> NDArray[np.float64]:
        """The distance of each row from the centre of its cluster, of shape (n_items,)."""


def scatter(
    rows: NDArray[np.float64],
    columns: Sequence[str],
    labels: NDArray[np.integer],
    k: int,
    *,
    title: str,
    cluster_names: Mapping[int, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw rows as points in the colour and with the marker of their cluster.

    Markers are the smaller the more rows there are, and the more transparent the more of them
    lie on one another.

    Parameters
    ----------
    rows : ndarray of shape (n, n_columns), float64
        What to draw; see :func:`in_plane` for what becomes of more than two columns.
    columns : sequence of str
        The names of the columns, with their units.
    labels : ndarray of shape (n,), int
        The cluster of each row, from 0 to k - 1, or -1 for one in no cluster.
    k : int
        The number of clusters.
    title : str
        What stands over the axes. Dollar signs in it are no formula.
    cluster_names : mapping of int to str, optional
        Names for the legend, of the clusters that have one.
    ax : matplotlib.axes.Axes or None
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The legend is beside the axes. A figure of one's own without a layout engine keeps its
        layout, except that these axes become narrower by the legend.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    drawn = axes_or_new(ax)
    points, names = in_plane(rows, columns)
    sizes = _draw_points(drawn, points, labels, k)
    drawn.set(xlabel=names[0], ylabel=names[1])
    drawn.set_title(title, parse_math=False)
    add_legend_beside(
        drawn,
        [_key(style_of(label)) for label in sizes],
        [f"{_called(label, cluster_names or {})} ({size})" for label, size in sizes.items()],
        title="cluster (size)",
        widen=ax is None,
    )
    return drawn


def _draw_points(
    ax: Axes, points: NDArray[np.float64], labels: NDArray[np.integer], k: int
) -> dict[int, int]:
    """Draw points by cluster, and give the size of each label that has any; -1 is the last."""
    area = float(np.clip(_LARGEST * math.sqrt(200 / max(1, len(points))), _SMALLEST, _LARGEST))
    alpha = _alpha(points, area)
    sizes: dict[int, int] = {}
    by_label = [*members_by_label(labels, k)]
    outside = np.flatnonzero(labels < 0)
    if len(outside):
        by_label.append((-1, outside))
    for label, members in by_label:
        style = style_of(label)
        sizes[label] = len(members)
        x, y = points[members].T
        ax.scatter(
            x,
            y,
            s=area,
            # The cross of what is in no cluster has no inside.
            color=style.edge if label < 0 else style.colour,
            marker=style.marker,
            edgecolors=None if label < 0 else "black",
            linewidths=0.5 * math.sqrt(area / _LARGEST),
            alpha=alpha,
        )
    return sizes


def _alpha(points: NDArray[np.float64], area: float) -> float:
    """Give how opaque markers are, from how many there are where a typical one is."""
    spread = np.ptp(points, axis=0)
    # Axes are some 350 points of 1/72 inch wide, and so hold this many markers side by side.
    n_cells = 350 / math.sqrt(area)
    cells = ((points - points.min(axis=0)) / np.where(spread > 0, spread, 1) * n_cells).round()
    _, where, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    return float(np.clip(counts[where].mean() ** -0.75, 0.2, 0.85))


def _called(label: int, names: Mapping[int, str]) -> str:
    """Give what a legend calls a cluster: its number, and its name if it has one."""
    if label < 0:
        return "none"
    name = names.get(label, "")
    shown = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    return f"{label} {shown}" if name else str(label)


def _key(style: LabelStyle) -> Artist:
    """Give a marker for the legend, which is opaque and large however many rows there are."""
    from matplotlib.lines import Line2D

    return Line2D(
        [],
        [],
        linestyle="",
        color=style.colour,
        marker=style.marker,
        markeredgecolor=style.edge if style == UNASSIGNED else "black",
        markeredgewidth=0.5,
    )


def clusters(
    result: LabelledRows,
    ax: Axes | None = None,
    points: NDArray[np.float64] | None = None,
    axes: tuple[str, str] = ("", ""),
) -> Axes:
    """Draw items by cluster; ring and name the item nearest the centre of each.

    Parameters
    ----------
    result : LabelledRows
        Such as a :class:`audioclust.Clustering`.
    ax : matplotlib.axes.Axes or None
        Where to draw; None makes a figure.
    points : ndarray of shape (n_items, 2), float64, or None
        Where the items are; None for their scaled rows, see :func:`in_plane`.
    axes : tuple of str
        What the two columns of `points` are called.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    names: Sequence[str] = axes
    is_laid_out = points is not None
    if points is None:
        columns = [f"{name} ({result.scaler.unit})" for name in result.table.columns]
        points, names = in_plane(result.scaled, columns)
    nearest = [
        members[result.distances[members].argmin()]
        for _, members in members_by_label(result.labels, result.k)
    ]
    plural = "" if len(nearest) == 1 else "s"
    title = f"{len(points)} items in {len(nearest)} cluster{plural}"
    drawn = scatter(
        points,
        names,
        result.labels,
        result.k,
        title=title,
        cluster_names=result.names,
        ax=ax,
    )
    if is_laid_out:
        # As far to the right is as far as to the top, in a layout as on a map.
        drawn.set_aspect("equal", adjustable="datalim")
    from audioclust.plotting.point_names import add_names

    files = [shown_name(result.items[i].path, 28) for i in nearest]
    add_names(drawn, points[nearest], files, points)
    return drawn


def in_plane(
    rows: NDArray[np.float64], columns: Sequence[str]
) -> tuple[NDArray[np.float64], Sequence[str]]:
    """Give rows as points, of shape (n, 2), and the names of the two axes.

    Two columns are taken as they are. Of more, the points are the first two principal
    components, which are named with their shares of the variance. A single column is drawn
    against the number of the item.
    """
    if len(columns) == 1:
        return np.column_stack([rows, np.arange(len(rows))]), (columns[0], "number of the item")
    if len(columns) == 2:
        return rows, columns
    found, shares = principal(rows)
    return found, [
        f"PC {i} ({share:.0%} of variance)".replace("%", " %")
        for i, share in enumerate(shares.tolist(), 1)
    ]


def principal(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the first two principal components of rows.

    Returns
    -------
    components : ndarray of shape (n, 2), float64
    shares : ndarray of shape (2,), float64
        How much of the variance of all columns is each component's, from 0 to 1; 0 if all rows
        are equal.
    """
    centred = rows - rows.mean(axis=0)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    found = centred @ axes[:2].T
    variances = sizes**2
    shares = variances[:2] / (variances.sum() or 1.0)
    # A single row has but one component.
    missing = 2 - found.shape[1]
    return np.pad(found, ((0, 0), (0, missing))), np.pad(shares, (0, missing))
