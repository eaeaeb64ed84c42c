"""The windows that recordings are cut into."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Windows:
    """Windows of equal length at equal distances.

    Window `i` begins at ``i * hop`` and ends at ``i * hop + length``.

    Attributes
    ----------
    length : float
        Length of a window, in seconds.
    hop : float
        Distance from the start of one window to the start of the next, in seconds.
    """

    length: float
    hop: float

    def count(self, duration: float) -> int:
        """Give the number of windows that fit into a recording of `duration` seconds."""
        room = (duration - self.length) / self.hop
        # A recording that is exactly as long as its windows must not lose one to rounding.
        return max(0, 1 + math.floor(room + 1e-9))

    def bounds(self, n: int) -> list[tuple[float, float]]:
        """Give start and end of the first `n` windows, in seconds."""
        return [(i * self.hop, i * self.hop + self.length) for i in range(n)]

    def frame_bounds(self, n: int, rate: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give, for the first `n` windows, which frames are centred in each.

        Parameters
        ----------
        n : int
            Number of windows.
        rate : float
            Number of frames in a second.

        Returns
        -------
        first, stop : ndarray of shape (n,), int64
            The first frame in each window, and the first after it.
        """
        starts = np.arange(n) * self.hop
        edges = (starts * rate, (starts + self.length) * rate)
        first, stop = (np.ceil(edge - 1e-6).astype(np.int64) for edge in edges)
        return first, stop

    def middle_frames(self, n: int, rate: float) -> NDArray[np.int64]:
        """Give, for the first `n` windows, the frame nearest to the middle of each."""
        middles = np.arange(n) * self.hop + self.length / 2
        return np.asarray(np.rint(middles * rate), np.int64)


# Pickles name it by where users find it, and so survive a move to another module.
Windows.__module__ = "audioclust"
