"""Short fades, so that a cut in a sound does not click."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FADE_SECONDS = 0.01
"""Length of the fades at both ends of a part."""


def fade_gains(
    at: NDArray[np.integer], start: int, stop: int, sr: int, seconds: float = FADE_SECONDS
) -> NDArray[np.float64]:
    """Give the gains of samples of a part that is faded in and out along half a cosine.

    Parameters
    ----------
    at : ndarray of shape (n,), int
        Which samples of the recording, from `start` to before `stop`.
    start, stop : int
        Where the part begins, and where it ends: the sample after its last.
    sr : int
        The sampling rate in Hz.
    seconds : float
        Length of each fade.

    Returns
    -------
    gains : ndarray of shape (n,), float64
        From 0 to 1, and 1 but for the fades. A part shorter than two fades is faded in over
        its first half and out over its second.
    """
    length = min(round(seconds * sr), (stop - start) // 2)
    from_edge = np.minimum(at - start, stop - 1 - at)
    rising = 0.5 - 0.5 * np.cos(np.pi * (from_edge + 0.5) / max(length, 1))
    return np.where(from_edge < length, rising, 1.0)
