"""How far a batch has come: counted, and shown on a terminal, in a notebook, or to a function.

A library must not write to a log unasked. So, as :func:`display_for` decides, progress is shown
by default only where somebody looks on: if standard error is a terminal, or in a notebook.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from audioclust.errors import ParameterError
from audioclust.utils.terminal import is_plain, is_terminal, width_of

Progress: TypeAlias = "bool | Callable[[int, int], None] | None"
"""What users give as `progress`.

True shows progress, and False does not. None shows it if standard error is a terminal, or in a
notebook. A callable is called with the number of recordings done and the number of all, on the
caller's thread, as each recording ends.
"""


class Pulse(threading.Event):
    """What a batch and its threads tell each other.

    The event is set when the batch ends early.

    Attributes
    ----------
    seconds : float
        How much audio was decoded so far, in all threads.
    remembered : int
        How many tasks took no work, since what they give was known.
    failed : int
        How many tasks could not be done.
    failed_before : int
        How many of these were not tried, since it was known that they fail.
    note : str
        Why nothing happens, in words; empty if something does.
    """

    def __init__(self, remembered: int = 0, failed_before: int = 0) -> None:
        super().__init__()
        self.seconds: float = 0.0
        self.remembered: int = remembered
        self.failed: int = failed_before
        self.failed_before: int = failed_before
        self.note: str = ""
        self._lock = threading.Lock()

    def add(self, seconds: float) -> None:
        """Count audio that was decoded."""
        with self._lock:
            self.seconds += seconds

    def remember(self, *, failed: bool = False) -> None:
        """Count a task that took no work; one that failed is counted as failed later."""
        with self._lock:
            if failed:
                self.failed_before += 1
            else:
                self.remembered += 1

    @property
    def failures(self) -> dict[str, int]:
        """How many tasks failed, and how many of which that was known."""
        # Other threads count on before their tasks are counted as failed.
        failed = max(0, self.failed - self.failed_before)
        return {"failed before": self.failed_before, "failed": failed}


def count_decoded(stop: threading.Event, n: int, sr: int) -> None:
    """Count `n` decoded samples of a channel, if it is a batch that work is done for."""
    if isinstance(stop, Pulse):
        stop.add(n / sr)


def count_remembered(stop: threading.Event, *, failed: bool = False) -> None:
    """Count a task that took no work, if it is a batch that work is done for."""
    if isinstance(stop, Pulse):
        stop.remember(failed=failed)


@dataclass(frozen=True)
class Run:
    """Work on files of which a cache may have known some.

    Attributes
    ----------
    pulse : Pulse
        Counts what became of them.
    total : int
        How many files there are.
    n_kept : callable
        Gives how many of them the cache knows by now.
    """

    pulse: Pulse
    total: int
    n_kept: Callable[[], int]

    def words(self) -> str:
        """Give what was remembered and what was not, in words; empty if nothing was."""
        known, failed = self.pulse.remembered, self.pulse.failed
        if not known and not self.pulse.failed_before:
            return ""
        files = "file" if self.total == 1 else "files"
        others = _counts({"computed": self.total - known - failed, **self.pulse.failures})
        return ", ".join([f"{known:,} of {self.total:,} {files} remembered", *others])

    def words_of_end(self) -> str:
        """Give how much is kept if it ends early, in words; empty if nothing is."""
        n = self.n_kept()
        if not n:
            return ""
        are = "1 file is" if n == 1 else f"{n:,} files are"
        rest = "; the next run does the rest" if n < self.total else ""
        return f"{are} kept{rest}"


_runs: ContextVar[list[Run] | None] = ContextVar("runs", default=None)


@contextlib.contextmanager
def following_runs() -> Iterator[None]:
    """Note all work that a cache is used for, so that it can be told of when it is over."""
    token = _runs.set([])
    try:
        yield
    finally:
        _runs.reset(token)


def followed_runs() -> tuple[Run, ...]:
    """Give the work that was noted since :func:`following_runs`, the first first."""
    return tuple(_runs.get() or ())


def note_run(run: Run) -> None:
    """Note work, if somebody follows it."""
    runs = _runs.get()
    if runs is not None:
        runs.append(run)


def _counts(numbers: dict[str, int]) -> list[str]:
    """Give numbers with what they count, without those that are 0."""
    return [f"{n:,} {what}" for what, n in numbers.items() if n]


@dataclass(frozen=True)
class State:
    """A batch at work.

    Attributes
    ----------
    total : int
        The number of its tasks.
    n_bytes : int
        Their size, as it would be as 16-bit WAV. The time left is estimated from it. The number
        of tasks would mislead, since the largest come first: in the end many are left that take
        no time.
    pulse : Pulse or None
        Counts the audio that was decoded; None if tasks are no recordings.
    unit : str
        What a task is called, in the plural.
    n_before : int
        How many of them were done before it began.
    begun : float
        When it began, on the clock of :func:`time.monotonic`.
    """

    total: int
    n_bytes: int
    pulse: Pulse | None = None
    unit: str = "files"
    n_before: int = 0
    begun: float = field(default_factory=time.monotonic)

    def count(self, done: int) -> str:
        """Give how many tasks are done, in words."""
        return f"{done:,}/{self.total:,} {self.unit}"

    def parts(self, done: int) -> str:
        """Give of how many of these the result was known, computed, or missing, in words.

        Empty if all were computed.
        """
        if self.pulse is None:
            return ""
        known, failed = self.pulse.remembered, self.pulse.failed
        # Other threads count on before their tasks are counted as done.
        computed = max(0, done - known - failed)
        counts = {"remembered": known, "computed": computed, **self.pulse.failures}
        return ", ".join(_counts(counts)) if known or failed else ""

    def audio(self) -> str:
        """Give how much audio was decoded, in words, or why nothing happens.

        Empty if nothing is decoded.
        """
        if self.pulse is None:
            return ""
        return self.pulse.note or f"{clock(self.pulse.seconds)} of audio"

    def left(self, done_bytes: int) -> str:
        """Give the time left, in words; empty while nothing can be said of it."""
        if not done_bytes:
            return ""
        elapsed = time.monotonic() - self.begun
        return f"{clock(elapsed * (self.n_bytes - done_bytes) / done_bytes)} left"


def clock(seconds: float) -> str:
    """Give a duration as hours, minutes and seconds."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


Advance: TypeAlias = Callable[[int, int], None]
"""Is told how many tasks, and how many of their bytes, are done."""

Display: TypeAlias = Callable[[State], AbstractContextManager[Advance]]
"""Shows a batch while its ``with`` block runs."""


def check_progress(progress: object) -> None:
    """Raise a ParameterError unless `progress` is a bool, None, or can be called."""
    if not (progress is None or isinstance(progress, bool) or callable(progress)):
        raise ParameterError(
            f"progress={progress!r}: expected a callable or None, True or False"
        )


def uncalled(progress: Progress) -> Progress:
    """Give `progress` for work that is not about recordings.

    Such work is shown, but a user's function is called for recordings only.
    """
    return False if callable(progress) else progress


def display_for(progress: Progress) -> Display:
    """Give what shows progress as it was asked for."""
    if callable(progress):
        return functools.partial(_told, progress)
    if progress is False:
        return _hidden
    if _notebook() is not None:
        return _in_notebook
    if is_terminal(sys.stderr) and not is_plain():
        return _on_terminal
    return _in_lines if progress else _hidden


@contextlib.contextmanager
def _hidden(_state: State) -> Iterator[Advance]:
    """Show nothing."""
    yield lambda _done, _bytes: None


@contextlib.contextmanager
def _told(function: Callable[[int, int], None], state: State) -> Iterator[Advance]:
    """Call a user's function."""
    yield lambda done, _bytes: function(done, state.total)


@contextlib.contextmanager
def _on_terminal(state: State) -> Iterator[Advance]:
    """Show a bar that vanishes in the end. Its colours can be read on any background."""
    from rich import progress as bars
    from rich.console import Console
    from rich.theme import Theme

    class Words:
        """Words that are made anew whenever the bar is drawn."""

        def __str__(self) -> str:
            return state.audio()

    plain = {"bar.back": "bright_black", "bar.complete": "magenta", "bar.finished": "magenta",
             "progress.remaining": "none"}  # fmt: skip
    width = width_of(sys.stderr) or 80

    def count(done: int) -> str:
        """Give the number of tasks that are done, and of what kinds if there is room."""
        parts = state.parts(done)
        with_parts = f"{state.count(done)} ({parts})"
        return with_parts if parts and len(with_parts) <= width - 45 else state.count(done)

    console = Console(file=sys.stderr, width=width, theme=Theme(plain), force_jupyter=False)
    columns = (
        bars.TextColumn("{task.fields[count]}"),
        bars.BarColumn(max(4, min(40, width - 60))),
        *([] if state.pulse is None else [bars.TextColumn("{task.fields[audio]}")]),
        bars.TimeRemainingColumn(),
        bars.TextColumn("left"),
    )
    with bars.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=state.n_bytes, count=count(state.n_before), audio=Words())
        yield lambda done, size: bar.update(task, completed=size, count=count(done))


@contextlib.contextmanager
def _in_lines(state: State) -> Iterator[Advance]:
    """Print a line after each tenth of the bytes, as suits a file."""
    tenths = 0

    def advance(done: int, size: int) -> None:
        nonlocal tenths
        if 10 * size >= (tenths + 1) * state.n_bytes:
            tenths = 10 * size // max(1, state.n_bytes)
            print(_in_words(state, done, size), file=sys.stderr, flush=True)  # noqa: T201

    yield advance


def _in_words(state: State, done: int, size: int) -> str:
    words = [state.count(done), state.parts(done), state.audio(), state.left(size)]
    return ", ".join(filter(None, words))


def _notebook() -> Any:
    """Give the shell of the notebook that this runs in; None if it is none."""
    # A notebook has imported IPython. Others must not pay for its import.
    ipython = sys.modules.get("IPython")
    shell = getattr(ipython, "get_ipython", lambda: None)()
    return shell if getattr(shell, "kernel", None) is not None else None


class _Html:
    """A bar and words as a notebook shows them."""

    def __init__(self, share: float, words: str) -> None:
        self._share = share
        self._words = words

    def __repr__(self) -> str:
        return self._words

    def _repr_html_(self) -> str:
        return f'<progress value="{self._share:.3f}"></progress> {self._words}'


@contextlib.contextmanager
def _in_notebook(state: State) -> Iterator[Advance]:
    """Show a bar below the cell, which changes when tasks end, at most twice a second.

    No widgets need to be installed.
    """
    display = sys.modules["IPython"].display.display
    handle = display(_Html(0, _in_words(state, state.n_before, 0)), display_id=True)
    shown = time.monotonic()

    def advance(done: int, size: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown > 0.5 or done == state.total:
            shown = now
            handle.update(_Html(size / max(1, state.n_bytes), _in_words(state, done, size)))

    yield advance
