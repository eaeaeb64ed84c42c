"""Recordings into spans that sound alike: windows are grouped, and then frames relabelled."""

from __future__ import annotations

import dataclasses
import functools
import math
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.audio.sources import Source, scan
from audioclust.audio.spans import SILENCE, Extent, Span
from audioclust.errors import ItemError, ParameterError
from audioclust.extraction.analysis import Feature
from audioclust.extraction.batch import BatchSettings, each_recording
from audioclust.extraction.settings import ExtractionSettings
from audioclust.segmentation.first_pass import Asked, Labels, first_labels
from audioclust.segmentation.frames import RATE, FramePlan, Frames, frames_of
from audioclust.segmentation.resegmentation import Settings, amid_pauses, merge, relabel
from audioclust.segmentation.result import Segmentation
from audioclust.segmentation.windows import Windows
from audioclust.utils.arguments import check_int, check_number, check_positive

if TYPE_CHECKING:
    from audioclust.extraction.batch import Progress


def segment(
    path: Source,
    k: int | str = 2,
    *,
    window: float = 2.5,
    hop: float = 0.25,
    features: str | Feature | Iterable[str | Feature] = "default",
    min_duration: float = 2.0,
    silence: bool = False,
    random_state: int | None = 0,
    n_jobs: int | None = None,
    min_clusters: int | None = None,
    max_clusters: int | None = None,
    progress: Progress | None = None,
) -> Segmentation:
    """Part recordings into spans that sound alike: speakers, speech and music, song parts.

    Overlapping windows are grouped like files are. That is where a second pass starts, which
    is diarization's: a Gaussian for each label over the cepstra of frames, and the best
    sequence of spans under these, four times.

    Parameters
    ----------
    path : str, os.PathLike, iterable of these, or mapping
        The recording, or several: then one clustering goes over the windows of all, and a
        label means the same in each. Also a mapping of names to ``(y, sr)``; see
        :func:`audioclust.audio.sources.scan`.
    k : int or "auto", default=2
        Number of labels. ``"auto"`` chooses it from `min_clusters` to `max_clusters`.
    window, hop : float, default=2.5 and 0.25
        Length of a window and distance from one to the next, in seconds. A window is the mean
        of the frames centred in it.
    features : str, Feature, or iterable of these, default="default"
        What windows are grouped by; see :func:`audioclust.extract`. MFCC and spectral contrast
        have one floor, 80 dB below the recording's peak.
    min_duration : float, default=2.0
        Length of the shortest span, in seconds. Only a recording that is itself shorter is a
        shorter span.
    silence : bool, default=False
        Whether silence, 45 dB below the recording's loudest frame, is a label of its own, -1.
        A pause that is shorter than `min_duration` stays part of its span.
    random_state : int or None, default=0
        Seed of the random numbers; None for another result each time.
    n_jobs : int or None, default=None
        Number of recordings to work on at once; None or -1 for as many as there are cores.
    min_clusters, max_clusters : int or None
        What ``k="auto"`` chooses from; None is 2 and 8.
    progress : callable or None
        Called with (done, total) as each recording ends.

    Returns
    -------
    Segmentation

    Raises
    ------
    FileNotFoundError
        If a path does not exist.
    NoAudioError
        If there is nothing to decode.
    NothingExtractedError
        If not one recording could be used: each may be too short for one window, or silent
        throughout.
    ParameterError
        For an argument that cannot be what it is, more labels than windows included.

    Examples
    --------
    >>> import audioclust as ac
    >>> talk = ac.segment("talk.mp3", k=2)  # doctest: +SKIP
    >>> talk.to_audacity("talk.txt")  # doctest: +SKIP
    """
    asked = Asked.check(k, min_clusters, max_clusters)
    windows = Windows(check_positive("window", window), check_positive("hop", hop))
    min_duration = check_number("min_duration", min_duration)
    if not isinstance(silence, bool):
        raise ParameterError(f"silence={silence!r}: expected True or False")
    if random_state is not None:
        random_state = check_int("random_state", random_state, 0, 2**64 - 1)
    batch = BatchSettings.checked(n_jobs, progress)
    wanted = ExtractionSettings.checked(features=features).features
    plan = FramePlan(wanted, windows)
    seed = secrets.randbits(64) if random_state is None else random_state
    found, errors = _all_frames(plan, path, batch)
    try:
        # A run of n frames lasts n - 1/2 hops at least: the outermost are cut in their middle.
        least = math.ceil(min_duration * RATE - 1e-6) + 1
        start = first_labels(found, asked, seed, batch.n_threads, least, silence)
        settings = Settings(start.k, least, silence)
        more = Settings(start.n_labels, least, silence)
        frame_labels = relabel(found, merge(found, start.labels, more, start.k), settings)
        frame_labels = [
            amid_pauses(labels, frames.votes, settings)
            for labels, frames in zip(frame_labels, found, strict=True)
        ]
        return _result(found, frame_labels, settings, plan, errors, start.selection, {
            "features": [dataclasses.asdict(feature) for feature in wanted],
            "min_duration": min_duration,
            "silence": silence,
            "random_state": random_state,
        })  # fmt: skip
    finally:
        for frames in found:
            frames.close()


def _all_frames(
    plan: FramePlan, source: Source, batch: BatchSettings
) -> tuple[list[Frames], tuple[ItemError, ...]]:
    """Compute the frames of all recordings, in their order; list those that cannot be used."""
    work = functools.partial(frames_of, plan)
    return each_recording(scan(source), work, batch, discard=Frames.close)


def _result(
    found: list[Frames],
    frame_labels: list[Labels],
    settings: Settings,
    plan: FramePlan,
    errors: tuple[ItemError, ...],
    selection: object,
    asked: dict[str, Any],
) -> Segmentation:
    """Make spans of the runs of labels, which are numbered by duration."""
    counts = sum(np.bincount(labels, minlength=settings.k + 1) for labels in frame_labels)
    number = np.full(settings.k + 1, SILENCE, np.int32)
    number[np.argsort(-np.asarray(counts)[: settings.k], kind="stable")] = np.arange(settings.k)
    spans: list[Span] = []
    of_windows = []
    for frames, labels in zip(found, frame_labels, strict=True):
        numbered = number[labels]
        spans += spans_of(frames.recording.path, numbered, frames.duration)
        middles = np.arange(len(frames.rows)) * plan.windows.hop + plan.windows.length / 2
        places = np.rint(middles * RATE).astype(np.int64)
        of_windows.append(numbered[np.minimum(places, frames.n_frames - 1)])
    return Segmentation(
        spans=tuple(spans),
        labels=np.concatenate(of_windows),
        k=settings.k,
        recordings=tuple(Extent(f.recording.path, f.duration, f.sr) for f in found),
        windows=plan.windows,
        errors=errors,
        settings=asked,
        sources=tuple(frames.recording for frames in found),
        selection=selection,
    )


def spans_of(path: str, labels: Labels, duration: float) -> list[Span]:
    """Give the runs of frames with one label as spans, from 0 to the duration.

    A frame is half a hop to either side of its centre.
    """
    changes = np.flatnonzero(np.diff(labels)) + 1
    edges = [0.0, *((changes - 0.5) / RATE).tolist(), duration]
    own = labels[np.concatenate([[0], changes])].tolist()
    runs = zip(edges[:-1], edges[1:], own, strict=True)
    return [Span(path, start, end, label) for start, end, label in runs]
