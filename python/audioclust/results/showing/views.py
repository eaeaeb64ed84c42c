"""What the page of a clustering shows beside the map."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.report.views.grid import grid
from audioclust.report.views.selection import selection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.report.views.pitch import PitchOf
    from audioclust.results.held import Held

_PITCH = re.compile(r"pitch_histogram_(\d+)(_mean)?")
"""The columns that say how often each of twelve pitch classes is the strongest."""


def views_of(result: Held) -> dict[str, Any]:
    """Give the views that a clustering has data for, as JSON values.

    Parameters
    ----------
    result : Clustering

    Returns
    -------
    views : dict
        ``selection`` if k was chosen, ``grid`` if a map was trained, ``pitch`` if pitch
        classes are among the features.
    """
    views: dict[str, Any] = {}
    if result.trained_map is not None:
        views["grid"] = grid(result.trained_map, result.unit_labels)
    columns = [i for i, name in enumerate(result.table.columns) if _PITCH.fullmatch(name)]
    if len(columns) == 12:
        from audioclust.report.views.pitch import pitch

        views["pitch"] = pitch(_pitches(result, result.table.values[:, columns]))
    if result.selection is not None:
        views["selection"] = selection(result.selection)
    return views


def _pitches(result: Held, histograms: NDArray[np.floating]) -> list[PitchOf]:
    """Give the mean histogram of each cluster, and the item nearest its centre."""
    from audioclust.report.views.pitch import PitchOf

    clusters = []
    for number in np.unique(result.labels[result.labels >= 0]).tolist():
        members = np.flatnonzero(result.labels == number)
        nearest = int(members[np.argmin(result.distances[members])])
        item = result.items[nearest]
        folder = result.table.folder
        clusters.append(
            PitchOf(
                number=number,
                shares=histograms[members].mean(axis=0),
                item=nearest,
                sound=None if folder is None else item.within(folder),
                duration=item.end - item.start,
            )
        )
    return clusters
