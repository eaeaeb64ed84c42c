"""Workers die, and files kill them: all other files have their values."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import distributed
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from support.clusters import kill_worker, same, short_sounds, tasks_left, until

import audioclust as ac
from audioclust.audio.sources import scan
from audioclust.distributed.extracting import tables_on
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.settings import ExtractionSettings


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> str:
    return short_sounds(tmp_path_factory.mktemp("sounds"), 300, bad=3)


@pytest.fixture(scope="module")
def serial(sounds: str) -> ac.FeatureTable:
    return ac.extract(sounds, n_jobs=1)


@pytest.mark.parametrize("seed", range(4))
def test_workers_killed_at_five_moments(
    client: distributed.Client, sounds: str, serial: ac.FeatureTable, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    moments = sorted(rng.choice(290, 5, replace=False).tolist())
    killed = []

    def progress(done: int, _total: int) -> None:
        while moments and done > moments[0]:
            killed.append(moments.pop(0))
            kill_worker(client, int(rng.integers(2)))

    table = ac.extract(sounds, client=client, partition_size=10, progress=progress)
    assert len(killed) == 5
    assert same(table, serial)


def test_rows_on_workers_are_computed_again(
    client: distributed.Client, sounds: str, serial: ac.FeatureTable
) -> None:
    asked = scan(sounds), ExtractionSettings.checked(), BatchSettings()
    with tables_on(client, *asked, partition_size=25) as table:
        for choice in (0, 1):
            kill_worker(client, choice)
            assert table.values.total(_sum, np.add).tolist() == _sum(serial.values).tolist()
        assert table.head.errors == serial.errors
        assert [same(one, serial) for one in table.tables()] == [True]
    until(lambda: not tasks_left(client))


def _sum(rows: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(rows.view(np.uint32).sum(axis=0, dtype=np.uint64))


@pytest.fixture(params=["default", 0])
def allowed_failures(
    request: pytest.FixtureRequest, client: distributed.Client
) -> Iterator[None]:
    """How many deaths the scheduler allows a task."""

    def allow(n: int, dask_scheduler: distributed.Scheduler) -> int:
        before = dask_scheduler.allowed_failures
        dask_scheduler.allowed_failures = n
        return int(before)

    if request.param == "default":
        yield
        return
    before = client.run_on_scheduler(allow, request.param)
    yield
    client.run_on_scheduler(allow, before)


def test_files_that_kill_their_workers(
    client: distributed.Client, allowed_failures: None, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    lengths = {"abort.wav": 5000, "kill.wav": 6000, "leave.wav": 7000, "exit.wav": 8000}
    for name in [f"{number}.wav" for number in range(12)] + list(lengths):
        y = rng.normal(0, 0.1, lengths.get(name, 2000))
        soundfile.write(tmp_path / name, y, 8000)
    (tmp_path / "5-bad.wav").write_bytes(b"")

    def harmless(y: NDArray[Any], sr: int) -> list[float]:
        return [float(np.abs(y).sum())]

    def deadly(y: NDArray[Any], sr: int) -> list[float]:
        if len(y) == 5000:
            os.abort()
        if len(y) == 6000:
            os.kill(os.getpid(), signal.SIGKILL)
        if len(y) == 7000:
            os._exit(7)
        if len(y) == 8000:
            raise SystemExit
        return harmless(y, sr)

    def extracted(function: Any, **more: Any) -> ac.FeatureTable:
        embedding = ac.Embedding("sum", function, sr=8000, version="1")
        return ac.extract(tmp_path, features=embedding, **more)

    table = extracted(deadly, client=client, partition_size=6)
    errors = {os.path.basename(error.path): error for error in table.errors}
    assert {name: error.kind for name, error in errors.items()} == {
        "5-bad.wav": "empty",
        "abort.wav": "crashed",
        "kill.wav": "crashed",
        "leave.wav": "crashed",
        "exit.wav": "internal",
    }
    assert "SIGABRT" in errors["abort.wav"].message
    assert "SIGKILL" in errors["kill.wav"].message
    assert "exit status 7" in errors["leave.wav"].message
    paths = [error.path for error in table.errors]
    assert paths == sorted(paths)
    all_of_them = extracted(harmless, n_jobs=1)
    others = [row for row, item in enumerate(all_of_them.items) if item.path not in paths]
    assert table.items == tuple(all_of_them.items[row] for row in others)
    assert np.array_equal(table.values, all_of_them.values[others])
    until(lambda: not tasks_left(client))
