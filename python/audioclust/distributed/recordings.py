"""Work on each recording by itself, a task for each, on the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from audioclust.audio.recording import Recording
from audioclust.audio.sources import Scan
from audioclust.distributed.clients import Client
from audioclust.distributed.running import QUIET, Tasks
from audioclust.distributed.surviving import Job, Surviving
from audioclust.distributed.workers import tasks as functions
from audioclust.distributed.workers.payloads import Follow, Payload, packed
from audioclust.errors import ItemError, NothingExtractedError
from audioclust.extraction.batch import (
    BatchSettings,
    Outcome,
    Work,
    outcomes_of,
    parted,
    size_of,
)
from audioclust.extraction.partitions.cutting import cut
from audioclust.extraction.progress import Pulse, State, display_for

R = TypeVar("R")


def each_on(
    client: Client,
    found: Scan,
    work: Work[Recording, R],
    batch: BatchSettings,
    discard: Callable[[R], None],
) -> Outcome[R]:
    """Work on all recordings of a scan, as :func:`each_recording` does in this process.

    Parameters
    ----------
    client : distributed.Client
    found : Scan
    work : callable
        A function of a module, or one with some arguments given. Its results are pickled.
    batch : BatchSettings
        Whether progress is shown.
    discard : callable
        Called with each result that came, if the work ends with an exception.

    Returns
    -------
    Outcome
        Its errors begin with those of the scan.

    Raises
    ------
    NothingExtractedError
        If there is no result.
    SchedulerError
        If the scheduler is lost.
    ParameterError
        If `work` raises one.
    """
    made: dict[int, list[R | ItemError]] = {}
    try:
        _work_on(client, found, work, batch, made)
    except BaseException:
        for one in (one for part in made.values() for one in part):
            if not isinstance(one, ItemError):
                discard(one)
        raise
    ordered = [one for number in sorted(made) for one in made[number]]
    outcome: Outcome[R] = parted(ordered, found.errors)
    if not outcome.results:
        raise NothingExtractedError(outcome.errors)
    return outcome


def _work_on(
    client: Client,
    found: Scan,
    work: Work[Recording, R],
    batch: BatchSettings,
    made: dict[int, list[R | ItemError]],
) -> None:
    """Work on all recordings, and show progress; results go into `made` as they come."""
    pulse = Pulse()
    jobs = [Job(number, part) for number, part in enumerate(cut(found, 1))]
    n_bytes = sum(map(size_of, found.recordings))
    stages: _Each[R] = _Each(packed(_EachWork(work)))
    lost = "nothing of it was kept"
    with (
        Tasks(client, "frames", lost, pulse) as tasks,
        QUIET,
        display_for(batch.progress)(State(len(found.recordings), n_bytes, pulse)) as advance,
    ):
        for job, results in Surviving(tasks, stages, pulse, advance).results(jobs):
            made[job.number] = results


class _EachWork(Generic[R]):
    """Work on the recordings of a part, on one thread of a worker."""

    def __init__(self, work: Work[Recording, R]) -> None:
        self._work = work

    def __call__(self, part: Scan, *, follow: Follow) -> list[R | ItemError]:
        """Give what came of each recording."""
        return outcomes_of(part.recordings, self._work, BatchSettings(1, follow=follow))


@dataclass(frozen=True)
class _Each(Generic[R]):
    """What is done with each recording.

    Attributes
    ----------
    work : bytes
        The work, packed for tasks.
    """

    work: bytes

    def begin(self, tasks: Tasks, job: Job) -> str:
        """Submit the task of a part."""
        return tasks.submit(job.label, functions.extract, self.payload(job.part))

    def payload(self, alone: Scan) -> Payload:
        """Give the work on one recording."""
        return Payload.of(self.work, alone)

    def failed(self, _alone: Scan, error: ItemError) -> list[R | ItemError]:
        """Give the error of a recording."""
        return [error]

    def whole(
        self, _tasks: Tasks, _job: Job, files: list[list[R | ItemError]]
    ) -> list[R | ItemError]:
        """Put what came of recordings together."""
        return [one for file in files for one in file]

    def dropped(self, _tasks: Tasks, _job: Job) -> None:
        """Forget the task of a part: nothing of it is here."""

    def n_failed(self, _job: Job, result: list[R | ItemError]) -> int:
        """Give how many recordings of a part could not be used."""
        return sum(isinstance(one, ItemError) for one in result)
