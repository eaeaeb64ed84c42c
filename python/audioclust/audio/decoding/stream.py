"""A recording that is being decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from audioclust.errors import ItemWarning

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Block: TypeAlias = "NDArray[np.float32]"
"""Samples of shape (frames, channels)."""

BLOCK_FRAMES = 65_536
"""Frames in a block. Blocks are large because Python holds the GIL between two of them."""

BLOCK_SAMPLES = 8 * BLOCK_FRAMES
"""Largest number of samples in a block, all channels counted."""


@dataclass(frozen=True)
class Stream:
    """A recording that is being decoded; to be used in a ``with`` statement.

    Attributes
    ----------
    sr : int
        Its sampling rate in Hz.
    blocks : iterator of ndarray of shape (frames, channels), float32
        Its samples. Advancing it raises a DecodeError where decoding fails.
    close : callable
        Releases what the decoder holds, such as an open file.
    decoder : str or None
        The name of the decoder; None for audio in memory.
    warnings : list of ItemWarning
        What the decoder noticed so far; complete when there are no more blocks.
    """

    sr: int
    blocks: Iterator[Block]
    close: Callable[[], None]
    decoder: str | None = None
    warnings: list[ItemWarning] = field(default_factory=list)

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def whole_frames(seconds: float, sr: int) -> int:
    """Give the number of whole frames in some seconds, at most 2**62.

    No recording is longer, and libsndfile counts frames in 63 bits.
    """
    return int(min(seconds * sr, 2.0**62))
