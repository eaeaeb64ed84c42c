"""A recording: a file, or audio in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Audio: TypeAlias = "tuple[NDArray[np.floating[Any]], int]"
"""Samples of shape (n,) or (channels, n), and their rate in Hz."""


@dataclass(frozen=True, eq=False)
class Recording(ByValue):
    """A recording that can be decoded: a file, or audio in memory.

    Attributes
    ----------
    path : str
        The path of the file, or the name of the audio.
    audio : tuple of (ndarray, int), or None
        Samples in memory, of shape (n,) or (channels, n), and their rate in Hz; None for a
        file.
    """

    path: str
    audio: Audio | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it is read from, which no output may replace: none if in memory."""
        return (self.path,) if self.audio is None else ()
