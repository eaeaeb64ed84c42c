"""Work on many tasks in threads that Ctrl-C stops at once."""

from __future__ import annotations

import contextlib
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


class Cancelled(Exception):  # noqa: N818 - it is not an error
    """Raised by work that stops because it was told to."""


@contextlib.contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let NumPy's linear algebra use one thread for a while.

    Tasks that are as many as there are cores gain nothing from more threads in each of them.
    For small matrices these threads mostly wait for each other: on busy cores the eigenvectors
    of 150 columns take 40 times as long. The whole process has the limit meanwhile.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        yield


def n_threads(n_jobs: int | None) -> int:
    """Give the number of threads that `n_jobs` stands for; None and -1 stand for all cores.

    All cores are those that this process may use.

    Raises
    ------
    ParameterError
        If `n_jobs` is neither None, nor -1, nor a positive int.
    """
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
    sizes: Sequence[int],
    stop: threading.Event | None = None,
    announce: Callable[[T], None] | None = None,
) -> Iterator[tuple[int, R]]:
    """Work on tasks in threads, and give each result as soon as it is there.

    Only the main thread receives Ctrl-C, so it waits while the others work. When it is
    interrupted, or the caller stops iterating, the event that `work` was given is set.

    Parameters
    ----------
    work : callable
        Called with a task and an event. It should check the event often, and raise
        :class:`Cancelled` if it is set.
    tasks : sequence
    threads : int
        The number of threads, at most; there are never more than tasks.
    sizes : sequence of int
        The size of each task. The largest tasks come first, so that no long one is left over at
        the end, when the other threads have nothing to do.
    stop : threading.Event or None
        The event that `work` is given; None makes one. Whoever sets it ends the work.
    announce : callable or None
        Called, when a task is begun, with the one that is likely begun next after all that are
        being worked on. It should be quick, and raise nothing.

    Yields
    ------
    index : int
        Which task it was.
    result : object
        What `work` gave. An exception of `work` is raised instead.

    Raises
    ------
    Cancelled
        If somebody else sets `stop`.
    """
    stop = threading.Event() if stop is None else stop
    done: queue.SimpleQueue[tuple[int, R] | BaseException] = queue.SimpleQueue()
    threads = max(1, min(threads, len(tasks)))
    order = sorted(range(len(tasks)), key=lambda index: -sizes[index])
    pending, coming = iter(order), iter(order[threads:])
    lock = threading.Lock()

    def worker() -> None:
        while not stop.is_set():
            with lock:
                index = next(pending, None)
                ahead = next(coming, None)
            if index is None:
                return
            if announce is not None and ahead is not None:
                announce(tasks[ahead])
            try:
                done.put((index, work(tasks[index], stop)))
            except BaseException as why:
                done.put(why)
                return
        # If somebody else has set the event, no more results come.
        done.put(Cancelled())

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
            # On some systems Ctrl-C does not interrupt a wait without a time limit.
            return done.get(timeout=0.1)
        except queue.Empty:
            continue
