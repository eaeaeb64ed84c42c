"""Which frames of a recording say something: not silence, a pause, or background noise.

Frames that are not active belong to no voice. They must not shape a label, or noise between
turns becomes a label of its own and two voices become one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


SILENT_DB = 60.0
"""A frame this far below the recording's loudest frame is not active."""


PAUSE_DB = 25.0
"""Nor is one this far below the loudest frame around it.

That is measured nearby, since one speaker may be 20 dB louder than another.
"""


AROUND = 1.5
"""How far that is to either side, in seconds: farther than most pauses are long."""


QUIETEST = 3.0
"""The level that this percentage of frames do not exceed is that of the background."""


NOISE_RANGE_DB = 25.0
"""The background counts as noise if it is at least this far below the loud parts.

Music and steady sounds, which have no pauses, have a smaller range.
"""


ABOVE_NOISE_DB = 8.0
"""Frames must be this far above the background noise to be active."""


def active_frames(levels: NDArray[np.float32], frame_rate: float) -> NDArray[np.bool_]:
    """Tell which frames are active, from their levels.

    Parameters
    ----------
    levels : ndarray of shape (n_frames,), float32
        Root mean square of each frame; at least one is above 0.
    frame_rate : float
        Number of frames in a second.

    Returns
    -------
    active : ndarray of shape (n_frames,), bool
        At least the loudest frame is active.
    """
    decibels = 20 * np.log10(np.maximum(levels, np.float32(1e-10)))
    audible = decibels > decibels.max() - SILENT_DB
    nearby = _largest_around(decibels, round(AROUND * frame_rate))
    active = audible & (decibels > nearby - PAUSE_DB)
    # Without digital silence, which would pass for the background.
    background, loud = np.percentile(decibels[audible], [QUIETEST, 95])
    if loud - background > NOISE_RANGE_DB:
        active &= decibels > background + ABOVE_NOISE_DB
    return np.asarray(active, np.bool_)


def _largest_around(values: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Give, for each value, the largest of those at most `reach` places away."""
    n = len(values)
    reach = min(reach, n - 1)
    padded = np.pad(values, reach, constant_values=-np.inf)
    # The largest of the next `width` values; twice as many at each step.
    largest, width, wanted = padded, 1, 2 * reach + 1
    while 2 * width <= wanted:
        largest = np.maximum(largest[:-width], largest[width:])
        width *= 2
    rest = wanted - width
    return np.maximum(largest[:n], largest[rest : rest + n])
