"""What extraction asks of the cache: which recordings are known, and to remember the others."""

from __future__ import annotations

import contextlib
import itertools
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Generic

from audioclust.audio.decoding.limits import Limits
from audioclust.audio.recording import Recording
from audioclust.errors import CacheWarning, ItemError, SignalError
from audioclust.extraction.batch import Work
from audioclust.extraction.cache.files import (
    SeenFile,
    is_settled,
    path_of,
    status_of,
    suffix_of,
)
from audioclust.extraction.cache.keys import is_present, reader_of
from audioclust.extraction.cache.making import M, Maker, Result
from audioclust.extraction.cache.records import (
    Failed,
    Kept,
    Origin,
    Record,
    record_of,
    record_of_failure,
)
from audioclust.extraction.cache.settings import CacheSettings
from audioclust.extraction.cache.storage.database import Database, Unusable
from audioclust.extraction.cache.storage.opening import Opener
from audioclust.extraction.cache.storage.store import BLOCK, Alike, Asked, Entry, Store
from audioclust.extraction.cache.storage.writer import Writer
from audioclust.extraction.progress import count_remembered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LASTING = ("unsupported", "corrupt", "empty", "short")
"""The kinds of failures that are remembered. Others may be gone the next time: a file that may
not be read, a function of the user's that fails, a mistake of ours."""

FIRST = "features"
"""The name of the array that goes straight to where the values of all rows are."""


@contextlib.contextmanager
def remembering(
    recordings: Sequence[Recording],
    key_of: Callable[[Limits], bytes | None],
    cache: CacheSettings,
    maker: Maker[M],
) -> Iterator[Memory[M] | None]:
    """Open the cache for some recordings; afterwards all that was computed is written.

    Parameters
    ----------
    recordings : sequence of Recording
        What is to be computed.
    key_of : callable
        Gives all that results depend on besides their files and decoders, for some limits; None
        if that cannot be told, so that nothing is kept.
    cache : CacheSettings
        Which cache is used.
    maker : Maker
        Computes results, and makes them of what the cache keeps.

    Yields
    ------
    memory : Memory or None
        None if nothing is looked up and nothing kept.

    Warns
    -----
    CacheWarning
        Once, if the cache cannot be used, or not to the end.
    """
    memory = None
    limits = {recording.limits for recording in recordings if recording.is_here}
    if cache.place is not None and len(limits) == 1:
        key = key_of(limits.pop())
        if key is not None:
            memory = Memory(recordings, key, cache, maker)
    try:
        yield memory
    finally:
        if memory is not None:
            memory.close()


class Memory(Generic[M]):
    """What is known of the recordings of one run; see :func:`remembering`."""

    def __init__(
        self,
        recordings: Sequence[Recording],
        key: bytes,
        cache: CacheSettings,
        maker: Maker[M],
    ) -> None:
        self._recordings = recordings
        self._key = key
        self._cache = cache
        self._maker = maker
        self._database: Database | None = None
        self._store: Store | None = None
        self._alike: dict[tuple[int, bytes], list[Alike]] = {}
        self._sizes: set[int] = set()
        self._present: dict[bytes, bool] = {}
        self._problem: Unusable | None = None
        self._damaged: set[bytes] = set()
        self._n_known = 0
        self._opener = Opener(cache)
        self._writer = Writer(lambda: Store(self._opener.opened(), key), self._opener.replaced)

    @property
    def is_usable(self) -> bool:
        """Whether nothing has gone wrong with the cache so far."""
        return self._problem is None and self._writer.failure is None

    @property
    def n_kept(self) -> int:
        """How many of the recordings the file of the cache knows by now."""
        n_known = self._n_known if self._opener.damage is None else 0
        return n_known + self._writer.n_written

    def known(self, into: NDArray[np.float32]) -> dict[int, Result[M] | ItemError]:
        """Look up all recordings.

        Parameters
        ----------
        into : ndarray of shape (n, d), float32
            Where the values of the features go, each to the row of its recording.

        Returns
        -------
        known : dict
            What is known, by the number of the recording.
        """
        found: dict[int, Result[M] | ItemError] = {}
        with self._trouble_noted():
            self._database = self._opener.opened()
            self._store = Store(self._database, self._key)
            missing: set[int] = set()
            remaining = self._asked()
            while asked := list(itertools.islice(remaining, BLOCK)):
                known = self._known(self._store, asked, into)
                missing.update(one.status.size for one in asked if one.n not in known)
                found.update(known)
            if missing:
                self._alike = self._store.alike(missing)
                self._sizes = {size for size, _ in self._alike}
        self._n_known = len(found)
        return found

    def work(self, scratch: Callable[[], NDArray[np.float32]]) -> Work[Recording, Result[M]]:
        """Give work that remembers what it computes.

        A file that was moved or touched is recognised by its contents, and not computed.

        Parameters
        ----------
        scratch : callable
            Gives an array for the features of one recording.
        """

        def remembered(recording: Recording, stop: threading.Event) -> Result[M]:
            file = self._file_of(recording, stop)
            if file is None:
                return self._maker.work(recording, stop)
            seen = self._recognised(file, scratch)
            if seen is not None:
                record, result = seen
                self._keep(file, record)
                count_remembered(stop, failed=isinstance(result, ItemError))
                if isinstance(result, ItemError):
                    raise SignalError(result.kind, result.message)
                return result
            made = self._maker.compute(recording, stop)
            if isinstance(made, Failed):
                error, heard = made
                if error.kind in LASTING and heard is not None:
                    reader = reader_of(None, is_whole=False)
                    self._keep(file, record_of_failure(error.kind, str(error), heard, reader))
                raise error
            self._keep(file, self._record(made))
            return made

        return remembered

    def close(self) -> None:
        """Write what is left; warn once if anything went wrong."""
        try:
            self._writer.close()
        finally:
            if self._database is not None:
                self._database.close()
        problem = self._problem or self._writer.failure
        if problem is not None and self._database is not None:
            # Some systems could not do it before, while several threads had it open.
            self._opener.replaced(self._database, problem)
        if problem is not None or self._opener.aside or self._damaged:
            warnings.warn(self._words(problem), CacheWarning, stacklevel=_level_of_caller())

    def _words(self, problem: Unusable | None) -> str:
        place = self._cache.place
        if self._opener.aside:
            why = self._opener.damage or "it is damaged or of an older version"
            return f"the cache {place} was set aside as {self._opener.aside}: {why}"
        if problem is not None:
            what = "written" if self._problem is None else "used"  # It may have been read.
            return f"the cache {place} cannot be {what}: {problem}"
        n = len(self._damaged)
        return f"the cache {place} has {n} damaged {'row' if n == 1 else 'rows'}, now replaced"

    @contextlib.contextmanager
    def _trouble_noted(self) -> Iterator[None]:
        """Go on without the cache if it cannot be used, with a new one if it is damaged."""
        try:
            yield
        except Unusable as why:
            if self._database is not None and self._opener.replaced(self._database, why):
                self._store = None
            else:
                self._problem = self._problem or why

    def _asked(self) -> Iterator[Asked]:
        """Give the files of which something may be known."""
        for n, recording in enumerate(self._recordings):
            if recording.is_here:
                status = recording.status or status_of(recording.file)
                if status is not None and 0 < status.mtime_ns < 2**63:
                    yield Asked(n, path_of(recording), status)

    def _known(
        self, store: Store, asked: Sequence[Asked], into: NDArray[np.float32]
    ) -> dict[int, Result[M] | ItemError]:
        """Look up a block of recordings."""
        by_number = {one.n: one for one in asked}
        found: dict[int, Result[M] | ItemError] = {}
        for n, digest, record in store.known(asked):
            one = by_number[n]
            origin = Origin._make((one.path, one.status.size, digest, self._key))
            result = self._result(record, origin, n, into[n])
            if result is not None:
                found[n] = result
        return found

    def _result(
        self, record: Record, origin: Origin, n: int, into: NDArray[np.float32]
    ) -> Result[M] | ItemError | None:
        """Give what a record says of a recording; None if it must be computed."""
        if not self._is_valid(record, origin):
            return None
        path = self._recordings[n].path
        if record.is_failure:
            return self._failed(record, path)
        return self._loaded(record, path, into)

    def _failed(self, record: Record, path: str) -> Result[M] | ItemError | None:
        if self._cache.retry:
            return None
        with contextlib.suppress(ValueError):  # It may have a row with the bounds of now.
            return self._maker.failed(record.failure(path), record.heard)
        return None

    def _loaded(self, record: Record, path: str, into: NDArray[np.float32]) -> Result[M] | None:
        try:
            arrays = record.arrays(into, FIRST)
            kept = Kept(record.item(path), record.sr, arrays, record.heard)
            return self._maker.loaded(kept)
        except ValueError:
            return None  # It is not what is asked for now, such as an embedding's size.

    def _is_valid(self, record: Record, origin: Origin) -> bool:
        """Tell whether a record is what was written, and its decoders are still there."""
        if not record.is_sound(origin):
            self._damaged.add(origin.path)
            return False
        if record.reader not in self._present:
            self._present[record.reader] = is_present(record.reader)
        return self._present[record.reader]

    def _file_of(self, recording: Recording, stop: threading.Event) -> SeenFile | None:
        """Look at a file just before it is read; None if nothing is kept of it."""
        if not recording.is_here or not self.is_usable:
            return None
        status = status_of(recording.file)
        if status is None:
            return None  # Opening it will say why.
        mtime_ns = status.mtime_ns if is_settled(status) else None
        return SeenFile(recording, path_of(recording), status, mtime_ns, stop)

    def _recognised(
        self, file: SeenFile, scratch: Callable[[], NDArray[np.float32]]
    ) -> tuple[Record, Result[M] | ItemError] | None:
        """Give what is known of a file with the same contents."""
        size, store = file.status.size, self._store
        if store is None or size not in self._sizes or file.digest is None:
            return None
        for file_id, path in self._alike.get((size, file.digest), ()):
            # FFmpeg looks at the suffix as well, and errors may have the path in them.
            if suffix_of(path) != suffix_of(file.path):
                continue
            record = None
            with self._trouble_noted():
                record = store.one(file_id)
            origin = Origin(path, size, file.digest, self._key)
            if record is None or not self._is_valid(record, origin):
                continue
            if record.is_failure:
                own = path == file.path
                result = self._failed(record, file.recording.path) if own else None
            else:
                result = self._loaded(record, file.recording.path, scratch())
            if result is not None:
                return record, result
        return None

    def _record(self, result: Result[M]) -> Record:
        kept = self._maker.kept(result)
        is_whole = all(warning.kind != "partial" for warning in kept.item.warnings)
        return record_of(kept, reader_of(kept.item.decoder, is_whole=is_whole))

    def _keep(self, file: SeenFile, record: Record) -> None:
        """Have a record written, unless the file has changed while it was read."""
        digest = file.digest
        if digest is None or status_of(file.recording.file) != file.status:
            return
        origin = Origin(file.path, file.status.size, digest, self._key)
        self._writer.put(Entry(origin, file.mtime_ns, record.sealed(origin)))


def _level_of_caller() -> int:
    """Give how many calls above a warning the line is that called a function of ours.

    Between the two there are only calls in this package and in contextlib.
    """
    frame, level = sys._getframe(1), 1
    ours = (__name__.partition(".")[0], "contextlib")
    while frame.f_back is not None and frame.f_globals["__name__"].partition(".")[0] in ours:
        frame, level = frame.f_back, level + 1
    return level
