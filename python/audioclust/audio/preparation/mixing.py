"""From the channels of a recording to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from audioclust.audio.decoding.stream import Block


def to_mono(block: Block) -> Block:
    """Average the channels of a block.

    Parameters
    ----------
    block : ndarray of shape (frames, channels), float32

    Returns
    -------
    y : ndarray of shape (frames,), float32
        The same numbers as librosa.to_mono's.
    """
    if block.shape[1] == 1:
        return np.ascontiguousarray(block[:, 0])
    if block.shape[1] == 2:
        # The same as NumPy's mean, which is slow over a short axis.
        mono = block[:, 0] + block[:, 1]
        mono *= np.float32(0.5)
        return mono
    return np.asarray(np.mean(block, axis=1))
