"""Extract features with a cache, and be killed on the way, or interrupted.

    python tests/support/killed_extraction.py FOLDER CACHE LOG [WHEN NUMBER]

LOG gets the names of files whose rows are in the cache for certain, when their transaction has
ended. WHEN says what is counted until the end comes: "put" the rows that are handed over,
"step" tens of steps of SQLite while it writes, "commit" the transactions, "decode" the files
that are begun, and "interrupt" the files that are done; with the last it is Ctrl-C that comes.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

import audioclust as ac
from audioclust.extraction.cache.storage import writer
from audioclust.extraction.cache.storage.store import Entry, Store
from audioclust.extraction.one_recording import OneRecording

ROWS = 5
"""How many rows a transaction has here, so that few files make several."""


def main(folder: str, place: str, log: str, when: str = "", number: str = "0") -> None:
    left = int(number)

    def count(what: str) -> bool:
        nonlocal left
        if what == when:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGINT if when == "interrupt" else signal.SIGKILL)
        return False

    writer.MOST_ROWS = ROWS
    signal.signal(signal.SIGINT, signal.default_int_handler)
    put, write, compute = writer.Writer.put, Store.write, OneRecording.compute

    def counted_put(self: writer.Writer, entry: Entry) -> None:
        put(self, entry)
        count("put")

    def counted_write(self: Store, entries: Sequence[Entry]) -> None:
        self.database.connection.set_progress_handler(lambda: count("step"), 10)
        write(self, entries)
        with open(log, "ab", buffering=0) as file:
            file.write(b"".join(os.path.basename(e.origin.path) + b"\n" for e in entries))
        count("commit")

    def counted_compute(self: OneRecording, recording: Any, stop: Any) -> Any:
        count("decode")
        return compute(self, recording, stop)

    writer.Writer.put = counted_put  # type: ignore[method-assign]
    Store.write = counted_write  # type: ignore[method-assign]
    OneRecording.compute = counted_compute  # type: ignore[method-assign, assignment]

    def told(_done: int, _total: int) -> None:
        count("interrupt")

    ac.extract(folder, cache=place, n_jobs=2, progress=told)


if __name__ == "__main__":
    main(*sys.argv[1:])
