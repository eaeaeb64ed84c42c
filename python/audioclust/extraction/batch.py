"""The one loop over recordings: work in threads, and a result or a typed error for each.

:func:`run_batch` is the loop. :func:`each_recording` is for all that a scan found, and
:func:`first_results` for the first few of many that can be used, as a preview needs them.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import stat
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeAlias, TypeVar, cast

from audioclust.audio.decoding.formats import DENSITIES
from audioclust.audio.recording import Recording
from audioclust.audio.sources import Scan
from audioclust.errors import (
    DecodeError,
    ItemError,
    NothingExtractedError,
    ParameterError,
    SignalError,
)
from audioclust.extraction.progress import Progress, Pulse, State, check_progress, display_for
from audioclust.utils.threads import Cancelled, n_threads, unordered
from audioclust.utils.urls.names import is_url, suffix_of


class HasPath(Protocol):
    """What can be worked on: a recording, an item, or whatever else errors name by a path."""

    @property
    def path(self) -> str:
        """The file, or the name of audio in memory."""


T = TypeVar("T", bound=HasPath)
R = TypeVar("R")

Work: TypeAlias = Callable[[T, threading.Event], R]
"""Turns a task into a result, on one of the batch's threads.

It should look at the event between two blocks of samples, and raise
:class:`audioclust.utils.threads.Cancelled` if that is set. It should also tell
:func:`audioclust.extraction.progress.count_decoded` what it decodes.
"""


@dataclass(frozen=True)
class BatchSettings:
    """How recordings are worked on.

    Attributes
    ----------
    n_threads : int
        Number of recordings to work on at once.
    progress : bool, callable or None
        Whether progress is shown; see :data:`audioclust.extraction.progress.Progress`.
    follow : callable or None
        Is given the batch's :class:`Pulse` when it begins: so others can stop it, and read what
        it counts.
    """

    n_threads: int = 1
    progress: Progress = False
    follow: Callable[[Pulse], None] | None = None

    @classmethod
    def checked(cls, n_jobs: int | None, progress: Progress = False) -> BatchSettings:
        """Check a public function's arguments `n_jobs` and `progress`.

        Raises
        ------
        ParameterError
            If an argument is invalid.
        """
        check_progress(progress)
        return cls(n_threads(n_jobs), progress)


class Outcome(NamedTuple, Generic[R]):
    """What came of a batch.

    Attributes
    ----------
    results : list
        One for each task that could be used, in the order of the tasks.
    errors : tuple of ItemError
        One for each task that could not, in the order of the tasks.
    """

    results: list[R]
    errors: tuple[ItemError, ...]


def each_recording(
    found: Scan,
    work: Work[Recording, R],
    settings: BatchSettings,
    *,
    on_result: Callable[[R], None] | None = None,
    discard: Callable[[R], None] | None = None,
) -> Outcome[R]:
    """Work on all recordings of a scan; see :func:`run_batch`.

    Returns
    -------
    Outcome
        Its errors begin with those of the scan.

    Raises
    ------
    NothingExtractedError
        If there is no result.
    """
    results, failed = run_batch(
        found.recordings, work, settings, on_result=on_result, discard=discard
    )
    errors = (*found.errors, *failed)
    if not results:
        raise NothingExtractedError(errors)
    return Outcome(results, errors)


def first_results(tasks: Iterable[T], work: Work[T, R], n: int, n_threads: int) -> Outcome[R]:
    """Work on tasks in their order until `n` of them have a result.

    Tasks are taken in slices of as many as results are missing, so that none is worked on that
    is not needed.

    Parameters
    ----------
    tasks : iterable of recordings or items
        It is read only as far as needed.
    work : callable
        See :func:`run_batch`.
    n : int
        Number of results wanted.
    n_threads : int
        Number of tasks to work on at once.

    Returns
    -------
    Outcome
        The results of the first `n` tasks that could be used, or of fewer if there are no more,
        and the errors of the tasks that could not be used. If no task has a result, nothing is
        raised.

    Raises
    ------
    ParameterError
        If `work` raises one.
    """
    results: list[R] = []
    errors: list[ItemError] = []
    remaining = iter(tasks)
    while taken := list(itertools.islice(remaining, n - len(results))):
        outcome = run_batch(taken, work, BatchSettings(n_threads))
        results += outcome.results
        errors += outcome.errors
    return Outcome(results, tuple(errors))


def run_batch(
    tasks: Sequence[T],
    work: Work[T, R],
    settings: BatchSettings,
    *,
    on_result: Callable[[R], None] | None = None,
    discard: Callable[[R], None] | None = None,
) -> Outcome[R]:
    """Work on tasks in threads, the largest files first.

    Whatever `work` raises becomes the :class:`ItemError` of its task and stops nothing, with
    two exceptions: wrong arguments and cancellation are raised.

    Parameters
    ----------
    tasks : sequence of recordings or items
        What is worked on.
    work : callable
        Called with a task and an event, which is set when the batch ends early.
    settings : BatchSettings
        Number of threads, and whether progress is shown.
    on_result : callable or None
        Called with each result when it is there, on the caller's thread. If it raises an
        exception, the batch ends with that.
    discard : callable or None
        Called with each result that was made, if the batch ends with an exception: it gives
        back what results hold, such as open files.

    Returns
    -------
    Outcome

    Raises
    ------
    ParameterError
        If `work` raises one, with the task's path put in front.
    Cancelled
        If `work` raises it.
    """
    ordered: list[R | ItemError] = outcomes_of(
        tasks, work, settings, on_result=on_result, discard=discard
    )
    return parted(ordered)


def parted(ordered: Sequence[R | ItemError], before: Sequence[ItemError] = ()) -> Outcome[R]:
    """Part what came of tasks, in their order, into results and errors.

    Parameters
    ----------
    ordered : sequence of results and ItemErrors
    before : sequence of ItemError
        Errors that come before those.
    """
    errors = (one for one in ordered if isinstance(one, ItemError))
    results = [one for one in ordered if not isinstance(one, ItemError)]
    return Outcome(results, (*before, *errors))


def outcomes_of(
    tasks: Sequence[T],
    work: Work[T, R],
    settings: BatchSettings,
    *,
    on_result: Callable[[R], None] | None = None,
    discard: Callable[[R], None] | None = None,
    pulse: Pulse | None = None,
) -> list[R | ItemError]:
    """Work on tasks as :func:`run_batch` does, and give what came of each, in their order.

    Parameters
    ----------
    tasks, work, settings, on_result, discard
        See :func:`run_batch`.
    pulse : Pulse or None
        Has counted what is done already of the same work, and goes on with these tasks; None
        if nothing is done yet.

    Raises
    ------
    ParameterError, Cancelled
        As :func:`run_batch` does.
    """
    made: list[R] = []
    outcomes: dict[int, R | ItemError] = {}
    sizes = [size_of(task) for task in tasks]
    pulse = pulse or Pulse()
    if settings.follow is not None:
        settings.follow(pulse)
    one = functools.partial(_result_or_error, work, made)
    n_before = pulse.remembered + pulse.failed
    state = State(n_before + len(tasks), sum(sizes), pulse, n_before=n_before)
    try:
        with (
            display_for(settings.progress)(state) as advance,
            _in_threads(tasks, one, settings.n_threads, sizes, pulse) as ends,
        ):
            done = 0
            if n_before:
                advance(n_before, done)
            for index, outcome in ends:
                outcomes[index] = outcome
                done += sizes[index]
                if isinstance(outcome, ItemError):
                    pulse.failed += 1
                elif on_result is not None:
                    on_result(outcome)
                advance(n_before + len(outcomes), done)
    except BaseException:
        # All threads have ended here, so that nothing more is made.
        if discard is not None:
            for result in made:
                discard(result)
        raise
    return [outcomes[index] for index in range(len(tasks))]


def _in_threads(
    tasks: Sequence[T], work: Work[T, R], threads: int, sizes: Sequence[int], pulse: Pulse
) -> contextlib.closing[Generator[tuple[int, R]]]:
    """Give results as they come; after the ``with`` block no thread is at work any more."""
    results = unordered(work, tasks, threads, sizes, pulse, _read_ahead)
    return contextlib.closing(cast("Generator[tuple[int, R]]", results))


def size_of(task: HasPath) -> int:
    """Give a number of bytes, as in 16-bit WAV, which grows with the work that a task makes.

    It is at least 1, for a file that cannot be found too, so that each task counts.
    """
    if isinstance(task, Recording) and task.audio is not None:
        return 1 + 2 * task.audio[0].size
    path = task.file if isinstance(task, Recording) else task.path
    status = task.status if isinstance(task, Recording) else None
    try:
        size = os.stat(path).st_size if status is None else status.size
    except OSError:
        return 1  # It is not there, or elsewhere, where asking would take its time.
    return 1 + size * DENSITIES.get(suffix_of(path), 1)


_AHEAD = 8 * 2**20
"""How many bytes of a file are read before it is its turn. Later bytes the system itself reads
ahead, once it sees that a file is read from front to back."""


def _read_ahead(task: HasPath) -> None:
    """Ask the system to read the beginning of a file while others are worked on.

    Without this, a thread waits for a slow disk at the beginning of each file. Nothing is asked
    where the system does not offer it, and what is wrong with a file is found out later.
    """
    is_elsewhere = is_url(task.path)
    if isinstance(task, Recording):
        is_elsewhere = not task.is_here
    if is_elsewhere or not hasattr(os, "posix_fadvise"):
        return
    path = task.file if isinstance(task, Recording) else task.path
    with contextlib.suppress(OSError):
        # Whoever writes to a pipe would notice that it is opened, and closed again.
        if not stat.S_ISREG(os.stat(path).st_mode):
            return
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.posix_fadvise(file, 0, _AHEAD, os.POSIX_FADV_WILLNEED)
        finally:
            os.close(file)


def _result_or_error(
    work: Work[T, R], made: list[R], task: T, stop: threading.Event
) -> R | ItemError:
    """Give the result, which is added to `made` on the way, or what was wrong."""
    try:
        result = work(task, stop)
    except Cancelled:
        raise
    except ParameterError as why:
        # Whether an argument is valid can depend on the recording's own sampling rate.
        raise ParameterError(f"{task.path}: {why}") from None
    except (DecodeError, SignalError) as why:
        return ItemError(task.path, why.kind, str(why))
    except Exception as why:
        return ItemError(task.path, "internal", f"{type(why).__name__}: {why}")
    made.append(result)
    return result
