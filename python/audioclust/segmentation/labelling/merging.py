"""Labels merged two by two, and how much the two differ each time."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audioclust.segmentation.frames import FRAME_RATE, Frames, Labels
from audioclust.segmentation.labelling.gaussians import Moments, losses, moments
from audioclust.segmentation.labelling.resegmentation import LabellingSettings, relabel

if TYPE_CHECKING:
    from numpy.typing import NDArray


FEW_LABELS = 12
FEW_MERGES = 8
"""Once there are 12 labels, or 8 more than wanted, frames are relabelled after each merge.

Before, labels are so many that the next merges would undo most of it, and it takes long. If the
number is to be chosen, it cannot wait longer than until there is one more than may be chosen.
"""


OWN_DIFFERENCE = 20.0
"""Pairs are merged in the order of their difference over this plus that within either label.

Loud and soft parts of music differ more than two voices do, but each of them differs more from
itself, too. That is why differences are not compared as they are. Of voices, the differences
within are small, and hardly more than chance; they must not decide.
"""


FRAMES_COMPARED = 6000.0
"""A difference grows with the number of frames up to this many, which is about 140 s.

Of more frames, anything differs: a voice in one hour from itself in the next.
"""


STRETCH = round(2.0 * FRAME_RATE)
"""The number of active frames in a stretch, of which odd ones are compared with even ones."""


@dataclass(frozen=True, eq=False)
class MergeStep:
    """A labelling on the way from many labels to one.

    Attributes
    ----------
    n_labels : int
        Number of labels.
    labels : list of ndarray of shape (n_frames,), int32
        The labels of each recording's frames.
    difference : float
        How much the two labels differ that are merged next; 0 in the last labelling.
    own_difference : float
        How much the odd stretches of a label differ from its even ones, the mean over labels,
        each counting as often as it has active frames; 0 in the last labelling.
    """

    n_labels: int
    labels: list[Labels]
    difference: float
    own_difference: float


def merge_steps(
    recordings: Sequence[Frames],
    labels: list[Labels],
    settings: LabellingSettings,
    added: NDArray[np.float64],
    *,
    least: int,
    few: int,
) -> Iterator[MergeStep]:
    """Merge labels until `least` are left, and give each labelling from `few` labels on.

    Each time the two are merged whose frames one Gaussian describes nearly as well as two, and
    all frames are relabelled before the next time. More labels than `few` are merged first,
    without that.

    Parameters
    ----------
    recordings : sequence of Frames
        The frames.
    labels : list of ndarray of shape (n_frames,), int32
        Their labels to begin with.
    settings : LabellingSettings
        How they are labelled; `n_labels` is the number to begin with.
    added : ndarray of shape (n_columns, n_columns), float64
        What is added to each covariance matrix.
    least : int
        The number of labels to end with, at least 1.
    few : int
        The number of labels from which on frames are relabelled, at least `least`.
    """
    labels = relabel(recordings, labels, settings, added, rounds=1)
    if settings.n_labels > few:
        sums = moments(recordings, labels, settings.n_labels)
        labels = _renamed(labels, _merged_blindly(sums, few, added), settings.n_labels)
        settings = dataclasses.replace(settings, n_labels=few)
    while True:
        n = settings.n_labels
        if n <= least:
            yield MergeStep(n, labels, 0.0, 0.0)
            return
        labels = relabel(recordings, labels, settings, added, rounds=1)
        first, second, step = _compared(recordings, labels, n, added)
        yield step
        names = np.arange(n)
        names[second] = first
        labels = _renamed(labels, names - (names > second), n)
        settings = dataclasses.replace(settings, n_labels=n - 1)


def _compared(
    recordings: Sequence[Frames], labels: list[Labels], n: int, added: NDArray[np.float64]
) -> tuple[int, int, MergeStep]:
    """Give the two labels to merge next, the lower first, and what is known before that."""
    halves = [_halves(frames, own) for frames, own in zip(recordings, labels, strict=True)]
    sums = moments(recordings, halves, 2 * n)
    even, odd = (sums.picked(np.arange(i, 2 * n, 2)) for i in (0, 1))
    own = _differences(even, odd, added)
    whole = even.plus(odd)
    one, other = np.triu_indices(n, 1)
    found = _differences(whole.picked(one), whole.picked(other), added)
    best = int((found / (OWN_DIFFERENCE + np.maximum(own[one], own[other]))).argmin())
    within = float(np.dot(own, whole.counts) / max(whole.counts.sum(), 1))
    step = MergeStep(n, labels, float(found[best]), within)
    return int(one[best]), int(other[best]), step


def _halves(frames: Frames, labels: Labels) -> Labels:
    """Give twice each frame's label, and one more for the odd stretches of the label."""
    halves = np.full(len(labels), np.iinfo(np.int32).max, np.int32)
    for label in np.unique(labels):
        places = np.flatnonzero(frames.active & (labels == label))
        halves[places] = 2 * label + np.arange(len(places)) // STRETCH % 2
    return halves


def _differences(
    one: Moments, other: Moments, added: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give how much labels differ, in a measure that hardly depends on their length.

    It is what they lose by sharing a Gaussian, over the root of the number of frames. Stretches
    of one voice that were put together for being alike lose about as much, whether they are
    long or short; different voices lose the more, the longer they are.
    """
    n = np.maximum(one.counts + other.counts, 1)
    return np.asarray(losses(one, other, added) / n * np.sqrt(np.minimum(n, FRAMES_COMPARED)))


def _merged_blindly(sums: Moments, n: int, added: NDArray[np.float64]) -> NDArray[np.int64]:
    """Merge labels by their sums until `n` are left, and give the new label of each."""
    n_labels = len(sums.counts)
    names = np.arange(n_labels)
    table = np.full((n_labels, n_labels), np.inf)
    one, other = np.triu_indices(n_labels, 1)
    table[one, other] = _differences(sums.picked(one), sums.picked(other), added)
    while len(table) > n:
        first, second = np.unravel_index(table.argmin(), table.shape)
        sums = sums.merged(int(first), int(second))
        table = np.delete(np.delete(table, second, axis=0), second, axis=1)
        others = np.delete(np.arange(len(table)), first)
        low, high = np.minimum(others, first), np.maximum(others, first)
        table[low, high] = _differences(sums.picked(low), sums.picked(high), added)
        names[names == second] = first
        names -= names > second
    return names


def _renamed(labels: list[Labels], names: NDArray[np.int64], n_labels: int) -> list[Labels]:
    """Replace labels by their new names; silence, `n_labels`, becomes the number of names."""
    new = np.append(names, names.max() + 1).astype(np.int32)
    return [new[np.minimum(own, n_labels)] for own in labels]
