"""The method that puts other sounds into clusters, and what it gives."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust import _core
from audioclust.audio.choosing.file_filter import FileFilter, check_files
from audioclust.audio.decoding.limits import Limits
from audioclust.audio.recording import current_folder
from audioclust.audio.sources import Scan, Source, scan
from audioclust.audio.spans import Item
from audioclust.clustering.layouts.layout import Layout, LayoutMethod
from audioclust.errors import ItemError, NothingExtractedError, ParameterError
from audioclust.export.tables import ItemTable
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.cache.settings import Cache, CacheSettings
from audioclust.extraction.progress import Progress
from audioclust.extraction.recordings import extract_found
from audioclust.extraction.table import FeatureTable
from audioclust.results.held import Held
from audioclust.results.item_exports import ItemExports
from audioclust.results.keeping.corrections import clusters_said
from audioclust.results.keeping.naming import shown_number
from audioclust.results.keeping.same_items import check_comparable, shared_rows
from audioclust.results.shown import SHOWN_CLUSTERS
from audioclust.utils import html
from audioclust.utils.urls.names import in_folder
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray


FAR_PERCENTILE = 99
"""Which percentile of the distances of clustered items is still near."""


@dataclass(frozen=True, eq=False)
class Predicted(ByValue, ItemExports):
    """Other sounds in the clusters of a result.

    It has a label for each recording that was found, also for one that cannot be used, but not
    for one that is too short or too long for the :class:`audioclust.FileFilter`.
    ``np.asarray(predicted)`` is `labels`; ``len(predicted)`` and iteration are those of
    `labels`, too. Two are equal if all they hold is equal. Files and data frames have a row for
    each item of `items`, with a column ``far``.

    Attributes
    ----------
    labels : ndarray of shape (n,), int32
        The cluster of each recording in the order in which they were found, -1 for one that
        cannot be used; or the cluster of each row of a table.
    distances : ndarray of shape (n,), float64
        The distance of each to the nearest centre, in scaled units; NaN for one that cannot be
        used. Where there are no centres, the means of the clusters stand for them.
    is_far : ndarray of shape (n,), bool
        Whether `distances` is more than `far_from`: none of the clusters may be right. False
        for one that cannot be used.
    paths : tuple of n str
        The path that each label belongs to.
    table : FeatureTable
        The features of those that could be used, not scaled, with items and errors; without
        rows if there are none.
    far_from : float
        The 99th percentile of the distances of the items that were clustered to the nearest
        centre: the least of them that at most one in a hundred items exceeds. For fewer than
        100 items it is the largest. Items in no cluster do not count, nor do those of which
        something was said by :meth:`audioclust.Clustering.refine`, unless there are no others.
    names : mapping of int to str
        The names of clusters, by number; without those that have none.
    """

    labels: NDArray[np.int32]
    distances: NDArray[np.float64]
    is_far: NDArray[np.bool_]
    paths: tuple[str, ...]
    table: FeatureTable
    far_from: float
    names: Mapping[int, str] = field(default_factory=dict)
    # The method of the result that made this. It would take the whole result into a pickle.
    _layout_of: Callable[..., Layout] | None = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """Give what is pickled and copied: not the result that this was made by."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.compare}

    @property
    def items(self) -> tuple[Item, ...]:
        """What could be used, in the order of `labels`."""
        return self.table.items

    @property
    def errors(self) -> tuple[ItemError, ...]:
        """What could not be used, and why."""
        return self.table.errors

    @property
    def is_used(self) -> NDArray[np.bool_]:
        """Which of the labels belong to `items`; the others are -1."""
        return ~np.isnan(self.distances)

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[int]:
        """Go over the labels."""
        return iter(self.labels.tolist())

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> NDArray[Any]:
        """Give the labels as NumPy asks for them."""
        return np.array(self.labels, dtype=dtype, copy=copy)

    def layout(
        self,
        method: LayoutMethod | None = None,
        *,
        random_state: int | None = None,
        perplexity: float | None = None,
    ) -> Layout:
        """Place `items` on the layout of the result that predicted them.

        Parameters
        ----------
        method, random_state, perplexity
            Which layout of the result; see :meth:`audioclust.Clustering.layout`.

        Returns
        -------
        Layout
            A point for each of `items`, as :meth:`audioclust.Clustering.layout_of` gives it.

        Raises
        ------
        ParameterError
            If an argument is invalid, or this was unpickled, and so has no result any more.
        """
        if self._layout_of is None:
            expected = "expected the result's layout_of(predicted.table), since this was copied"
            raise ParameterError(f"layout: {expected} or unpickled, without the result")
        return self._layout_of(
            self.table, method, random_state=random_state, perplexity=perplexity
        )

    def __repr__(self) -> str:
        counts = Counter(self.labels[self.is_used].tolist())
        sizes = sorted(counts.items())
        clusters = f"{len(sizes)} cluster{'s' if len(sizes) != 1 else ''}"
        lines = [f"<Predicted: {len(self.items)} items in {clusters}>"]
        lines += [
            f"  {shown_number(label, self.names)}: {_items(size)}"
            for label, size in sizes[:SHOWN_CLUSTERS]
        ]
        if len(sizes) > SHOWN_CLUSTERS:
            lines.append(f"  and {len(sizes) - SHOWN_CLUSTERS} other clusters")
        if self.is_far.any():
            lines.append(f"  {_items(int(self.is_far.sum()))} far from all: see .is_far")
        if self.errors:
            lines.append(f"  {len(self.errors)} could not be used: see .errors")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Give a table of the items as a notebook shows it."""
        from audioclust.listening.beside import Sample, players

        used, names = np.flatnonzero(self.is_used), self.names
        labels, distances = self.labels[used].tolist(), self.distances[used].tolist()
        clusters = [shown_number(label, names) for label in labels]
        far = ["far" if is_far else "" for is_far in self.is_far[used]]
        paths = [self.paths[place] for place in used]
        rows = zip(paths, clusters, (f"{d:.4g}" for d in distances), far, strict=True)
        failed = f"; {len(self.errors)} could not be used" if self.errors else ""
        caption = f"Predicted: {_items(len(used))}{failed}"
        best: dict[int, int] = {}
        for row in np.argsort(distances, kind="stable").tolist():
            best.setdefault(labels[row], row)
        samples = (Sample(clusters[row], self.items[row]) for _, row in sorted(best.items()))
        shown = html.table(caption, ("path", "cluster", "distance", ""), rows, len(used))
        return shown + players(samples, self.table.folder)

    def item_table(self) -> ItemTable:
        """Give items, labels, distances and whether they are far as they are exported."""
        used = self.is_used
        about = {
            "far_from": self.far_from,
            "columns": self.table.columns,
            "settings": self.table.settings.as_json(),
            "version": self.table.version,
        }
        return ItemTable(
            items=self.items,
            labels=self.labels[used].tolist(),
            distances=self.distances[used].tolist(),
            errors=self.errors,
            about=about,
            folder=self.table.folder,
            names=self.names,
            other_inputs=[one.path for one in self.table.left_out],
            more={"far": self.is_far[used].tolist()},
        )


def _items(n: int) -> str:
    return f"{n} item{'s' if n != 1 else ''}"


# Pickles name it by where users find it, and so survive a move to another module.
Predicted.__module__ = "audioclust"


class Prediction(Held):
    """The method that gives the clusters of other sounds, for a result with a table."""

    def predict(
        self,
        source: Source | FeatureTable,
        *,
        n_jobs: int | None = None,
        progress: Progress = None,
        limits: Limits = Limits(),  # noqa: B008 - it is frozen
        files: FileFilter | None = None,
        cache: Cache = True,
        retry: bool = False,
    ) -> Predicted:
        """Give the clusters of other sounds, and how far they are from them.

        The cluster is the one whose centre is nearest. With k-means and affinity that is the
        one the sounds would have been put in. som takes the region of the best-matching unit of
        its map. gmm decides by likelihood instead, and ward and hdbscan have no centres, so
        that the mean of each cluster stands in for one: with these three the answer is an
        approximation. An item that was clustered gets the label that it has with k-means and
        som, and may get another one with the others. No sound is called noise. A file that was
        corrected, see :meth:`audioclust.Clustering.refine`, gets the cluster that was said. If
        its path changed since, it is found by its row of features, if these are at least 8.

        A sound is far if it is farther from every centre than the 99th percentile of the
        distances of the clustered items: perhaps it belongs to none of the clusters.
        At most one in a hundred of the clustered items is far itself, and more of other sounds
        of the same kinds; see docs/models.md.

        Parameters
        ----------
        source : see :func:`audioclust.extract`, or FeatureTable
            Features are computed with this result's settings. It must be a table if the rows
            that were clustered were computed elsewhere.
        n_jobs : int or None, default=None
            Number of recordings to work on at once; None or -1 for as many as there are cores.
        progress : bool, callable or None, default=None
            Whether progress is shown; see :func:`audioclust.extract`.
        limits : Limits
            How much decoding each recording may take. Those that were given to
            :func:`audioclust.cluster` hold for its own recordings alone.
        files : FileFilter or None, default=None
            Which files are used of those that a search finds, and how long recordings may be;
            None is ``FileFilter()``. The filter that was given to :func:`audioclust.cluster`
            held for its own recordings alone.
        cache, retry
            Whether features of files are kept on disk, and whether files that failed before are
            tried again; see :func:`audioclust.extract`.

        Returns
        -------
        Predicted
            A label, a distance and whether it is far for each recording in the order in which
            they were found, also for one that cannot be used; or for each row of a table. A
            path that is given twice is one recording. Recordings that are too short or too long
            for `files` have none; they are in the table's `left_out`, if any other can be used.

        Raises
        ------
        FileNotFoundError
            If a path does not exist.
        NoAudioError
            If there is nothing to decode, or all recordings are too short or too long.
        ParameterError
            If an argument is invalid, `files` is given for a table, or a table has other
            features than were clustered, or computed in another way.
        EmbeddingError
            If an embedding was unpickled or loaded without its function.

        Warns
        -----
        CacheWarning
            If the cache cannot be used. What it lacks is computed.
        """
        kept, which = CacheSettings.checked(cache, retry), check_files(files)
        if isinstance(source, FeatureTable):
            if which != FileFilter():
                raise ParameterError(f"files={files!r}: expected to be left out for a table")
            return self._placed(source, tuple(item.path for item in source.items))
        if self.table.settings.computed_elsewhere:
            why = "the rows that were clustered were computed elsewhere, nobody knows how"
            raise ParameterError(f"source={source!r:.80}: expected a FeatureTable, since {why}")
        batch = BatchSettings.checked(n_jobs, progress)
        found = scan(source, limits, which)
        settings = self.table.settings.without_descriptors()
        try:
            table = extract_found(found, settings, batch, kept)
        except NothingExtractedError as why:
            table = self._without_rows(found, why.errors)
        there = {item.path for item in table.items} | {error.path for error in table.errors}
        paths = tuple(one.path for one in found.recordings if one.path in there)
        return self._placed(table[self.table.columns], paths)

    def _placed(self, table: FeatureTable, paths: tuple[str, ...]) -> Predicted:
        """Put the rows of a table into clusters, and give a label for each of the paths.

        Rows are in the order of the paths; paths without a row cannot be used.
        """
        check_comparable(self.table, table)
        scaled = self.scaler.transform(table.values)
        labels = np.full(len(paths), -1, np.int32)
        distances = np.full(len(paths), np.nan)
        used = _are_there(paths, table)
        labels[used], distances[used] = self._clusters_of(scaled), self._nearness_of(scaled)
        self._correct(labels, used, paths, table)
        far_from, is_far = self._far_from, np.greater(distances, self._far_from)
        return Predicted(
            labels, distances, is_far, paths, table, far_from, self.names, self.layout_of
        )

    def _correct(
        self,
        labels: NDArray[np.int32],
        used: NDArray[np.bool_],
        paths: tuple[str, ...],
        table: FeatureTable,
    ) -> None:
        """Write what was said of files over their labels, also of files that were moved."""
        if not self.corrections:
            return
        own, folder = self.paths, table.folder
        said = clusters_said(self.corrections, own, self.labels.tolist(), self.table.folder)
        # A name of audio in memory is no path.
        is_alike = (folder is None) == (self.table.folder is None)
        rows = shared_rows(self.table, table).tolist()
        for place, row in zip(np.flatnonzero(used).tolist(), rows, strict=True):
            path = paths[place] if folder is None else in_folder(folder, paths[place])
            if is_alike and path in said:
                labels[place] = said[path]
            elif row >= 0 and own[row] in said:
                labels[place] = said[own[row]]

    @functools.cached_property
    def _far_from(self) -> float:
        """The distance that no more than one in a hundred clustered items exceeds.

        Distances are those to the nearest centre, as they are for other sounds. The centre of
        its cluster can be far from an item that was corrected.
        """
        said = set(self.corrections.paths)
        clustered = self.labels >= 0
        counted = clustered & np.array([path not in said for path in self.paths], np.bool_)
        own = self._nearness_of(self.scaled[counted if counted.any() else clustered])
        return float(np.percentile(own, FAR_PERCENTILE, method="inverted_cdf"))

    def _clusters_of(self, scaled: NDArray[np.float64]) -> NDArray[np.int32]:
        """Give the cluster of each scaled row."""
        if self.trained_map is None or self.unit_labels is None:
            return _core.assign(scaled, self._middles, n_threads=1)[0]
        units = _core.assign(scaled, self.trained_map.units, n_threads=1)[0]
        return self.unit_labels[units]

    def _nearness_of(self, scaled: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the distance of each scaled row to the nearest centre or mean."""
        nearest = _core.assign(scaled, self._middles, n_threads=1)[0]
        distances: NDArray[np.float64] = np.linalg.norm(scaled - self._middles[nearest], axis=1)
        return distances

    def _without_rows(self, found: Scan, errors: tuple[ItemError, ...]) -> FeatureTable:
        """Give the table of recordings that cannot be used."""
        none = self.table.values[:0]
        # Without recordings there were but links that lead to nothing, or closed folders.
        folder = found.recordings[0].folder if found.recordings else current_folder()
        return replace(
            self.table,
            values=none,
            items=(),
            errors=errors,
            settings=self.table.settings.without_descriptors(),
            folder=folder,
            left_out=(),
            descriptors=None,
        )


def _are_there(paths: tuple[str, ...], table: FeatureTable) -> NDArray[np.bool_]:
    """Tell which of the paths have a row. In a table, several rows may be of one path."""
    if len(paths) == len(table):
        return np.ones(len(paths), np.bool_)
    rows = {item.path for item in table.items}
    return np.array([path in rows for path in paths], np.bool_)
