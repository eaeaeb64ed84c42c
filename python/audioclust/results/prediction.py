"""The method that puts other sounds into clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audioclust import _core
from audioclust.audio.decoding.limits import Limits
from audioclust.audio.sources import Source, scan
from audioclust.errors import NothingExtractedError, ParameterError
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.cache.settings import Cache, CacheSettings
from audioclust.extraction.recordings import extract_found
from audioclust.extraction.table import FeatureTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.clustering.scaling import Scaler


class Prediction:
    """The method that gives the clusters of other sounds, for a result with a table."""

    if TYPE_CHECKING:
        table: FeatureTable
        scaler: Scaler

        @property
        def _middles(self) -> NDArray[np.float64]:
            """The centre or the mean of each cluster, in scaled units."""
            raise NotImplementedError

    def predict(
        self,
        source: Source | FeatureTable,
        *,
        n_jobs: int | None = None,
        limits: Limits = Limits(),  # noqa: B008 - it is frozen
        cache: Cache = True,
        retry: bool = False,
    ) -> NDArray[np.int32]:
        """Give the cluster whose centre is nearest, for other sounds.

        With k-means and affinity that is the cluster the sounds would have been put in. gmm
        decides by likelihood instead, and som, ward and hdbscan have no centres, so that the
        mean of each cluster stands in for one. With these four the answer is an approximation,
        and an item that was clustered may get another label than it has. No sound is called
        noise.

        Parameters
        ----------
        source : see :func:`audioclust.extract`, or FeatureTable
            Features are computed with this result's settings. It must be a table if the rows
            that were clustered were computed elsewhere.
        n_jobs : int or None, default=None
            Number of recordings to work on at once; None or -1 for as many as there are cores.
        limits : Limits
            How much decoding each recording may take. Those that were given to
            :func:`audioclust.cluster` hold for its own recordings alone.
        cache, retry
            Whether features of files are kept on disk, and whether files that failed before are
            tried again; see :func:`audioclust.extract`.

        Returns
        -------
        labels : ndarray of shape (n,), int32
            The label of each recording in the order in which they were found, -1 for one that
            cannot be used; or the label of each row of a table. A path that is given twice is
            one recording.

        Raises
        ------
        FileNotFoundError
            If a path does not exist.
        NoAudioError
            If there is nothing to decode.
        ParameterError
            If a table has other features than were clustered, or computed in another way.
        EmbeddingError
            If an embedding was unpickled without its function.

        Warns
        -----
        CacheWarning
            If the cache cannot be used. What it lacks is computed.
        """
        kept = CacheSettings.checked(cache, retry)
        if isinstance(source, FeatureTable):
            return self._nearest(source)
        if self.table.settings.computed_elsewhere:
            why = "the rows that were clustered were computed elsewhere, nobody knows how"
            raise ParameterError(f"source={source!r:.80}: expected a FeatureTable, since {why}")
        found = scan(source, limits)
        try:
            batch = BatchSettings.checked(n_jobs)
            table = extract_found(found, self.table.settings, batch, kept)
        except NothingExtractedError:
            return np.full(len(found.recordings), -1, np.int32)
        paths = (item.path for item in table.items)
        rows = self._nearest(table[self.table.columns]).tolist()
        labels = dict(zip(paths, rows, strict=True))
        return np.array([labels.get(r.path, -1) for r in found.recordings], np.int32)

    def _nearest(self, table: FeatureTable) -> NDArray[np.int32]:
        self._check_comparable(table)
        scaled = self.scaler.transform(table.values)
        return _core.assign(scaled, self._middles, n_threads=1)[0]

    def _check_comparable(self, table: FeatureTable) -> None:
        """Raise a ParameterError unless a table's values compare with those clustered."""
        ours, theirs = self.table, table
        if theirs.columns != ours.columns or not theirs.settings.comparable(ours.settings):
            expected = f"the {len(ours.columns)} columns that were clustered, computed alike"
            raise ParameterError(f"source={table!r}: expected {expected}")
        if theirs.sr != ours.sr:
            raise ParameterError(
                f"source at {theirs.sr} Hz: expected {ours.sr} Hz, which sr=None kept before"
            )
