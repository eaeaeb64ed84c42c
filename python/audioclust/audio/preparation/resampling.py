"""Changing the sampling rate of a signal, at once or block by block."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import soxr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.decoding.stream import Block


_OUTPUT_FRAMES = 262_144
"""Largest number of frames that resampling gives at a time. From a recording at a very low
rate, a block of normal length would otherwise become gigabytes."""


class Resampler:
    """Changes the sampling rate of a signal that comes in blocks.

    The samples are those of ``librosa.resample(res_type="soxr_hq")``, bit for bit. There are as
    many of them, too: librosa pads to the rounded-up length, and so does this class, because
    soxr's stream may end one sample before that.

    Parameters
    ----------
    sr, target_sr : int
        Rates before and after, in Hz.
    channels : int, default=1
        The number of channels. Blocks have shape (frames,) if it is 1, else
        (frames, channels).
    """

    def __init__(self, sr: int, target_sr: int, *, channels: int = 1) -> None:
        self._sr = sr
        self._target_sr = target_sr
        self._stream = (
            soxr.ResampleStream(sr, target_sr, channels, dtype="float32", quality="HQ")
            if sr != target_sr
            else None
        )
        self._piece = max(1, _OUTPUT_FRAMES * sr // target_sr)
        self._shape = (0,) if channels == 1 else (0, channels)
        self._taken = 0
        self._given = 0

    def push(self, y: Block) -> Iterator[Block]:
        """Give what can be computed from the samples so far, in pieces."""
        if self._stream is None:
            yield y
            return
        self._taken += len(y)
        for start in range(0, len(y), self._piece):
            yield self._count(self._stream.resample_chunk(y[start : start + self._piece]))

    def finish(self) -> Iterator[Block]:
        """Give the rest, at the end of the signal."""
        if self._stream is None or not self._taken:
            return
        tail = self._stream.resample_chunk(np.empty(self._shape, np.float32), last=True)
        left = math.ceil(self._taken * self._target_sr / self._sr) - self._given
        missing = [(0, max(0, left - len(tail))), (0, 0)][: tail.ndim]
        yield np.pad(tail, missing)[: max(0, left)]

    def _count(self, piece: Block) -> Block:
        self._given += len(piece)
        return piece


def resampled(y: NDArray[np.float32], sr: int, rate: int) -> NDArray[np.float32]:
    """Give a signal of one channel at another rate.

    Parameters
    ----------
    y : ndarray of shape (n,), float32
    sr, rate : int
        Rates before and after, in Hz.

    Returns
    -------
    y : ndarray of shape (n_resampled,), float32
    """
    resampler = Resampler(sr, rate)
    return np.concatenate([*resampler.push(y), *resampler.finish()])
