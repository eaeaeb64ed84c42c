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
from audioclust.audio.decoding.tags import WithoutTags, without_large_tags
from audioclust.errors import DecodeError

_UNRECOGNISED, _SYSTEM, _UNSUPPORTED = 1, 2, 4
"""libsndfile's numbers of errors: SF_ERR_UNRECOGNISED_FORMAT and so on."""


class _Reader(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read from front to back, without seeking between blocks.

    If a file is seekable, soundfile seeks after each block to where it already is. That changes
    what MP3 decodes to (by 2e-10, but silence consists of nothing else), costs time, and fails
    at the end of FLAC files whose header has no length.

    Parameters
    ----------
    path : str
        The file.
    source : WithoutTags or None
        What is read instead if the file has large tags; it is closed with this.
    """

    def __init__(self, path: str, source: WithoutTags | None) -> None:
        self._source = source
        # soundfile does not encode a name that is not UTF-8, but takes any name as bytes.
        name = path if os.name == "nt" else os.fsencode(path)
        try:
            super().__init__(name if source is None else source)
        except BaseException:
            self._close_source()
            raise

    def close(self) -> None:
        """Close the file."""
        super().close()
        self._close_source()

    def _close_source(self) -> None:
        if self._source is not None:
            self._source.close()

    def check_source(self) -> None:
        """Raise a DecodeError if the system did not let the file be read to its end."""
        error = None if self._source is None else self._source.error
        if error is not None:
            raise DecodeError("unreadable", error.strerror or str(error)) from error

    def seekable(self) -> bool:
        """Give False, so that soundfile does not seek."""
        return False


def open_soundfile(path: str, offset: float, duration: float | None) -> Stream:
    """Decode what libsndfile reads: WAV, AIFF, CAF, AU, FLAC, Ogg Vorbis, Opus, MP3.

    See :class:`audioclust.audio.decoding.decoders.Decoder`.
    """
    file = _open(path)
    skip = whole_frames(offset, file.samplerate)
    if skip:
        skip = _seek(file, skip)
    frames = None if duration is None else whole_frames(duration, file.samplerate)
    blocks = _soundfile_blocks(file, skip, frames)
    if not offset and duration is None:
        blocks = _as_promised(file, blocks)
    return Stream(file.samplerate, blocks, file.close, "libsndfile")


def _as_promised(file: _Reader, blocks: Iterator[Block]) -> Iterator[Block]:
    """Pass on the blocks of a whole file; without any, raise if its header has a length."""
    found = False
    for block in blocks:
        found = True
        yield block
    if not found and file.frames > 0:
        message = "its header promises sound, but none could be decoded"
        raise DecodeError("corrupt", message)


def _open(path: str) -> _Reader:
    try:
        source = without_large_tags(path)
    except OSError as why:
        raise DecodeError("unreadable", why.strerror or str(why)) from why
    try:
        return _Reader(path, source)
    except soundfile.LibsndfileError as why:
        reason = _reason(why)
        if why.code == _SYSTEM:
            raise DecodeError("unreadable", f"libsndfile: {reason}") from why
        # "not a regular file" means here that it found no frame of MPEG audio in the file.
        unknown = why.code in (_UNRECOGNISED, _UNSUPPORTED) or "unimplemented" in reason
        if unknown or "not a regular file" in reason:
            message = "libsndfile does not know the format, or its encoding"
            raise DecodeError("unsupported", message) from why
        raise DecodeError("corrupt", f"libsndfile: {reason}") from why
    except (TypeError, ValueError) as why:
        # For files named .raw, which have no header, soundfile requires rate and channels.
        raise DecodeError("unsupported", f"soundfile: {why}") from why


def _seek(file: _Reader, frame: int) -> int:
    """Go to a frame, and give 0; or give the number of frames to skip by decoding them."""
    try:
        file.seek(frame)
    except (soundfile.LibsndfileError, RuntimeError):
        # The header's frame count is wrong, or an index is damaged.
        return frame
    return 0


def _soundfile_blocks(file: _Reader, skip: int, frames: int | None) -> Iterator[Block]:
    """Give blocks of the `frames` frames after the first `skip`, or of all after these."""
    size = max(1, min(BLOCK_FRAMES, BLOCK_SAMPLES // file.channels))
    done = 0
    while frames is None or done < skip + frames:
        wanted = size if frames is None else min(size, skip + frames - done)
        block = np.empty((wanted, file.channels), np.float32)
        try:
            got = file.buffer_read_into(block, "float32")
        except (soundfile.LibsndfileError, RuntimeError) as why:
            file.check_source()
            seconds = done / file.samplerate
            message = f"decoding stopped after {seconds:.2f} s: {_reason(why)}"
            raise DecodeError("corrupt", message) from why
        if got > 0 and done + got > skip:
            yield block[max(0, skip - done) : got]
        done += got
        if got < wanted:
            file.check_source()
            break


def _reason(why: Exception) -> str:
    """Give libsndfile's or soundfile's message in words that fit into a sentence."""
    text = why.error_string if isinstance(why, soundfile.LibsndfileError) else str(why)
    return (
        text.removeprefix("Error : ")
        .replace("Unspecified internal error", "it gave up")
        .rstrip(".")
    )
