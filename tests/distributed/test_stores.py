"""Stores that cannot be used are said to be at fault, and no recording is."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import distributed
import pytest
from support.clusters import short_sounds, tasks_left, until

import audioclust as ac
from audioclust.distributed.reading import Reading
from audioclust.distributed.workers import storing
from audioclust.extraction.partitions.folders import LocalFolder
from audioclust.extraction.partitions.store import Store
from audioclust.extraction.progress import Pulse


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> str:
    return short_sounds(tmp_path_factory.mktemp("sounds"), 20)


def _process_faults() -> int:
    """Give a number that grows with each process that was started and has ended."""
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt


def test_store_that_cannot_be_written_to(client: distributed.Client, sounds: str) -> None:
    before = client.run(_process_faults)
    with pytest.raises(ac.StoreError, match="store='/proc/x' cannot be written to: "):
        ac.extract(sounds, client=client, store="/proc/x", partition_size=10)
    # No file was tried in a process of its own.
    assert client.run(_process_faults) == before
    until(lambda: not tasks_left(client))


def test_store_that_is_busy_is_tried_again(
    sounds: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "WAITS", (0.0, 0.0))
    table = ac.extract(sounds, n_jobs=1)
    fingerprint = "1-a-b-c"
    failures = [OSError("503"), ValueError("503")]
    whole = LocalFolder.write

    def busy(self: LocalFolder, name: str, data: bytes) -> None:
        if failures:
            raise failures.pop()
        whole(self, name, data)

    monkeypatch.setattr(LocalFolder, "write", busy)
    store = Store(LocalFolder(str(tmp_path)))
    stored = storing.written(store, 0, table, fingerprint)
    assert storing.read(store, stored) == table
    failures += [OSError("503")] * 3
    with pytest.raises(ac.StoreError, match=r"store='.*' cannot be written to: 503"):
        storing.written(store, 0, table, fingerprint)


def test_parts_are_read_at_once_and_counted(
    sounds: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = ac.extract(sounds, n_jobs=1)
    store = Store(LocalFolder(str(tmp_path)))
    stored = [store.write(number, table, "4-a-b-c") for number in range(4)]
    both = threading.Barrier(2, timeout=60)
    whole = LocalFolder.read
    notes = []

    class Noted(Pulse):
        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, value)
            if name == "note":
                notes.append(value)

    def together(self: LocalFolder, name: str) -> bytes:
        both.wait()
        return whole(self, name)

    monkeypatch.setattr(LocalFolder, "read", together)
    with Reading(store) as reading:
        for one in reversed(stored):
            reading.begin(one)
        reading.finish(Noted())
        assert reading.tables() == [table] * 4
    assert notes[-2:] == ["4/4 parts read", ""]


def test_stored_part_that_cannot_be_read(
    client: distributed.Client,
    sounds: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(storing, "WAITS", ())

    def read(_folder: LocalFolder, _name: str) -> bytes:
        raise PermissionError("not for you")

    monkeypatch.setattr(LocalFolder, "read", read)
    with pytest.raises(ac.StoreError, match="cannot be read from: not for you"):
        ac.extract(sounds, client=client, store=tmp_path / "run", partition_size=5)
    until(lambda: not tasks_left(client))


def test_store_in_memory_is_refused(client: distributed.Client, sounds: str) -> None:
    for store in ("memory://run", "dir::memory://run"):
        with pytest.raises(ac.ParameterError, match="each process has its own memory"):
            ac.extract(sounds, client=client, store=store)


@pytest.mark.parametrize("function", [ac.extract, ac.cluster])
def test_store_that_workers_have_elsewhere(
    client: distributed.Client,
    sounds: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    function: Any,
) -> None:
    """The client looks into another folder of the same name, as on a machine of its own."""
    monkeypatch.setattr(storing, "WAITS", ())
    (tmp_path / "empty").mkdir()

    def read(_folder: LocalFolder, name: str) -> bytes:
        return (tmp_path / "empty" / name).read_bytes()

    monkeypatch.setattr(LocalFolder, "read", read)
    store = tmp_path / "run"
    with pytest.raises(ac.ParameterError, match="that the client and all workers share"):
        function(sounds, client=client, store=store, partition_size=1)
    # It was found out at the beginning.
    assert len(list(store.iterdir())) < 10
    until(lambda: not tasks_left(client))
