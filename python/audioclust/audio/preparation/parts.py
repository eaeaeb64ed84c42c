"""The part of a signal that is used, at any sampling rate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.preparation.resampling import Resampler

if TYPE_CHECKING:
    from audioclust.audio.decoding.stream import Block


@dataclass(frozen=True)
class Part:
    """The part of a signal of one channel that is used, and by how much it is scaled.

    Attributes
    ----------
    sr : int
        The rate in Hz at which samples are counted.
    start, end : int
        The first sample, and the one after the last; an end of None is that of the signal.
    gain : float
        What each sample is multiplied by.
    pieces : sequence of ndarray or None
        The whole signal at that rate, where it is short enough to be in memory anyway.
    """

    sr: int
    start: int = 0
    end: int | None = None
    gain: float = 1.0
    pieces: Sequence[Block] | None = field(default=None, compare=False, repr=False)

    @property
    def is_all(self) -> bool:
        """Whether it is the whole signal as it is."""
        return self.start == 0 and self.end is None and self.gain == 1.0

    def at(self, rate: int) -> Part:
        """Give the same part at another rate, with all samples that it has a share in."""
        if rate == self.sr:
            return self
        start = self.start * rate // self.sr
        end = None if self.end is None else -(-self.end * rate // self.sr)
        return Part(rate, start, end, self.gain)

    def of(self, y: Block, at: int) -> Block:
        """Give what belongs to the part of some samples, the first of which is number `at`."""
        last = len(y) if self.end is None else max(0, self.end - at)
        if self.start > at or last < len(y):
            y = y[max(0, self.start - at) : last]
        if self.gain == 1.0:
            return y
        # In double precision, since the gain of very quiet signals has no single.
        return (y * np.float64(self.gain)).astype(np.float32)


class PartResampler:
    """Gives the part used of a signal that comes in blocks, at another rate.

    Parameters
    ----------
    sr, target_sr : int
        Rates before and after, in Hz.
    part : Part
        What is used; its samples may be counted at any rate.
    """

    def __init__(self, sr: int, target_sr: int, part: Part) -> None:
        self._part = part.at(target_sr)
        # Pieces that were kept are resampled already.
        self._resampler = Resampler(sr, sr if self._part.pieces is not None else target_sr)
        self._end = math.inf if self._part.end is None else self._part.end
        self._taken = 0

    @property
    def done(self) -> bool:
        """Whether what follows is not used, so that it need not be decoded."""
        return self._part.pieces is not None or self._taken >= self._end

    def push(self, y: Block) -> Iterator[Block]:
        """Give what can be computed from the samples so far, in pieces."""
        return iter(()) if self.done else self._used(self._resampler.push(y))

    def finish(self) -> Iterator[Block]:
        """Give the rest, at the end of the signal or when all that is used was given."""
        if self._part.pieces is not None:
            return self._used(self._part.pieces)
        if self.done:
            self._resampler.close()
            return iter(())
        return self._used(self._resampler.finish())

    def _used(self, pieces: Iterable[Block]) -> Iterator[Block]:
        return iter(pieces) if self._part.is_all else self._cut(pieces)

    def _cut(self, pieces: Iterable[Block]) -> Iterator[Block]:
        for piece in pieces:
            used = self._part.of(piece, self._taken)
            self._taken += len(piece)
            if len(used):
                yield used
