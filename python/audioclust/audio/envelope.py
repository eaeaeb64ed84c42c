"""The outline of a waveform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.preparation import to_mono

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.recording import Recording


_COLUMNS = 2000
"""Columns of a waveform's overview."""


def overview(
    y: NDArray[np.float32], sr: int
) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float32]]:
    """Give times, and the least and the largest sample around each."""
    starts = np.arange(0, len(y), max(1, -(-len(y) // _COLUMNS)))
    low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    return starts / sr, low, high


STEPS = 2000
"""Points of an outline."""


def outline(
    recording: Recording, duration: float, sr: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give the smallest and the largest sample in each of :data:`STEPS` equal parts."""
    low = np.full(STEPS, np.inf, np.float32)
    high = np.full(STEPS, -np.inf, np.float32)
    total = max(1, round(duration * sr))
    stream = open_stream(recording)
    at = 0
    try:
        for block in stream.blocks:
            y = to_mono(block)
            steps = np.minimum((np.arange(at, at + len(y)) * STEPS) // total, STEPS - 1)
            firsts = np.flatnonzero(np.diff(steps, prepend=-1))
            np.minimum.at(low, steps[firsts], np.minimum.reduceat(y, firsts))
            np.maximum.at(high, steps[firsts], np.maximum.reduceat(y, firsts))
            at += len(y)
    finally:
        stream.close()
    return np.where(low > high, 0, low), np.where(low > high, 0, high)
