"""Recordings read into memory, or block by block."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.decoding.limits import Limits
from audioclust.audio.preparation.mixing import to_mono
from audioclust.audio.preparation.resampling import Resampler
from audioclust.audio.recording import Recording
from audioclust.audio.sources import Source, scan
from audioclust.audio.spans import Item
from audioclust.errors import (
    DecodeError,
    ItemError,
    ItemWarning,
    NothingExtractedError,
    ParameterError,
    SignalError,
)

if TYPE_CHECKING:
    import threading

    from numpy.typing import NDArray

    from audioclust.audio.decoding.stream import Block, Stream


class Sound(NamedTuple):
    """A recording of one channel in memory.

    Attributes
    ----------
    y : ndarray of shape (n,), float32
        Its samples.
    sr : int
        Their rate in Hz.
    own_sr : int
        The rate of the recording that they were decoded from, in Hz.
    decoder : str or None
        The name of the decoder; None for audio in memory.
    warnings : tuple of ItemWarning
        What may be wrong with it.
    """

    y: NDArray[np.float32]
    sr: int
    own_sr: int
    decoder: str | None = None
    warnings: tuple[ItemWarning, ...] = ()


def one_recording(
    source: Source,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
) -> Recording:
    """Give the one recording that a source stands for, of which decoding may take so much.

    Raises
    ------
    FileNotFoundError
        If a path does not exist.
    NoAudioError
        If there is nothing to decode.
    NothingExtractedError
        If it is a folder that cannot be read.
    ParameterError
        If there are several recordings.
    """
    found = scan(source, limits)
    if not found.recordings:
        raise NothingExtractedError(tuple(found.errors))
    if len(found.recordings) > 1:
        raise ParameterError(f"path has {len(found.recordings)} recordings: expected one")
    return found.recordings[0]


def read(
    what: Recording | Item,
    sr: int | None,
    *,
    offset: float = 0.0,
    duration: float | None = None,
    decoded: Callable[[int, int], None] | None = None,
) -> Sound:
    """Decode a recording or an item to one channel at some rate.

    Parameters
    ----------
    what : Recording or Item
        What to decode. An item's path must be that of a file.
    sr : int or None
        The rate in Hz; None for the recording's own.
    offset, duration : float
        The part to decode, in seconds from the start of `what`; without a duration, up to the
        end of it.
    decoded : callable or None
        Called with the number of frames in each block that was decoded, and their rate in Hz.

    Raises
    ------
    NothingExtractedError
        If it cannot be decoded, has no samples, or has samples that are not finite.
    """
    recording, offset, duration = _part(what, offset, duration)
    try:
        with open_stream(recording, offset=offset, duration=duration) as stream:
            own_sr = stream.sr
            rate = own_sr if sr is None else sr
            blocks = stream.blocks if decoded is None else _counted(stream, decoded)
            y = joined(_at_rate(blocks, own_sr, rate))
    except (DecodeError, SignalError) as why:
        error = ItemError(recording.path, why.kind, str(why))
        raise NothingExtractedError((error,)) from None
    return Sound(y, rate, own_sr, stream.decoder, tuple(stream.warnings))


def read_as_it_is(
    what: Recording | Item, stop: threading.Event | None = None
) -> tuple[NDArray[np.float32], int]:
    """Decode a recording or an item with all its channels at its own rate.

    Parameters
    ----------
    what : Recording or Item
        What to decode. An item's path must be that of a file.
    stop : Event or None
        Decoding ends with Cancelled if it is set.

    Returns
    -------
    y : ndarray of shape (frames, channels), float32
    sr : int
        Its rate in Hz.

    Raises
    ------
    DecodeError
        If it cannot be decoded or has no samples.
    """
    recording, offset, duration = _part(what, 0.0, None)
    with open_stream(recording, offset=offset, duration=duration, stop=stop) as stream:
        blocks = list(stream.blocks)
        if not blocks:
            raise no_samples()
        return np.concatenate(blocks), stream.sr


def blocks_of(
    what: Recording | Item,
    seconds: float = math.inf,
    stop: threading.Event | None = None,
) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Decode the first seconds of a recording or an item to blocks of one channel.

    Parameters
    ----------
    what : Recording or Item
        What to decode. An item's path must be that of a file.
    seconds : float
        How much of it to decode.
    stop : Event or None
        Decoding ends with Cancelled if it is set.

    Yields
    ------
    y : ndarray of shape (n,), float32
        The next samples. The first block is empty, so that the rate is known before any sample
        is decoded.
    sr : int
        Their rate in Hz.

    Raises
    ------
    DecodeError
        If it cannot be decoded.
    SignalError
        If it has samples that are not finite.
    """
    recording, offset, duration = _part(what, 0.0, None if math.isinf(seconds) else seconds)
    with open_stream(recording, offset=offset, duration=duration, stop=stop) as stream:
        yield np.empty(0, np.float32), stream.sr
        for block in stream.blocks:
            yield finite(to_mono(block)), stream.sr


def joined(blocks: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Join blocks of one channel to a signal.

    Raises
    ------
    DecodeError
        If there are no samples.
    SignalError
        If there are samples that are not finite.
    """
    pieces = list(blocks)
    y = np.concatenate(pieces) if pieces else np.empty(0, np.float32)
    if not len(y):
        raise no_samples()
    return finite(y)


def finite(y: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give samples back, or raise a SignalError if there is a NaN or an infinity in them."""
    if not np.isfinite(y).all():
        raise SignalError("corrupt", "it has samples that are not finite numbers")
    return y


def no_samples() -> DecodeError:
    """Give the error for a recording, or a part of one, without samples."""
    return DecodeError("empty", "it has no samples, or none in the part asked for")


def _part(
    what: Recording | Item, offset: float, duration: float | None
) -> tuple[Recording, float, float | None]:
    """Give the recording, and offset and duration of the part of it, in seconds."""
    if isinstance(what, Recording):
        return what, offset, duration
    left = what.end - what.start - offset
    length = left if duration is None else min(left, duration)
    if math.isinf(length):
        return Recording(what.path), what.start + offset, None
    # Decoding rounds down, and a rounding error of the times must not cost the last sample.
    return Recording(what.path), what.start + offset, length + 1e-7


def _counted(stream: Stream, decoded: Callable[[int, int], None]) -> Iterator[Block]:
    for block in stream.blocks:
        decoded(len(block), stream.sr)
        yield block


def _at_rate(blocks: Iterable[Block], sr: int, rate: int) -> Iterator[NDArray[np.float32]]:
    resampler = Resampler(sr, rate)
    for block in blocks:
        yield from resampler.push(to_mono(block))
    yield from resampler.finish()
