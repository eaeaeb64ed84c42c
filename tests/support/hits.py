"""A drum loop whose hits are known, and what is found in it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

import audioclust as ac

if TYPE_CHECKING:
    from numpy.typing import NDArray

SR = 22050


@functools.cache
def loop(sr: int = SR, seed: int = 0) -> tuple[NDArray[np.float32], list[int]]:
    """Give sixteen hits, kicks (0) and hats (1), and which is which."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, 2, 16).tolist()
    y = np.zeros(int(4.3 * sr))
    t = np.arange(int(0.15 * sr)) / sr
    for i, kind in enumerate(kinds):
        sound = rng.normal(size=len(t)) * 0.2 if kind else np.sin(2 * np.pi * 70 * t)
        start = int((0.2 + 0.25 * i + rng.uniform(0, 0.02)) * sr)
        y[start : start + len(t)] += 0.8 * sound * np.exp(-t / 0.03)
    return y.astype(np.float32), kinds


@functools.cache
def two_clusters() -> ac.OnsetClusters:
    """Give the loop's hits in two clusters."""
    return ac.onsets({"loop": (loop()[0], SR)}, 2)


def partition(labels: Any) -> set[frozenset[int]]:
    """Give the groups that labels make, whatever the labels are."""
    labels = np.asarray(labels)
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in labels}
