"""Items, the unit of everything, and spans, which have a label."""

from __future__ import annotations

from typing import NamedTuple


class Item(NamedTuple):
    """A stretch of sound, the unit of everything: a whole file, a window, a drum hit.

    Attributes
    ----------
    path : str
        The file, or the name of audio in memory.
    start, end : float
        Where it starts and ends in the recording, in seconds.
    """

    path: str
    start: float
    end: float


SILENCE = -1
"""The label of silence, where it has one of its own; as text it is "silence"."""


class Span(NamedTuple):
    """A stretch of a recording that has one label.

    Attributes
    ----------
    path : str
        The file, or the name of audio in memory.
    start, end : float
        In seconds.
    label : int
        Its cluster, or -1 for silence.
    """

    path: str
    start: float
    end: float
    label: int

    @property
    def duration(self) -> float:
        """Its length in seconds."""
        return self.end - self.start


class Extent(NamedTuple):
    """What exports need to know of a recording.

    Attributes
    ----------
    path : str
        As in its spans.
    duration : float
        In seconds.
    sr : int
        Its sampling rate in Hz.
    """

    path: str
    duration: float
    sr: int


def name_of(label: int) -> str:
    """Give a label as text."""
    return "silence" if label == SILENCE else str(label)
