"""How a result follows a previous one: items in common, numbers, names, corrections."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

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

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.clustering.scaling import Scaler


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
        _warn_of_changes(found, previous.names, previous.k, forgotten)
        numbered = _numbered(result, found, previous.names)
        return numbered._obeying(said) if said else numbered

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
            whole = path if folder is None else os.path.join(folder, path)
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
    found: Continuity, names: Mapping[int, str], k_before: int, forgotten: int
) -> None:
    """Warn of earlier clusters that are gone or renumbered, and of corrections forgotten."""
    number_of = found.number_of
    gone = [cluster for cluster in range(k_before) if cluster not in number_of]
    moved = [cluster for cluster, number in sorted(number_of.items()) if cluster != number]
    said = []
    if gone:
        listed = ", ".join(shown_number(cluster, names) for cluster in gone)
        said.append(f"of the previous clusters, none of today's continues {listed}")
    said += [f"{shown_number(cluster, names)} is {number_of[cluster]} now" for cluster in moved]
    if forgotten:
        said.append(f"{forgotten} of the corrections cannot be obeyed any more, forgotten")
    if said:
        # This function, followed_by() and cluster(): the line that is shown is the user's.
        warnings.warn("; ".join(said), ContinuityWarning, stacklevel=4)
