"""The methods that say what is in each cluster, and what part of it is worth hearing first."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

from audioclust.clustering.explanation.differences import FEWEST, differences
from audioclust.clustering.explanation.medoids import medoids
from audioclust.errors import ParameterError
from audioclust.results.held import Held
from audioclust.results.uses.measured import Measured, measured
from audioclust.results.uses.sentences import ONLY_ONE, TOO_FEW, Finding, sentence
from audioclust.results.uses.summary import ClusterSummary, ColumnDifference, Summary
from audioclust.utils.arguments import check_positive

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.spans import Item
    from audioclust.clustering.explanation.differences import Differences


N_NEAREST = 3
"""Items nearest a cluster's centre that a summary names."""


class Summaries(Held):
    """The methods that explain clusters, for a result with a table and scaled rows."""

    def summary(self) -> Summary:
        """Say how large each cluster is, what sets it apart, and what is typical of it.

        A cluster is compared with all other items in the columns of the table, in the lengths
        of items if all are known, and in descriptors if the table has them. What chance could
        make is not said: of clusters that are drawn at random, all columns and clusters
        together, anything is said in at most 5 % of results. Clusters that an algorithm found
        in sounds without groups differ nonetheless, since that is how they were made: whether
        there are groups is what :func:`audioclust.choose_k` tells.

        Returns
        -------
        Summary
            ``print()`` shows it. It is worked out once for each result, and is the same for the
            same labels and `random_state`.

        Notes
        -----
        docs/explaining.md has the words and the rules for them, how differences are measured,
        and how often the words are true.

        Examples
        --------
        >>> print(result.summary())  # doctest: +SKIP
        >>> result.summary()[0].words  # doctest: +SKIP
        'short, bright; much louder than the rest'
        """
        return self._explained

    def typical(self, cluster: int | str, *, seconds: float = 10.0) -> Item:
        """Find the part of a cluster's most typical item that is worth hearing first.

        It is the part of its medoid, so many seconds long, that has the most energy. A shorter
        item is taken whole. The file is decoded once.

        Parameters
        ----------
        cluster : int or str
            The number or the name of the cluster.
        seconds : float, default=10.0
            Length of the part.

        Returns
        -------
        Item
            The part, with start and end in seconds of the recording.

        Raises
        ------
        ParameterError
            If there is no such cluster, it has no items, or `seconds` is not above 0.
        DecodeError
            If the file cannot be read any more, or the sound was given in memory.
        SignalError
            If it has samples that are not finite.
        """
        from audioclust.listening.excerpts import loudest

        cluster = self.number_of(cluster)
        seconds = check_positive("seconds", seconds)
        medoid = self._medoids[cluster]
        if medoid is None:
            raise ParameterError(f"cluster={cluster}: expected one that has items")
        found = loudest(medoid.within(self.table.folder), seconds)
        return found.item._replace(path=medoid.path)

    @functools.cached_property
    def _medoids(self) -> tuple[Item | None, ...]:
        """The medoid of each cluster, None for one without items."""
        rows = medoids(self.scaled, self.labels, self.k).tolist()
        return tuple(self.table.items[row] if row >= 0 else None for row in rows)

    @functools.cached_property
    def _explained(self) -> Summary:
        """What :meth:`summary` gives."""
        columns = measured(self.table, self.table.descriptors)
        found = differences(columns.values, self.labels, self.k, seed=self.random_state or 0)
        nearest = self.representatives(N_NEAREST)
        clusters = tuple(
            self._described(cluster, columns, found, nearest[cluster])
            for cluster in range(self.k)
        )
        n_unassigned = int((self.labels < 0).sum())
        return Summary(clusters, len(self.labels), n_unassigned, self.table.folder)

    def _described(
        self, cluster: int, columns: Measured, found: Differences, nearest: tuple[Item, ...]
    ) -> ClusterSummary:
        """Describe one cluster."""
        members = np.flatnonzero(self.labels == cluster)
        own = found.difference[cluster]
        places = np.flatnonzero(found.stands_out[cluster])
        places = places[np.argsort(-np.abs(own[places]), kind="stable")]
        seconds = math.fsum(
            self.table.items[row].end - self.table.items[row].start for row in members
        )
        return ClusterSummary(
            number=cluster,
            name=self.names.get(cluster),
            size=len(members),
            seconds=seconds if math.isfinite(seconds) else None,
            words=self._words(members, columns, own, places),
            differences=tuple(
                ColumnDifference(
                    (phrase := columns.phrases[place]).column,
                    float(own[place]),
                    float(found.low[cluster, place]),
                    float(found.high[cluster, place]),
                    phrase.more if own[place] > 0 else phrase.less,
                )
                for place in places.tolist()
            ),
            medoid=self._medoids[cluster],
            nearest=nearest,
        )

    def _words(
        self,
        members: NDArray[np.intp],
        columns: Measured,
        own: NDArray[np.float64],
        places: NDArray[np.intp],
    ) -> str:
        """Say what sets a cluster apart, from the columns in which it stands out."""
        rest = len(self.labels) - len(members)
        if rest == 0:
            return ONLY_ONE
        if min(len(members), rest) < FEWEST:
            return TOO_FEW
        positions = _positions(columns.values[:, places], members)
        return sentence(
            Finding(columns.phrases[place], float(own[place]), position)
            for place, position in zip(places.tolist(), positions.tolist(), strict=True)
        )


def _positions(values: NDArray[np.float64], members: NDArray[np.intp]) -> NDArray[np.float64]:
    """Give where the median of some rows lies among all, from 0 to 1, column by column."""
    middles = np.median(values[members], axis=0)
    below, up_to = (values < middles).mean(axis=0), (values <= middles).mean(axis=0)
    return np.asarray((below + up_to) / 2, np.float64)
