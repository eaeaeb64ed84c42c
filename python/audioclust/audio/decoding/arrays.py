"""Audio in memory, as a decoder gives it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.decoding.stream import BLOCK_FRAMES, Block, Stream, whole_frames

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.recording import Audio


def open_array(audio: Audio, offset: float, duration: float | None) -> Stream:
    """Give samples in memory in blocks, as decoders give files."""
    y, sr = audio
    return Stream(sr, _blocks(y, sr, offset, duration), lambda: None)


def _blocks(
    y: NDArray[np.floating], sr: int, offset: float, duration: float | None
) -> Iterator[Block]:
    frames = np.atleast_2d(y).T
    start = whole_frames(offset, sr)
    end = len(frames)
    if duration is not None:
        end = min(end, start + whole_frames(duration, sr))
    for at in range(start, end, BLOCK_FRAMES):
        # A number too large for single precision becomes infinite, and is reported later.
        with np.errstate(over="ignore"):
            block = frames[at : min(end, at + BLOCK_FRAMES)].astype(np.float32)
        yield block
