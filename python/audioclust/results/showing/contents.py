"""What a page shows of a result with clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audioclust.clustering.ordering.nearest import nearest_of
from audioclust.clustering.ordering.path import alike_path
from audioclust.report.content import N_NEIGHBORS, Content, Group, title_or
from audioclust.report.sentences import (
    as_sentences,
    counted,
    origin_of,
    thing_of,
    what_failed,
    what_there_is,
)
from audioclust.results.showing.columns import page_columns
from audioclust.results.showing.views import views_of
from audioclust.results.uses.sentences import NOTHING, TOO_FEW
from audioclust.utils.threads import n_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.results.held import Held
    from audioclust.results.uses.summary import ClusterSummary

N_REPRESENTATIVES = 5
"""Items that stand for a group, at most."""

NO_GROUP = "in no group"
"""What the items are called that are in no cluster."""


def content_of(result: Held, title: str | None, points: NDArray[np.float64] | None) -> Content:
    """Gather what a page shows.

    Parameters
    ----------
    result : Clustering
    title : str or None
        Its title; None or blank text is made of what there is.
    points : ndarray of shape (n_items, 2) or None
        Where the items are on the map.
    """
    rows = result.scaled
    return Content(
        kind="clustering",
        title=title_or(title, _title(result)),
        headline=_headline(result, says_groups=title_or(title, "") != ""),
        items=result.items,
        labels=result.labels,
        groups=_groups(result),
        points=points,
        neighbors=nearest_of(rows, N_NEIGHBORS, n_threads(None)),
        order=_order(rows, result.labels, result.distances),
        columns=page_columns(result.table, result.labels),
        errors=result.errors,
        warnings=as_sentences(
            result.warning_words(thing_of(result.items, result.table.folder), "group")
        ),
        folder=result.table.folder,
        views=views_of(result),
    )


def _title(result: Held) -> str:
    origin = origin_of(result.items, result.table.folder)
    words = f"{counted(len(result.items), 'sound')} in {counted(result.k, 'group')}"
    return f"{origin}: {words}" if origin else words


def _headline(result: Held, *, says_groups: bool) -> list[str]:
    """Say what there is, what most of it is like, and what is missing, in sentences.

    The number of groups is said if the title does not.
    """
    folder = result.table.folder
    thing = thing_of(result.items, folder)
    groups = f", in {counted(result.k, 'group')}" if says_groups else ""
    none = f", {result.n_unassigned:,} of them in no group" if result.n_unassigned else ""
    lines = [f"{what_there_is(result.items, folder)}{groups}{none}."]
    if result.k > 1:
        largest = max(result.summary(), key=lambda own: (own.size, -own.number))
        called = f"group {largest.number}" if largest.name is None else largest.name
        size = counted(largest.size, thing)
        words = "" if largest.words in (NOTHING, TOO_FEW) else f": {largest.words}"
        lines.append(f"The largest, {called}, has {size}{words}.")
    return [*lines, *what_failed(result.errors, "file" if folder is not None else "sound")]


def _groups(result: Held) -> list[Group]:
    typical_first = np.argsort(result.distances, kind="stable")
    labels = result.labels[typical_first]

    def group(own: ClusterSummary) -> Group:
        members = typical_first[labels == own.number][:N_REPRESENTATIVES]
        return Group(own.number, own.name or str(own.number), own.words, members.tolist())

    groups = [group(own) for own in result.summary()]
    if result.n_unassigned:
        groups.append(Group(-1, NO_GROUP, result.unassigned or ""))
    return groups


def _order(
    rows: NDArray[np.float64], labels: NDArray[np.int32], distances: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Order items for playing: cluster by cluster, each along a path from its most typical one.

    What is in no cluster comes last.
    """
    typical_first = np.argsort(distances, kind="stable")
    own = labels[typical_first]
    paths = []
    for cluster in (*range(int(labels.max()) + 1), -1):
        members = typical_first[own == cluster]
        if len(members):
            paths.append(members[alike_path(rows[members], 0, n_threads(None))])
    return np.concatenate(paths)
