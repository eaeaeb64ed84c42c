"""What speaks for each number of clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.plotting.style import COLOURS, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from audioclust.clustering.selection.k_selection import KSelection


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
