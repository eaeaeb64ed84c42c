"""Work on all recordings in two stages, so that no file takes others down with it.

First, parts of many recordings are worked on as plain tasks. A part whose workers died is then
worked on recording by recording, each in a child process of a worker. So the recording that is
to blame is found, and those that only shared its worker are not blamed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from audioclust.audio.sources import Scan
from audioclust.distributed.running import Tasks
from audioclust.distributed.workers import tasks as functions
from audioclust.distributed.workers.payloads import Answer, Crashed, Payload
from audioclust.errors import AudioclustError, ErrorKind, ItemError
from audioclust.extraction.batch import size_of
from audioclust.extraction.progress import Advance, Pulse

R = TypeVar("R")
F = TypeVar("F")

DEATHS = 3
"""How often a recording is submitted again whose task died with the whole worker."""


@dataclass(frozen=True)
class Job:
    """A part of the recordings.

    Attributes
    ----------
    number : int
        Which one, from 0.
    part : Scan
        Its recordings.
    """

    number: int
    part: Scan

    @property
    def label(self) -> str:
        """What tells its task from others."""
        return f"{self.number:05}"

    def alone(self) -> list[Scan]:
        """Give the recordings one by one; errors of the scan stay with the first."""
        part = self.part
        if not part.recordings:
            return [part]
        return [
            replace(part, recordings=[recording], errors=[] if number else part.errors)
            for number, recording in enumerate(part.recordings)
        ]


class Stages(Protocol[R, F]):
    """What is done with parts, and with single recordings of those that failed."""

    def begin(self, tasks: Tasks, job: Job) -> str:
        """Submit the task of a part; give its name."""

    def payload(self, alone: Scan) -> Payload:
        """Give the work on one recording alone."""

    def failed(self, alone: Scan, error: ItemError) -> F:
        """Give what comes of a recording that cannot be worked on."""

    def whole(self, tasks: Tasks, job: Job, files: list[F]) -> R:
        """Put what came of recordings together, as the task of the part would have given it."""

    def dropped(self, tasks: Tasks, job: Job) -> None:
        """Forget the task of a part, which has failed."""

    def n_failed(self, job: Job, result: R) -> int:
        """Give how many recordings of a part could not be used."""


@dataclass(frozen=True)
class _Alone:
    """One recording of a part that failed.

    Attributes
    ----------
    job : Job
    place : int
        Which recording of the part.
    scan : Scan
        That recording.
    deaths : int
        How many of its tasks died with their worker.
    """

    job: Job
    place: int
    scan: Scan
    deaths: int = 0

    @property
    def label(self) -> str:
        """What tells its task from others; each try has another, or Dask counts on."""
        return f"{self.job.label}-{self.place:03}-{self.deaths}"


class Surviving(Generic[R, F]):
    """All parts at work.

    Parameters
    ----------
    tasks : Tasks
    stages : Stages
        What is done.
    pulse : Pulse
        Counts the audio that is decoded, and failures.
    advance : callable
        Is told how many recordings, and how many of their bytes, are done.
    done : tuple of (int, int)
        How many of both were done before.
    """

    def __init__(
        self,
        tasks: Tasks,
        stages: Stages[R, F],
        pulse: Pulse,
        advance: Advance,
        done: tuple[int, int] = (0, 0),
    ) -> None:
        self._tasks = tasks
        self._stages = stages
        self._pulse = pulse
        self._advance = advance
        self._done, self._bytes = done
        self._begun: dict[str, Job | _Alone] = {}
        self._again: deque[_Alone] = deque()
        self._files: dict[int, dict[int, F]] = {}

    def results(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, R]]:
        """Work on parts, and give the result of each as it comes.

        Raises
        ------
        AudioclustError
            What the work raises if arguments are wrong, and if the scheduler is lost.
        """
        coming = iter(jobs)
        while True:
            self._refill(coming)
            if not self._begun:
                return
            name, answer = self._tasks.next()
            begun = self._begun.pop(name)
            if isinstance(begun, Job):
                yield from self._of_part(begun, answer)
            else:
                yield from self._of_one(begun, answer)

    def _refill(self, coming: Iterator[Job]) -> None:
        """Submit as many tasks as keep the workers busy, the second tries first."""
        while self._tasks.has_room():
            if self._again:
                one = self._again.popleft()
                payload = self._stages.payload(one.scan)
                name = self._tasks.submit(one.label, functions.alone, payload, what="alone")
                self._begun[name] = one
                continue
            job = next(coming, None)
            if job is None:
                return
            self._begun[self._stages.begin(self._tasks, job)] = job

    def _of_part(self, job: Job, answer: Any) -> Iterator[tuple[Job, R]]:
        if isinstance(answer, Answer) and answer.raised is None:
            self._pulse.add(answer.seconds)
            self._pulse.failed += self._stages.n_failed(job, answer.value)
            self._count(job.part)
            yield job, answer.value
            return
        _raise_if_ours(answer)
        self._stages.dropped(self._tasks, job)
        self._files[job.number] = {}
        self._again += [_Alone(job, *one) for one in enumerate(job.alone())]

    def _of_one(self, one: _Alone, answer: Any) -> Iterator[tuple[Job, R]]:
        if _is_death(answer) and one.deaths < DEATHS:
            self._again.append(replace(one, deaths=one.deaths + 1))
            return
        _raise_if_ours(answer)
        files = self._files[one.job.number]
        files[one.place] = self._file(one, answer)
        self._count(one.scan)
        if len(files) < max(1, len(one.job.part.recordings)):
            return
        del self._files[one.job.number]
        ordered = [files[place] for place in range(len(files))]
        result = self._stages.whole(self._tasks, one.job, ordered)
        self._pulse.failed += self._stages.n_failed(one.job, result)
        yield one.job, result

    def _file(self, one: _Alone, answer: Any) -> F:
        """Give what came of a recording, or what its error makes."""
        if isinstance(answer, Answer) and answer.raised is None:
            self._pulse.add(answer.seconds)
            if not isinstance(answer.value, Crashed):
                found: F = answer.value
                return found
            return self._error(one, "crashed", answer.value.words)
        if _is_death(answer):
            words = f"{DEATHS + 1} workers that worked on it died; the last of them all at once"
            return self._error(one, "crashed", words)
        why = answer.raised if isinstance(answer, Answer) else answer
        return self._error(one, "internal", str(why))

    def _error(self, one: _Alone, kind: ErrorKind, message: str) -> F:
        path = one.scan.recordings[0].path if one.scan.recordings else ""
        return self._stages.failed(one.scan, ItemError(path, kind, message))

    def _count(self, part: Scan) -> None:
        self._done += len(part.recordings)
        self._bytes += sum(map(size_of, part.recordings))
        self._advance(self._done, self._bytes)


def _raise_if_ours(answer: Any) -> None:
    """Raise errors about arguments, which all other parts would meet as well."""
    if isinstance(answer, Answer) and isinstance(answer.raised, AudioclustError):
        raise answer.raised


def _is_death(answer: Any) -> bool:
    from distributed import KilledWorker

    return isinstance(answer, KilledWorker)
