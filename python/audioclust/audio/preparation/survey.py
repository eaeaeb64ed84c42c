"""What must be known of a signal before features are computed of it: its part and its gain."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from audioclust import _core
from audioclust.audio.decoding.stream import whole_frames
from audioclust.audio.preparation.parts import Part, PartResampler
from audioclust.audio.preparation.passes import Passes, Remade, Repeated
from audioclust.audio.preparation.settings import Preparation
from audioclust.errors import ParameterError, SignalError

if TYPE_CHECKING:
    from audioclust.audio.decoding.stream import Block


def part_used(passes: Passes, preparation: Preparation, rate: int) -> Part:
    """Find the part of a signal that is used and its gain, in as few passes as possible.

    There is one pass for `trim` and `excerpt`, and one for `normalize`; none if all are None.

    Parameters
    ----------
    passes : Passes
        The signal at its own rate.
    preparation : Preparation
        What is asked for.
    rate : int
        The rate in Hz at which it is measured.

    Raises
    ------
    DecodeError, SignalError
        As :class:`Passes` does while it is gone through.
    SignalError
        If samples are not finite, or loudness is not defined at the rate.
    """
    part = Part(rate)
    if not preparation.takes_passes:
        return part
    signal = Repeated(Remade(lambda: _at_rate(passes, rate)))
    if preparation.trim is not None:
        part = Part(rate, *_loud(signal, preparation.trim))
    if preparation.excerpt is not None:
        part = _middle(part, passes, preparation.excerpt)
    if preparation.normalize is not None:
        try:
            gain = _core.Gain(preparation.normalize, rate)
        except ParameterError as why:
            raise SignalError("unsupported", str(why)) from None
        for piece in _of_part(signal, part):
            gain.push(piece)
        part = replace(part, gain=gain.finish())
    return replace(part, pieces=signal.kept)


def _at_rate(passes: Passes, rate: int) -> Iterator[Block]:
    resampler = PartResampler(passes.sr, rate, Part(rate))
    for y in passes:
        for piece in resampler.push(y):
            passes.check_stop()  # Resampling can make much of one block.
            yield piece
    yield from resampler.finish()


def _loud(signal: Iterable[Block], top_db: float) -> tuple[int, int]:
    """Give the first sample that :class:`Preparation` keeps, and the one after the last."""
    trim = _core.Trim(top_db)
    for piece in signal:
        trim.push(piece)
    return trim.finish()


def _middle(part: Part, passes: Passes, seconds: float) -> Part:
    """Give the middle of a part, which goes to the end of the signal if it has no end."""
    end = part.end
    if end is None:
        for _ in passes:
            pass
        end = math.ceil(passes.frames * part.sr / passes.sr)
    length = max(1, whole_frames(seconds, part.sr))
    start = part.start + max(0, end - part.start - length) // 2
    return replace(part, start=start, end=min(end, start + length))


def _of_part(signal: Iterable[Block], part: Part) -> Iterator[Block]:
    """Give the pieces of a part, and make none after its end."""
    at = 0
    for piece in signal:
        used = part.of(piece, at)
        if len(used):
            yield used
        at += len(piece)
        if part.end is not None and at >= part.end:
            return
