"""Tables of a store read by the client, in threads, while workers are at other parts."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from audioclust.distributed.workers.storing import read
from audioclust.extraction.progress import Pulse
from audioclust.extraction.table import FeatureTable

if TYPE_CHECKING:
    from audioclust.extraction.partitions.store import Head, Store

THREADS = 4
"""Parts that are read at once. Most of the time is waiting for the store."""


class Reading:
    """Parts that are being read; use it in a ``with`` block, after which nothing is read.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._threads = ThreadPoolExecutor(THREADS, "audioclust-read")
        self._begun: dict[int, Future[FeatureTable]] = {}

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)

    def begin(self, stored: Head) -> None:
        """Read a part as soon as a thread has time."""
        self._begun[stored.number] = self._threads.submit(read, self._store, stored)

    def finish(self, pulse: Pulse) -> None:
        """Wait until all parts are read.

        Parameters
        ----------
        pulse : Pulse
            Its `note` tells meanwhile how many are read.

        Raises
        ------
        StoreError, ModelError
            If one cannot be read.
        """
        left = set(self._begun.values())
        while left:
            # Not longer, or Ctrl-C would not end it on some systems.
            done, left = wait(left, timeout=0.1)
            for one in done:
                one.result()
            n_all = len(self._begun)
            pulse.note = f"{n_all - len(left):,}/{n_all:,} parts read"
        pulse.note = ""

    def tables(self) -> list[FeatureTable]:
        """Give the tables that are read, in the order of their parts."""
        return [self._begun[number].result() for number in sorted(self._begun)]
