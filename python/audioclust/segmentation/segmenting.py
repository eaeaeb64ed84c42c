"""segment(): recordings into labelled spans."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from audioclust.audio.decoding.limits import Limits
from audioclust.audio.sources import Source, scan
from audioclust.audio.spans import Extent, Span
from audioclust.errors import ItemError
from audioclust.extraction.analysis import Feature
from audioclust.extraction.batch import BatchSettings, Outcome, each_recording
from audioclust.segmentation.frames import (
    FRAME_RATE,
    FramePlan,
    Frames,
    Labels,
    frames_of,
    planned_frames_of,
)
from audioclust.segmentation.labelling.labels import Labelled, label
from audioclust.segmentation.result import Segmentation
from audioclust.segmentation.settings import K_RANGE, SegmentationSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.distributed.clients import Client
    from audioclust.extraction.progress import Progress


def segment(
    path: Source,
    k: int | Literal["auto"] | None = 2,
    *,
    window: float = 2.5,
    hop: float = 0.25,
    features: str | Feature | Iterable[str | Feature] = "article",
    min_duration: float = 2.0,
    silence: bool = False,
    k_range: Iterable[int] | None = K_RANGE,
    random_state: int | None = 0,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
    n_jobs: int | None = None,
    progress: Progress = None,
    client: Client | None = None,
) -> Segmentation:
    """Divide recordings into spans that sound alike: speakers, speech and music, song parts.

    It is done as in speaker diarization. First, overlapping windows are grouped into many
    labels, as files are by :func:`audioclust.cluster`. Each label gets a Gaussian over the
    cepstra of its frames. Labels that hardly differ are merged two by two, and after each merge
    the likeliest sequence of spans under the Gaussians gives the next labels. Pauses and
    background noise have no say in this.

    Parameters
    ----------
    path : str, os.PathLike, iterable of these, or mapping
        The recording, or several: then the windows of all are grouped together, and a label
        means the same in each. Also a mapping of names to ``(y, sr)``; see
        :func:`audioclust.audio.sources.scan`.
    k : int, "auto" or None, default=2
        Number of labels, at most 1,000. ``"auto"`` merges labels until any two differ clearly
        more than parts of one label do, and so may end with 1; the result's `selection`, a
        :class:`audioclust.LabelSelection`, says why. None is the same.
    window, hop : float, default=2.5 and 0.25
        Length of a window and distance from one to the next, in seconds. A window's features
        are the means over the frames centred in it.
    features : str, Feature, or iterable of these, default="article"
        What windows are grouped by, as means over their frames; see
        :func:`audioclust.extract`. For MFCC and spectral contrast, what is more than 80 dB
        below the recording's peak counts as 80 dB below it.
    min_duration : float, default=2.0
        Length of the shortest span, in seconds. A recording that is shorter becomes a
        shorter span. Small values find short turns and do no harm.
    silence : bool, default=False
        Whether silence, pauses and background noise have a label of their own, -1. A pause that
        is shorter than `min_duration` stays part of its span.
    k_range : iterable of int or None, default=range(2, 9)
        The numbers of labels besides 1 that ``"auto"`` may choose, from 2 to 1,000. None is the
        same as the default. The time grows at least as the square of the largest number;
        with 30, an hour of sound takes less than twice as long as with 8.
    random_state : int or None, default=0
        Seed of the random numbers; None for another result each time.
    limits : Limits
        How much decoding each recording may take.
    n_jobs : int or None, default=None
        Number of recordings to work on at once; None or -1 for as many as there are cores.
    progress : bool, callable or None, default=None
        Whether progress is shown; None shows it if standard error is a terminal, or in a
        notebook. A callable is called with (done, total), the number of recordings done and of
        all, on this thread, as each recording ends.
    client : distributed.Client or None, default=None
        The client of a Dask cluster, whose workers do the work; see docs/scale.md. They must
        see the files under the same paths, and have the same version of audioclust. The result
        is the same to the bit. Labels are found
        here. `n_jobs` is not used then.

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
        If an argument is invalid, or `k` is larger than the number of different windows.
    SchedulerError
        If the scheduler of the cluster is lost.

    Examples
    --------
    >>> import audioclust as ac
    >>> talk = ac.segment("talk.mp3", k=2)  # doctest: +SKIP
    >>> talk.to_audacity("talk.txt")  # doctest: +SKIP
    """
    settings = SegmentationSettings.checked(
        k,
        window=window,
        hop=hop,
        features=features,
        min_duration=min_duration,
        silence=silence,
        k_range=k_range,
        random_state=random_state,
        n_jobs=n_jobs,
    )
    batch = BatchSettings.checked(n_jobs, progress)
    recordings, errors = _all_frames(path, limits, settings, batch, client)
    try:
        return _result(recordings, label(recordings, settings), settings, errors)
    finally:
        for frames in recordings:
            frames.close()


def _all_frames(
    path: Source,
    limits: Limits,
    settings: SegmentationSettings,
    batch: BatchSettings,
    client: Client | None,
) -> Outcome[Frames]:
    """Compute the frames of all recordings, here or on the workers of a cluster."""
    plan = FramePlan(settings.features, settings.windows)  # It checks the length of windows.
    if client is None:
        work = functools.partial(frames_of, plan)
        return each_recording(scan(path, limits), work, batch, discard=Frames.close)
    from audioclust.distributed.clients import check_client
    from audioclust.distributed.recordings import each_on

    on = check_client(client)
    planned = functools.partial(planned_frames_of, settings.features, settings.windows)
    return each_on(on, scan(path, limits), planned, batch, discard=Frames.close)


def _result(
    recordings: Sequence[Frames],
    labelled: Labelled,
    settings: SegmentationSettings,
    errors: tuple[ItemError, ...],
) -> Segmentation:
    """Put labels of frames together as spans and as labels of windows."""
    spans: list[Span] = []
    of_windows: list[NDArray[np.int32]] = []
    for frames, labels in zip(recordings, labelled.numbered(), strict=True):
        spans += spans_of(frames.recording.path, labels, frames.duration)
        middles = settings.windows.middle_frames(len(frames.rows), FRAME_RATE)
        of_windows.append(labels[np.minimum(middles, frames.n_frames - 1)])
    return Segmentation(
        spans=tuple(spans),
        labels=np.concatenate(of_windows),
        k=labelled.k,
        recordings=tuple(map(_extent_of, recordings)),
        windows=settings.windows,
        errors=errors,
        settings=settings.as_json(),
        sources=tuple(frames.recording for frames in recordings),
        selection=labelled.selection,
    )


def _extent_of(frames: Frames) -> Extent:
    """Give a recording's length and rate, and how it was read."""
    return Extent(
        frames.recording.path,
        frames.duration,
        frames.sr,
        decoder=frames.decoder,
        warnings=frames.warnings,
    )


def spans_of(path: str, labels: Labels, duration: float) -> list[Span]:
    """Give the runs of frames with one label as spans, from 0 to the duration in seconds.

    A frame stands for half the distance between frames to either side of its centre.
    """
    changes = np.flatnonzero(np.diff(labels)) + 1
    edges = [0.0, *((changes - 0.5) / FRAME_RATE).tolist(), duration]
    run_labels = labels[np.concatenate([[0], changes])].tolist()
    runs = zip(edges[:-1], edges[1:], run_labels, strict=True)
    return [Span(path, start, end, label) for start, end, label in runs]
