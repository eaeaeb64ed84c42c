"""The first pass of segmentation: windows are grouped."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from audioclust import _core
from audioclust.clustering.algorithms import ALGORITHMS, ClusterSettings
from audioclust.clustering.scaling import Scaler
from audioclust.errors import ParameterError
from audioclust.segmentation.frames import RATE, Frames
from audioclust.utils.arguments import check_int

if TYPE_CHECKING:
    from numpy.typing import NDArray


Labels: TypeAlias = "NDArray[np.int32]"


MORE = 4
"""How many times as many labels windows are grouped into as there are to be. What is most
alike, frame by frame, then becomes one: grouped into k at once, a lively piece of music may be
two labels and two voices one."""


K_RANGE = 2, 8
"""The numbers of labels that ``k="auto"`` tries, unless others are given."""


class Asked(NamedTuple):
    """The number of labels that was asked for, or the numbers to choose from."""

    k: int | None
    ks: range

    @classmethod
    def check(cls, k: object, low: int | None, high: int | None) -> Asked:
        """Check what was asked for."""
        if k != "auto":
            for name, value in (("min_clusters", low), ("max_clusters", high)):
                if value is not None:
                    raise ParameterError(f'{name}={value!r}: expected k="auto" with it')
            if isinstance(k, str):
                raise ParameterError(f'k={k!r}: expected an int, or "auto"')
            return cls(check_int("k", k, 1, 1000), range(0))
        least = K_RANGE[0] if low is None else check_int("min_clusters", low, 1, 1000)
        default = max(least, K_RANGE[1])
        most = default if high is None else check_int("max_clusters", high, least, 1000)
        return cls(None, range(least, most + 1))


class _Start(NamedTuple):
    """The labels that the second pass begins with."""

    k: int
    n_labels: int
    """More than `k`, to be merged."""
    labels: list[Labels]
    selection: object


def first_labels(
    found: list[Frames], asked: Asked, seed: int, threads: int, least: int, silence: bool
) -> _Start:
    """Group windows, and give each frame the label of the window around it."""
    rows = np.concatenate([frames.rows for frames in found])
    heard = np.concatenate([_heard(frames, silence) for frames in found])
    distinct = len(np.unique(rows[heard], axis=0))
    _check_enough(distinct, asked, found)
    scaler = Scaler.fit(rows[heard], "standard")
    scaled = scaler.transform(rows)
    k, selection = asked.k, None
    if k is None:
        k, selection = choose(scaled[heard], asked.ks, seed, threads)
    n_labels = min(MORE * k, distinct) if k > 1 else 1
    groups = ALGORITHMS["kmeans"].run(scaled[heard], ClusterSettings(n_labels, seed, threads))
    members = [scaled[heard][groups.labels == label] for label in range(n_labels)]
    centers = np.stack([rows.mean(axis=0) for rows in members])
    labels = []
    at = 0
    for frames in found:
        n = len(frames.rows)
        labels.append(_of_frames(frames, scaled[at : at + n], centers, least))
        at += n
    return _Start(k, n_labels, labels, selection)


def choose(rows: NDArray[np.float64], ks: range, seed: int, threads: int) -> tuple[int, object]:
    """Choose the number of labels of scaled windows from some; say why.

    Where no number is better than none, it is 1 if that is among them, else the smallest.
    """
    from audioclust.clustering.selection.choosing_k import select_k
    from audioclust.clustering.selection.settings import SelectionSettings

    tried = tuple(k for k in ks if k > 1)
    if not tried:
        return 1, None
    selection = select_k(rows, SelectionSettings(seed, threads, tried))
    return max(selection.best_k, ks[0]), selection


def _heard(frames: Frames, silence: bool) -> NDArray[np.bool_]:
    """Tell which windows are grouped: all, or if silence is apart, those half full of sound."""
    n = len(frames.rows)
    if not silence:
        return np.ones(n, np.bool_)
    starts, ends = frames.windows.frames(n, RATE)
    loud = np.concatenate([[0], np.cumsum(frames.votes)])
    ends = np.minimum(ends, frames.n_frames)
    return np.asarray(2 * (loud[ends] - loud[np.minimum(starts, ends)]) >= ends - starts)


def _check_enough(distinct: int, asked: Asked, found: list[Frames]) -> None:
    """Raise a ParameterError if fewer windows differ than there are to be labels."""
    least = asked.ks[0] if asked.k is None else asked.k
    if distinct >= least:
        return
    name = "k" if asked.k is not None else "min_clusters"
    length, hop = found[0].windows
    total = sum(frames.duration for frames in found)
    raise ParameterError(
        f"{name}={least}: expected at most {distinct}, the number of windows of {length:g} s"
        f" every {hop:g} s that differ in {total:.1f} s of sound; a shorter window= or hop="
        " may make more"
    )


def _of_frames(
    frames: Frames, scaled: NDArray[np.float64], centers: NDArray[np.float64], least: int
) -> Labels:
    """Give each frame the label of the window that it is in the middle of."""
    length, hop = frames.windows
    viterbi = _core.Viterbi(len(centers), max(1, math.ceil(least / RATE / hop)))
    for start in range(0, len(scaled), 4096):
        rows = scaled[start : start + 4096]
        squared = ((rows[:, None] - centers) ** 2).sum(axis=2)
        viterbi.push((-squared).astype(np.float32))
    of_windows = viterbi.finish()
    nearest = np.rint((np.arange(frames.n_frames) / RATE - length / 2) / hop).astype(np.int64)
    return of_windows[np.clip(nearest, 0, len(of_windows) - 1)]
