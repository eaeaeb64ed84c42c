"""One thread that writes what others compute, in short transactions."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from audioclust.extraction.cache.storage.database import Database, Unusable
from audioclust.extraction.cache.storage.store import Entry, Store

MOST_ROWS = 100
"""How many records are written at once, at most."""

MOST_SECONDS = 1.0
"""How long a record waits, at most, until it is written."""


class Writer:
    """A thread that writes records; none is lost but those of the last second.

    Whoever computes a record hands it over and goes on. If it cannot be written, it is
    forgotten, and so are all later ones; `failure` says why.

    Parameters
    ----------
    opened : callable
        Gives the store, whose connection is then this thread's alone. It is called when there
        is something to write.
    replaced : callable
        Is asked when something cannot be written whether there is a new file in the place of
        the old one. Then the records are written to that.

    Attributes
    ----------
    failure : Unusable or None
        Why nothing is written any more.
    n_written : int
        How many records the file has got.
    """

    def __init__(
        self,
        opened: Callable[[], Store],
        replaced: Callable[[Database, Unusable], bool] = lambda _database, _why: False,
    ) -> None:
        self.failure: Unusable | None = None
        self.n_written: int = 0
        self._opened = opened
        self._replaced = replaced
        self._queue: queue.SimpleQueue[Entry | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def put(self, entry: Entry) -> None:
        """Have a record written, within a second."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="audioclust cache")
                self._thread.start()
        self._queue.put(entry)

    def close(self) -> None:
        """Write what is left, and end the thread."""
        if self._thread is not None:
            self._queue.put(None)
            while self._thread.is_alive():
                # On some systems Ctrl-C does not interrupt a wait without a time limit.
                self._thread.join(0.1)

    def _work(self) -> None:
        store: Store | None = None
        try:
            is_open = True
            while is_open:
                entries, is_open = self._next()
                if entries and self.failure is None:
                    try:
                        store = store or self._opened()
                        store = self._written(store, entries)
                        self.n_written += len(entries)
                    except Unusable as why:
                        self.failure = why
        finally:
            if store is not None:
                store.database.close()

    def _written(self, store: Store, entries: list[Entry]) -> Store:
        """Write records; give the store that they are in, which may be a new one."""
        try:
            store.write(entries)
        except Unusable as why:
            if not self._replaced(store.database, why):
                raise
            store.database.close()
            store, self.n_written = self._opened(), 0
            try:
                store.write(entries)
            except Unusable:
                store.database.close()
                raise
        return store

    def _next(self) -> tuple[list[Entry], bool]:
        """Wait for records; give them, and whether there may be more."""
        entries: list[Entry] = []
        entry = self._queue.get()
        until = time.monotonic() + MOST_SECONDS
        while entry is not None:
            entries.append(entry)
            left = until - time.monotonic()
            if len(entries) >= MOST_ROWS or left <= 0:
                return entries, True
            try:
                entry = self._queue.get(timeout=left)
            except queue.Empty:
                return entries, True
        return entries, False
