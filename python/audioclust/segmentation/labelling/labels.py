"""All steps from recordings to the labels of their frames."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.spans import SILENCE
from audioclust.segmentation.frames import Frames, Labels
from audioclust.segmentation.labelling.first_pass import first_labels
from audioclust.segmentation.labelling.gaussians import added_variances
from audioclust.segmentation.labelling.label_selection import LabelSelection, is_apart, select
from audioclust.segmentation.labelling.merging import (
    FEW_LABELS,
    FEW_MERGES,
    MergeStep,
    merge_steps,
)
from audioclust.segmentation.labelling.resegmentation import (
    LabellingSettings,
    move_into_pauses,
    relabel,
)
from audioclust.segmentation.settings import frames_of_span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audioclust.segmentation.settings import SegmentationSettings


MERGING_DURATION = 2.0
"""While labels are merged, no span is shorter than this, in seconds.

A Gaussian of many short spans fits single sounds instead of voices. Whatever spans are asked
for are looked for at the end, when there is one label for each voice.
"""


MERGING_CHANGE = 20.0
"""What a change of label costs meanwhile."""


ROUNDS = 4
"""How often Gaussians and labels are computed anew at the end."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """The labels of all frames.

    Attributes
    ----------
    labels : list of ndarray of shape (n_frames,), int32
        The labels of each recording's frames, `k` being silence.
    k : int
        Number of labels, silence not counted.
    selection : LabelSelection or None
        How `k` was chosen, if it was.
    """

    labels: list[Labels]
    k: int
    selection: LabelSelection | None

    def numbered(self) -> list[Labels]:
        """Give labels that are numbered by how many frames they have; silence is -1."""
        counts = sum(np.bincount(own, minlength=self.k + 1) for own in self.labels)
        number = np.full(self.k + 1, SILENCE, np.int32)
        number[np.argsort(-np.asarray(counts)[: self.k], kind="stable")] = np.arange(self.k)
        return [number[own] for own in self.labels]


def label(recordings: Sequence[Frames], settings: SegmentationSettings) -> Labelled:
    """Label the frames of all recordings."""
    least = max(settings.min_frames, frames_of_span(MERGING_DURATION))
    start = first_labels(recordings, settings, least)
    merging = LabellingSettings(start.n_labels, least, settings.silence, MERGING_CHANGE)
    added = added_variances(recordings)
    k = settings.grouping.k
    merged = functools.partial(merge_steps, recordings, start.labels, merging, added)
    selection = None
    if k is None:
        tried = sorted(settings.grouping.k_range)
        # One more than may be chosen, to know whether that many differ as well.
        steps = merged(least=1, few=max(FEW_LABELS, tried[-1] + 1))
        last, selection = _chosen(steps, tried)
        k = selection.best_k
    else:
        *_, last = merged(least=k, few=max(FEW_LABELS, k + FEW_MERGES))
    wanted = LabellingSettings(k, settings.min_frames, settings.silence)
    labels = relabel(recordings, last.labels, wanted, added, ROUNDS)
    moved = [
        move_into_pauses(own, frames.active, wanted)
        for own, frames in zip(labels, recordings, strict=True)
    ]
    return Labelled(moved, k, selection)


def _chosen(steps: Iterator[MergeStep], tried: list[int]) -> tuple[MergeStep, LabelSelection]:
    """Choose the number of labels, and give the labelling with so many."""
    differences: dict[int, tuple[float, float]] = {}
    kept: dict[int, MergeStep] = {}
    for step in steps:
        n = step.n_labels
        if 1 < n <= tried[-1] + 1:
            differences[n] = step.difference, step.own_difference
        # The labels of hours take up memory. Of more labels than these, no number is chosen any
        # more if these are not apart.
        if n > 1 and not is_apart(differences.get(n)):
            kept.clear()
        else:
            kept[n] = step
    selection = select(differences, tried)
    return kept[selection.best_k], selection
