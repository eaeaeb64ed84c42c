"""Work in a child process of the worker, which survives what ends the child."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from typing import Any

from audioclust.distributed.workers.payloads import Answer, Crashed, Payload
from audioclust.distributed.workers.watching import LOOK_SECONDS, Watch
from audioclust.utils.threads import Cancelled

TRIES = 3
"""How many processes may die of one recording."""


def in_child(payload: Payload, watch: Watch, memory_limit: int | None) -> Answer:
    """Do work in a process of its own, and once more if that dies, up to three times.

    Parameters
    ----------
    payload : Payload
        The work.
    watch : Watch
        Tells when nobody wants it any more.
    memory_limit : int or None
        Bytes that the process may have.

    Returns
    -------
    Answer
        Its value is :class:`Crashed` if all processes died.

    Raises
    ------
    Cancelled
        When nobody wants it any more.
    """
    words = ""
    for _ in range(TRIES):
        answer = _once(pickle.dumps((payload, memory_limit)), watch)
        if isinstance(answer, Answer):
            return answer
        words = answer
    return Answer(Crashed(f"{TRIES} processes that worked on it died; the last was {words}"))


def _once(given: bytes, watch: Watch) -> Answer | str:
    """Work in one process; give how it ended, in words, if it gave no answer."""
    paths = [os.path.abspath(path) for path in sys.path]
    child = subprocess.Popen(
        [sys.executable, "-m", "audioclust.distributed.workers.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Libraries tell of what they stumble over; here that is the log of a worker.
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
    told = _Exchange(child, given)
    try:
        while not told.over.wait(LOOK_SECONDS):
            if watch.cancelled:
                raise Cancelled
    finally:
        child.kill()
        child.wait()
        told.close()
    return told.answer() or _ended(child.returncode)


class _Exchange:
    """What a child is given and gives, in threads of their own, since pipes may be full.

    The child's standard input stays open as long as it is wanted; its end is how the child
    learns that the worker has died.
    """

    def __init__(self, child: subprocess.Popen[bytes], given: bytes) -> None:
        self._child = child
        self._given = given
        self._received = b""
        self.over = threading.Event()
        self._threads = [
            threading.Thread(target=work, name="audioclust-child", daemon=True)
            for work in (self._give, self._take)
        ]
        for thread in self._threads:
            thread.start()

    def _give(self) -> None:
        stdin: Any = self._child.stdin
        try:
            stdin.write(len(self._given).to_bytes(8, "little") + self._given)
            stdin.flush()
        except OSError:
            pass  # It has died: how, its exit status tells.

    def _take(self) -> None:
        stdout: Any = self._child.stdout
        try:
            self._received = stdout.read()
        finally:
            self._child.wait()
            self.over.set()

    def answer(self) -> Answer | None:
        """Give the child's answer, if it has lived to give it."""
        try:
            answer = pickle.loads(self._received)  # noqa: S301 - our child wrote it
        except Exception:
            return None
        return answer if isinstance(answer, Answer) else None

    def close(self) -> None:
        """Close the pipes; the child has ended."""
        for thread in self._threads:
            thread.join()
        for pipe in (self._child.stdin, self._child.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                pass  # What was not written yet.


def _ended(status: int) -> str:
    """Say how a process ended."""
    if status >= 0:
        return f"ended with exit status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    why = ", as the system does it for lack of memory" if name == "SIGKILL" else ""
    return f"ended by {name}{why}"
