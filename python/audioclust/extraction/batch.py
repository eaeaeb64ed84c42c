"""The one loop over recordings."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable
from typing import TypeVar

from audioclust.audio.recording import Recording
from audioclust.audio.sources import Scan
from audioclust.errors import (
    DecodeError,
    ItemError,
    NothingExtractedError,
    ParameterError,
    SignalError,
)
from audioclust.utils.threads import Cancelled, unordered

R = TypeVar("R")


Progress = Callable[[int, int], None]
"""Called with the number of recordings done and the number of all, on the caller's thread."""


def check_progress(progress: object) -> None:
    """Raise a ParameterError unless `progress` is None or can be called."""
    if progress is not None and not callable(progress):
        raise ParameterError(f"progress={progress!r}: expected a callable or None")


def each_recording(
    found: Scan,
    work: Callable[[Recording, threading.Event], R],
    threads: int,
    progress: Progress | None,
    seen: Callable[[R], None],
) -> tuple[list[R], tuple[ItemError, ...]]:
    """Work on all recordings, in threads; give the results in their order, and what failed.

    What befalls a recording becomes its ItemError, but for wrong arguments, which are raised.
    `seen` is called with each result when it is there, and may raise.

    Raises
    ------
    NothingExtractedError
        If there is no result.
    """
    outcomes: list[R | ItemError | None] = [None] * len(found.recordings)
    guarded = functools.partial(_or_error, work)
    for done, (index, outcome) in enumerate(
        unordered(guarded, found.recordings, threads, _size), 1
    ):
        outcomes[index] = outcome
        if not isinstance(outcome, ItemError):
            seen(outcome)
        if progress is not None:
            progress(done, len(outcomes))
    failed = [outcome for outcome in outcomes if isinstance(outcome, ItemError)]
    results = [o for o in outcomes if not (o is None or isinstance(o, ItemError))]
    errors = (*found.errors, *failed)
    if not results:
        raise NothingExtractedError(errors)
    return results, errors


def _size(recording: Recording) -> int:
    """Give a number that grows with the work a recording makes; 0 if nobody knows."""
    if recording.audio is not None:
        return recording.audio[0].size
    try:
        return os.stat(recording.path).st_size
    except OSError:
        return 0


def _or_error(
    work: Callable[[Recording, threading.Event], R],
    recording: Recording,
    stop: threading.Event,
) -> R | ItemError:
    try:
        return work(recording, stop)
    except Cancelled:
        raise
    except ParameterError as why:
        # Arguments that a recording of this rate cannot have: a rate of None, or more than one.
        raise ParameterError(f"{recording.path}: {why}") from None
    except (DecodeError, SignalError) as why:
        return ItemError(recording.path, why.kind, str(why))
    except Exception as why:
        return ItemError(recording.path, "internal", f"{type(why).__name__}: {why}")
