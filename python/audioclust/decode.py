"""From a recording to blocks of samples, in bounded memory.

A decoder is a function in this module and a line in :data:`DECODERS`; the first that knows a
file's format wins. Nothing is allocated by what a header says, and no frame count is believed:
a file ends where its samples do.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import soundfile

from audioclust.errors import DecodeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.items import Recording

    Block: TypeAlias = "NDArray[np.float32]"

BLOCK_FRAMES = 65_536
"""Frames in a block: large, since plain Python between two blocks holds the GIL."""

BLOCK_SAMPLES = 8 * BLOCK_FRAMES
"""Samples in a block at most, all channels counted."""


@dataclass(frozen=True)
class Stream:
    """A recording while it is decoded.

    Attributes
    ----------
    sr : int
        Its sampling rate in Hz.
    blocks : iterator of ndarray of shape (frames, channels), float32
        Its samples. Advancing it raises a DecodeError where decoding fails.
    close : callable
        Gives back what the decoder holds.
    """

    sr: int
    blocks: Iterator[Block]
    close: Callable[[], None]


Decoder: TypeAlias = Callable[[str, float, float | None], Stream]
"""Takes path, offset and duration in seconds.

It raises a DecodeError of kind "unsupported" to leave a file to the next decoder.
"""


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
        If there is nothing to decode or no decoder can.
    """
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
    start = _frames(offset, sr)
    end = len(frames)
    if duration is not None:
        end = min(end, start + _frames(duration, sr))
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


class _Reader(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read from front to back.

    After each block soundfile seeks to where it already is, if the file is seekable. That
    disturbs MP3 decoding (by 2e-10, but in silence that is all there is), costs time, and
    fails at the end of FLAC files whose header has no length.
    """

    def seekable(self) -> bool:
        return False


def _soundfile(path: str, offset: float, duration: float | None) -> Stream:
    """Decode what libsndfile reads: WAV, AIFF, CAF, AU, FLAC, Ogg Vorbis, Opus, MP3."""
    file = _open_soundfile(path)
    skip = _frames(offset, file.samplerate)
    if skip:
        skip = _seek(file, skip)
    frames = None if duration is None else _frames(duration, file.samplerate)
    blocks = _soundfile_blocks(file, skip, frames)
    if not offset and duration is None:
        blocks = _as_promised(file, blocks)
    return Stream(file.samplerate, blocks, file.close)


def _frames(seconds: float, sr: int) -> int:
    """Give whole frames, of which no recording has more than fit 63 bits."""
    return int(min(seconds * sr, 2.0**62))


def _as_promised(file: _Reader, blocks: Iterator[Block]) -> Iterator[Block]:
    """Pass on the blocks of a whole file, and notice if there are none but should be."""
    found = False
    for block in blocks:
        found = True
        yield block
    if not found and file.frames > 0:
        message = "its header promises sound, but none could be decoded"
        raise DecodeError("corrupt", message)


def _open_soundfile(path: str) -> _Reader:
    # A name that is not UTF-8 has surrogates, which soundfile takes as bytes only.
    name = path if os.name == "nt" else os.fsencode(path)
    try:
        return _Reader(name)
    except soundfile.LibsndfileError as why:
        reason = _reason(why)
        if why.code == _SYSTEM:
            raise DecodeError("unreadable", f"libsndfile: {reason}") from why
        # libsndfile says this of a regular file in which it found no frame of MPEG audio.
        unknown = why.code in (_UNRECOGNISED, _UNSUPPORTED) or "unimplemented" in reason
        if unknown or "not a regular file" in reason:
            message = "libsndfile does not know the format, or its encoding"
            raise DecodeError("unsupported", message) from why
        raise DecodeError("corrupt", f"libsndfile: {reason}") from why
    except (TypeError, ValueError) as why:
        # soundfile wants rate and channels for files named .raw, which have no header.
        raise DecodeError("unsupported", f"soundfile: {why}") from why


_UNRECOGNISED, _SYSTEM, _UNSUPPORTED = 1, 2, 4


def _seek(file: _Reader, frame: int) -> int:
    """Go to a frame, or as near as can be; give the number of frames left to skip."""
    try:
        file.seek(frame)
    except (soundfile.LibsndfileError, RuntimeError):
        # A wrong frame count in a header, or a damaged index: decode up to it instead.
        return frame
    return 0


def _soundfile_blocks(file: _Reader, skip: int, frames: int | None) -> Iterator[Block]:
    """Read blocks after the first `skip` frames, `frames` of them or all."""
    size = max(1, min(BLOCK_FRAMES, BLOCK_SAMPLES // file.channels))
    done = 0
    while frames is None or done < skip + frames:
        wanted = size if frames is None else min(size, skip + frames - done)
        block = np.empty((wanted, file.channels), np.float32)
        try:
            got = file.buffer_read_into(block, "float32")
        except (soundfile.LibsndfileError, RuntimeError) as why:
            seconds = done / file.samplerate
            message = f"decoding stopped after {seconds:.2f} s: {_reason(why)}"
            raise DecodeError("corrupt", message) from why
        if got > 0 and done + got > skip:
            yield block[max(0, skip - done) : got]
        done += got
        if got < wanted:
            break


def _reason(why: Exception) -> str:
    text = why.error_string if isinstance(why, soundfile.LibsndfileError) else str(why)
    return (
        text.removeprefix("Error : ")
        .replace("Unspecified internal error", "it gave up")
        .rstrip(".")
    )


DECODERS: tuple[Decoder, ...] = (_soundfile,)
"""The decoders, in the order in which they are tried."""
