"""The second pass of segmentation: labels are made precise, frame by frame.

This is how speaker diarization does it. The first pass only says where to start. Each label
gets a Gaussian with a full covariance matrix over the cepstra of its frames. Of all sequences
of spans that are long enough, the one that is likeliest under these Gaussians gives the next
labels. Both steps are repeated a few times.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audioclust import _core
from audioclust.segmentation.frames import Frames, Labels

if TYPE_CHECKING:
    from numpy.typing import NDArray


CLIP = 20.0
"""For one frame, the log-likelihood of a label is at most this far below the best label's.

Without this bound a single odd frame would outweigh all its neighbours.
"""


ROUNDS = 4
"""How often Gaussians and labels are computed anew."""


MERGE_ROUNDS = 2
"""The same, each time before two labels are merged."""


REGULARIZATION = 0.1
"""What is added to each variance of a label, as a share of the variance over all frames."""


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
    """

    n_labels: int
    min_frames: int
    silence: bool


class Moments(NamedTuple):
    """Sums over the frames of each label.

    Attributes
    ----------
    counts : ndarray of shape (n_labels,), float64
        Number of frames.
    sums : ndarray of shape (n_labels, n_columns), float64
        Sum of their cepstra.
    products : ndarray of shape (n_labels, n_columns, n_columns), float64
        Sum of the outer products of their cepstra with themselves.
    """

    counts: NDArray[np.float64]
    sums: NDArray[np.float64]
    products: NDArray[np.float64]

    def of(self, *labels: int) -> Moments:
        """Give the sums of some labels together, as those of one label."""
        first, *others = labels
        total = [part[first] for part in self]
        for label in others:
            total = [whole + part[label] for whole, part in zip(total, self, strict=True)]
        return Moments(*(np.asarray(part)[np.newaxis] for part in total))


def relabel(
    recordings: Sequence[Frames],
    labels: list[Labels],
    settings: LabellingSettings,
    rounds: int = ROUNDS,
) -> list[Labels]:
    """Improve the labels of the frames of recordings."""
    added = _added_variances(recordings)
    for _ in range(rounds):
        means, covariances = _gaussians(_moments(recordings, labels, settings.n_labels))
        factors = np.linalg.cholesky(covariances + added)
        gaussians = _core.Gaussians(means, np.tril(np.linalg.inv(factors)))
        labels = [_likeliest(frames, gaussians, settings) for frames in recordings]
    return labels


def merge(
    recordings: Sequence[Frames], labels: list[Labels], settings: LabellingSettings, k: int
) -> list[Labels]:
    """Merge labels until `k` are left.

    Each time the two are merged whose frames one Gaussian describes nearly as well as two, and
    all frames are relabelled before the next time. How much worse one Gaussian is, is measured
    by the difference of Bayesian information criteria (Chen & Gopalakrishnan 1998, "Speaker,
    environment and channel change detection and clustering via the Bayesian information
    criterion"). Its penalty for parameters is left out, as it is the same for all pairs.
    """
    added = _added_variances(recordings)
    while settings.n_labels > k:
        labels = relabel(recordings, labels, settings, rounds=MERGE_ROUNDS)
        first, second = _most_alike(_moments(recordings, labels, settings.n_labels), added)
        labels = [_merged(own, first, second) for own in labels]
        settings = dataclasses.replace(settings, n_labels=settings.n_labels - 1)
    return labels


def _added_variances(recordings: Sequence[Frames]) -> NDArray[np.float64]:
    """Give the diagonal matrix that is added to covariances.

    Without it, a label of few frames would have next to no variance in some direction.
    """
    everywhere_0 = [np.zeros(frames.n_frames, np.int32) for frames in recordings]
    _, covariances = _gaussians(_moments(recordings, everywhere_0, 1))
    variances = np.diag(covariances[0])
    return np.asarray(REGULARIZATION * np.diag(np.maximum(variances, 1e-9)))


def _moments(recordings: Sequence[Frames], labels: list[Labels], n_labels: int) -> Moments:
    """Add up the loud frames of each label, over all recordings."""
    total: list[NDArray[np.float64]] = []
    for frames, own in zip(recordings, labels, strict=True):
        counted = np.where(frames.loud & (own < n_labels), own, -1).astype(np.int32)
        for start, rows in frames.cepstra.blocks():
            found = _core.moments(rows, counted[start : start + len(rows)], n_labels)
            parts = [np.asarray(part, np.float64) for part in found]
            total = [np.add(*both) for both in zip(total, parts, strict=False)] or parts
    return Moments(*total)


def _gaussians(moments: Moments) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the mean and the covariance matrix of each label.

    A label without frames gets a mean so far away that that no frame is ever assigned to it.
    """
    counts = np.maximum(moments.counts, 1)
    means = moments.sums / counts[:, None]
    squares = moments.products / counts[:, None, None]
    covariances = squares - means[:, :, None] * means[:, None, :]
    means[moments.counts == 0] = 1e6
    return means, covariances


def _likeliest(
    frames: Frames, gaussians: _core.Gaussians, settings: LabellingSettings
) -> Labels:
    """Give the likeliest labels of a recording's frames, with no span too short."""
    viterbi = _core.Viterbi(settings.n_labels + settings.silence, settings.min_frames)
    for start, rows in frames.cepstra.blocks():
        loud = frames.loud[start : start + len(rows)]
        scores = gaussians.scores(rows, loud, CLIP)
        viterbi.push(_with_silence(scores, loud) if settings.silence else scores)
    return viterbi.finish()


def _with_silence(scores: NDArray[np.float32], loud: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Add a column for silence: 0 for silent frames, and the worst score for loud ones.

    The other labels get the worst score for silent frames.
    """
    silence = np.where(loud, -CLIP, 0).astype(np.float32)
    others = np.where(loud[:, None], scores, -CLIP).astype(np.float32)
    return np.column_stack([others, silence])


def _merged(labels: Labels, first: int, second: int) -> Labels:
    """Replace the second label by the first, and lower those above the second by one."""
    merged = np.where(labels == second, first, labels)
    return np.asarray(merged - (merged > second), np.int32)


def _most_alike(moments: Moments, added: NDArray[np.float64]) -> tuple[int, int]:
    """Give the two labels, the lower first, that lose least by sharing a Gaussian."""
    n = len(moments.counts)
    own = [_code_length(moments.of(i), added) for i in range(n)]
    losses = {
        (i, j): _code_length(moments.of(i, j), added) - own[i] - own[j]
        for i in range(n)
        for j in range(i + 1, n)
    }
    return min(losses, key=losses.__getitem__)


def _code_length(one: Moments, added: NDArray[np.float64]) -> float:
    """Give the number of frames times the logarithm of their covariance's determinant.

    But for constants that is minus twice the log-likelihood of one label's frames.
    """
    covariance = _gaussians(one)[1][0] + added
    return float(one.counts[0] * np.linalg.slogdet(covariance)[1])


def move_into_pauses(
    labels: Labels, loud: NDArray[np.bool_], settings: LabellingSettings
) -> Labels:
    """Move each boundary that is in a pause to its middle, as far as spans stay long enough.

    Silent frames fit all labels alike, so that nothing else says where in a pause it should be.
    Boundaries of silence, where it has a label, stay where silence begins and ends.
    """
    n = len(labels)
    places = np.arange(n)
    # For each frame where the pause around it begins and ends.
    begins = np.maximum.accumulate(np.where(loud, places + 1, 0))
    ends = np.minimum.accumulate(np.where(loud, places, n)[::-1])[::-1]
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
