"""From recordings to a table of features, several at once, each in one pass."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.preparation import to_mono
from audioclust.audio.recording import Recording
from audioclust.audio.sources import Scan, Source, scan
from audioclust.audio.spans import Item
from audioclust.errors import DecodeError, ParameterError
from audioclust.extraction.batch import Progress, check_progress, each_recording
from audioclust.extraction.plans import Plans, extraction_settings, plans_for
from audioclust.extraction.settings import Analysis, ExtractionSettings, Feature
from audioclust.extraction.streaming import Passes
from audioclust.extraction.table import FeatureTable
from audioclust.utils.threads import Cancelled, n_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.decoding.stream import Stream


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
        :func:`audioclust.audio.sources.scan`.
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


def _check_same_rate(settings: ExtractionSettings, first: Row, other: Row) -> None:
    if first.sr != other.sr and any(f.analysis.sr is None for f in settings.features):
        raise ParameterError(
            f"sr=None: expected one rate throughout, but {first.item.path} has {first.sr} Hz"
            f" and {other.item.path} has {other.sr} Hz"
        )


def _analyse(plans: Plans, recording: Recording, stop: threading.Event) -> Row:
    settings = plans.settings
    stream = open_stream(recording, offset=settings.offset, duration=settings.duration)
    try:
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
