"""How long recordings are, as far as that must be known."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import NamedTuple

from audioclust.audio.choosing.file_filter import FileFilter, LeftOut
from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.recording import Recording
from audioclust.utils.threads import Cancelled


class Heard(NamedTuple):
    """How much of a recording was decoded from its beginning.

    Attributes
    ----------
    seconds : float
        How much, in seconds.
    is_all : bool
        Whether that is all of it, so that this is its length; it may be longer otherwise.
    """

    seconds: float
    is_all: bool


NOTHING = Heard(0.0, is_all=False)
"""What is known of a recording that nobody has measured."""


class Outside(NamedTuple):
    """A recording that was left out, and how much of it was decoded to know that.

    Attributes
    ----------
    left_out : LeftOut
        Which recording, and why.
    heard : Heard
        How much was decoded.
    """

    left_out: LeftOut
    heard: Heard


def outside_of(files: FileFilter, path: str, heard: Heard) -> Outside | None:
    """Tell that a recording is outside of the bounds, if so much of it shows that."""
    left_out = files.left_out(path, heard.seconds)
    if left_out is None or (left_out.reason == "too short" and not heard.is_all):
        return None
    return Outside(left_out, heard)


def is_enough(files: FileFilter, heard: Heard) -> bool:
    """Tell whether nothing that comes later in a recording can put it outside of the bounds."""
    at_least = files.max_duration is None and heard.seconds >= (files.min_duration or 0.0)
    return heard.is_all or at_least


class OutsideBounds(Exception):  # noqa: N818 - nothing is wrong
    """Ends the work on a recording that is too short or too long.

    Attributes
    ----------
    outside : Outside
        Which one, and why.
    """

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self.outside = outside


@dataclass
class Length:
    """The length of a recording while it is decoded from its beginning.

    Attributes
    ----------
    path : str
        The recording.
    files : FileFilter
        How long it may be.
    n_frames : int
        How much of it was decoded.
    sr : int
        Its rate in Hz.
    ended : bool
        Whether that is all.
    """

    path: str
    files: FileFilter
    n_frames: int = 0
    sr: int = 1
    ended: bool = False

    @property
    def heard(self) -> Heard:
        """How much of it was decoded so far."""
        return Heard(self.n_frames / self.sr, self.ended)

    def add(self, n_frames: int, sr: int) -> None:
        """Count frames that were decoded.

        Raises
        ------
        OutsideBounds
            If the recording is too long.
        """
        self.n_frames += n_frames
        self.sr = sr
        self._check()

    def end(self) -> None:
        """Check the length of a recording that was decoded to its end.

        Raises
        ------
        OutsideBounds
            If it is too short.
        """
        self.ended = True
        self._check()

    def _check(self) -> None:
        outside = outside_of(self.files, self.path, self.heard)
        if outside is not None:
            raise OutsideBounds(outside)


def check_length(recording: Recording, length: Length, stop: threading.Event) -> None:
    """Decode a recording as far as needed to know whether it is too short or too long.

    Parameters
    ----------
    recording : Recording
        What is decoded.
    length : Length
        Follows how much was decoded.
    stop : Event
        Ends the work when it is set.

    Raises
    ------
    OutsideBounds
        If it is.
    DecodeError
        If it cannot be decoded.
    Cancelled
        If `stop` was set.
    """
    with open_stream(recording, stop=stop) as stream:
        for block in stream.blocks:
            if stop.is_set():
                raise Cancelled
            length.add(len(block), stream.sr)
            if is_enough(length.files, length.heard):
                return
    length.end()
