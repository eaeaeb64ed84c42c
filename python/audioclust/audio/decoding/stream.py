"""A recording while it is decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Block: TypeAlias = "NDArray[np.float32]"
"""Samples of shape (frames, channels)."""

BLOCK_FRAMES = 65_536
"""Frames in a block: large, since plain Python between two blocks holds the GIL."""


BLOCK_SAMPLES = 8 * BLOCK_FRAMES
"""Samples in a block at most, all channels counted."""


@dataclass(frozen=True)
class Stream:
    """A recording while it is decoded, to be closed or used in a ``with`` statement.

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

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


Decoder: TypeAlias = Callable[[str, float, float | None], Stream]
"""Takes path, offset and duration in seconds.

It raises a DecodeError of kind "unsupported" to leave a file to the next decoder.
"""


def whole_frames(seconds: float, sr: int) -> int:
    """Give whole frames, of which no recording has more than fit 63 bits."""
    return int(min(seconds * sr, 2.0**62))
