"""Tasks at work on a worker: they stop when they are cancelled, and use one thread each."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from audioclust.extraction.progress import Pulse
from audioclust.utils.threads import one_blas_thread

LOOK_SECONDS = 0.2
"""How often a task looks whether it was cancelled."""


class Watch:
    """Looks whether the task of this thread is still wanted; use it in a ``with`` block.

    Dask forgets tasks that are cancelled, but never interrupts those that run. The worker knows
    of it, also if the client was killed, since the scheduler then gives up all that it wanted.

    Attributes
    ----------
    pulse : Pulse or None
        The batch that is stopped when nobody wants it any more.
    cancelled : bool
        Whether nobody does.
    """

    def __init__(self) -> None:
        from distributed import get_worker

        worker = get_worker()
        self._key: Any = worker.get_current_task()
        self._tasks: Any = worker.state.tasks
        self._over = threading.Event()
        self.pulse: Pulse | None = None
        self.cancelled: bool = False

    def follow(self, pulse: Pulse) -> None:
        """Stop this batch if the task is cancelled."""
        self.pulse = pulse
        if self.cancelled:
            pulse.set()

    @property
    def seconds(self) -> float:
        """How much audio was decoded."""
        return 0.0 if self.pulse is None else self.pulse.seconds

    def __enter__(self) -> Watch:
        threading.Thread(target=self._look, name="audioclust-watch", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            task = self._tasks.get(self._key)
            if task is None or task.state == "cancelled":
                self.cancelled = True
                if self.pulse is not None:
                    self.pulse.set()
                return


_at_work = 0
_lock = threading.Lock()
_limit = contextlib.ExitStack()


@contextlib.contextmanager
def on_one_thread() -> Iterator[None]:
    """Let linear algebra use one thread as long as any task of this process is in here."""
    global _at_work
    with _lock:
        if _at_work == 0:
            _limit.enter_context(one_blas_thread())
        _at_work += 1
    try:
        yield
    finally:
        with _lock:
            _at_work -= 1
            if _at_work == 0:
                _limit.close()
