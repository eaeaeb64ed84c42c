"""The method that finds the items most like a sound, and what it gives."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, overload

import numpy as np

from audioclust.audio.decoding.limits import Limits
from audioclust.audio.sources import scan
from audioclust.audio.spans import Item
from audioclust.errors import ParameterError
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.cache.settings import Cache, CacheSettings
from audioclust.extraction.recordings import extract_found
from audioclust.extraction.storing.tables import inputs_of
from audioclust.extraction.table import FeatureTable
from audioclust.results.held import HeldRows
from audioclust.results.keeping.same_items import check_comparable
from audioclust.results.uses.listings import Listed, Listing, item_row
from audioclust.utils import html
from audioclust.utils.arguments import check_int, check_path
from audioclust.utils.by_path import ByPath
from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import base_name
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.utils.types import Path

BLOCK_VALUES = 2**17
"""Number of values that are subtracted at once: few enough to stay in the processor's cache."""


class SimilarItem(NamedTuple):
    """An item and how far it is from the one that was asked about.

    Attributes
    ----------
    item : Item
        The item.
    distance : float
        The Euclidean distance of the scaled features.
    """

    item: Item
    distance: float


@dataclass(frozen=True, eq=False)
class Similar(Listed, ByValue, Sequence[SimilarItem]):
    """The items that are most like a sound, the most similar first.

    ``found[i]`` is a pair of an item and its distance, and iteration goes over these.

    Attributes
    ----------
    track : Item
        The sound that was asked about.
    items : tuple of Item
        The items, by distance, and those that are equally far in the order of the result.
    distances : ndarray of shape (n,), float64
        Their Euclidean distances from the sound, in scaled units.
    folder : str or None
        The folder that relative paths of the items belong to; None if they were in memory.
    inputs : tuple of str
        The full paths of all sounds of the result and of `track`, which no output may replace.
        They make no difference to whether two of these are equal.
    """

    track: Item
    items: tuple[Item, ...]
    distances: NDArray[np.float64]
    folder: str | None = ""
    inputs: tuple[str, ...] = field(default=(), compare=False)

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> SimilarItem: ...

    @overload
    def __getitem__(self, index: slice) -> list[SimilarItem]: ...

    def __getitem__(self, index: int | slice) -> SimilarItem | list[SimilarItem]:
        """Give an item with its distance, or a list of these for a slice."""
        return list(self)[index]

    def __iter__(self) -> Iterator[SimilarItem]:
        return map(SimilarItem, self.items, self.distances.tolist())

    def _listing(self) -> Listing:
        """Give a row for each item with its distance. JSON has the sound as ``track`` too."""
        about = {"track": item_row(self.track), "folder": self.folder}
        return Listing(self.items, {"distance": self.distances.tolist()}, about, self.inputs)

    def __repr__(self) -> str:
        lines = [f"<{self._summary()}>"]
        for item, distance in list(self)[: html.MAX_ROWS]:
            lines.append(f"  {distance:.4g}: {on_one_line(item.path)}")
        if len(self) > html.MAX_ROWS:
            lines.append(f"  and {len(self) - html.MAX_ROWS} more")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Give a table of the items as a notebook shows it."""
        from audioclust.listening.beside import Sample, players

        rows = ((f"{d:.4g}", i.path, f"{i.start:.2f}", f"{i.end:.2f}") for i, d in self)
        head = ("distance", "path", "start in s", "end in s")
        samples = (Sample(f"{distance:.4g}", item) for item, distance in self)
        heard = players(samples, self.folder)
        return html.table(self._summary(), head, rows, len(self)) + heard

    def _summary(self) -> str:
        name = on_one_line(base_name(self.track.path))
        return f"Similar: {len(self)} items like {name}"


# Pickles name them by where users find them, and so survive a move to another module.
Similar.__module__ = SimilarItem.__module__ = "audioclust"


class Similarity(HeldRows):
    """The method that finds similar items, for a result with a table and a scaler."""

    def similar(
        self,
        track: Path | Item | FeatureTable,
        n: int = 10,
        *,
        n_jobs: int | None = None,
        limits: Limits = Limits(),  # noqa: B008 - it is frozen
        cache: Cache = True,
        retry: bool = False,
    ) -> Similar:
        """Find the items that are most like a sound, by the distance of scaled features.

        All items are compared, whatever cluster they are in. The first call scales them, and
        keeps the scaled rows with the result: 8 bytes a value, 120 MB for 100,000 items of 150
        columns. They are not pickled or saved.

        Parameters
        ----------
        track : str, os.PathLike, Item or FeatureTable
            One of the items, or the path of one, which is itself left out then. Any other file
            is new: its features are computed with this result's settings. A table must have
            one row, and columns that were computed as this result's were.
        n : int, default=10
            How many items are wanted; all, if there are not so many.
        n_jobs : int or None, default=None
            Number of threads for a new file. The result does not depend on it.
        limits : Limits
            How much decoding a new file may take.
        cache : bool, str or os.PathLike, default=True
            Where what is computed of a new file is kept; see :func:`audioclust.extract`.
        retry : bool, default=False
            Whether a file that failed before is tried again.

        Returns
        -------
        Similar

        Raises
        ------
        FileNotFoundError
            If a path is neither that of an item nor of a file.
        NothingExtractedError
            If a new file cannot be used.
        ParameterError
            If `track` is not one sound, `n` is below 1, or a table's values do not compare.
        EmbeddingError
            If an embedding was unpickled or loaded without its function.
        """
        wanted = check_int("n", n, 1)
        kept = CacheSettings.checked(cache, retry)
        index = self._index_of(track)
        inputs = self._inputs
        if index is None:
            other = self._table_of(track, n_jobs, limits, kept)
            query, item = self.scaler.transform(other.values)[0], other.items[0]
            inputs = (*inputs, *inputs_of(other))
        else:
            query, item = self._scaled_rows[index], self.table.items[index]
        squared = squared_distances(self._scaled_rows, query)
        if index is not None:
            squared[index] = np.inf
        nearest = _smallest(squared, min(wanted, len(squared) - (index is not None)))
        items = tuple(self.table.items[i] for i in nearest)
        distances = np.sqrt(squared[nearest])
        return Similar(item, items, distances, self.table.folder, inputs)

    @functools.cached_property
    def _scaled_rows(self) -> NDArray[np.float64]:
        """The rows as they were clustered, kept for the next question."""
        return np.ascontiguousarray(self.scaler.transform(self.table.values))

    @functools.cached_property
    def _numbers_by_path(self) -> ByPath[list[int]]:
        """The numbers of the items of each path, kept for the next question too."""
        numbers: dict[str, list[int]] = {}
        for number, item in enumerate(self.table.items):
            numbers.setdefault(item.path, []).append(number)
        return ByPath(numbers, self.table.folder)

    @functools.cached_property
    def _inputs(self) -> tuple[str, ...]:
        """The full paths of all sounds, kept too: to join a folder with many takes its time."""
        return inputs_of(self.table)

    def _index_of(self, track: Path | Item | FeatureTable, name: str = "track") -> int | None:
        """Give the number of the item that is asked about; None if it is none of them.

        Errors call it `name`, as the method's argument.
        """
        if isinstance(track, FeatureTable):
            return None
        path = track.path if isinstance(track, Item) else check_path(name, track)
        known, numbers = self._numbers_by_path, []
        if path in known:
            numbers = known[path]
        if isinstance(track, Item):
            numbers = [number for number in numbers if self.table.items[number] == track]
            if not numbers:
                raise ParameterError(f"{name}={track!r}: expected an item of this result")
            return numbers[0]
        if len(numbers) > 1:
            expected = f"one of its {len(numbers)} items; see .items"
            raise ParameterError(f"{name}={path!r}: expected {expected}")
        return numbers[0] if numbers else None

    def _table_of(
        self,
        track: Path | Item | FeatureTable,
        n_jobs: int | None,
        limits: Limits,
        kept: CacheSettings,
    ) -> FeatureTable:
        """Give the features of a new sound as a table of one row."""
        if isinstance(track, FeatureTable):
            table = track
        elif self.table.settings.computed_elsewhere:
            why = "the rows that were clustered were computed elsewhere, nobody knows how"
            expected = f"one of the items, or a FeatureTable of one row, since {why}"
            raise ParameterError(f"track={track!r:.80}: expected {expected}")
        else:
            found = scan(check_path("track", track), limits)
            if len(found.recordings) != 1:
                got = f"{len(found.recordings)} files"
                raise ParameterError(f"track={track!r:.80} has {got}: expected one")
            settings = self.table.settings.without_descriptors()
            made = extract_found(found, settings, BatchSettings.checked(n_jobs), kept)
            table = made[self.table.columns]
        check_comparable(self.table, table)
        if len(table) != 1:
            raise ParameterError(f"track={table!r}: expected a table of one row")
        return table


def squared_distances(
    rows: NDArray[np.float64], query: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the squared Euclidean distance of each row to one.

    They are sums of squared differences, one row like the other: copies of the query are at
    distance 0, and copies of each other are equally far. A product of matrices would be faster
    by less than it costs to read the rows, and would lose the nearest in rounding.
    """
    squared = np.empty(len(rows))
    step = max(1, BLOCK_VALUES // max(1, rows.shape[1]))
    room = np.empty((min(step, len(rows)), rows.shape[1]))
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        off = np.subtract(block, query, out=room[: len(block)])
        np.einsum("ij,ij->i", off, off, out=squared[start : start + step])
    return squared


def _smallest(values: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """Give the indices of the `n` smallest values, ascending, equal ones in their order."""
    if n == 0:
        return np.empty(0, np.intp)
    largest = np.partition(values, n - 1)[n - 1]
    candidates = np.flatnonzero(values <= largest)
    return candidates[np.argsort(values[candidates], kind="stable")][:n]
