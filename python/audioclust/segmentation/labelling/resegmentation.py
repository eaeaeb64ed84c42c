"""Labels made precise, frame by frame.

This is how speaker diarization does it. Each label gets a Gaussian with a full covariance
matrix over the cepstra of its frames. Of all sequences of spans that are long enough, the one
that is likeliest under these Gaussians gives the next labels. Both steps are repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audioclust import _core
from audioclust.segmentation.frames import Frames, Labels
from audioclust.segmentation.labelling.gaussians import gaussians, moments

if TYPE_CHECKING:
    from numpy.typing import NDArray


CLIP = 20.0
"""For one frame, the log-likelihood of a label is at most this far below the best label's.

Without this bound a single odd frame would outweigh all its neighbours.
"""


CHANGE = 40.0
"""How much likelier a sequence with one more change of label must be, as a log-likelihood.

Frames overlap, so that a syllable that resembles another voice is many frames' evidence for a
change, but not independent evidence. Without this cost, short spans are mostly mistakes.
"""


@dataclass(frozen=True)
class LabellingSettings:
    """How frames are labelled.

    Attributes
    ----------
    n_labels : int
        Number of labels, silence not counted.
    min_frames : int
        Number of frames of the shortest span.
    silence : bool
        Whether silence has a label of its own, which is `n_labels`.
    change : float
        What each change of label costs.
    """

    n_labels: int
    min_frames: int
    silence: bool
    change: float = CHANGE


def relabel(
    recordings: Sequence[Frames],
    labels: list[Labels],
    settings: LabellingSettings,
    added: NDArray[np.float64],
    rounds: int,
) -> list[Labels]:
    """Improve the labels of the frames of recordings.

    Parameters
    ----------
    recordings : sequence of Frames
        The frames.
    labels : list of ndarray of shape (n_frames,), int32
        Their labels so far.
    settings : LabellingSettings
        How they are labelled.
    added : ndarray of shape (n_columns, n_columns), float64
        What is added to each covariance matrix.
    rounds : int
        How often Gaussians and labels are computed anew.
    """
    for _ in range(rounds):
        own = gaussians(moments(recordings, labels, settings.n_labels), added)
        labels = [_likeliest(frames, own, settings) for frames in recordings]
    return labels


def _likeliest(frames: Frames, own: _core.Gaussians, settings: LabellingSettings) -> Labels:
    """Give the likeliest labels of a recording's frames, with no span too short."""
    n_columns = settings.n_labels + settings.silence
    viterbi = _core.Viterbi(n_columns, settings.min_frames, settings.change)
    for start, rows in frames.cepstra.blocks():
        active = frames.active[start : start + len(rows)]
        scores = own.scores(rows, active, CLIP)
        viterbi.push(_with_silence(scores, active) if settings.silence else scores)
    return viterbi.finish()


def _with_silence(
    scores: NDArray[np.float32], active: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Add a column for silence: 0 for frames that are not active, the worst score for others.

    The other labels get the worst score for frames that are not active.
    """
    silence = np.where(active, -CLIP, 0).astype(np.float32)
    others = np.where(active[:, None], scores, -CLIP).astype(np.float32)
    return np.column_stack([others, silence])


def move_into_pauses(
    labels: Labels, active: NDArray[np.bool_], settings: LabellingSettings
) -> Labels:
    """Move each boundary that is in a pause to its middle, as far as spans stay long enough.

    Frames that are not active fit all labels alike, so that nothing else says where in a pause
    it should be. Boundaries of silence, where it has a label, stay where silence begins and
    ends.
    """
    n = len(labels)
    places = np.arange(n)
    # For each frame where the pause around it begins and ends.
    begins = np.maximum.accumulate(np.where(active, places + 1, 0))
    ends = np.minimum.accumulate(np.where(active, places, n)[::-1])[::-1]
    changes = np.flatnonzero(np.diff(labels)) + 1
    edges = [0, *changes.tolist(), n]
    span_labels = labels[edges[:-1]]
    for i in range(1, len(edges) - 1):
        at = edges[i]
        if settings.silence and settings.n_labels in span_labels[i - 1 : i + 1]:
            continue
        middle = (int(begins[at - 1]) + int(ends[at])) // 2
        low, high = edges[i - 1] + settings.min_frames, edges[i + 1] - settings.min_frames
        edges[i] = min(max(middle, low), high) if low <= high else at
    return np.repeat(span_labels, np.diff(edges))
