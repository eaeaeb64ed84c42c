"""Spans of recordings, joined with short fades and written as one sound file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.fading import fade_gains
from audioclust.audio.preparation.mixing import to_mono
from audioclust.audio.preparation.resampling import Resampler
from audioclust.audio.reading import no_samples
from audioclust.audio.writing import sound_file

if TYPE_CHECKING:
    from audioclust.audio.decoding.stream import Block
    from audioclust.audio.recording import Recording
    from audioclust.audio.spans import Span
    from audioclust.utils.types import Path


def write_spans(recordings: Sequence[Recording], spans: Sequence[Span], path: Path) -> None:
    """Write spans one after the other, a block at a time.

    The file has the rate and the number of channels of the first recording that has a span.
    Others are resampled; one with another number of channels is averaged to one channel, which
    is copied to all.

    Parameters
    ----------
    recordings : sequence of Recording
        They are written in this order.
    spans : sequence of Span
        At least one. Those of a recording are in the order of time and do not overlap.
    path : str or os.PathLike
        Where to; the suffix names the format.

    Raises
    ------
    ParameterError
        If the suffix is not that of a format that libsndfile writes, or `path` is one of the
        recordings.
    DecodeError
        If a recording cannot be read any more.
    OSError
        If the file cannot be written.
    """
    by_path: dict[str, list[Span]] = {}
    for span in spans:
        by_path.setdefault(span.path, []).append(span)
    chosen = [recording for recording in recordings if recording.path in by_path]
    sr, channels = _rate_and_channels(chosen[0])
    files = [path for recording in recordings for path in recording.files]
    with sound_file(path, sr, channels, inputs=files) as write:
        for recording in chosen:
            for block in _converted(recording, by_path[recording.path], sr, channels):
                write(block)


def _rate_and_channels(recording: Recording) -> tuple[int, int]:
    """Give the rate of a recording in Hz, and its number of channels."""
    with open_stream(recording) as stream:
        first = next(stream.blocks, None)
        if first is None:
            raise no_samples()
        return stream.sr, first.shape[1]


def _converted(
    recording: Recording, spans: Sequence[Span], sr: int, channels: int
) -> Iterator[Block]:
    """Decode the spans of a recording to a rate and a number of channels."""
    with open_stream(recording) as stream:
        parts = _cut_out(stream.blocks, spans, stream.sr)
        shaped = (_with_channels(part, channels) for part in parts)
        resampler = Resampler(stream.sr, sr, channels=channels)
        one = channels == 1
        for part in shaped:
            for y in resampler.push(part[:, 0] if one else part):
                yield y.reshape(-1, channels)
        for y in resampler.finish():
            yield y.reshape(-1, channels)


def _with_channels(block: Block, channels: int) -> Block:
    """Give a block as it is if it has so many channels, else their mean in each."""
    if block.shape[1] == channels:
        return block
    return np.repeat(to_mono(block)[:, None], channels, axis=1)


def _cut_out(blocks: Iterator[Block], spans: Sequence[Span], sr: int) -> Iterator[Block]:
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
