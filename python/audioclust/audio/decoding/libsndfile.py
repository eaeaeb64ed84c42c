"""Decoding by libsndfile."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import soundfile

from audioclust.audio.decoding.stream import (
    BLOCK_FRAMES,
    BLOCK_SAMPLES,
    Block,
    Stream,
    whole_frames,
)
from audioclust.errors import DecodeError


class Reader(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read from front to back.

    After each block soundfile seeks to where it already is, if the file is seekable. That
    disturbs MP3 decoding (by 2e-10, but in silence that is all there is), costs time, and
    fails at the end of FLAC files whose header has no length.
    """

    def seekable(self) -> bool:
        """Say that it is not, so that soundfile does not seek."""
        return False


def open_soundfile(path: str, offset: float, duration: float | None) -> Stream:
    """Decode what libsndfile reads: WAV, AIFF, CAF, AU, FLAC, Ogg Vorbis, Opus, MP3."""
    file = _open(path)
    skip = whole_frames(offset, file.samplerate)
    if skip:
        skip = _seek(file, skip)
    frames = None if duration is None else whole_frames(duration, file.samplerate)
    blocks = _soundfile_blocks(file, skip, frames)
    if not offset and duration is None:
        blocks = _as_promised(file, blocks)
    return Stream(file.samplerate, blocks, file.close)


def _as_promised(file: Reader, blocks: Iterator[Block]) -> Iterator[Block]:
    """Pass on the blocks of a whole file, and notice if there are none but should be."""
    found = False
    for block in blocks:
        found = True
        yield block
    if not found and file.frames > 0:
        message = "its header promises sound, but none could be decoded"
        raise DecodeError("corrupt", message)


def _open(path: str) -> Reader:
    # A name that is not UTF-8 has surrogates, which soundfile takes as bytes only.
    name = path if os.name == "nt" else os.fsencode(path)
    try:
        return Reader(name)
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


def _seek(file: Reader, frame: int) -> int:
    """Go to a frame, or as near as can be; give the number of frames left to skip."""
    try:
        file.seek(frame)
    except (soundfile.LibsndfileError, RuntimeError):
        # A wrong frame count in a header, or a damaged index: decode up to it instead.
        return frame
    return 0


def _soundfile_blocks(file: Reader, skip: int, frames: int | None) -> Iterator[Block]:
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
