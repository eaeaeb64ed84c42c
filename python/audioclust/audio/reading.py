"""Recordings read into memory, or block by block."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.preparation import Resampler, to_mono
from audioclust.audio.recording import Recording
from audioclust.audio.sources import Source, scan
from audioclust.audio.spans import Item
from audioclust.errors import (
    DecodeError,
    ItemError,
    NothingExtractedError,
    ParameterError,
    SignalError,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


def blocks_of(
    item: Item, seconds: float = math.inf
) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Decode the first `seconds` of an item to blocks of one channel, each with its rate.

    The first block is empty, so that the rate is known before any sample.
    """
    # Rounding must not cost the last sample, as decoding rounds down.
    length = min(item.end - item.start, seconds) + 1e-7
    stream = open_stream(Recording(item.path), offset=item.start, duration=length)
    try:
        yield np.empty(0, np.float32), stream.sr
        for block in stream.blocks:
            y = to_mono(block)
            if not np.isfinite(y).all():
                raise SignalError("corrupt", "it has samples that are no finite numbers")
            yield y, stream.sr
    finally:
        stream.close()


class Sound(NamedTuple):
    """A recording of one channel in memory.

    Attributes
    ----------
    y : ndarray of shape (n,), float32
        Its samples.
    sr, own_sr : int
        Their rate, and the recording's own, in Hz.
    """

    y: NDArray[np.float32]
    sr: int
    own_sr: int


def one_recording(source: Source) -> Recording:
    """Give the one recording that a source stands for."""
    found = scan(source)
    if not found.recordings:
        raise NothingExtractedError(tuple(found.errors))
    if len(found.recordings) > 1:
        raise ParameterError(f"path has {len(found.recordings)} recordings: expected one")
    return found.recordings[0]


def read(
    recording: Recording,
    sr: int | None,
    *,
    offset: float = 0.0,
    duration: float | None = None,
) -> Sound:
    """Decode a recording to one channel at a rate, its own if None.

    Raises
    ------
    NothingExtractedError
        If it cannot be decoded, or has no samples.
    """
    pieces: list[NDArray[np.float32]] = []
    try:
        stream = open_stream(recording, offset=offset, duration=duration)
        try:
            rate = stream.sr if sr is None else sr
            resampler = Resampler(stream.sr, rate)
            for block in stream.blocks:
                pieces.extend(resampler.push(to_mono(block)))
            pieces.extend(resampler.finish())
        finally:
            stream.close()
        y = np.concatenate(pieces) if pieces else np.empty(0, np.float32)
        _check_samples(y)
    except (DecodeError, SignalError) as why:
        error = ItemError(recording.path, why.kind, str(why))
        raise NothingExtractedError((error,)) from None
    return Sound(y, rate, stream.sr)


def read_as_it_is(recording: Recording) -> tuple[NDArray[np.float32], int]:
    """Decode a recording to (frames, channels) at its own rate."""
    stream = open_stream(recording)
    try:
        blocks = list(stream.blocks)
    finally:
        stream.close()
    return np.concatenate(blocks), stream.sr


def _check_samples(y: NDArray[np.float32]) -> None:
    if not len(y):
        raise DecodeError("empty", "it has no samples, or none in the part asked for")
    if not np.isfinite(y).all():
        raise SignalError("corrupt", "it has samples that are no finite numbers")
