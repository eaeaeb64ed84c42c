"""Frames taken evenly from a recording while it goes by, as the columns of a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Measure: TypeAlias = "Callable[[NDArray[np.float32]], NDArray[np.float32]]"
"""Gives, of frames one after the other, (n_bands, n_frames)."""

PER_COLUMN = 8
"""Frames of each column, at most: so an hour costs little more than a minute."""

_AT_ONCE = 256
"""Frames that are measured together."""


class FrameColumns:
    """The mean of some frames in each of equal parts of a recording.

    Frames lie evenly. Each is as long as the measure says, and is centred in its place; what
    would be before the start or after the end is silence.

    Parameters
    ----------
    measure : callable
        What is measured of frames.
    n_fft : int
        The length of a frame in samples.
    n_samples : int
        The length of the recording in samples.
    n_columns : int
        The number of columns, at most: a recording has no more than samples.
    """

    def __init__(self, measure: Measure, n_fft: int, n_samples: int, n_columns: int) -> None:
        self._measure: Measure = measure
        self._n_fft: int = n_fft
        self._n_columns: int = max(1, min(n_columns, n_samples))
        each = min(PER_COLUMN, max(1, n_samples // (self._n_columns * n_fft)))
        places = np.arange(self._n_columns * each) + 0.5
        middles = (places * n_samples / len(places)).astype(np.int64)
        self._starts: NDArray[np.int64] = middles - n_fft // 2
        self._per_column: int = each
        self._done: list[NDArray[np.float32]] = []
        self._taken: int = 0

    def watched(self, blocks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """Give blocks of a signal as they are, and measure frames of them on the way."""
        before = self._n_fft
        kept = np.zeros(before, np.float32)
        at = -before  # The sample that `kept` begins with.
        for y in blocks:
            kept = np.concatenate([kept, y])
            self._take(kept, at)
            least = int(self._starts[self._taken]) if self._taken < len(self._starts) else at
            drop = min(max(0, least - at), len(kept))
            kept, at = kept[drop:], at + drop
            yield y
        missing = len(self._starts) - self._taken
        if missing:
            end = int(self._starts[-1]) + self._n_fft
            self._take(np.pad(kept, (0, max(0, end - at - len(kept)))), at)

    def columns(self) -> NDArray[np.float32]:
        """Give the mean of the frames of each column, of shape (n_bands, n_columns)."""
        frames = np.concatenate(self._done, axis=1)
        grouped = frames.reshape(len(frames), self._n_columns, self._per_column)
        means: NDArray[np.float32] = grouped.mean(axis=2)
        return means

    def _take(self, y: NDArray[np.float32], at: int) -> None:
        """Measure the frames that are wholly in `y`, which begins at sample `at`."""
        last = int(np.searchsorted(self._starts, at + len(y) - self._n_fft, "right"))
        while self._taken < last:
            chosen = self._starts[self._taken : min(last, self._taken + _AT_ONCE)] - at
            frames = y[chosen[:, np.newaxis] + np.arange(self._n_fft)]
            self._done.append(self._measure(frames.ravel()))
            self._taken += len(chosen)
