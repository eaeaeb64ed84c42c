"""From recordings to a table of features, several at once, each in one pass."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from audioclust.analysis import RATES, Analysis, Feature
from audioclust.decode import open_stream
from audioclust.errors import (
    DecodeError,
    ItemError,
    NothingExtractedError,
    ParameterError,
    SignalError,
)
from audioclust.items import Item, Recording, Scan, Source, scan
from audioclust.parallel import Cancelled, n_threads, unordered
from audioclust.plans import Plans, extraction_settings, plans_for
from audioclust.prepare import to_mono
from audioclust.streaming import Passes
from audioclust.table import ExtractionSettings, FeatureTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.decode import Stream

R = TypeVar("R")

Progress = Callable[[int, int], None]
"""Called with the number of recordings done and the number of all, on the caller's thread."""


def extract(
    source: Source,
    *,
    features: str | Feature | Iterable[str | Feature] = "default",
    stats: Iterable[str] = ("mean",),
    analysis: Analysis = Analysis(),  # noqa: B008 - it is frozen
    offset: float = 0.0,
    duration: float | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> FeatureTable:
    """Compute features of sounds.

    Each recording is decoded in blocks, brought to one channel and one sampling rate, and
    analysed in one pass, in memory that does not depend on its length. One that cannot be used
    is listed in the table's `errors` and stops nothing.

    Parameters
    ----------
    source : str, os.PathLike, iterable of these, or mapping
        Folders, files or glob patterns, or a mapping of names to ``(y, sr)``; see
        :func:`audioclust.items.scan`.
    features : str, Feature, or iterable of these, default="default"
        Names from the registry, ``"default"`` among them for the eight that make 33 columns;
        a :class:`Feature` has an analysis of its own, and so has ``"pitch_histogram"``.
    stats : iterable of str, default=("mean",)
        Statistics over frames: mean, std, min, max, change (mean absolute difference from one
        frame to the next). MFCC and spectral contrast have librosa's floor, 80 dB below the
        recording's peak, under their mean; the other statistics are taken without it.
    analysis : Analysis
        Sampling rate, frames and window.
    offset, duration : float
        The part of each recording to use, in seconds, as in :func:`librosa.load`.
    n_jobs : int or None, default=None
        Number of recordings to work on at once; None or -1 for as many as there are cores.
    progress : callable or None
        Called with (done, total) as each recording ends.

    Returns
    -------
    FeatureTable
        A row for each recording that could be used, in the order in which they were found.

    Raises
    ------
    FileNotFoundError
        If a path does not exist.
    NoAudioError
        If there is nothing to decode.
    NothingExtractedError
        If not one of the sounds could be used.
    ParameterError
        For an argument that cannot be what it is.
    """
    settings = extraction_settings(features, stats, analysis, offset, duration)
    threads = n_threads(n_jobs)
    check_progress(progress)
    return extract_found(scan(source), settings, threads, progress)


def check_progress(progress: object) -> None:
    """Raise a ParameterError unless `progress` is None or can be called."""
    if progress is not None and not callable(progress):
        raise ParameterError(f"progress={progress!r}: expected a callable or None")


class Row(NamedTuple):
    """What a recording gives."""

    item: Item
    values: NDArray[np.float32]
    sr: int


def extract_found(
    found: Scan,
    settings: ExtractionSettings,
    threads: int,
    progress: Progress | None = None,
) -> FeatureTable:
    """Compute the features of recordings that were found already."""
    plans = plans_for(settings)
    first: Row | None = None

    def check(row: Row) -> None:
        nonlocal first
        first = first or row
        _check_same_rate(settings, first, row)

    work = functools.partial(_analyse, plans)
    rows, errors = each_recording(found, work, threads, progress, check)
    return FeatureTable(
        values=np.stack([row.values for row in rows]),
        columns=tuple(plans.columns),
        items=tuple(row.item for row in rows),
        errors=errors,
        settings=settings,
        sr=rows[0].sr if None in plans.rates else None,
    )


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


def _check_same_rate(settings: ExtractionSettings, first: Row, other: Row) -> None:
    if first.sr != other.sr and any(f.analysis.sr is None for f in settings.features):
        raise ParameterError(
            f"sr=None: expected one rate throughout, but {first.item.path} has {first.sr} Hz"
            f" and {other.item.path} has {other.sr} Hz"
        )


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


def _analyse(plans: Plans, recording: Recording, stop: threading.Event) -> Row:
    settings = plans.settings
    stream = open_stream(recording, offset=settings.offset, duration=settings.duration)
    try:
        if not RATES[0] <= stream.sr <= RATES[1]:
            low, high = RATES
            message = f"its sampling rate is {stream.sr} Hz, which is not from {low} to {high}"
            raise DecodeError("unsupported", message)
        frames, values = _run(stream, Passes(stream.sr, plans), stop)
    finally:
        stream.close()
    start = float(settings.offset)
    item = Item(recording.path, start, start + frames / stream.sr)
    return Row(item, values, stream.sr)


def _run(
    stream: Stream, passes: Passes, stop: threading.Event
) -> tuple[int, NDArray[np.float32]]:
    """Give the number of frames decoded, and the row."""
    frames = 0
    for block in stream.blocks:
        frames += len(block)
        for _ in passes.steps(to_mono(block)):
            if stop.is_set():
                raise Cancelled
    if not frames:
        raise DecodeError("empty", "it has no samples, or none in the part asked for")
    return frames, passes.finish()
