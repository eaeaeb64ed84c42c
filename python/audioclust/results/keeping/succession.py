"""How a result follows a previous one: items in common, numbers, names, corrections."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from audioclust.clustering.layouts.layout import Layout, LayoutSettings, beside, laid_out
from audioclust.clustering.metrics import centroids
from audioclust.errors import ContinuityWarning, ParameterError
from audioclust.extraction.table import FeatureTable
from audioclust.results.clustering import Clustering
from audioclust.results.keeping.continuity import ABSENT, Continuity, continuity
from audioclust.results.keeping.corrections import Corrections, translated
from audioclust.results.keeping.naming import shown_number
from audioclust.results.keeping.refining import possible_part
from audioclust.results.keeping.same_items import comparable, shared_rows
from audioclust.utils.by_path import ByPath
from audioclust.utils.threads import n_threads
from audioclust.utils.urls.names import in_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.clustering.scaling import Scaler


FEWEST = 10
"""Items that a layout must have to go on: beside fewer, new ones lie on each other."""


@dataclass(frozen=True, eq=False)
class Succession:
    """A previous result, and the table that goes on from it.

    Attributes
    ----------
    previous : Clustering
        The previous result.
    table : FeatureTable
        Today's features.
    rows : ndarray of shape (n_items,), int
        The row of each of today's items in the previous table, -1 for one that was not there.
    is_comparable : bool
        Whether the values of both tables can be compared.
    """

    previous: Clustering
    table: FeatureTable
    rows: NDArray[np.intp]
    is_comparable: bool

    @classmethod
    def of(cls, previous: Clustering, table: FeatureTable) -> Succession:
        """Look up what a table shares with a previous result.

        Raises
        ------
        ParameterError
            If they have neither items nor columns in common.
        """
        is_comparable = comparable(previous.table, table)
        rows = shared_rows(previous.table, table)
        if not is_comparable and (rows < 0).all():
            raise ParameterError(
                f"previous={previous.table!r}: expected a result that has items in common with"
                f" {table!r}, or the same columns, computed alike"
            )
        return cls(previous, table, rows, is_comparable)

    @property
    def before(self) -> NDArray[np.int32]:
        """The previous cluster of each of today's items, as :func:`continuity` takes it."""
        return np.where(self.rows >= 0, self.previous.labels[self.rows], np.int32(ABSENT))

    def starting_centers(
        self, scaled: NDArray[np.float64], scaler: Scaler
    ) -> NDArray[np.float64] | None:
        """Give the previous centres in today's units, for k-means to start from.

        They are the means of the items that are still there. Where there are none, centres are
        brought from one scaling to the other; None if that cannot be done.

        Parameters
        ----------
        scaled : ndarray of shape (n_items, d), float64
            Today's features, scaled.
        scaler : Scaler
            Today's scaling.
        """
        previous, before = self.previous, self.before
        sizes = np.bincount(before[before >= 0], minlength=previous.k)
        starts = np.empty((previous.k, scaled.shape[1]))
        if not sizes.all():
            if not self.is_comparable:
                return None
            own = previous.scaler.inverse_transform(previous._middles)
            starts[:] = scaler.transform(own)
        for cluster in np.flatnonzero(sizes):
            starts[cluster] = scaled[before == cluster].mean(axis=0)
        return starts

    def followed_by(self, result: Clustering) -> Clustering:
        """Give today's result with the numbers, names and corrections of the previous one.

        Warns
        -----
        ContinuityWarning
            If clusters are gone or have other numbers, or corrections cannot be obeyed.
        """
        previous = self.previous
        distances = self._center_distances(result)
        found = continuity(self.before, result.labels, previous.k, result.k, distances)
        said = self._said_before(result, found)
        forgotten = len(previous.corrections) - len(said)
        kept = replace(result, kept_layout=self._kept_layout(result))
        numbered = _numbered(kept, found, previous.names)
        followed = numbered._obeying(said) if said else numbered
        _warn_of_changes(found, previous, self.before, followed, forgotten)
        return followed

    def _kept_layout(self, result: Clustering) -> Layout | None:
        """Give the layout that the previous result kept, with points for today's items.

        Items that are there again are where they were. New ones are placed by the previous
        result's rows and scaling, or by today's if these rows cannot be compared. Beside fewer
        than FEWEST there is too little to tell new ones apart: all are laid out anew.
        """
        kept, before = self.previous.kept_layout, self.rows
        if kept is None:
            return None
        new = np.flatnonzero(before < 0)
        if self.is_comparable:
            rows, points = self.previous.scaled, kept.points
            new_rows = self.previous.scaler.transform(self.table.values[new])
        else:
            rows, points = result.scaled[before >= 0], kept.points[before[before >= 0]]
            new_rows = result.scaled[new]
        if len(new) and len(points) < FEWEST:
            return laid_out(result.scaled, LayoutSettings.of(kept), n_threads(None))
        found = kept.points[before]
        found[new] = beside(rows, points, new_rows, n_threads(None))
        return replace(kept, points=found, continued=True)

    def _center_distances(self, result: Clustering) -> NDArray[np.float64] | None:
        """Give the distances of previous to today's centres, None if they cannot be compared.

        They are in the previous result's units, which suit its centres.
        """
        if not self.is_comparable:
            return None
        then = self.previous.scaler.transform(self.table.values)
        middles = _means(then, result.labels, result.k)
        distances = np.linalg.norm(self.previous._middles[:, None] - middles, axis=2)
        # A cluster without items, of which only the number is kept, is far from all.
        return np.asarray(np.nan_to_num(distances, nan=np.inf), np.float64)

    def _said_before(self, result: Clustering, found: Continuity) -> Corrections:
        """Give the previous corrections by the paths and the clusters of today's result."""
        previous, folder = self.previous, self.previous.table.folder
        paths = previous.paths
        # A name of audio in memory is no path.
        is_alike = (folder is None) == (self.table.folder is None)
        today = ByPath({p: p for p in result.paths if is_alike}, self.table.folder)
        pairs = zip(self.rows.tolist(), result.paths, strict=True)
        now = {paths[row]: path for row, path in pairs if row >= 0}

        def path_of(path: str) -> str:
            if path in now:
                return now[path]
            whole = path if folder is None else in_folder(folder, path)
            return today[whole] if whole in today else whole  # noqa: SIM401 - it has no get()

        said = translated(previous.corrections, path_of, found.number_of)
        # With fewer clusters than before, not all need be possible.
        return possible_part(said, result.paths, result.k) if said else said


def _numbered(result: Clustering, found: Continuity, names: Mapping[int, str]) -> Clustering:
    """Give a result with other numbers of clusters, and names that move with them."""
    new = np.array([*found.numbers, -1], np.int32)  # The last is found by the label -1.
    number_of, centers, units = found.number_of, result.centers, result.unit_labels
    pairs = ((number_of.get(cluster), name) for cluster, name in names.items())
    named = {number: name for number, name in pairs if number is not None}
    return replace(
        result,
        labels=new[result.labels],
        centers=None if centers is None else centers[np.argsort(found.numbers)],
        unit_labels=None if units is None else new[units],
        names=dict(sorted(named.items())),
    )


def _means(rows: NDArray[np.float64], labels: NDArray[np.int32], k: int) -> NDArray[np.float64]:
    """Give the mean of each of k clusters' rows; NaN for one without."""
    filled, own = np.unique(labels[labels >= 0], return_inverse=True)
    means = np.full((k, rows.shape[1]), np.nan)
    means[filled] = centroids(rows[labels >= 0], own)[0]
    return means


def _warn_of_changes(
    found: Continuity,
    previous: Clustering,
    before: NDArray[np.int32],
    today: Clustering,
    forgotten: int,
) -> None:
    """Warn of clusters that are gone, renumbered or new, and of corrections forgotten."""
    number_of, names = found.number_of, previous.names
    gone = [cluster for cluster in range(previous.k) if cluster not in number_of]
    moved = [cluster for cluster, number in sorted(number_of.items()) if cluster != number]
    pairs = zip(found.continues, found.numbers, strict=True)
    new = sorted(number for earlier, number in pairs if earlier < 0 and number < previous.k)
    said = []
    if gone:
        listed = ", ".join(
            f"{shown_number(cluster, names)} ({_whereabouts(today, before == cluster)})"
            for cluster in gone
        )
        said.append(f"of the previous clusters, none of today's continues {listed}")
    said += [f"{shown_number(cluster, names)} is {number_of[cluster]} now" for cluster in moved]
    # Their numbers are known by what other clusters were.
    said += [f"today's {number} is a new cluster, not the previous one" for number in new]
    if forgotten:
        said.append(f"{forgotten} of the corrections cannot be obeyed any more, forgotten")
    if said:
        # This function, followed_by() and cluster(): the line that is shown is the user's.
        warnings.warn("; ".join(said), ContinuityWarning, stacklevel=4)


def _whereabouts(today: Clustering, items: NDArray[np.bool_]) -> str:
    """Say which of today's clusters has most of some items."""
    counts = Counter(today.labels[items].tolist())
    if not counts:
        return "none of its items is there any more"
    cluster, n = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    place = "no cluster" if cluster < 0 else shown_number(cluster, today.names)
    return f"{n} of its {counts.total()} items {'is' if n == 1 else 'are'} now in {place}"
