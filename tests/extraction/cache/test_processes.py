"""Processes that are killed or interrupted, and several at once: no row is lost or mixed up."""

from __future__ import annotations

import math
import os
import queue
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from support.cached import Decoded, Sounds, extract, told, warned

from audioclust.audio.choosing.lengths import Heard
from audioclust.extraction.cache.records import Origin, record_of_failure
from audioclust.extraction.cache.storage import writer
from audioclust.extraction.cache.storage.store import Entry

SCRIPT = Path(__file__).parents[2] / "support" / "killed_extraction.py"
KILLS = 12 if os.environ.get("CI") else 50


@pytest.fixture
def many(tmp_path: Path) -> Sounds:
    """Forty files."""
    return Sounds(tmp_path / "many", 38)


def ended(many: Sounds, place: Path, when: str, number: int) -> tuple[int, set[str], str]:
    """Run until the end comes; give the status, what was written for certain, and stderr."""
    place.parent.mkdir(exist_ok=True)
    log = place.with_suffix(".log")
    log.write_bytes(b"")
    command = [sys.executable, str(SCRIPT), str(many.folder), str(place), str(log), when]
    environment = {**os.environ, "PYTHONPATH": str(SCRIPT.parents[1])}
    done = subprocess.run(
        [*command, str(number)], capture_output=True, text=True, check=False, env=environment
    )
    return done.returncode, set(log.read_text().split()), done.stderr


def rows_in(place: Path) -> set[str]:
    """The names of the files of which the cache knows something."""
    if not place.exists():
        return set()
    with closing(sqlite3.connect(place)) as connection:
        statement = "SELECT file.path FROM file JOIN row ON row.file_id = file.id"
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {os.path.basename(path).decode() for (path,) in connection.execute(statement)}


def test_a_killed_run_loses_nothing_that_was_written_and_the_next_does_the_rest(
    many: Sounds, tmp_path: Path, decoded: Decoded
) -> None:
    undisturbed = told(extract(many.folder, cache=False))
    rng = random.Random(0)
    # The last moments of each kind may come after the end of the run, which is then not killed.
    kinds = {"put": 40, "decode": 40, "commit": 8, "step": 400}
    killed = 0
    for number in range(KILLS):
        when = list(kinds)[number % len(kinds)]
        place = tmp_path / str(number) / "rows.sqlite"
        status, certain, errors = ended(many, place, when, rng.randint(1, kinds[when]))
        assert status in (0, -signal.SIGKILL), errors
        killed += status != 0
        # Read first: it may have to undo half a transaction.
        assert rows_in(place) >= certain
        decoded.clear()
        kept = rows_in(place)
        table, warnings = warned(many.folder, place)
        assert told(table) == undisturbed
        assert warnings == []
        assert len(decoded) == many.n - len(kept)
        decoded.clear()
        assert told(extract(many.folder, cache=place)) == undisturbed
        assert decoded.taken() == []
    assert killed > KILLS / 2


def test_after_ctrl_c_at_60_percent_the_next_run_does_the_others(
    many: Sounds, place: Path, decoded: Decoded
) -> None:
    undisturbed = told(extract(many.folder, cache=False))
    status, certain, errors = ended(many, place, "interrupt", many.n * 6 // 10)
    assert errors.splitlines()[-1] == "KeyboardInterrupt"
    assert status in (1, -signal.SIGINT)
    assert len(certain) >= many.n * 6 // 10
    assert rows_in(place) == certain
    decoded.clear()
    assert told(extract(many.folder, cache=place)) == undisturbed
    names = {os.path.basename(path) for path in os.listdir(many.folder)}
    assert set(decoded) == names - certain


EIGHT = """
import sys, warnings
import audioclust as ac
warnings.simplefilter("error", ac.CacheWarning)
table = ac.extract(sys.argv[1], cache=sys.argv[2], features=sys.argv[3], n_jobs=1)
sys.stdout.write(table.values.tobytes().hex())
"""


def test_eight_processes_at_once_neither_fail_nor_mix_their_rows(
    many: Sounds, place: Path, decoded: Decoded
) -> None:
    features = ["rms", "mfcc"]
    expected = [extract(many.folder, features=one, cache=False) for one in features]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", EIGHT, str(many.folder), str(place), features[number % 2]],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(8)
    ]
    for number, process in enumerate(processes):
        out, errors = process.communicate()
        assert (process.returncode, errors) == (0, "")
        assert bytes.fromhex(out) == expected[number % 2].values.tobytes()
    assert len(rows_in(place)) == many.n
    decoded.clear()
    for one, table in zip(features, expected, strict=True):
        assert told(extract(many.folder, features=one, cache=place)) == told(table)
    assert decoded.taken() == []


class Written:
    """In the place of a store: what is written to it, and an event for that."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.event = threading.Event()
        self.database = self

    def write(self, entries: Sequence[Entry]) -> None:
        self.sizes.append(len(entries))
        self.event.set()

    def close(self) -> None:
        self.event.set()


def entry(number: int) -> Entry:
    record = record_of_failure("corrupt", "", Heard(0.0, False), b"")
    return Entry(Origin(b"%d" % number, 1, b"", b""), None, record)


class Timed:
    """In the place of a writer's queue, its clock and its store: rows come at given times."""

    def __init__(self, times: Sequence[float]) -> None:
        self.now = 0.0
        self.coming = list(enumerate(times))
        self.waited: dict[int, float] = {}
        self.database = self
        self._arrived: dict[int, float] = {}

    def monotonic(self) -> float:
        return self.now

    def get(self, timeout: float = math.inf) -> Entry | None:
        if not self.coming:
            self.now += min(timeout, 1e6)  # The run goes on for days, and nothing more comes.
            if timeout < math.inf:
                raise queue.Empty
            return None
        number, time = self.coming[0]
        if time > self.now + timeout:
            self.now += timeout
            raise queue.Empty
        self.now = max(self.now, time)
        self._arrived[number] = time
        del self.coming[0]
        return entry(number)

    def write(self, entries: Sequence[Entry]) -> None:
        for one in entries:
            number = int(one.origin.path)
            self.waited[number] = self.now - self._arrived[number]

    def close(self) -> None:
        pass


@pytest.mark.parametrize("step", [0.001, 0.03, 0.3, 0.999, 5.0])
def test_no_row_waits_for_more_than_a_second(
    step: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed = Timed([number * step for number in range(250)])
    one = writer.Writer(lambda: timed)  # type: ignore[arg-type, return-value]
    monkeypatch.setattr(one, "_queue", timed)
    monkeypatch.setattr(writer, "time", timed)
    one._work()
    assert sorted(timed.waited) == list(range(250))
    # What was promised, not what a constant says; times are sums of many rounded steps.
    assert max(timed.waited.values()) <= 1.0 + 1e-9


def test_a_row_is_written_though_no_other_comes() -> None:
    store = Written()
    one = writer.Writer(lambda: store)  # type: ignore[arg-type, return-value]
    one.put(entry(0))
    try:
        # Without a limit it would wait for the end, which does not come.
        assert store.event.wait(60)
        assert store.sizes == [1]
    finally:
        one.close()


def test_no_more_rows_wait_than_are_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MOST_SECONDS", 3600.0)
    store = Written()
    one = writer.Writer(lambda: store)  # type: ignore[arg-type, return-value]
    for number in range(2 * writer.MOST_ROWS + 1):
        one.put(entry(number))
    one.close()
    assert store.sizes == [writer.MOST_ROWS, writer.MOST_ROWS, 1]
