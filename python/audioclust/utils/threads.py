"""Work on many things in threads, so that Ctrl-C ends it at once."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_int

T = TypeVar("T")


R = TypeVar("R")


class Cancelled(Exception):  # noqa: N818 - it is no error
    """Raised by work that was told to stop."""


def n_threads(n_jobs: int | None) -> int:
    """Give the number of threads that `n_jobs` stands for; None and -1 are all cores."""
    if n_jobs is None or n_jobs == -1:
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1
    try:
        return check_int("n_jobs", n_jobs, 1)
    except ParameterError as why:
        raise ParameterError(f"{why}, -1 or None") from None


def unordered(
    work: Callable[[T, threading.Event], R],
    tasks: Sequence[T],
    threads: int,
    size: Callable[[T], int],
) -> Iterator[tuple[int, R]]:
    """Work on tasks in threads and give each result, with its task's index, when it is there.

    The largest by `size` come first: the last to end should not be one that takes long.

    Only the main thread sees Ctrl-C, so it waits and the others work. When it is interrupted,
    or the caller stops listening, `work` is told by the event it was given; it should look at
    that often and raise :class:`Cancelled`. An exception of `work` is raised here.
    """
    stop = threading.Event()
    done: queue.SimpleQueue[tuple[int, R] | BaseException] = queue.SimpleQueue()
    pending = iter(sorted(range(len(tasks)), key=lambda index: -size(tasks[index])))
    lock = threading.Lock()

    def worker() -> None:
        while not stop.is_set():
            with lock:
                index = next(pending, None)
            if index is None:
                return
            try:
                done.put((index, work(tasks[index], stop)))
            except BaseException as why:
                done.put(why)
                return

    threads = max(1, min(threads, len(tasks)))
    with ThreadPoolExecutor(threads, "audioclust") as executor:
        try:
            for _ in range(threads):
                executor.submit(worker)
            for _ in tasks:
                result = _next(done)
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            stop.set()


def _next(done: queue.SimpleQueue[T]) -> T:
    while True:
        try:
            # Not for ever: on some systems a wait without an end does not see Ctrl-C.
            return done.get(timeout=0.1)
        except queue.Empty:
            continue
