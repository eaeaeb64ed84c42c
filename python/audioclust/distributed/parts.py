"""Rows and tables that stay on workers: functions go there, and results come."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from audioclust.distributed.running import Future, Tasks
from audioclust.distributed.workers import tasks as functions
from audioclust.distributed.workers.heads import Head
from audioclust.errors import ItemError
from audioclust.extraction.partitions.merging import joined
from audioclust.extraction.recordings import rates_differ
from audioclust.extraction.table import FeatureTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.extraction.partitions.store import Store

R = TypeVar("R")

ROWS = 65_536
"""Rows of a task of clustering, at least: parts of fewer are put together."""

FAN_IN = 8
"""How many sums are added by one task."""

DEATHS = 10
"""How often a task is submitted again that died with its workers. Its work was done before, by
functions of ours, so that it is not what kills them."""


class DaskParts:
    """Rows in parts that are results of tasks, as ``clustering.parted.parts.Parts`` has them.

    Parameters
    ----------
    tasks : Tasks
    futures : sequence of Future
        The task of each part, which gives rows, or a table of which the values are meant.
    sizes : sequence of int
        The number of rows of each.
    """

    def __init__(self, tasks: Tasks, futures: Sequence[Future], sizes: Sequence[int]) -> None:
        self._tasks = tasks
        self._futures = tuple(futures)
        self._sizes = tuple(sizes)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of rows of each part."""
        return self._sizes

    def each(self, work: Callable[..., R], *arguments: Any) -> list[R]:
        """Give ``work(rows, *arguments)`` for the rows of each part, in their order."""
        return self._tasks.results_of(self._begun(work, arguments), DEATHS)

    def total(self, work: Callable[..., R], add: Callable[[R, R], R], *arguments: Any) -> R:
        """Add up ``work(rows, *arguments)`` of all parts, in a tree."""
        level = self._begun(work, arguments)
        for depth in itertools.count():
            if len(level) == 1:
                break
            groups = [level[start : start + FAN_IN] for start in range(0, len(level), FAN_IN)]
            level = [
                self._tasks.keep(
                    f"{depth}-{number:05}", functions.added, add, group, what="sum"
                )
                for number, group in enumerate(groups)
            ]
        result: R = self._tasks.results_of(level, DEATHS)[0]
        return result

    def mapped(self, work: Callable[..., NDArray[Any]], *arguments: Any) -> DaskParts:
        """Give parts of the rows ``work(rows, *arguments)``, which stay where they are."""
        return DaskParts(self._tasks, self._begun(work, arguments), self._sizes)

    def taken(self, indices: NDArray[np.intp]) -> NDArray[Any]:
        """Give the rows with these numbers, counted through all parts, ascending."""
        edges = np.cumsum([0, *self._sizes])
        bounds = np.searchsorted(indices, edges)
        hit = [part for part in range(len(self._sizes)) if bounds[part] < bounds[part + 1]]
        futures = [
            self._submit(
                part, functions.picked, indices[bounds[part] : bounds[part + 1]] - edges[part]
            )
            for part in hit or [0]
        ]
        return np.concatenate(self._tasks.results_of(futures, DEATHS))

    def _begun(self, work: Callable[..., Any], arguments: Sequence[Any]) -> list[Future]:
        return [self._submit(part, work, *arguments) for part in range(len(self._futures))]

    def _submit(self, part: int, work: Callable[..., Any], *arguments: Any) -> Future:
        rows = self._futures[part]
        return self._tasks.keep(
            f"{part:05}", functions.applied, work, rows, *arguments, what=_name(work)
        )


def _name(work: Callable[..., Any]) -> str:
    """Give the name of a function as people read it on the dashboard."""
    name = getattr(getattr(work, "func", work), "__name__", "work")
    return str(name).strip("_").replace("_", "-")


@dataclass(frozen=True)
class Kept:
    """Where the tables of parts are.

    Attributes
    ----------
    store : Store or None
        The store that has them.
    futures : dict of int to Future
        Without a store, the tasks that give them.
    """

    store: Store | None
    futures: dict[int, Future]

    def together(self, tasks: Tasks, group: _Group, sizes: Sequence[int]) -> Future:
        """Put the tables of some parts together, on a worker."""
        label = f"{group.numbers[0]:05}"
        if self.store is None:
            futures = [self.futures[number] for number in group.numbers]
            function = functions.together
            return tasks.keep(label, function, futures, group.odd, sizes, what="table")
        stored = [head.stored for head in group.heads]
        given = self.store, stored, group.odd, sizes
        return tasks.keep(label, functions.stored_together, *given, what="table")


@dataclass(frozen=True)
class _Group:
    """Parts that are put together.

    Attributes
    ----------
    numbers : list of int
        Which ones.
    heads : list of Head
        Their heads.
    odd : list of int
        The places, among these, of those whose vectors have other sizes than most.
    n_rows : int
        How many rows the others have.
    """

    numbers: list[int]
    heads: list[Head]
    odd: list[int]
    n_rows: int

    @classmethod
    def of(cls, heads: Sequence[Head], numbers: list[int], sizes: tuple[int, ...]) -> _Group:
        """Find out which parts are odd."""
        own = [heads[number] for number in numbers]
        is_odd = [bool(head.n_rows) and head.sizes != sizes for head in own]
        odd = [place for place, flag in enumerate(is_odd) if flag]
        n_rows = sum(head.n_rows for head, flag in zip(own, is_odd, strict=True) if not flag)
        return cls(numbers, own, odd, n_rows)


class DaskTable:
    """A table in parts; see :class:`audioclust.clustering.parted.tables.PartedTable`.

    Attributes
    ----------
    head : FeatureTable
        The table without its rows.
    values : DaskParts
        The rows.
    """

    def __init__(
        self,
        tasks: Tasks,
        head: FeatureTable,
        futures: Sequence[Future],
        sizes: Sequence[int],
        finished: Callable[[FeatureTable], FeatureTable],
    ) -> None:
        self._tasks = tasks
        self._futures = tuple(futures)
        self._finished = finished
        self.head: FeatureTable = head
        self.values: DaskParts = DaskParts(tasks, futures, sizes)

    @classmethod
    def of(
        cls,
        tasks: Tasks,
        heads: Sequence[Head],
        kept: Kept,
        finished: Callable[[FeatureTable], FeatureTable],
    ) -> DaskTable:
        """Put small parts together to larger ones, on the workers.

        Parameters
        ----------
        tasks : Tasks
        heads : sequence of Head
            That of each part.
        kept : Kept
            Where their tables are.
        finished : callable
            Gives a table that came here what pickles leave out.
        """
        _check_rates(heads)
        sizes = _common_sizes(heads)
        groups = [_Group.of(heads, numbers, sizes) for numbers in _groups(heads)]
        futures = [kept.together(tasks, group, sizes) for group in groups]
        head = _head(heads, sizes)
        if any(group.odd for group in groups):
            head = replace(head, errors=_errors(tasks, futures))
        # Tables of parts are not wanted any more, unless one that is made of them is lost.
        kept.futures.clear()
        return cls(tasks, finished(head), futures, [one.n_rows for one in groups], finished)

    def each_table(self, work: Callable[..., R], *arguments: Any) -> list[R]:
        """Give ``work(table, *arguments)`` for each table, in their order."""
        futures = [
            self._tasks.keep(f"{part:05}", work, table, *arguments, what=_name(work))
            for part, table in enumerate(self._futures)
        ]
        return self._tasks.results_of(futures, DEATHS)

    def tables(self) -> Iterator[FeatureTable]:
        """Fetch the tables one after the other, in their order."""
        for future in self._futures:
            yield self._finished(self._tasks.results_of([future], DEATHS)[0])


def _errors(tasks: Tasks, tables: Sequence[Future]) -> tuple[ItemError, ...]:
    """Fetch the errors of tables that have become more since they were put together."""
    heads = tasks.results_of(
        [
            tasks.keep(f"{part:05}", functions.table_head, table, what="head")
            for part, table in enumerate(tables)
        ],
        DEATHS,
    )
    return tuple(error for head in heads for error in head.table.errors)


def _groups(heads: Sequence[Head]) -> list[list[int]]:
    """Give the numbers of parts that follow each other and have enough rows together."""
    groups: list[list[int]] = [[]]
    n_rows = 0
    for number, head in enumerate(heads):
        groups[-1].append(number)
        n_rows += head.n_rows
        if n_rows >= ROWS and number + 1 < len(heads):
            groups.append([])
            n_rows = 0
    if n_rows == 0 and len(groups) > 1:
        # A table without rows has no columns of embeddings.
        last = groups.pop()
        groups[-1] += last
    return groups


def _common_sizes(heads: Sequence[Head]) -> tuple[int, ...]:
    """Give the size that most vectors of each embedding have, those of the first if tied."""
    used = [head for head in heads if head.n_rows]
    counts = [Counter[int]() for _ in used[0].sizes] if used else []
    for head in used:
        for count, size in zip(counts, head.sizes, strict=True):
            count[size] += head.n_rows
    return tuple(count.most_common(1)[0][0] for count in counts)


def _check_rates(heads: Sequence[Head]) -> None:
    """Raise the error of features at the rates of recordings, which differ."""
    used = [head for head in heads if head.first is not None]
    for head in used[1:]:
        first = used[0]
        if head.table.sr != first.table.sr:
            raise rates_differ(str(first.first), first.table.sr, str(head.first), head.table.sr)


def _head(heads: Sequence[Head], sizes: tuple[int, ...]) -> FeatureTable:
    """Put heads together: those without rows know neither columns of embeddings nor rates."""
    fitting = [head for head in heads if head.n_rows and head.sizes == sizes]
    whole = joined([head.table for head in heads])
    if not fitting:
        return whole
    one = fitting[0].table
    kept = replace(one, errors=whole.errors, left_out=whole.left_out)
    return replace(kept, version=whole.version, folder=whole.folder, descriptors=None)
