"""Saying in words why a number of clusters was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.clustering.selection.comparison import Comparison, Looks
    from audioclust.clustering.selection.k_selection import Structure
    from audioclust.clustering.selection.views import View


def reason_for(
    structure: Structure,
    looks: Looks,
    ks: NDArray[np.int64],
    view: View,
    comparison: Comparison,
) -> str:
    """Say why the middle one of three numbers was chosen, or none.

    Parameters
    ----------
    structure : {"clear", "none", "too few"}
        Whether there are clusters.
    looks : Looks
        The three numbers.
    ks : ndarray of shape (n_k,), int64
        The numbers that were tried, ascending.
    view, comparison : View, Comparison
        What was measured, and how far it is above that of nulls.
    """
    if structure == "too few":
        return f"too few to tell: {looks.best} looks likeliest"
    if structure == "none":
        tried = f"k={ks[0]}" if len(ks) == 1 else f"k={ks[0]} to {ks[-1]}"
        return f"no clear structure: groups do not stand out enough from chance ({tried})"
    i = int(np.searchsorted(ks, looks.best))
    measured = f"silhouette {view.silhouette[i]:.2f}, {comparison.null_mean[i]:.2f} by chance"
    if len(looks.ranked) == 1:
        return f"silhouettes, splits and nearest neighbours agree; {measured}"
    each = (
        f"silhouettes say {looks.silhouette}, splits {looks.splits}, nearest neighbours "
        f"{looks.neighbors}"
    )
    return f"{each}; {measured}"
