"""Runs that end early leave no task, and say what is kept."""

from __future__ import annotations

import contextlib
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import distributed
import numpy as np
import pytest
from support.clusters import (
    free_port,
    same,
    scaled,
    scheduler,
    short_sounds,
    tasks_left,
    until,
    worker,
)

import audioclust as ac
from audioclust.audio.sources import scan
from audioclust.distributed import running
from audioclust.distributed.extracting import tables_on
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.settings import ExtractionSettings

CLIENT = Path(__file__).parents[1] / "support" / "cancelled_client.py"


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> str:
    return short_sounds(tmp_path_factory.mktemp("sounds"), 100)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_no_task_is_left_when_a_client_ends(
    client: distributed.Client, sounds: str, end: signal.Signals
) -> None:
    command = [sys.executable, str(CLIENT), client.scheduler.address, sounds]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"working\n"
        assert tasks_left(client)
        process.send_signal(end)
        process.communicate(timeout=60)
    assert process.returncode != 0
    until(lambda: not tasks_left(client))


def test_no_task_is_left_when_progress_raises(client: distributed.Client, sounds: str) -> None:
    def progress(_done: int, _total: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ac.extract(sounds, client=client, partition_size=5, progress=progress)
    until(lambda: not tasks_left(client))


def test_work_in_a_child_ends_when_it_is_cancelled(client: distributed.Client) -> None:
    from audioclust.distributed.workers.payloads import Payload, packed
    from audioclust.distributed.workers.tasks import alone

    def forever(*, follow: object) -> None:
        time.sleep(1000)

    before = _children(client)
    future = client.submit(alone, Payload.of(packed(forever)), pure=False)
    until(lambda: _children(client) > before)
    future.cancel()
    until(lambda: _children(client) == before)


def _children(client: distributed.Client) -> int:
    import psutil

    def count() -> int:
        return len(psutil.Process().children())

    return sum(client.run(count).values())


def test_child_ends_with_its_worker(client: distributed.Client, tmp_path: Path) -> None:
    import psutil

    from audioclust.distributed.workers.payloads import Payload, packed
    from audioclust.distributed.workers.tasks import alone

    def forever(place: str, *, follow: object) -> None:
        import os

        Path(place).write_text(str(os.getpid()))
        time.sleep(1000)

    place = tmp_path / "pid"
    future = client.submit(alone, Payload.of(packed(forever), str(place)), pure=False)
    until(lambda: place.exists() and place.read_text() != "")
    child = psutil.Process(int(place.read_text()))
    future.cancel()
    child.parent().kill()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    scaled(client, 2)


def test_lost_scheduler_is_said_and_the_store_goes_on(sounds: str, tmp_path: Path) -> None:
    port = free_port()
    asked: dict[str, Any] = {"store": tmp_path / "run", "partition_size": 10}
    with contextlib.ExitStack() as first:
        process = first.enter_context(scheduler(port))
        first.enter_context(worker(port, tmp_path))
        # It tries to connect again for as long as this.
        client = first.enter_context(_client(port))

        def progress(done: int, _total: int) -> None:
            if done >= 40:
                process.kill()

        with pytest.raises(ac.SchedulerError) as why:
            ac.extract(sounds, client=client, progress=progress, **asked)
        assert f"the scheduler at tcp://127.0.0.1:{port} was lost" in str(why.value)
        assert "the same call goes on from there" in str(why.value)
    with scheduler(port), worker(port, tmp_path), _client(port) as client:
        told: list[int] = []
        table = ac.extract(
            sounds, client=client, progress=lambda done, _: told.append(done), **asked
        )
    assert told[0] >= 40
    assert same(table, ac.extract(sounds, n_jobs=1))


@contextlib.contextmanager
def _client(port: int) -> Iterator[distributed.Client]:
    address = f"tcp://127.0.0.1:{port}"
    client = distributed.Client(address, timeout=20, set_as_default=False)
    client._timeout = 1
    try:
        yield client
    finally:
        client.close(timeout=1)


def test_waiting_for_workers_is_told(
    client: distributed.Client, sounds: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PATIENCE_SECONDS", -1)
    asked = type(client).nthreads
    answers: Iterator[dict[str, int]] = iter([{}])
    monkeypatch.setattr(type(client), "nthreads", lambda self: next(answers, asked(self)))
    with pytest.warns(ac.ClusterWarning, match="has no workers: waiting until some come"):
        table = ac.extract(sounds, client=client, partition_size=5)
    assert len(table) == 100


def test_workers_that_are_gone_are_told(
    client: distributed.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing starts them again if they have no nanny, and then one waits for ever."""
    with running.Tasks(client, "nothing", "") as tasks:
        monkeypatch.setattr(running, "PATIENCE_SECONDS", -1)
        monkeypatch.setattr(type(client), "nthreads", lambda _self: {})
        words = "has no workers any more, and workers without a nanny are not started again"
        with pytest.warns(ac.ClusterWarning, match=words):
            tasks._look()


def test_log_of_the_client_is_muted_as_long_as_any_run_works() -> None:
    logger = logging.getLogger("distributed.client")
    record = logging.LogRecord("distributed.client", logging.ERROR, "", 0, "", None, None)
    before = logger.level, logger.filters[:]
    with contextlib.ExitStack() as one, contextlib.ExitStack() as other:
        one.enter_context(running.QUIET)
        other.enter_context(running.QUIET)
        one.close()
        assert not logger.filter(record)
        other.close()
        assert logger.filter(record)
    assert (logger.level, logger.filters) == before


def test_log_of_the_client_is_muted_while_working_only(
    client: distributed.Client, sounds: str
) -> None:
    logger = logging.getLogger("distributed.client")
    seen: list[bool] = []
    asked = scan(sounds), ExtractionSettings.checked()
    batch = BatchSettings(1, lambda _done, _total: seen.append(bool(logger.filters)))
    with tables_on(client, *asked, batch) as table:
        assert not logger.filters
        table.values.each(len)
        assert not logger.filters
    assert seen
    assert all(seen)


def test_client_that_is_closed(client: distributed.Client, sounds: str) -> None:
    other = distributed.Client(client.scheduler.address, set_as_default=False)
    other.close()
    with pytest.raises(ac.ParameterError, match="it is closed"):
        ac.extract(sounds, client=other)
    assert np.isfinite(ac.extract(sounds, client=client).values).all()
