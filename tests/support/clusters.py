"""Dask clusters for tests: in this process, or of programs that can be stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import distributed
import numpy as np
import soundfile

import audioclust as ac

SECONDS = 60.0
"""How long a test waits for what should take a moment."""


def until(condition: Callable[[], bool]) -> None:
    """Wait for something to be so."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "it has not come about"
        time.sleep(0.05)


def scaled(client: distributed.Client, n: int) -> None:
    """Give a cluster so many workers, all of which answer."""
    client.cluster.scale(n)
    until(lambda: len(client.nthreads()) == n)


def kill_worker(client: distributed.Client, choice: int) -> None:
    """Kill one of the workers that are at work; which one depends on a number.

    One that is still starting is left alone: its nanny would take it for a lost cause.
    """
    until(lambda: bool(_at_work(client)))
    nannies = _at_work(client)
    # It may have died just now.
    with contextlib.suppress(ProcessLookupError):
        os.kill(nannies[choice % len(nannies)].pid, signal.SIGKILL)


def _at_work(client: distributed.Client) -> list[Any]:
    known = client.nthreads()
    named = sorted(client.cluster.workers.items())
    return [nanny for _, nanny in named if nanny.pid and nanny.worker_address in known]


def tasks_left(client: distributed.Client) -> list[str]:
    """Give the names of our tasks that a scheduler knows, or that workers are at."""
    known = client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.tasks))
    running = client.run(lambda dask_worker: [task.key for task in dask_worker.state.executing])
    every = [*known, *(key for keys in running.values() for key in keys)]
    return [key for key in every if str(key).startswith("audioclust-")]


@contextlib.contextmanager
def program(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Python program, and end it."""
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, *arguments], **quiet) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def scheduler(port: int) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """Run a scheduler."""
    main = "from distributed.cli.dask_scheduler import main; main()"
    return program("-c", main, "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")


def worker(port: int, folder: Path) -> contextlib.AbstractContextManager[Any]:
    """Run a worker of a scheduler."""
    main = "from distributed.cli.dask_worker import main; main()"
    given = ("--no-dashboard", "--nthreads", "1", "--local-directory", str(folder))
    return program("-c", main, f"tcp://127.0.0.1:{port}", *given, "--no-nanny")


def free_port() -> int:
    """Give the number of a port that nobody uses."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def short_sounds(folder: Path, n: int, *, bad: int = 0) -> str:
    """Write short sounds of noise, all different, and files that are none."""
    rng = np.random.default_rng(n)
    for number in range(n):
        y = rng.normal(0, 0.1, int(rng.integers(1500, 3000))).astype(np.float32)
        soundfile.write(folder / f"{number:03}.wav", y, 22050)
    for number in range(bad):
        (folder / f"{number * (n // bad):03}-bad.wav").write_bytes(b"no sound" * number)
    return str(folder)


def same(a: ac.FeatureTable, b: ac.FeatureTable) -> bool:
    """Tell whether two tables are equal to the bit, with all that they hold."""
    return a == b and a.values.tobytes() == b.values.tobytes() and a.settings == b.settings
