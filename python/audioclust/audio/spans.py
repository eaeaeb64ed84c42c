"""Items and spans: parts of recordings without and with a label."""

from __future__ import annotations

import os
from typing import NamedTuple

from audioclust.errors import DecodeError


class Item(NamedTuple):
    """A whole recording, or a part of one, such as a window or a drum hit.

    Items are what features are computed of, and what is clustered, exported and played.

    Attributes
    ----------
    path : str
        The path of the file, or the name of audio in memory.
    start, end : float
        Start and end of the item in the recording, in seconds. An item that goes to the end of
        a recording whose length is not known ends at infinity, which JSON has as null.
    """

    path: str
    start: float
    end: float

    def within(self, folder: str | None) -> Item:
        """Give the same item with a path that is valid in any folder.

        Parameters
        ----------
        folder : str or None
            The folder that relative paths belong to; None if the sound was in memory.

        Raises
        ------
        DecodeError
            If the sound was in memory: only its features are kept.
        """
        if folder is None:
            raise DecodeError("unreadable", IN_MEMORY)
        return self._replace(path=os.path.join(folder, self.path))


IN_MEMORY = "it was given in memory, and only its features are kept"
"""Why a sound that was clustered cannot be heard."""

SILENCE = -1
"""The label of silence in segmentations that tell it apart. As text it is "silence"."""


class Span(NamedTuple):
    """A part of a recording with a label.

    Attributes
    ----------
    path : str
        The path of the file, or the name of audio in memory.
    start, end : float
        Start and end of the span in the recording, in seconds.
    label : int
        The number of its cluster, or -1 for silence.
    """

    path: str
    start: float
    end: float
    label: int

    @property
    def duration(self) -> float:
        """The length of the span in seconds."""
        return self.end - self.start


class Extent(NamedTuple):
    """A recording's length and rate.

    Attributes
    ----------
    path : str
        The path of the file, or the name of audio in memory, as in its spans.
    duration : float
        Its length in seconds.
    sr : int
        Its own sampling rate in Hz.
    """

    path: str
    duration: float
    sr: int


def name_of(label: int) -> str:
    """Give a label as text: its number, or "silence"."""
    return "silence" if label == SILENCE else str(label)
