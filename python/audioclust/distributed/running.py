"""The tasks of one run: named, submitted, awaited, and cancelled when the run is over."""

from __future__ import annotations

import contextlib
import functools
import logging
import queue
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakValueDictionary

from audioclust.distributed.clients import Client
from audioclust.distributed.workers.payloads import not_installed
from audioclust.errors import ClusterWarning, ParameterError, SchedulerError
from audioclust.extraction.progress import Pulse

if TYPE_CHECKING:
    import distributed

Future: TypeAlias = "distributed.Future[Any]"
"""A task that was submitted."""

PER_THREAD = 2
"""Tasks in flight for each thread of a worker. One is worked on while the next one waits; of
more than that, all would be blamed when their worker dies."""

LOOK_SECONDS = 1.0
"""How often it is asked how many workers there are."""

PATIENCE_SECONDS = 30.0
"""How long there may be no workers before that is told."""


class Tasks:
    """The tasks of one run; use it in a ``with`` block, after which none of them is left.

    Parameters
    ----------
    client : distributed.Client
    what : str
        What tasks are called in names, such as "extract".
    on_loss : str
        What becomes of the work if the scheduler is lost, in words.
    pulse : Pulse or None
        Its `note` tells whoever looks on why nothing happens.
    """

    def __init__(
        self, client: Client, what: str, on_loss: str, pulse: Pulse | None = None
    ) -> None:
        self.client = client
        self._name = f"audioclust-{what}-{uuid.uuid4().hex[:8]}"
        self._on_loss = on_loss
        self._pulse = pulse or Pulse()
        self._address = _address(client)
        self._pending: dict[str, Future] = {}
        self._kept: WeakValueDictionary[str, Future] = WeakValueDictionary()
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._n_threads = 1
        self._n_submitted = 0
        self._looked = self._seen = time.monotonic()
        self._told = False
        self._had_any = False

    def __enter__(self) -> Tasks:
        with QUIET:
            self._look()
        return self

    def __exit__(self, *_: object) -> None:
        with QUIET:
            self._cancel([*self._pending.values(), *self._kept.values()])

    def keep(
        self, label: str, function: Callable[..., Any], *arguments: object, what: str = ""
    ) -> Future:
        """Submit a task whose result stays where it is as long as somebody has the future.

        Parameters
        ----------
        label : str
            What tells the task from others of its kind, for its name.
        function : callable
            A function of a module, which takes `arguments`; those that are futures, also in
            lists, are replaced by their results.
        what : str
            The kind of task; empty for that of the run.
        """
        name = self._name if not what else f"audioclust-{what}-{self._name[-8:]}"
        self._n_submitted += 1
        key = f"{name}-{label}-{self._n_submitted}" if what else f"{name}-{label}"
        self._check()
        with self._lost_told(), warnings.catch_warnings():
            # Sounds in memory are sent to the workers; that is what was asked for.
            warnings.filterwarnings("ignore", "(?s)Sending large graph", UserWarning)
            future = self.client.submit(function, *arguments, key=key, pure=False)
        self._kept[key] = future
        return future

    def submit(
        self, label: str, function: Callable[..., Any], *arguments: object, what: str = ""
    ) -> str:
        """Submit a task whose result is waited for; give its name, which :meth:`next` gives."""
        future = self.keep(label, function, *arguments, what=what)
        self._pending[future.key] = future
        future.add_done_callback(functools.partial(_note, self._ended, future.key))
        return str(future.key)

    def has_room(self) -> bool:
        """Tell whether workers would soon have nothing to do."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            self._look()
        return len(self._pending) < max(4, PER_THREAD * self._n_threads)

    def next(self) -> tuple[str, Any]:
        """Wait for any task that was submitted; give its name, and its result or exception.

        Raises
        ------
        SchedulerError
            If the scheduler is lost, or has forgotten the task.
        ParameterError
            If the client was closed.
        """
        key = self._next_key()
        future = self._pending[key]
        result = self.result_of(future)
        del self._pending[key]
        return key, result

    def result_of(self, future: Future) -> Any:
        """Give the result or the exception of a task.

        Raises
        ------
        SchedulerError
            If the scheduler is lost, or has forgotten the task.
        ParameterError
            If workers cannot even read what they are given.
        """
        with self._lost_told():
            try:
                return future.result()
            except Exception as why:
                if future.status == "cancelled":
                    raise self._lost() from None
                if future.status != "error":
                    raise
                if isinstance(why, (ImportError, AttributeError)):
                    raise not_installed(why) from None
                return why

    def results_of(self, futures: Sequence[Future], deaths: int) -> list[Any]:
        """Give the results of tasks, in their order.

        Parameters
        ----------
        futures : sequence of Future
        deaths : int
            How often a task is submitted again that died with its workers.

        Raises
        ------
        SchedulerError
            If the scheduler is lost.
        Exception
            What a task raises.
        """
        # All at once is quick; if it fails, each tells why.
        with QUIET:
            with contextlib.suppress(Exception):
                return list(self.client.gather(list(futures)))
            return [self._survived(future, deaths) for future in futures]

    def _survived(self, future: Future, deaths: int) -> Any:
        from distributed import KilledWorker

        result = self.result_of(future)
        while isinstance(result, KilledWorker) and deaths:
            deaths -= 1
            self.retry(future)
            result = self.result_of(future)
        if isinstance(result, Exception):
            raise result
        return result

    def retry(self, future: Future) -> None:
        """Submit a task again, as it was, with all that it takes and that failed with it."""
        with self._lost_told():
            future.retry()

    def _cancel(self, futures: list[Future]) -> None:
        """Let all tasks be forgotten; those that run stop by themselves when they notice."""
        self._pending.clear()
        if futures and self.client.status == "running":
            # The connection may be lost just now, and then there is nothing to cancel.
            with contextlib.suppress(Exception):
                self.client.cancel(futures, force=True)

    def _next_key(self) -> str:
        while True:
            try:
                key = self._ended.get(timeout=0.1)
            except queue.Empty:
                self._check()
                if time.monotonic() - self._looked > LOOK_SECONDS:
                    self._look()
                continue
            if key in self._pending:
                return key

    def _look(self) -> None:
        """Ask how many threads all workers have, and tell if there are none for long."""
        self._looked = time.monotonic()
        try:
            self._n_threads = sum(self.client.nthreads().values())
        except Exception:
            return  # If it is lost, that is found out from the tasks.
        if self._n_threads:
            self._seen, self._told, self._had_any = self._looked, False, True
            self._pulse.note = ""
        elif self._looked - self._seen > PATIENCE_SECONDS and not self._told:
            self._told = True
            self._pulse.note = "waiting for workers"
            warnings.warn(
                f"the scheduler at {self._address} has no workers{self._why_none()}: waiting"
                " until some come",
                ClusterWarning,
                stacklevel=2,
            )

    def _why_none(self) -> str:
        """Give what is known of why there are no workers, in words."""
        if not self._had_any:
            return ""
        return " any more, and workers without a nanny are not started again when they die"

    def _check(self) -> None:
        if self.client.status != "running":
            raise self._lost()

    def _lost(self) -> SchedulerError | ParameterError:
        # A client that has lost its scheduler has no connection any more when it is closed.
        if (
            self.client.status in ("closing", "closed")
            and self.client.scheduler_comm is not None
        ):
            return ParameterError(
                "client: the client was closed: expected it to be open until the work is done"
            )
        return SchedulerError(
            f"the scheduler at {self._address} was lost or restarted, and has forgotten what it"
            f" was to do; {self._on_loss}"
        )

    @contextlib.contextmanager
    def _lost_told(self) -> Iterator[None]:
        """Say in words what distributed says by exceptions of many kinds."""
        from concurrent.futures import CancelledError

        try:
            yield
        except (ParameterError, SchedulerError):
            raise
        except (OSError, RuntimeError, TimeoutError, CancelledError) as why:
            raise self._lost() from why


class _Quiet(logging.Filter):
    """Keeps what the client logs of workers that died, and of its scheduler, off the screen.

    The first is no concern of the user's: others do their work. The second is an error of ours.
    Several runs may be at work at once; when the last of them ends, all is logged again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._at_work = 0
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is logged."""
        return record.levelno >= logging.CRITICAL

    def __enter__(self) -> None:
        with self._lock:
            self._at_work += 1
            logging.getLogger("distributed.client").addFilter(self)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._at_work -= 1
            if not self._at_work:
                logging.getLogger("distributed.client").removeFilter(self)


QUIET = _Quiet()
"""Use it in a ``with`` block around what works on a cluster."""


def _note(ended: queue.SimpleQueue[str], key: str, _future: object) -> None:
    ended.put(key)


def _address(client: Client) -> str:
    return str(getattr(client.scheduler, "address", "an unknown address"))
