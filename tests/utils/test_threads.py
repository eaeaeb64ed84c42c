"""Tasks in threads."""

from __future__ import annotations

import threading

import pytest

from audioclust.utils.threads import Cancelled, unordered


def test_whoever_sets_the_event_ends_the_work() -> None:
    stop = threading.Event()

    def work(task: int, _stop: threading.Event) -> int:
        if task == 2:
            stop.set()
        return task

    with pytest.raises(Cancelled):
        list(unordered(work, range(10), 1, [1] * 10, stop))
