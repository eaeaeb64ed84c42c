"""The second pass of segmentation: what each label sounds like, frame by frame.

As in diarization, labels of windows are only where it starts: each label gets a Gaussian of
full covariance over the cepstra of its frames, and the best sequence of spans of a least length
under these is the next labelling.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from audioclust import _core
from audioclust.segmentation.frames import Frames

if TYPE_CHECKING:
    from numpy.typing import NDArray


Labels: TypeAlias = "NDArray[np.int32]"

CLIP = 20.0
"""How far below the best label the log-likelihood of another can be, for one frame: no frame
is so odd that it outvotes all its neighbours."""


ROUNDS = 4
"""How often Gaussians and labels are found anew."""


MERGE_ROUNDS = 2
"""The same, before two labels become one."""


REGULAR = 0.1
"""What is added to variances, as a share of those of all frames."""


class Settings(NamedTuple):
    """How frames are labelled.

    Attributes
    ----------
    k : int
        Number of labels.
    least : int
        Number of frames of the shortest span.
    silence : bool
        Whether silence has a label of its own, which is `k`.
    """

    k: int
    least: int
    silence: bool


def relabel(
    recordings: Sequence[Frames], labels: list[Labels], settings: Settings, rounds: int = ROUNDS
) -> list[Labels]:
    """Find better labels of the frames of recordings, from those they have."""
    floor = _floor(recordings)
    for _ in range(rounds):
        means, covariances = _covariances(_sums(recordings, labels, settings.k))
        factors = np.linalg.cholesky(covariances + floor)
        gaussians = _core.Gaussians(means, np.tril(np.linalg.inv(factors)))
        labels = [_decode(recording, gaussians, settings) for recording in recordings]
    return labels


def _floor(recordings: Sequence[Frames]) -> NDArray[np.float64]:
    """Give what is added to covariances, so that few frames are no certainty."""
    every = _sums(recordings, [np.zeros(r.n_frames, np.int32) for r in recordings], 1)
    variances = np.diag(_covariances(every)[1][0])
    return np.asarray(REGULAR * np.diag(np.maximum(variances, 1e-9)))


def _sums(
    recordings: Sequence[Frames], labels: list[Labels], k: int
) -> list[NDArray[np.float64]]:
    """Add up, for each label, the frames that vote: their number, sums and products."""
    total: list[NDArray[np.float64]] = []
    for recording, own in zip(recordings, labels, strict=True):
        counted = np.where(recording.votes & (own < k), own, -1).astype(np.int32)
        for start, rows in recording.cepstra.blocks():
            found = _core.moments(rows, counted[start : start + len(rows)], k)
            parts = [np.asarray(part, np.float64) for part in found]
            total = [np.add(*both) for both in zip(total, parts, strict=False)] or parts
    return total


def _covariances(
    sums: list[NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give means and covariances. A label that has no frame is put where none will be."""
    counts, totals, products = sums
    n = np.maximum(counts, 1)
    means = totals / n[:, None]
    covariances = products / n[:, None, None] - means[:, :, None] * means[:, None, :]
    means[counts == 0] = 1e6
    return means, covariances


def _decode(recording: Frames, gaussians: _core.Gaussians, settings: Settings) -> Labels:
    viterbi = _core.Viterbi(settings.k + settings.silence, settings.least)
    for start, rows in recording.cepstra.blocks():
        votes = recording.votes[start : start + len(rows)]
        scores = gaussians.scores(rows, votes, CLIP)
        viterbi.push(_with_silence(scores, votes) if settings.silence else scores)
    return viterbi.finish()


def _with_silence(scores: NDArray[np.float32], votes: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Add a label for silence: what is silent is that and nothing else, and the reverse."""
    silent = np.where(votes, -CLIP, 0).astype(np.float32)
    others = np.where(votes[:, None], scores, -CLIP).astype(np.float32)
    return np.column_stack([others, silent])


def merge(
    recordings: Sequence[Frames], labels: list[Labels], settings: Settings, k: int
) -> list[Labels]:
    """Bring more labels than are wanted down to `k`.

    The two whose frames one Gaussian describes nearly as well as two do become one, and all
    frames are labelled anew before the next two are. That loss is the difference of Bayesian
    information criteria (Chen & Gopalakrishnan 1998) without its penalty, which is the same
    for every two.
    """
    floor = _floor(recordings)
    while settings.k > k:
        labels = relabel(recordings, labels, settings, rounds=MERGE_ROUNDS)
        first, second = _most_alike(_sums(recordings, labels, settings.k), floor)
        labels = [_merged(own, first, second) for own in labels]
        settings = settings._replace(k=settings.k - 1)
    return labels


def _merged(labels: Labels, first: int, second: int) -> Labels:
    """Give the second label the first's number, and those above it one less."""
    one = np.where(labels == second, first, labels)
    return np.asarray(one - (one > second), np.int32)


def _most_alike(sums: list[NDArray[np.float64]], floor: NDArray[np.float64]) -> tuple[int, int]:
    """Give the two labels, the lower first, that lose least by sharing a Gaussian."""
    n = len(sums[0])
    own = [_spread([part[i] for part in sums], floor) for i in range(n)]
    losses = {
        (i, j): _spread([part[i] + part[j] for part in sums], floor) - own[i] - own[j]
        for i in range(n)
        for j in range(i + 1, n)
    }
    return min(losses, key=losses.__getitem__)


def _spread(sums: list[Any], floor: NDArray[np.float64]) -> float:
    """Give the number of frames times the logarithm of their covariance's determinant."""
    parts = [np.asarray(part)[None] for part in sums]
    covariance = _covariances(parts)[1][0] + floor
    return float(sums[0] * np.linalg.slogdet(covariance)[1])


def amid_pauses(labels: Labels, votes: NDArray[np.bool_], settings: Settings) -> Labels:
    """Move each boundary that is in a pause to its middle, as far as spans stay long enough.

    Frames that do not vote leave it open where in the pause that is.
    """
    n = len(labels)
    places = np.arange(n)
    # Where the pause around each frame begins, and where it ends.
    begins = np.maximum.accumulate(np.where(votes, places + 1, 0))
    ends = np.minimum.accumulate(np.where(votes, places, n)[::-1])[::-1]
    changes = np.flatnonzero(np.diff(labels)) + 1
    edges = [0, *changes.tolist(), n]
    own = labels[edges[:-1]]
    for i in range(1, len(edges) - 1):
        at = edges[i]
        if settings.silence and settings.k in own[i - 1 : i + 1]:
            continue
        middle = (int(begins[at - 1]) + int(ends[at])) // 2
        low, high = edges[i - 1] + settings.least, edges[i + 1] - settings.least
        edges[i] = min(max(middle, low), high) if low <= high else at
    return np.repeat(own, np.diff(edges))
