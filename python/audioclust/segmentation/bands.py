"""One recording to the bands, and then the columns, of features that share an analysis.

MFCC and spectral contrast ignore what is more than 80 dB below the loudest part of the whole
recording. How loud that is, is known only at the recording's end. Features are therefore
computed in two passes:

1. While the recording is decoded, each frame becomes *bands*: the levels in decibels that a
   feature is made of, without a lower limit. They are kept in a :class:`FrameStore`, which goes
   on disk if they are many.
2. At the end the limit is known. The bands are read back, limited, and turned into *columns*,
   which are the values of the feature.

Decoding twice instead would need no disk, but decoding takes most of the time.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audioclust import _core
from audioclust.audio.preparation.resampling import Resampler
from audioclust.extraction.analysis import Analysis
from audioclust.segmentation.frame_store import FrameStore
from audioclust.utils.threads import Cancelled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from audioclust.audio.decoding.stream import Block


@dataclass(frozen=True)
class FeatureGroup:
    """Features that share an analysis, and so their frames.

    Attributes
    ----------
    analysis : Analysis
        How the signal is cut into frames.
    names : tuple of str
        The features that are computed.
    averaged : tuple of int
        Which of their columns windows have the means of.
    window_columns : tuple of int
        Where in a window's row each of these means is.
    """

    analysis: Analysis
    names: tuple[str, ...]
    averaged: tuple[int, ...]
    window_columns: tuple[int, ...]

    @property
    def column_names(self) -> list[str]:
        """The names of all columns of the group."""
        return _core.column_names(list(self.names), ["mean"])

    def frame_rate(self, sr: int) -> float:
        """Give the number of frames in a second, for a recording of `sr` Hz."""
        return (self.analysis.sr or sr) / self.analysis.hop_length


@functools.lru_cache(maxsize=16)
def _core_plan(analysis: Analysis, names: tuple[str, ...], sr: int) -> _core.Plan:
    """Give the filters and tables of a group, which recordings of one rate share."""
    return _core.Plan([(name, analysis.for_rate(sr)) for name in names], ["mean"])


class GroupBands:
    """The bands of one recording for one group of features.

    Parameters
    ----------
    group : FeatureGroup
        What to compute.
    sr : int
        The recording's own sampling rate in Hz.
    """

    def __init__(self, group: FeatureGroup, sr: int) -> None:
        self.group = group
        rate = group.analysis.sr or sr
        self._resampler = Resampler(sr, rate)
        self._bands = _core.Bands(_core_plan(group.analysis, group.names, rate))
        self._store = FrameStore(self._bands.n_bands)

    @property
    def n_frames(self) -> int:
        """The number of frames so far."""
        return self._store.n_rows

    def push(self, y: Block) -> Iterator[None]:
        """Take in samples of one channel, a piece at each step of the iterator."""
        for piece in self._resampler.push(y):
            self._store.append(self._bands.push(piece))
            yield

    def finish(self) -> _core.Projection:
        """End the recording, and give what turns its bands into columns."""
        for piece in self._resampler.finish():
            self._store.append(self._bands.push(piece))
        rows, projection = self._bands.finish()
        self._store.append(rows)
        return projection

    def columns(
        self, projection: _core.Projection, stop: threading.Event
    ) -> Iterator[NDArray[np.float32]]:
        """Give the columns of all frames, a block of frames at a time.

        Raises
        ------
        Cancelled
            When `stop` is set.
        """
        for _, bands in self._store.blocks():
            if stop.is_set():
                raise Cancelled
            yield projection.columns(bands)

    def close(self) -> None:
        """Release the memory, or delete the file, that the bands take up."""
        self._store.close()
