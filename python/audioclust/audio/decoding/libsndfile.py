"""Decoding by libsndfile."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import numpy as np
import soundfile

from audioclust.audio.decoding.promises import frames_by_header
from audioclust.audio.decoding.stream import (
    Block,
    Request,
    Stream,
    block_frames,
    frames_in_part,
    whole_frames,
)
from audioclust.audio.decoding.tags import WithoutTags, without_large_tags
from audioclust.errors import DecodeError

_UNRECOGNISED, _SYSTEM, _UNSUPPORTED = 1, 2, 4
"""libsndfile's numbers of errors: SF_ERR_UNRECOGNISED_FORMAT and so on."""

_SHORT = 256
"""Frames in a block where decoding fails."""


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
        What is read instead if the file has large tags or is elsewhere; it is closed with this.
    """

    def __init__(self, path: str, source: WithoutTags | None) -> None:
        self._source = source
        # soundfile does not encode a name that is not UTF-8, but takes any name as bytes.
        name = path if os.name == "nt" else os.fsencode(path)
        try:
            super().__init__(name if source is None else source)
        except BaseException as why:
            self._close_source()
            if source is not None and isinstance(why, soundfile.LibsndfileError):
                self.check_source()  # What could not be read is not what is in it.
            raise

    def close(self) -> None:
        """Close the file."""
        super().close()
        self._close_source()

    def _close_source(self) -> None:
        if self._source is not None:
            self._source.close()

    def check_source(self) -> None:
        """Raise a DecodeError if the file could not be read to its end, or what ended that."""
        if self._source is not None and self._source.interruption is not None:
            raise self._source.interruption
        error = None if self._source is None else self._source.error
        if error is not None:
            raise DecodeError("unreadable", error.strerror or str(error)) from error

    def seekable(self) -> bool:
        """Give False, so that soundfile does not seek."""
        return False


def open_soundfile(request: Request) -> Stream:
    """Decode what libsndfile reads: WAV, AIFF, CAF, AU, FLAC, Ogg Vorbis, Opus, MP3.

    See :class:`audioclust.audio.decoding.decoders.Decoder`.
    """
    file = _open(request)
    first = whole_frames(request.offset, file.samplerate)
    frames = None
    if request.duration is not None:
        frames = whole_frames(request.duration, file.samplerate)
    skip = _seek(file, first) if first else 0
    blocks = _soundfile_blocks(file, skip, frames)
    if not skip:
        blocks = _to_the_last_frame(request, first, blocks)
    promised = _promised(file, request, first, frames)
    return Stream(file.samplerate, blocks, file.close, "libsndfile", promised=promised)


def _promised(file: _Reader, request: Request, first: int, frames: int | None) -> int | None:
    """Give how many frames there are by the header, or None if that is not reliable.

    Of MPEG audio libsndfile gives an estimate, and of a FLAC file without a length 2**63 - 1.
    """
    if request.format in {"WAV", "AIFF"}:
        return frames_in_part(frames_by_header(request.opened, request.tags_end), first, frames)
    if file.format in {"MP3", "MPEG"} or "MPEG" in file.subtype or file.frames >= 2**62:
        return None
    return frames_in_part(file.frames, first, frames)


def _to_the_last_frame(
    request: Request, first: int, blocks: Iterator[Block]
) -> Iterator[Block]:
    """Pass on blocks, and where decoding fails also the frames just before that.

    Where libsndfile fails, soundfile does not tell how much of the block is decoded. So the
    file is decoded once more, in short blocks.
    """
    done = 0
    try:
        for block in blocks:
            done += len(block)
            yield block
    except DecodeError as why:
        if why.kind != "corrupt":
            raise
        with contextlib.closing(_open(request)) as again, contextlib.suppress(DecodeError):
            yield from _soundfile_blocks(again, first + done, None, size=_SHORT)
        raise


def _source_of(request: Request) -> WithoutTags | None:
    """Give what is read instead of a file: one that is elsewhere, or what follows its tags."""
    if request.remote is not None:
        return WithoutTags(request.remote.opened(), request.tags_end)
    return without_large_tags(request.path, request.tags_end)


def _open(request: Request) -> _Reader:
    try:
        source = _source_of(request)
    except OSError as why:
        raise DecodeError("unreadable", why.strerror or str(why)) from why
    try:
        return _Reader(request.path, source)
    except soundfile.LibsndfileError as why:
        reason = _reason(why)
        if why.code == _SYSTEM:
            raise DecodeError("unreadable", reason) from why
        # "not a regular file" means here that it found no frame of MPEG audio in the file.
        unknown = why.code in (_UNRECOGNISED, _UNSUPPORTED) or "unimplemented" in reason
        if unknown or "not a regular file" in reason:
            message = "it does not know the format, or its encoding"
            raise DecodeError("unsupported", message) from why
        raise DecodeError("corrupt", reason) from why
    except (TypeError, ValueError) as why:
        # For files named .raw, which have no header, soundfile requires rate and channels.
        raise DecodeError("unsupported", str(why)) from why


def _seek(file: _Reader, frame: int) -> int:
    """Go to a frame, and give 0; or give the number of frames to skip by decoding them."""
    try:
        file.seek(frame)
    except (soundfile.LibsndfileError, RuntimeError):
        # The header's frame count is wrong, or an index is damaged.
        return frame
    return 0


def _soundfile_blocks(
    file: _Reader, skip: int, frames: int | None, size: int | None = None
) -> Iterator[Block]:
    """Give blocks of the `frames` frames after the first `skip`, or of all after these.

    For what is skipped, they are empty.
    """
    longest = block_frames(file.channels)
    done = 0
    while frames is None or done < skip + frames:
        if done < skip:
            wanted = min(longest, skip - done)
        else:
            wanted = min(size or longest, longest if frames is None else skip + frames - done)
        block = np.empty((wanted, file.channels), np.float32)
        try:
            got = file.buffer_read_into(block, "float32")
        except (soundfile.LibsndfileError, RuntimeError) as why:
            file.check_source()
            raise DecodeError("corrupt", _reason(why)) from why
        yield block[: got if done >= skip else 0]
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
