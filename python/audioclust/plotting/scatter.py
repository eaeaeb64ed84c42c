"""Rows as points, by cluster."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from audioclust.plotting.style import add_legend, axes_or_new, members_by_label, style_of
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from audioclust.audio.spans import Item


class NamedColumns(Protocol):
    """A table, of which only the names of its columns are used."""

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns."""


class LabelledRows(Protocol):
    """Rows of numbers in clusters, each row of one item."""

    @property
    def scaled(self) -> NDArray[np.float64]:
        """The rows as they were clustered, of shape (n_items, n_columns)."""

    @property
    def table(self) -> NamedColumns:
        """Names the columns of `scaled`."""

    @property
    def labels(self) -> NDArray[np.int32]:
        """The cluster of each row, of shape (n_items,)."""

    @property
    def k(self) -> int:
        """The number of clusters."""

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
    ax: Axes | None = None,
) -> Axes:
    """Draw rows as points in the colour and with the marker of their cluster.

    Parameters
    ----------
    rows : ndarray of shape (n, n_columns), float64
        What to draw; see :func:`in_plane` for what becomes of more than two columns.
    columns : sequence of str
        The names of the columns.
    labels : ndarray of shape (n,), int
        The cluster of each row, from 0 to k - 1.
    k : int
        The number of clusters.
    ax : matplotlib.axes.Axes or None
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    ax = axes_or_new(ax)
    points, names = in_plane(rows, columns)
    for label, members in members_by_label(labels, k):
        style = style_of(label)
        ax.scatter(
            *points[members].T,
            color=style.colour,
            marker=style.marker,
            edgecolors="black",
            linewidths=0.5,
            label=f"cluster {label} ({len(members)})",
        )
    ax.set(xlabel=names[0], ylabel=names[1])
    add_legend(ax)
    return ax


def clusters(result: LabelledRows, ax: Axes | None = None) -> Axes:
    """Draw scaled rows by cluster; ring and name the item nearest the centre of each.

    Parameters
    ----------
    result : LabelledRows
        Such as a :class:`audioclust.Clustering`.
    ax : matplotlib.axes.Axes or None
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    ax = axes_or_new(ax)
    points, names = in_plane(result.scaled, result.table.columns)
    scatter(points, names, result.labels, result.k, ax=ax)
    middle = points[:, 0].min() + np.ptp(points[:, 0]) / 2
    for _, members in members_by_label(result.labels, result.k):
        nearest = members[result.distances[members].argmin()]
        x, y = points[nearest].tolist()
        name = on_one_line(os.path.basename(result.items[nearest].path))
        _ring(ax, (x, y), name, to_the_right=x < middle)
    return ax


def _ring(ax: Axes, at: tuple[float, float], name: str, *, to_the_right: bool) -> None:
    """Draw a ring around a point, and a name beside it.

    Names go towards the middle of the picture, so that none leaves it.
    """
    side = 1 if to_the_right else -1
    ax.scatter(*at, s=150, facecolors="none", edgecolors="black", zorder=3)
    ax.annotate(
        name,
        at,
        xytext=(9 * side, 6),
        textcoords="offset points",
        ha="left" if to_the_right else "right",
        fontsize="small",
        bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "alpha": 0.75, "lw": 0},
        # Dollar signs in a name are no formula.
        parse_math=False,
        zorder=4,
    )


def in_plane(
    rows: NDArray[np.float64], columns: Sequence[str]
) -> tuple[NDArray[np.float64], Sequence[str]]:
    """Give rows as points, of shape (n, 2), and the names of the two axes.

    Two columns are taken as they are. Of more, the points are the first two principal
    components. A single column is drawn against the number of the item.
    """
    if len(columns) == 1:
        return np.column_stack([rows, np.arange(len(rows))]), (columns[0], "number of the item")
    if len(columns) == 2:
        return rows, columns
    return principal(rows), ("first principal component", "second principal component")


def principal(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the first two principal components of rows, of shape (n, 2)."""
    centred = rows - rows.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    found = centred @ axes[:2].T
    # A single row has but one component.
    return np.pad(found, ((0, 0), (0, 2 - found.shape[1])))
