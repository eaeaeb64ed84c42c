"""The table of decoders, and opening a recording with the one that knows it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.decoding.libsndfile import open_soundfile
from audioclust.audio.decoding.stream import BLOCK_FRAMES, Block, Decoder, Stream, whole_frames
from audioclust.errors import DecodeError
from audioclust.utils.arguments import RATES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.recording import Recording


def open_stream(
    recording: Recording, *, offset: float = 0.0, duration: float | None = None
) -> Stream:
    """Open a recording for decoding.

    Parameters
    ----------
    recording : Recording
        A file or audio in memory.
    offset, duration : float
        The part to decode, in seconds; as in :func:`librosa.load`, both are rounded down to
        whole frames of the recording's own rate, and no duration means all that is left.

    Returns
    -------
    Stream
        To be closed by the caller.

    Raises
    ------
    DecodeError
        If there is nothing to decode, no decoder can, or the sampling rate is out of range.
    """
    stream = _opened(recording, offset, duration)
    low, high = RATES
    if not low <= stream.sr <= high:
        stream.close()
        message = f"its sampling rate is {stream.sr} Hz, which is not from {low} to {high}"
        raise DecodeError("unsupported", message)
    return stream


def _opened(recording: Recording, offset: float, duration: float | None) -> Stream:
    if recording.audio is not None:
        y, sr = recording.audio
        return Stream(sr, _array_blocks(y, sr, offset, duration), lambda: None)
    _check_regular(recording.path)
    reasons = []
    for decoder in DECODERS:
        try:
            return decoder(recording.path, offset, duration)
        except DecodeError as why:
            if why.kind != "unsupported":
                raise
            reasons.append(str(why))
    raise DecodeError("unsupported", "; ".join(reasons))


def _array_blocks(
    y: NDArray[np.floating], sr: int, offset: float, duration: float | None
) -> Iterator[Block]:
    frames = np.atleast_2d(y).T
    start = whole_frames(offset, sr)
    end = len(frames)
    if duration is not None:
        end = min(end, start + whole_frames(duration, sr))
    for at in range(start, end, BLOCK_FRAMES):
        # A number too large for single precision becomes infinite, which is found and said.
        with np.errstate(over="ignore"):
            block = frames[at : min(end, at + BLOCK_FRAMES)].astype(np.float32)
        yield block


def _check_regular(path: str) -> None:
    """Raise a DecodeError for what cannot be opened, would never end, or has no bytes."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise DecodeError("unreadable", "it is not a regular file")
        with open(path, "rb"):
            pass
    except DecodeError:
        raise
    except OSError as why:
        raise DecodeError("unreadable", why.strerror or str(why)) from why
    if status.st_size == 0:
        raise DecodeError("empty", "the file has no bytes")


DECODERS: tuple[Decoder, ...] = (open_soundfile,)
"""The decoders, in the order in which they are tried."""
