"""How recordings are cut into windows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Windows(NamedTuple):
    """How recordings are cut: window `i` begins at ``i * hop`` and lasts `length` seconds."""

    length: float
    hop: float

    def number(self, duration: float) -> int:
        """Give the number of windows that a duration has room for."""
        room = (duration - self.length) / self.hop
        return max(0, 1 + math.floor(room + 1e-9))

    def frames(self, n: int, rate: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give, for `n` windows, the first frame centred in each and the first after it.

        `rate` is the number of frames in a second.
        """
        starts = np.arange(n) * self.hop
        edges = (starts * rate, (starts + self.length) * rate)
        first, last = (np.ceil(edge - 1e-6).astype(np.int64) for edge in edges)
        return first, last
