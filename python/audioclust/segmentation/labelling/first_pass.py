"""The first pass of segmentation: windows are grouped, and frames get their windows' labels."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audioclust import _core
from audioclust.clustering.grouping import group_rows
from audioclust.clustering.scaling import Scaler
from audioclust.errors import ParameterError
from audioclust.segmentation.frames import FRAME_RATE, Frames, Labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.segmentation.settings import SegmentationSettings


LEAST_LABELS = 24
LABELS_PER_K = 3
"""How many labels windows are grouped into: 24, or three times as many as there are to be.

Labels are merged by their frames until so many are left. If windows are grouped into `k` at
once, a lively piece of music may become two labels, and two voices one.
"""


_BLOCK_ROWS = 4096
"""Windows whose distances to all centres are computed at a time."""


@dataclass(frozen=True, eq=False)
class FirstLabels:
    """The labels that merging begins with.

    Attributes
    ----------
    n_labels : int
        The number of labels.
    labels : list of ndarray of shape (n_frames,), int32
        The labels of each recording's frames.
    """

    n_labels: int
    labels: list[Labels]


def first_labels(
    recordings: Sequence[Frames], settings: SegmentationSettings, min_frames: int
) -> FirstLabels:
    """Group the windows of all recordings, and label each frame by the window around it.

    Parameters
    ----------
    recordings : sequence of Frames
        The windows.
    settings : SegmentationSettings
        What was asked for.
    min_frames : int
        The number of frames of the shortest span.

    Raises
    ------
    ParameterError
        If fewer windows differ than there are to be labels.
    """
    rows = np.concatenate([frames.rows for frames in recordings])
    used = np.concatenate([_is_grouped(frames) for frames in recordings])
    k = settings.grouping.k
    n_distinct = len(np.unique(rows[used], axis=0))
    if not settings.silence and n_distinct < (k or 1):
        used[:] = True
        n_distinct = len(np.unique(rows, axis=0))
    _check_enough(n_distinct, recordings, settings)
    scaler = Scaler.fit(rows[used], "standard")
    scaled = scaler.transform(rows)
    most = max(settings.grouping.k_range) if k is None else k
    n_labels = 1 if k == 1 else min(max(LEAST_LABELS, LABELS_PER_K * most), n_distinct)
    centers = _centers(scaled[used], n_labels, settings)
    ends = np.cumsum([len(frames.rows) for frames in recordings])
    parts = np.split(scaled, ends[:-1])
    labels = [
        _frame_labels(frames, part, centers, min_frames)
        for frames, part in zip(recordings, parts, strict=True)
    ]
    return FirstLabels(n_labels, labels)


def _centers(
    rows: NDArray[np.float64], n: int, settings: SegmentationSettings
) -> NDArray[np.float64]:
    """Group scaled windows by k-means, and give the mean of each group."""
    asked = dataclasses.replace(settings.grouping, k=n)
    labels = group_rows(rows, asked, things="windows").groups.labels
    return np.stack([rows[labels == label].mean(axis=0) for label in range(n)])


def _is_grouped(frames: Frames) -> NDArray[np.bool_]:
    """Tell which windows are grouped: those of which at least half is active."""
    n = len(frames.rows)
    starts, ends = frames.windows.frame_bounds(n, FRAME_RATE)
    n_active = np.concatenate([[0], np.cumsum(frames.active)])
    ends = np.minimum(ends, frames.n_frames)
    found = n_active[ends] - n_active[np.minimum(starts, ends)]
    return np.asarray(2 * found >= ends - starts)


def _check_enough(
    n_distinct: int, recordings: Sequence[Frames], settings: SegmentationSettings
) -> None:
    """Raise a ParameterError if fewer windows differ than there are to be labels."""
    windows = settings.windows
    cut = f"windows of {windows.length:g} s every {windows.hop:g} s"
    k = settings.grouping.k
    if k is None:
        if not n_distinct:
            raise ParameterError(
                f"silence=True: expected a recording in which not all {cut} are more than half"
                " silent; a shorter window= may do"
            )
    elif n_distinct < k:
        total = sum(frames.duration for frames in recordings)
        # Not "k=2: expected …", which would blame a number that is there by default.
        raise ParameterError(
            f"{n_distinct} different {cut} in {total:.1f} s of sound: expected at least {k},"
            f" one for each label (k={k}); a shorter window= or hop= may make more"
        )


def _frame_labels(
    frames: Frames,
    scaled: NDArray[np.float64],
    centers: NDArray[np.float64],
    min_frames: int,
) -> Labels:
    """Label windows by their nearest centres, no run too short, and frames by their windows.

    A frame has the label of the window whose middle it is nearest to.
    """
    length, hop = frames.windows.length, frames.windows.hop
    viterbi = _core.Viterbi(len(centers), max(1, math.ceil(min_frames / FRAME_RATE / hop)))
    for start in range(0, len(scaled), _BLOCK_ROWS):
        rows = scaled[start : start + _BLOCK_ROWS]
        squared = ((rows[:, None] - centers) ** 2).sum(axis=2)
        viterbi.push((-squared).astype(np.float32))
    of_windows = viterbi.finish()
    times = np.arange(frames.n_frames) / FRAME_RATE
    nearest = np.rint((times - length / 2) / hop).astype(np.int64)
    return of_windows[np.clip(nearest, 0, len(of_windows) - 1)]
