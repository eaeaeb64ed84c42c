"""Decoding by FFmpeg's libraries, which PyAV brings along: the last resort.

It is the extra ``audioclust[ffmpeg]``, and reads nearly all there is.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import av
import numpy as np

from audioclust.audio.decoding.formats import UNKNOWN
from audioclust.audio.decoding.stream import (
    Block,
    Request,
    Stream,
    block_frames,
    whole_frames,
)
from audioclust.audio.decoding.tags import WithoutTags
from audioclust.errors import DecodeError, ErrorKind, ItemWarning

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BUFFER = 2**18
"""How many bytes are read of a file at a time."""

_NO_OTHER_FILES = {"protocol_whitelist": "none"}
"""Playlists and the like may name other files, or addresses, which are not opened."""


class _Frame(NamedTuple):
    """Samples as they were decoded."""

    y: Block
    sr: int


def open_ffmpeg(request: Request) -> Stream:
    """Decode what FFmpeg reads.

    See :class:`audioclust.audio.decoding.stream.Decoder`.
    """
    path = request.local()
    try:
        # PyAV prints exceptions that reading raises, and this raises none.
        file = WithoutTags(io.FileIO(path), request.tags_end)
    except OSError as why:
        raise DecodeError("unreadable", why.strerror or str(why)) from why
    warnings: list[ItemWarning] = []
    with contextlib.ExitStack() as opened:
        opened.callback(file.close)
        container = _opened(file, request)
        opened.callback(container.close)
        frames = _frames(container, file, warnings)
        # Some streams, such as HE-AAC, have another rate than their header says.
        first = next(frames, None)
        if first is None:
            raise DecodeError("corrupt", "no sound could be decoded")
        blocks = _part(_blocks(first, frames), first.sr, request)
        return Stream(first.sr, blocks, opened.pop_all().close, "FFmpeg", warnings)


def _opened(file: WithoutTags, request: Request) -> Any:
    """Open a file's container, in which there is sound."""
    try:
        container: Any = av.open(
            file, metadata_errors="ignore", options=_NO_OTHER_FILES, buffer_size=_BUFFER
        )
    except (av.FFmpegError, ValueError) as why:
        kind: ErrorKind = "unsupported" if request.format == UNKNOWN else "corrupt"
        raise _decode_error(why, file, kind) from why
    if not container.streams.audio:
        container.close()
        raise DecodeError("unsupported", "there is no sound in it")
    if container.streams.audio[0].codec_context is None:
        container.close()
        raise DecodeError("unsupported", "its codec is not known")
    return container


def _frames(container: Any, file: WithoutTags, warnings: list[ItemWarning]) -> Iterator[_Frame]:
    """Give the frames of the first stream of sound; leave out packets that are damaged."""
    stream = container.streams.audio[0]
    damaged = 0
    try:
        # Files are worked on in threads already.
        stream.codec_context.thread_count = 1
        for packet in container.demux(stream):
            try:
                decoded = packet.decode()
            except av.error.InvalidDataError:
                damaged += 1
                continue
            for frame in decoded:
                yield _Frame(_as_floats(frame), frame.sample_rate)
    except av.error.EOFError:
        pass
    except (av.FFmpegError, ValueError) as why:
        raise _decode_error(why, file, "corrupt") from why
    if file.error is not None:
        raise _decode_error(file.error, file, "unreadable")
    if damaged:
        packets = "packet is" if damaged == 1 else "packets are"
        message = f"{damaged} {packets} damaged and left out"
        warnings.append(ItemWarning("partial", message))


def _as_floats(frame: Any) -> Block:
    """Give the samples of a frame of any kind, as (frames, channels)."""
    samples: NDArray[Any] = frame.to_ndarray()
    shape = (-1, len(frame.layout.channels))
    y = samples.T if frame.format.is_planar else samples.reshape(shape)
    if y.dtype.kind == "f":
        return np.ascontiguousarray(y, np.float32)
    middle = 2 ** (8 * y.dtype.itemsize - 1)
    # In double precision, so that 32 bits are rounded once.
    centered = y - float(middle) if y.dtype.kind == "u" else y.astype(np.float64)
    return np.asarray(centered / middle, np.float32)


def _blocks(first: _Frame, frames: Iterator[_Frame]) -> Iterator[Block]:
    """Join frames to blocks."""
    channels = first.y.shape[1]
    waiting, n_waiting = [first.y], len(first.y)
    failure: DecodeError | None = None
    try:
        for frame in frames:
            if frame.sr != first.sr or frame.y.shape[1] != channels:
                message = "its sampling rate or its number of channels changes"
                failure = DecodeError("corrupt", message)
                break
            waiting.append(frame.y)
            n_waiting += len(frame.y)
            if n_waiting >= block_frames(channels):
                yield np.concatenate(waiting)
                waiting, n_waiting = [], 0
    except DecodeError as why:
        failure = why
    if n_waiting:
        yield np.concatenate(waiting)
    if failure is not None:
        raise failure


def _part(blocks: Iterator[Block], sr: int, request: Request) -> Iterator[Block]:
    """Give the part that was asked for. FFmpeg does not seek to exact samples."""
    start, at = whole_frames(request.offset, sr), 0
    end = None if request.duration is None else start + whole_frames(request.duration, sr)
    for block in blocks:
        piece = block[max(0, start - at) : None if end is None else max(0, end - at)]
        at += len(block)
        yield piece
        if end is not None and at >= end:
            return


def _decode_error(why: Exception, file: WithoutTags, kind: ErrorKind) -> DecodeError:
    """Give an error of FFmpeg as one of ours, or why the file could not be read."""
    if file.error is not None:
        why, kind = file.error, "unreadable"
    text = str(getattr(why, "strerror", None) or why)
    return DecodeError(kind, "it finds invalid data" if text.startswith("Invalid") else text)
