"""Short fades, without which a cut would be heard as a click."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


FADE_SECONDS = 0.01
"""Length of the fades at both ends of a part, in seconds."""


def faded(y: NDArray[np.floating], sr: int) -> NDArray[np.float64]:
    """Give samples that rise from silence and fall back to it, each along half a cosine.

    Parameters
    ----------
    y : ndarray of shape (n,), float32 or float64
        The samples. Of a sound shorter than two fades each half is one fade.
    sr : int
        Their rate in Hz.

    Returns
    -------
    ndarray of shape (n,), float64
    """
    n = min(round(FADE_SECONDS * sr), len(y) // 2)
    ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / max(n, 1))
    shaped = y.astype(np.float64)
    shaped[:n] *= ramp
    shaped[len(y) - n :] *= ramp[::-1]
    return shaped


def linear_gains(
    positions: NDArray[np.int64], start: int, stop: int, sr: int
) -> NDArray[np.float32]:
    """Give the gain of some samples of a part that is read block by block.

    Parameters
    ----------
    positions : ndarray of shape (n,), int64
        Positions of the samples in the recording, from `start` to before `stop`.
    start, stop : int
        The first sample of the part, and the one after its last.
    sr : int
        Sampling rate in Hz.

    Returns
    -------
    ndarray of shape (n,), float32
        0 at both ends of the part, 1 from a fade's length inside, linear in between.
    """
    length = max(1, min(round(FADE_SECONDS * sr), (stop - start) // 2))
    inside = np.minimum(positions - start, stop - 1 - positions) / length
    return np.asarray(np.clip(inside, 0, 1), np.float32)
