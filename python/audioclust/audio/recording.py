"""Something to decode."""

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
    """A file, or audio that is in memory already.

    Attributes
    ----------
    path : str
        The file, or the name of the audio.
    audio : tuple of ndarray and int, or None
        The samples and their rate in Hz, if they are in memory.
    """

    path: str
    audio: Audio | None = None
