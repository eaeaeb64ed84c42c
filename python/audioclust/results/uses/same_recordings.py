"""`duplicates()`: the same recording in other formats, with other ends or another level."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from audioclust import _core
from audioclust.audio.choosing.file_filter import FileFilter, check_files
from audioclust.audio.decoding.limits import Limits
from audioclust.audio.recording import Recording
from audioclust.audio.sources import Scan, Source, scan
from audioclust.audio.spans import IN_MEMORY
from audioclust.errors import DecodeError
from audioclust.export.tables import located
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.cache.settings import Cache, CacheSettings
from audioclust.extraction.fingerprints.recorded import (
    WORDS_PER_SECOND,
    Fingerprint,
    fingerprints_of,
)
from audioclust.extraction.progress import Progress
from audioclust.extraction.storing.tables import inputs_of
from audioclust.results.held import Held
from audioclust.results.uses.duplicate_groups import DuplicatePair, Duplicates
from audioclust.utils.arguments import check_positive

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


def duplicates(
    source: Source,
    *,
    seconds: float = SECONDS,
    files: FileFilter | None = None,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
    n_jobs: int | None = None,
    progress: Progress = None,
    cache: Cache = True,
    retry: bool = False,
) -> Duplicates:
    """Find recordings that are the same: in other formats, with other ends, louder or quieter.

    They are compared by fingerprints: 32 bits for each 11.6 ms that say which bands of
    frequency have grown. Two recordings are the same if, laid side by side, at most 18 % of
    these bits differ, of at least 0.5 s that tell something, or 12 % of at least 0.23 s; and if
    what they have in common is at least two fifths of the longer one. So an excerpt of a track
    is no duplicate of it. Sounds with less that changes, such as very short ones, silence and
    steady tones, are listed as too short; of these, only those with equal samples are found.
    Other speeds and other performances are not found; two tracks that a sequencer made of the
    same loops may be.

    Parameters
    ----------
    source : str, os.PathLike, iterable of these, or mapping
        Folders, files or glob patterns, or a mapping of names to ``(y, sr)``; see
        :func:`audioclust.extract`.
    seconds : float, default=60
        How much of each recording is looked at, from its beginning. A fingerprint takes 345
        bytes a second.
    files : FileFilter or None, default=None
        Which of the files that a search of folders finds are used, and how long they may be;
        None is ``FileFilter()``.
    limits : Limits
        How much decoding each recording may take.
    n_jobs : int or None, default=None
        Number of recordings to work on at once; None or -1 for as many as there are cores. The
        result does not depend on it.
    progress : bool, callable or None, default=None
        Whether progress is shown; see :func:`audioclust.extract`.
    cache : bool, str or os.PathLike, default=True
        Whether fingerprints are kept on disk, and where; see :func:`audioclust.extract`.
    retry : bool, default=False
        Whether files that could not be used before are tried again.

    Returns
    -------
    Duplicates

    Raises
    ------
    FileNotFoundError
        If a path does not exist.
    NoAudioError
        If there is nothing to decode, or all is left out.
    NothingExtractedError
        If none of the sounds could be used.
    ParameterError
        If an argument is invalid.

    Warns
    -----
    CacheWarning
        If the cache cannot be used. What it lacks is computed.

    Examples
    --------
    >>> import audioclust as ac
    >>> for group in ac.duplicates("~/Music"):  # doctest: +SKIP
    ...     print([item.path for item in group])
    """
    taken = check_positive("seconds", seconds)
    batch = BatchSettings.checked(n_jobs, progress)
    kept = CacheSettings.checked(cache, retry)
    return _duplicates_of(scan(source, limits, check_files(files)), taken, batch, kept)


class SameRecordings(Held):
    """The method that finds duplicates among the files of a result with a table."""

    def duplicates(
        self,
        *,
        seconds: float = SECONDS,
        limits: Limits = Limits(),  # noqa: B008 - it is frozen
        n_jobs: int | None = None,
        progress: Progress = None,
        cache: Cache = True,
        retry: bool = False,
    ) -> Duplicates:
        """Find the files of this result that are the same; see :func:`audioclust.duplicates`.

        Files whose fingerprints the cache lacks are decoded again. Each counts once and as a
        whole, however many parts of it are items.

        Parameters
        ----------
        seconds, limits, n_jobs, progress, cache, retry
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
        kept = CacheSettings.checked(cache, retry)
        folder = self.table.folder
        if folder is None:
            raise DecodeError("unreadable", IN_MEMORY)
        paths = dict.fromkeys(item.path for item in self.table.items)
        found = Scan([Recording(path, folder=folder, limits=limits) for path in paths])
        made = _duplicates_of(found, taken, batch, kept)
        return replace(made, inputs=(*made.inputs, *inputs_of(self.table)))


def _duplicates_of(
    found: Scan, seconds: float, batch: BatchSettings, cache: CacheSettings
) -> Duplicates:
    prints, errors, left_out = fingerprints_of(found, seconds, batch, cache)
    matches = matched([one.words for one in prints], batch.n_threads)
    matches = sorted([*matches, *_equal_short(prints)])
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
    folder = found.recordings[0].folder
    sounds = [one.path for one in found.recordings] + [error.path for error in errors]
    linked = _linked(len(prints), [match[:2] for match in matches])
    return Duplicates(
        groups=tuple(tuple(prints[i].item for i in group) for group in linked),
        pairs=pairs,
        n_compared=len(prints),
        too_short=tuple(one.item for one in prints if _is_short(one)),
        errors=errors,
        left_out=left_out,
        folder=folder,
        inputs=located(sounds, folder),
    )


Match: TypeAlias = "tuple[int, int, int, int, int]"
"""Two fingerprints by their numbers, where the second one begins in the first, how many words
were compared, and how many bits of these differ."""


def _equal_short(prints: Sequence[Fingerprint]) -> Iterator[Match]:
    """Match short sounds whose samples are equal, each with the next such one."""
    same = defaultdict(list)
    for number, one in enumerate(prints):
        if _is_short(one) and one.digest is not None:
            same[one.digest].append(number)
    for numbers in same.values():
        for first, second in itertools.pairwise(numbers):
            yield first, second, 0, len(prints[first].words), 0


def matched(prints: list[NDArray[np.uint32]], n_threads: int) -> list[Match]:
    """Find the pairs of fingerprints that are of one recording."""
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
