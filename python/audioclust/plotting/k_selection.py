"""Scores for each number of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from audioclust.plotting.legends import add_legend_beside
from audioclust.plotting.style import two_axes_or_new
from audioclust.utils.palette import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


class KScores(Protocol):
    """Scores for each number of clusters; see :class:`audioclust.KSelection`.

    Arrays have shape (n_k,).
    """

    @property
    def k(self) -> NDArray[np.int64]:
        """The numbers of clusters that were tried, ascending."""

    @property
    def inertia(self) -> NDArray[np.float64]:
        """Sum of the squared distances of the rows to their centres."""

    @property
    def knee(self) -> int | None:
        """The k at which the inertia bends."""

    @property
    def silhouette(self) -> NDArray[np.float64]:
        """Mean silhouette."""

    @property
    def compared(self) -> NDArray[np.float64]:
        """The silhouette of as many rows as the nulls have."""

    @property
    def null_mean(self) -> NDArray[np.float64]:
        """Mean silhouette of nulls, which are rows without clusters."""

    @property
    def null_high(self) -> NDArray[np.float64]:
        """95th percentile of the silhouettes of nulls."""

    @property
    def plausible(self) -> Sequence[int]:
        """At most three numbers of clusters that may be right, the best first."""

    @property
    def best_k(self) -> int:
        """The k that was chosen; 1 if none is plausible."""

    @property
    def reason(self) -> str:
        """Why it was chosen, in words."""


class KSelectionAxes(NamedTuple):
    """The two panels of :meth:`audioclust.KSelection.plot`.

    Attributes
    ----------
    elbow : matplotlib.axes.Axes
        The inertia of each k, with its knee.
    silhouette : matplotlib.axes.Axes
        The silhouette of each k, beside those of rows without clusters.
    """

    elbow: Axes
    silhouette: Axes


KSelectionAxes.__module__ = "audioclust"


def selection(scores: KScores, ax: Sequence[Axes] | None = None) -> KSelectionAxes:
    """Draw inertia and silhouette over the number of clusters.

    Parameters
    ----------
    scores : KScores
        Such as a :class:`audioclust.KSelection`.
    ax : pair of matplotlib.axes.Axes, or None
        Where to draw; None makes a figure.

    Returns
    -------
    KSelectionAxes

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    ParameterError
        If `ax` is not a pair.
    """
    panels = KSelectionAxes(*two_axes_or_new(ax))
    panels.elbow.set(ylabel="inertia", title="elbow")
    panels.silhouette.set(ylabel="silhouette", title=_title(scores))
    for panel in panels:
        panel.set_xlabel("number of clusters k")
    if not len(scores.k):
        for panel in panels:
            panel.set(xticks=[], yticks=[])
        return panels
    _draw_elbow(scores, panels.elbow)
    _draw_nulls(scores, panels.silhouette)
    _draw_silhouettes(scores, panels.silhouette)
    if ax is None:
        keys = panels.silhouette.get_legend_handles_labels()
        add_legend_beside(panels.silhouette, *keys, widen=True)
    else:
        # Its names are too long to have a place beside the axes that a user gave.
        panels.silhouette.legend(fontsize="small")
    from matplotlib.ticker import MaxNLocator

    for panel in panels:
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    return panels


def _title(scores: KScores) -> str:
    """Give the title of the silhouettes' panel, which says if no k is good."""
    if not len(scores.k):
        return scores.reason
    found = scores.best_k in scores.k
    return "silhouette" if found else "silhouette: no clear structure"


def _draw_elbow(scores: KScores, ax: Axes) -> None:
    ax.plot(scores.k, scores.inertia, color=COLOURS[0], marker="o")
    if scores.knee is None:
        return
    ax.plot(
        [scores.knee],
        scores.inertia[scores.k == scores.knee],
        linestyle="",
        marker="o",
        markersize=13,
        markerfacecolor="none",
        markeredgecolor="black",
        label=f"knee: k={scores.knee}",
    )
    # The curve falls, so that there is room where it is no longer.
    ax.legend(loc="upper right")


def _draw_nulls(scores: KScores, ax: Axes) -> None:
    """Draw the silhouettes that rows without clusters have."""
    ax.fill_between(
        scores.k,
        scores.null_mean,
        scores.null_high,
        color="0.8",
        linewidth=0,
        label="without clusters: up to 95th percentile",
    )
    ax.plot(
        scores.k,
        scores.null_mean,
        color="0.35",
        linestyle="--",
        label="without clusters: mean",
    )
    if not np.array_equal(scores.compared, scores.silhouette, equal_nan=True):
        ax.plot(
            scores.k,
            scores.compared,
            color=COLOURS[0],
            linestyle=":",
            label="silhouette of as many rows as without clusters",
        )


def _draw_silhouettes(scores: KScores, ax: Axes) -> None:
    """Draw the silhouettes, filled where plausible, with a star at the best k."""
    ax.plot(scores.k, scores.silhouette, color=COLOURS[0], label="silhouette")
    plausible = np.isin(scores.k, scores.plausible)
    for members, name, fill in (
        (plausible, "plausible", COLOURS[0]),
        (~plausible, "not plausible", "white"),
    ):
        if members.any():
            ax.plot(
                scores.k[members],
                scores.silhouette[members],
                linestyle="",
                marker="o",
                color=COLOURS[0],
                markerfacecolor=fill,
                label=name,
            )
    best = scores.k == scores.best_k
    if best.any():
        ax.plot(
            scores.k[best],
            scores.silhouette[best],
            linestyle="",
            marker="*",
            markersize=18,
            color=COLOURS[1],
            markeredgecolor="black",
            label=f"best: k={scores.best_k}",
        )
