"""Parts of recordings, joined with short fades and written as one sound file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import soundfile
import soxr

from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.preparation import to_mono
from audioclust.audio.writing import sound_file
from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_path

if TYPE_CHECKING:
    from audioclust.audio.decoding.stream import Block
    from audioclust.audio.recording import Recording
    from audioclust.audio.spans import Span
    from audioclust.utils.types import Path


FADE = 0.01
"""Length of the fades at both ends of each part, in seconds."""


def write_spans(recordings: Sequence[Recording], spans: Sequence[Span], path: Path) -> None:
    """Write spans one after the other, in the order of the recordings, a block at a time.

    The file has the rate and the number of channels of the first recording that has a span.
    Others are resampled; one with another number of channels is averaged to one and copied.
    """
    target = check_path("path", path)
    suffix = os.path.splitext(target)[1][1:].upper()
    known = {"OGA": "OGG", "OPUS": "OGG", "AIF": "AIFF"}.get(suffix, suffix)
    if known not in soundfile.available_formats():
        raise ParameterError(f"path={target!r}: expected a suffix such as .wav, .flac or .ogg")
    by_path: dict[str, list[Span]] = {}
    for span in spans:
        by_path.setdefault(span.path, []).append(span)
    chosen = [recording for recording in recordings if recording.path in by_path]
    sr, channels = _shape(chosen[0])
    subtype = "OPUS" if suffix == "OPUS" else None
    with sound_file(target, known, subtype, sr, channels) as write:
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
                gains = fade(np.arange(low, high), start, stop, sr)
                yield block[low - at : high - at] * gains[:, None]
        at = end


def fade(at: np.ndarray, start: int, stop: int, sr: int) -> np.ndarray:
    """Give the gain of samples of a part from `start` to before `stop`: 0 at its outermost."""
    length = max(1, min(round(FADE * sr), (stop - start) // 2))
    inside = np.minimum(at - start, stop - 1 - at) / length
    return np.asarray(np.clip(inside, 0, 1), np.float32)
