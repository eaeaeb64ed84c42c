"""Changing the sampling rate of a signal, at once or block by block."""

from __future__ import annotations

import atexit
import math
import threading
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

_MOST_SPARE = 16
"""Largest number of streams of soxr that are kept for other recordings."""


class _Spare:
    """Streams of soxr that are not in use.

    A stream that is cleared gives the same samples as a new one, bit for bit. But a new one
    first computes its filter and the tables of its FFT: half as long as it resamples 1.5 s.
    """

    def __init__(self) -> None:
        self._streams: list[tuple[tuple[int, int, int], soxr.ResampleStream]] = []
        self._lock = threading.Lock()

    def take(self, sr: int, target_sr: int, channels: int) -> soxr.ResampleStream:
        """Give a stream that nobody else has."""
        wanted = sr, target_sr, channels
        with self._lock:
            for place, (kind, stream) in enumerate(self._streams):
                if kind == wanted:
                    del self._streams[place]
                    return stream
        return soxr.ResampleStream(sr, target_sr, channels, dtype="float32", quality="HQ")

    def put(self, stream: soxr.ResampleStream, sr: int, target_sr: int, channels: int) -> None:
        """Take a stream back. Of too many the one that was put back first is dropped."""
        stream.clear()
        with self._lock:
            self._streams.append(((sr, target_sr, channels), stream))
            del self._streams[:-_MOST_SPARE]

    def clear(self) -> None:
        """Drop all streams."""
        with self._lock:
            self._streams.clear()


_SPARE = _Spare()
# What is alive when Python ends is reported as a leak on standard error by soxr's binding.
atexit.register(_SPARE.clear)


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
        self._channels = channels
        self._keeps_rate = sr == target_sr
        # None for a rate that is kept, and after the end.
        self._stream = None if self._keeps_rate else _SPARE.take(sr, target_sr, channels)
        self._piece = max(1, _OUTPUT_FRAMES * sr // target_sr)
        self._shape = (0,) if channels == 1 else (0, channels)
        self._taken = 0
        self._given = 0

    def push(self, y: Block) -> Iterator[Block]:
        """Give what can be computed from the samples so far, in pieces."""
        if self._keeps_rate:
            yield y
            return
        if self._stream is None:
            raise ValueError("the signal has ended: make another Resampler for another one")
        self._taken += len(y)
        for start in range(0, len(y), self._piece):
            yield self._count(self._stream.resample_chunk(y[start : start + self._piece]))

    def finish(self) -> Iterator[Block]:
        """Give the rest, at the end of the signal."""
        if self._stream is None or not self._taken:
            return
        tail = self._stream.resample_chunk(np.empty(self._shape, np.float32), last=True)
        self.close()
        left = max(0, math.ceil(self._taken * self._target_sr / self._sr) - self._given)
        yield tail[:left]
        if left > len(tail):
            yield np.zeros((left - len(tail), *self._shape[1:]), np.float32)

    def close(self) -> None:
        """Give up what is left, if nobody needs it."""
        stream, self._stream = self._stream, None
        if stream is not None:
            _SPARE.put(stream, self._sr, self._target_sr, self._channels)

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
