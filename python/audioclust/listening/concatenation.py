"""Parts of recordings, joined with short fades and written as one sound file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import soxr

from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.fading import fade_gains
from audioclust.audio.preparation import to_mono
from audioclust.audio.writing import sound_file

if TYPE_CHECKING:
    from audioclust.audio.decoding.stream import Block
    from audioclust.audio.recording import Recording
    from audioclust.audio.spans import Span
    from audioclust.utils.types import Path


def write_spans(recordings: Sequence[Recording], spans: Sequence[Span], path: Path) -> None:
    """Write spans one after the other, in the order of the recordings, a block at a time.

    The file has the rate and the number of channels of the first recording that has a span.
    Others are resampled; one with another number of channels is averaged to one and copied.
    """
    by_path: dict[str, list[Span]] = {}
    for span in spans:
        by_path.setdefault(span.path, []).append(span)
    chosen = [recording for recording in recordings if recording.path in by_path]
    sr, channels = _shape(chosen[0])
    inputs = [recording.path for recording in recordings if recording.audio is None]
    with sound_file(path, sr, channels, inputs=inputs) as write:
        for recording in chosen:
            for block in _converted(recording, by_path[recording.path], sr, channels):
                write(block)


def _shape(recording: Recording) -> tuple[int, int]:
    """Give rate and number of channels."""
    stream = open_stream(recording)
    try:
        return stream.sr, next(stream.blocks).shape[1]
    finally:
        stream.close()


def _converted(
    recording: Recording, spans: Sequence[Span], sr: int, channels: int
) -> Iterator[Block]:
    stream = open_stream(recording)
    try:
        parts = _parts(stream.blocks, spans, stream.sr)
        shaped = (_with_channels(part, channels) for part in parts)
        if stream.sr == sr:
            yield from shaped
            return
        resampler = soxr.ResampleStream(stream.sr, sr, channels, dtype="float32", quality="HQ")
        for part in shaped:
            yield resampler.resample_chunk(part).reshape(-1, channels)
        last = np.empty((0, channels), np.float32)
        yield resampler.resample_chunk(last, last=True).reshape(-1, channels)
    finally:
        stream.close()


def _with_channels(block: Block, channels: int) -> Block:
    if block.shape[1] == channels:
        return block
    return np.repeat(to_mono(block)[:, None], channels, axis=1)


def _parts(blocks: Iterator[Block], spans: Sequence[Span], sr: int) -> Iterator[Block]:
    """Cut spans, which are in order and do not overlap, out of blocks, with fades."""
    edges = [(round(span.start * sr), round(span.end * sr)) for span in spans]
    at = first = 0
    for block in blocks:
        end = at + len(block)
        while first < len(edges) and edges[first][1] <= at:
            first += 1
        for start, stop in edges[first:]:
            if start >= end:
                break
            low, high = max(start, at), min(stop, end)
            if low < high:
                gains = fade_gains(np.arange(low, high), start, stop, sr).astype(np.float32)
                yield block[low - at : high - at] * gains[:, None]
        at = end
