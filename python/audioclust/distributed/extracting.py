"""Features of recordings, computed by the workers of a cluster."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.audio.sources import Scan
from audioclust.distributed.clients import Client
from audioclust.distributed.parts import DaskTable, Kept
from audioclust.distributed.reading import Reading
from audioclust.distributed.running import QUIET, Future, Tasks
from audioclust.distributed.surviving import Job, Stages, Surviving
from audioclust.distributed.workers import tasks as functions
from audioclust.distributed.workers.heads import Head, head_of
from audioclust.distributed.workers.payloads import (
    ExtractionWork,
    Follow,
    Payload,
    packed,
)
from audioclust.distributed.workers.storing import check_shared, written
from audioclust.errors import ItemError
from audioclust.extraction.batch import BatchSettings, size_of
from audioclust.extraction.partitions.cutting import cut
from audioclust.extraction.partitions.fingerprints import fingerprint
from audioclust.extraction.partitions.merging import joined, merged
from audioclust.extraction.progress import Pulse, Run, State, display_for, note_run
from audioclust.extraction.settings import ExtractionSettings
from audioclust.extraction.table import FeatureTable

if TYPE_CHECKING:
    from audioclust.extraction.partitions.store import Head as StoredHead
    from audioclust.extraction.partitions.store import Store

PARTITION_SIZE = 100
"""Recordings of a task, unless another number is asked for. A task costs a few milliseconds
beside its work, which is about 2 % of it at this number."""


def extract_on(
    client: Client,
    found: Scan,
    settings: ExtractionSettings,
    batch: BatchSettings,
    *,
    store: Store | None = None,
    partition_size: int = PARTITION_SIZE,
    retry: bool = False,
) -> FeatureTable:
    """Compute the features of recordings that a scan found, on a cluster.

    Parameters
    ----------
    client : distributed.Client
    found : Scan
    settings : ExtractionSettings
    batch : BatchSettings
        Whether progress is shown. Each task has one thread.
    store : Store or None
        Where tables of parts are kept. Those that are there already are not computed again.
    partition_size : int
        Number of recordings of a part.
    retry : bool
        Whether parts of the store in which recordings failed are computed again.

    Returns
    -------
    FeatureTable
        The one that :func:`audioclust.extraction.recordings.extract_found` gives, to the bit.

    Raises
    ------
    SchedulerError
        If the scheduler is lost.
    NoAudioError, NothingExtractedError, ParameterError
        As :func:`audioclust.extract` raises them.
    """
    run = _Run.of(client, found, settings, batch, store, partition_size, retry=retry)
    with run.tasks() as tasks, QUIET:
        if store is None:
            made = dict(run.worked_on(tasks, _Gathering(run)))
            tables = [made[number] for number in range(len(run.jobs))]
        else:
            tables = run.stored(tasks, store)
    return run.with_functions(merged(tables, found.files, found))


@contextlib.contextmanager
def tables_on(
    client: Client,
    found: Scan,
    settings: ExtractionSettings,
    batch: BatchSettings,
    *,
    store: Store | None = None,
    partition_size: int = PARTITION_SIZE,
    retry: bool = False,
) -> Iterator[DaskTable]:
    """Compute features as :func:`extract_on` does, and leave the rows where they are.

    They are on the workers that computed them, or in the store. A worker that is lost takes
    nothing along: its rows are computed again, or read again.

    Yields
    ------
    DaskTable
        It can be used inside of the ``with`` block, and may have no rows.

    Raises
    ------
    SchedulerError, ParameterError
        As :func:`extract_on` does.
    """
    run = _Run.of(client, found, settings, batch, store, partition_size, retry=retry)
    with run.tasks() as tasks:
        with QUIET:
            stages = _Keeping(run) if store is None else _Storing(run)
            heads = dict(run.worked_on(tasks, stages, known_too=True))
            ordered = [heads[number] for number in range(len(run.jobs))]
            kept = Kept(store, stages.futures)
            table = DaskTable.of(tasks, ordered, kept, run.with_functions)
        yield table


@dataclass(frozen=True)
class _Run:
    """What is to be done.

    Attributes
    ----------
    client : distributed.Client
    settings : ExtractionSettings
    batch : BatchSettings
    store : Store or None
    jobs : list of Job
        All parts.
    prints : list of str
        The fingerprint of each part, if there is a store.
    known : dict of int to store.Head
        The parts that the store has already, by their numbers.
    work : bytes
        The extraction, packed for tasks.
    pulse : Pulse
        Counts what is done.
    """

    client: Client
    settings: ExtractionSettings
    batch: BatchSettings
    store: Store | None
    jobs: list[Job]
    prints: list[str]
    known: dict[int, StoredHead]
    work: bytes
    pulse: Pulse = field(default_factory=Pulse)

    @classmethod
    def of(
        cls,
        client: Client,
        found: Scan,
        settings: ExtractionSettings,
        batch: BatchSettings,
        store: Store | None,
        size: int,
        *,
        retry: bool,
    ) -> _Run:
        """Cut the recordings into parts, and look which of them the store has."""
        for embedding in settings.embeddings:
            embedding.prepare()
        jobs = [Job(number, part) for number, part in enumerate(cut(found, size))]
        prints: list[str] = []
        known: dict[int, StoredHead] = {}
        if store is not None:
            prints = [fingerprint(job.part, settings, job.number, len(jobs)) for job in jobs]
            known = store.known(prints, retry=retry)
        work = packed(ExtractionWork(settings))
        return cls(client, settings, batch, store, jobs, prints, known, work)

    def tasks(self) -> Tasks:
        """Give what submits tasks."""
        kept = (
            "nothing of it was kept: with a store, another run goes on where this one ended"
            if self.store is None
            else "what is in the store is kept: the same call goes on from there"
        )
        return Tasks(self.client, "extract", kept, self.pulse)

    def stored(self, tasks: Tasks, store: Store) -> list[FeatureTable]:
        """Work on all parts that the store has not, and read the tables of all."""
        with Reading(store) as reading:
            for head in self.known.values():
                reading.begin(head)
            finish = functools.partial(reading.finish, self.pulse)
            for _, result in self.worked_on(tasks, _Storing(self), finish=finish):
                reading.begin(result.stored)
            return reading.tables()

    def worked_on(
        self,
        tasks: Tasks,
        stages: Stages[Any, FeatureTable],
        *,
        known_too: bool = False,
        finish: Callable[[], None] = lambda: None,
    ) -> Iterator[tuple[int, Any]]:
        """Work on all parts, and show progress; give the number and the result of each.

        Parts that the store has are worked on as well if something of them must be fetched.
        In the end `finish` is called while progress is still shown.
        """
        new = [job for job in self.jobs if job.number not in self.known]
        before = [job for job in self.jobs if job.number in self.known]
        n_before = sum(len(job.part.recordings) for job in before)
        n_bytes = sum(size_of(one) for job in new for one in job.part.recordings)
        n_new = sum(len(job.part.recordings) for job in new)
        self.pulse.remembered = n_before
        state = State(n_before + n_new, n_bytes, self.pulse, n_before=n_before)
        n_kept = n_before
        if self.store is not None:
            note_run(Run(self.pulse, state.total, lambda: n_kept))
        with display_for(self.batch.progress)(state) as advance:
            if n_before:
                advance(n_before, 0)
            for job, head in self._heads(tasks, stages, before if known_too else []):
                yield job.number, head
            every = Surviving(tasks, stages, self.pulse, advance, (n_before, 0))
            for place, (job, result) in enumerate(every.results(new)):
                if self.store is not None and place == 0:
                    # Before all the work is done, not after it.
                    check_shared(self.store, result.stored)
                n_kept += len(job.part.recordings)
                yield job.number, result
            finish()

    def _heads(
        self, tasks: Tasks, stages: Stages[Any, FeatureTable], jobs: list[Job]
    ) -> Iterator[tuple[Job, Any]]:
        """Fetch the heads of parts that the store has."""
        silent = Surviving(tasks, stages, Pulse(), lambda _done, _bytes: None)
        return silent.results(jobs)

    def with_functions(self, table: FeatureTable) -> FeatureTable:
        """Give a table settings whose embeddings have the functions that pickles leave out."""
        sizes = [embedding.size for embedding in table.settings.embeddings]
        known = [size for size in sizes if size is not None]
        whole = len(known) == len(sizes) and self.settings.embeddings
        settings = self.settings.with_sizes(known) if whole else self.settings
        return replace(table, settings=settings)


@dataclass(frozen=True)
class _Gathering:
    """Tables come here, and nothing stays on the workers."""

    run: _Run

    def begin(self, tasks: Tasks, job: Job) -> str:
        """Submit the task of a part."""
        return tasks.submit(job.label, functions.extract, Payload.of(self.run.work, job.part))

    def payload(self, alone: Scan) -> Payload:
        """Give the work on one recording."""
        return Payload.of(self.run.work, alone)

    def failed(self, alone: Scan, error: ItemError) -> FeatureTable:
        """Give the table of a recording that cannot be worked on."""
        columns = self.run.settings.plans.columns
        return FeatureTable(
            values=np.empty((0, len(columns)), np.float32),
            columns=columns,
            items=(),
            errors=(*alone.errors, error),
            settings=self.run.settings,
            folder=alone.recordings[0].folder if alone.recordings else None,
        )

    def whole(self, _tasks: Tasks, job: Job, files: list[FeatureTable]) -> FeatureTable:
        """Put the tables of recordings together."""
        return joined(files, job.part)

    def dropped(self, _tasks: Tasks, _job: Job) -> None:
        """Forget the task of a part: nothing of it is here."""

    def n_failed(self, job: Job, result: FeatureTable) -> int:
        """Give how many recordings of a part could not be used."""
        return len(result.errors) - len(job.part.errors)


@dataclass(frozen=True)
class _Keeping(_Gathering):
    """Tables stay on the workers, and their heads come here."""

    futures: dict[int, Future] = field(default_factory=dict)

    def begin(self, tasks: Tasks, job: Job) -> str:
        """Submit the task of a part, and one that gives the head of its table."""
        payload = Payload.of(self.run.work, job.part)
        table = tasks.keep(job.label, functions.extract, payload)
        self.futures[job.number] = table
        return tasks.submit(job.label, functions.head, table, what="head")

    def whole(self, tasks: Tasks, job: Job, files: list[FeatureTable]) -> Head:  # type: ignore[override]
        """Put the tables of recordings together, and send the table to a worker."""
        table = joined(files, job.part)
        self.futures[job.number] = tasks.keep(job.label, functions.given, table, what="given")
        return head_of(table)

    def dropped(self, _tasks: Tasks, job: Job) -> None:
        """Forget the task of a part."""
        del self.futures[job.number]

    def n_failed(self, job: Job, result: Head) -> int:  # type: ignore[override]
        """Give how many recordings of a part could not be used."""
        return super().n_failed(job, result.table)


class _StoredWork(ExtractionWork):
    """Extraction of a part whose table goes to a store, so that only its head comes back."""

    def __call__(  # type: ignore[override]
        self, part: Scan, store: Store, number: int, fingerprint: str, *, follow: Follow
    ) -> Head:
        """Compute the table of a part, and store it."""
        table = super().__call__(part, follow=follow)
        return head_of(table, written(store, number, table, fingerprint))


@dataclass(frozen=True)
class _Storing(_Gathering):
    """Tables go to a store, and their heads come here."""

    futures: dict[int, Future] = field(default_factory=dict)

    @functools.cached_property
    def stored_work(self) -> bytes:
        """The extraction of a part and the storing of its table, packed for tasks."""
        return packed(_StoredWork(self.run.settings))

    def begin(self, tasks: Tasks, job: Job) -> str:
        """Submit the task of a part, or the one that reads the head of what is stored."""
        run, number = self.run, job.number
        if number in run.known:
            stored = run.known[number]
            return tasks.submit(
                job.label, functions.stored_head, run.store, stored, what="head"
            )
        payload = Payload.of(self.stored_work, job.part, run.store, number, run.prints[number])
        return tasks.submit(job.label, functions.extract, payload)

    def whole(self, _tasks: Tasks, job: Job, files: list[FeatureTable]) -> Head:  # type: ignore[override]
        """Put the tables of recordings together, and store the table."""
        table = joined(files, job.part)
        store, number = self.run.store, job.number
        if store is None:
            return head_of(table)
        return head_of(table, written(store, number, table, self.run.prints[number]))

    def n_failed(self, job: Job, result: Head) -> int:  # type: ignore[override]
        """Give how many recordings of a part could not be used."""
        return super().n_failed(job, result.table)
