"""`duplicates()`: the same recording in other formats, with other ends or another level."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np

from audioclust import _core
from audioclust.audio.decoding.limits import Limits
from audioclust.audio.recording import Recording
from audioclust.audio.sources import Scan, Source, scan
from audioclust.audio.spans import IN_MEMORY, Item
from audioclust.errors import DecodeError, ItemError
from audioclust.export.dataframe import data_frame
from audioclust.export.documents import error_records
from audioclust.export.tables import located
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.fingerprints.recorded import (
    WORDS_PER_SECOND,
    Fingerprint,
    fingerprints_of,
)
from audioclust.extraction.progress import Progress
from audioclust.extraction.table import FeatureTable
from audioclust.results.uses.listings import Listing, item_row, write_listing
from audioclust.utils import html
from audioclust.utils.arguments import check_positive
from audioclust.utils.text import on_one_line
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    import pandas
    from numpy.typing import NDArray

    from audioclust.utils.types import Path

SECONDS = 60.0
"""How much of each recording is looked at, from its beginning."""

_BITS = 32

ERRORS = 0.18
"""The largest share of bits that may differ; docs/similar.md says how it was chosen."""

ERRORS_OF_FEW = 0.12
"""The same for fewer than :data:`ENOUGH_WORDS`, of which more agree by chance."""

ENOUGH_WORDS = 43
"""Half a second of what tells something."""

LEAST_WORDS = 20
"""Of sounds with less of that, 0.23 s, nothing can be told."""

OVERLAP = 0.4
"""The least share of the longer fingerprint that both have in common."""


class DuplicatePair(NamedTuple):
    """Two recordings that are the same.

    Attributes
    ----------
    first, second : Item
        The recordings, in the order in which they were found.
    offset : float
        Where the second one begins in the first, in seconds, to about 0.01 s; below 0 if it
        begins earlier.
    score : float
        How well they agree, from about 0.6 to 1: 1 less twice the share of bits that differ,
        which is near 0 for unrelated sounds.
    seconds : float
        How much sound was compared.
    """

    first: Item
    second: Item
    offset: float
    score: float
    seconds: float


@dataclass(frozen=True, eq=False)
class Duplicates(ByValue, Sequence[tuple[Item, ...]]):
    """Groups of recordings that are the same.

    ``len(found)`` is the number of groups, ``found[i]`` the items of one, and iteration goes
    over the groups.

    Attributes
    ----------
    groups : tuple of tuples of Item
        The groups, each of two recordings or more that are linked by pairs, in the order in
        which they were found; so are the groups, by their first item.
    pairs : tuple of DuplicatePair
        The pairs that are the same, in that order. Of a recording with many copies not every
        pair is there, but all are in one group.
    n_compared : int
        The number of recordings that were compared.
    too_short : tuple of Item
        Those with too little sound that changes, of which nothing can be told.
    errors : tuple of ItemError
        What could not be used, and why.
    folder : str or None
        The folder that relative paths belong to.
    """

    groups: tuple[tuple[Item, ...], ...]
    pairs: tuple[DuplicatePair, ...]
    n_compared: int
    too_short: tuple[Item, ...] = ()
    errors: tuple[ItemError, ...] = ()
    folder: str | None = ""

    def __len__(self) -> int:
        return len(self.groups)

    @overload
    def __getitem__(self, index: int) -> tuple[Item, ...]: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[tuple[Item, ...], ...]: ...

    def __getitem__(
        self, index: int | slice
    ) -> tuple[Item, ...] | tuple[tuple[Item, ...], ...]:
        """Give the items of a group, or several groups for a slice."""
        return self.groups[index]

    def __iter__(self) -> Iterator[tuple[Item, ...]]:
        return iter(self.groups)

    @property
    def scores(self) -> dict[Item, float]:
        """The score of each item beside the one of its group that it agrees best with."""
        best: dict[Item, float] = {}
        for pair in self.pairs:
            for item in (pair.first, pair.second):
                best[item] = max(pair.score, best.get(item, 0.0))
        return best

    def to_dataframe(self) -> pandas.DataFrame:
        """Give the group and the score of each item that has a duplicate as a data frame.

        Returns
        -------
        pandas.DataFrame
            Its index has the levels path, start and end (both in seconds).

        Raises
        ------
        MissingExtraError
            Without pandas: ``pip install 'audioclust[pandas]'``.
        """
        return data_frame(*self._rows())

    def export(self, path: Path, *, format: str | None = None) -> None:  # noqa: A002
        """Write the groups as CSV or JSON.

        CSV has group, path, start, end and score of each item. JSON has the pairs, what is too
        short and what could not be used as well.

        Parameters
        ----------
        path : str or os.PathLike
            The file to write.
        format : {"csv", "json"} or None
            The format; None is the one that the path's suffix names.

        Raises
        ------
        ParameterError
            If there is no such format, or the file is one of the sounds.
        OSError
            If the file cannot be written.
        """
        rows, columns = self._rows()
        pairs = [
            {**pair._asdict(), "first": item_row(pair.first), "second": item_row(pair.second)}
            for pair in self.pairs
        ]
        about = {
            "pairs": pairs,
            "n_compared": self.n_compared,
            "too_short": [item.path for item in self.too_short],
            "errors": error_records(self.errors),
            "folder": self.folder,
        }
        paths = [item.path for item in (*rows, *self.too_short)]
        inputs = located([*paths, *(error.path for error in self.errors)], self.folder)
        write_listing(Listing(rows, columns, about, inputs), path, format)

    def _rows(self) -> tuple[list[Item], dict[str, list[Any]]]:
        """Give the items that have duplicates, with their groups and scores."""
        rows = [(n, item) for n, group in enumerate(self.groups) for item in group]
        scores, items = self.scores, [item for _, item in rows]
        columns: dict[str, list[Any]] = {
            "group": [n for n, _ in rows],
            "score": [scores[item] for item in items],
        }
        return items, columns

    def __repr__(self) -> str:
        lines = [f"<{self._summary()}>"]
        for number, group in enumerate(self.groups[: html.MAX_ROWS]):
            lines.append(f"  {number}: {', '.join(on_one_line(item.path) for item in group)}")
        if len(self) > html.MAX_ROWS:
            lines.append(f"  and {len(self) - html.MAX_ROWS} more")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Give a table of the groups as a notebook shows it."""
        scores = self.scores
        rows = (
            (number, f"{scores[item]:.2f}", item.path)
            for number, group in enumerate(self.groups)
            for item in group
        )
        return html.table(self._summary(), ("group", "score", "path"), rows)

    def _summary(self) -> str:
        n_items = sum(map(len, self.groups))
        short = f", {len(self.too_short)} too short to tell" if self.too_short else ""
        failed = f", {len(self.errors)} could not be used" if self.errors else ""
        same = f"{n_items} of {self.n_compared} recordings in {len(self)} groups"
        return f"Duplicates: {same}{short}{failed}"


# Pickles name them by where users find them, and so survive a move to another module.
Duplicates.__module__ = DuplicatePair.__module__ = "audioclust"


def duplicates(
    source: Source,
    *,
    seconds: float = SECONDS,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
    n_jobs: int | None = None,
    progress: Progress = None,
) -> Duplicates:
    """Find recordings that are the same: in other formats, with other ends, louder or quieter.

    They are compared by fingerprints: 32 bits for each 11.6 ms that say which bands of
    frequency have grown. Two recordings are the same if, laid side by side, at most 18 % of
    these bits differ, of at least 0.5 s that tell something, or 12 % of at least 0.23 s; and if
    what they have in common is at least two fifths of the longer one. So an excerpt of a track
    is no duplicate of it. Sounds with less that changes, such as very short ones, silence and
    steady tones, are listed as too short. Other speeds and other performances are not found;
    two tracks that a sequencer made of the same loops may be.

    Parameters
    ----------
    source : str, os.PathLike, iterable of these, or mapping
        Folders, files or glob patterns, or a mapping of names to ``(y, sr)``; see
        :func:`audioclust.extract`.
    seconds : float, default=60
        How much of each recording is looked at, from its beginning. A fingerprint takes 345
        bytes a second.
    limits : Limits
        How much decoding each recording may take.
    n_jobs : int or None, default=None
        Number of recordings to work on at once; None or -1 for as many as there are cores. The
        result does not depend on it.
    progress : bool, callable or None, default=None
        Whether progress is shown; see :func:`audioclust.extract`.

    Returns
    -------
    Duplicates

    Raises
    ------
    FileNotFoundError
        If a path does not exist.
    NoAudioError
        If there is nothing to decode.
    NothingExtractedError
        If none of the sounds could be used.
    ParameterError
        If an argument is invalid.

    Examples
    --------
    >>> import audioclust as ac
    >>> for group in ac.duplicates("~/Music"):  # doctest: +SKIP
    ...     print([item.path for item in group])
    """
    taken = check_positive("seconds", seconds)
    batch = BatchSettings.checked(n_jobs, progress)
    return _duplicates_of(scan(source, limits), taken, batch)


class SameRecordings:
    """The method that finds duplicates among the files of a result with a table."""

    if TYPE_CHECKING:
        table: FeatureTable

    def duplicates(
        self,
        *,
        seconds: float = SECONDS,
        n_jobs: int | None = None,
        progress: Progress = None,
    ) -> Duplicates:
        """Find the files of this result that are the same; see :func:`audioclust.duplicates`.

        The files are decoded again. Each counts once and as a whole, however many parts of it
        are items.

        Parameters
        ----------
        seconds, n_jobs, progress
            As in :func:`audioclust.duplicates`.

        Raises
        ------
        DecodeError
            If the sounds were given in memory.
        NothingExtractedError
            If none of the files could be used.
        ParameterError
            If an argument is invalid.
        """
        taken = check_positive("seconds", seconds)
        batch = BatchSettings.checked(n_jobs, progress)
        folder = self.table.folder
        if folder is None:
            raise DecodeError("unreadable", IN_MEMORY)
        paths = dict.fromkeys(item.path for item in self.table.items)
        found = Scan([Recording(path, folder=folder) for path in paths])
        return _duplicates_of(found, taken, batch)


def _duplicates_of(found: Scan, seconds: float, batch: BatchSettings) -> Duplicates:
    prints, errors = fingerprints_of(found, seconds, batch)
    matches = matched([one.words for one in prints], batch.n_threads)
    pairs = tuple(
        DuplicatePair(
            prints[first].item,
            prints[second].item,
            offset / WORDS_PER_SECOND,
            1 - 2 * wrong / (_BITS * compared),
            compared / WORDS_PER_SECOND,
        )
        for first, second, offset, compared, wrong in matches
    )
    linked = _linked(len(prints), [match[:2] for match in matches])
    return Duplicates(
        groups=tuple(tuple(prints[i].item for i in group) for group in linked),
        pairs=pairs,
        n_compared=len(prints),
        too_short=tuple(one.item for one in prints if _is_short(one)),
        errors=errors,
        folder=found.recordings[0].folder,
    )


def matched(
    prints: list[NDArray[np.uint32]], n_threads: int
) -> list[tuple[int, int, int, int, int]]:
    """Find the fingerprints that are of one recording.

    Returns
    -------
    list of tuples
        For each pair the numbers of its fingerprints, where the second begins in the first, how
        many words were compared, and how many bits of them differ.
    """
    return _core.fingerprint_matches(
        prints,
        errors=ERRORS,
        errors_of_few=ERRORS_OF_FEW,
        enough=ENOUGH_WORDS,
        least=LEAST_WORDS,
        overlap=OVERLAP,
        n_threads=n_threads,
    )


def _is_short(print_: Fingerprint) -> bool:
    """Tell whether a fingerprint has too little that tells something."""
    return bool(np.count_nonzero(print_.words) < LEAST_WORDS)


def _linked(n: int, pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Give what is linked by pairs, directly or by way of others, in ascending order."""
    lowest = list(range(n))

    def root(i: int) -> int:
        while lowest[i] != i:
            lowest[i] = lowest[lowest[i]]
            i = lowest[i]
        return i

    for a, b in pairs:
        one, other = sorted((root(a), root(b)))
        lowest[other] = one
    groups = defaultdict(list)
    for i in range(n):
        groups[root(i)].append(i)
    return [group for group in groups.values() if len(group) > 1]
