"""segment(): recordings into labelled spans."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from audioclust.audio.sources import Source, scan
from audioclust.audio.spans import SILENCE, Extent, Span
from audioclust.errors import ItemError
from audioclust.extraction.analysis import Feature
from audioclust.extraction.batch import BatchSettings, each_recording
from audioclust.segmentation.first_pass import first_labels
from audioclust.segmentation.frames import FRAME_RATE, FramePlan, Frames, Labels, frames_of
from audioclust.segmentation.resegmentation import (
    LabellingSettings,
    merge,
    move_into_pauses,
    relabel,
)
from audioclust.segmentation.result import Segmentation
from audioclust.segmentation.settings import K_RANGE, SegmentationSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.clustering.selection.k_selection import KSelection
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
    k_range: Iterable[int] = K_RANGE,
    random_state: int | None = 0,
    n_jobs: int | None = None,
    progress: Progress = None,
) -> Segmentation:
    """Divide recordings into spans that sound alike: speakers, speech and music, song parts.

    It takes two passes. First, overlapping windows are grouped as files are by
    :func:`audioclust.cluster`. Then the labels are made precise, as in speaker diarization:
    each label gets a Gaussian over the cepstra of its frames, and the likeliest sequence of
    spans under these gives the next labels, four times.

    Parameters
    ----------
    path : str, os.PathLike, iterable of these, or mapping
        The recording, or several: then the windows of all are grouped together, and a label
        means the same in each. Also a mapping of names to ``(y, sr)``; see
        :func:`audioclust.audio.sources.scan`.
    k : int, "auto" or None, default=2
        Number of labels, at most 1,000. ``"auto"`` chooses it as
        :func:`audioclust.choose_k` does for the windows, and is 1 if there is no clear
        structure; the result's `selection` says why. None is the same. Windows that overlap
        resemble their neighbours, which can be taken for structure: ``hop=window`` is safer.
    window, hop : float, default=2.5 and 0.25
        Length of a window and distance from one to the next, in seconds. A window's features
        are the means over the frames centred in it.
    features : str, Feature, or iterable of these, default="article"
        What windows are grouped by, as means over their frames; see
        :func:`audioclust.extract`. For MFCC and spectral contrast, what is more than 80 dB
        below the recording's peak counts as 80 dB below it.
    min_duration : float, default=2.0
        Length of the shortest span, in seconds. A recording that is shorter becomes a
        shorter span.
    silence : bool, default=False
        Whether silence, 45 dB below the recording's loudest frame, has a label of its own, -1.
        A pause that is shorter than `min_duration` stays part of its span.
    k_range : iterable of int, default=range(2, 9)
        The numbers of labels that ``"auto"`` tries, from 2 to 1,000.
    random_state : int or None, default=0
        Seed of the random numbers; None for another result each time.
    n_jobs : int or None, default=None
        Number of recordings to work on at once; None or -1 for as many as there are cores.
    progress : bool, callable or None, default=None
        Whether progress is shown; None shows it if standard error is a terminal, or in a
        notebook. A callable is called with (done, total), the number of recordings done and of
        all, on this thread, as each recording ends.

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
    plan = FramePlan(settings.features, settings.windows)
    work = functools.partial(frames_of, plan)
    recordings, errors = each_recording(scan(path), work, batch, discard=Frames.close)
    try:
        return _result(recordings, _label(recordings, settings), settings, errors)
    finally:
        for frames in recordings:
            frames.close()


@dataclass(frozen=True, eq=False)
class _Labelled:
    """The labels of all frames.

    Attributes
    ----------
    labels : list of ndarray of shape (n_frames,), int32
        The labels of each recording's frames, `k` being silence.
    k : int
        Number of labels, silence not counted.
    selection : KSelection or None
        How `k` was chosen, if it was.
    """

    labels: list[Labels]
    k: int
    selection: KSelection | None

    def numbered(self) -> list[Labels]:
        """Give labels that are numbered by how many frames they have; silence is -1."""
        counts = sum(np.bincount(own, minlength=self.k + 1) for own in self.labels)
        number = np.full(self.k + 1, SILENCE, np.int32)
        number[np.argsort(-np.asarray(counts)[: self.k], kind="stable")] = np.arange(self.k)
        return [number[own] for own in self.labels]


def _label(recordings: Sequence[Frames], settings: SegmentationSettings) -> _Labelled:
    """Label the frames of all recordings."""
    start = first_labels(recordings, settings)
    more = LabellingSettings(start.n_labels, settings.min_frames, settings.silence)
    wanted = LabellingSettings(start.k, settings.min_frames, settings.silence)
    labels = relabel(recordings, merge(recordings, start.labels, more, start.k), wanted)
    moved = [
        move_into_pauses(own, frames.loud, wanted)
        for own, frames in zip(labels, recordings, strict=True)
    ]
    return _Labelled(moved, start.k, start.selection)


def _result(
    recordings: Sequence[Frames],
    labelled: _Labelled,
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
        recordings=tuple(Extent(f.recording.path, f.duration, f.sr) for f in recordings),
        windows=settings.windows,
        errors=errors,
        settings=settings.as_json(),
        sources=tuple(frames.recording for frames in recordings),
        selection=labelled.selection,
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
