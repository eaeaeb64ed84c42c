"""The functions that workers call. They are pickled by name, and never raise."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from audioclust.distributed.workers.guarded import in_child
from audioclust.distributed.workers.heads import Head, head_of, without_odd
from audioclust.distributed.workers.payloads import Answer, Payload, carried
from audioclust.distributed.workers.storing import read
from audioclust.distributed.workers.watching import Watch, on_one_thread
from audioclust.extraction.table import FeatureTable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from audioclust.extraction.partitions.store import Head as StoredHead
    from audioclust.extraction.partitions.store import Store


def extract(payload: Payload) -> Answer:
    """Do work here, in the worker."""
    with Watch() as watch, on_one_thread():
        try:
            return Answer(payload.run(watch.follow), watch.seconds)
        except BaseException as why:
            return Answer(raised=carried(why))


def alone(payload: Payload) -> Answer:
    """Do work in a child process of the worker."""
    from distributed import get_worker

    with Watch() as watch:
        try:
            return in_child(payload, watch, get_worker().memory_manager.memory_limit)
        except BaseException as why:
            return Answer(raised=carried(why))


def head(answer: Answer) -> Answer:
    """Give the head of a table that stays here."""
    if answer.raised is not None:
        return answer
    return Answer(head_of(answer.value), answer.seconds)


def table_head(table: FeatureTable) -> Head:
    """Give the head of a table that stays here."""
    return head_of(table)


def given(table: FeatureTable) -> Answer:
    """Give a table that the client has put together."""
    return Answer(table)


def stored_head(store: Store, stored: StoredHead) -> Answer:
    """Give the head of a table that a run before this one has stored."""
    try:
        return Answer(head_of(read(store, stored), stored))
    except Exception as why:
        return Answer(raised=carried(why))


def together(
    answers: Sequence[Answer], odd: Sequence[int], sizes: Sequence[int]
) -> FeatureTable:
    """Put tables that are here together; see :func:`without_odd`."""
    return without_odd([answer.value for answer in answers], odd, sizes)


def stored_together(
    store: Store, stored: Sequence[StoredHead], odd: Sequence[int], sizes: Sequence[int]
) -> FeatureTable:
    """Put tables of the store together; see :func:`without_odd`."""
    return without_odd([read(store, one) for one in stored], odd, sizes)


def applied(work: Callable[..., Any], rows: Any, *arguments: Any) -> Any:
    """Call work with rows, which may be those of a table."""
    return work(rows.values if isinstance(rows, FeatureTable) else rows, *arguments)


def added(add: Callable[[Any, Any], Any], values: Sequence[Any]) -> Any:
    """Add up values, of which there is at least one."""
    return functools.reduce(add, values)


def picked(rows: NDArray[Any], indices: NDArray[np.intp]) -> NDArray[Any]:
    """Give some rows."""
    return rows[indices]
