"""How long recordings are, as far as that must be known."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

from audioclust.audio.choosing.file_filter import FileFilter, LeftOut
from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.recording import Recording
from audioclust.utils.threads import Cancelled


class OutsideBounds(Exception):  # noqa: N818 - nothing is wrong
    """A recording is too short or too long.

    Attributes
    ----------
    left_out : LeftOut
        Which one, and why.
    seconds : float
        How much of it was decoded: all of one that is too short.
    """

    def __init__(self, left_out: LeftOut, seconds: float) -> None:
        super().__init__(left_out, seconds)
        self.left_out = left_out
        self.seconds = seconds


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
    """

    path: str
    files: FileFilter
    n_frames: int = 0
    sr: int = 1

    @property
    def seconds(self) -> float:
        """How much of it was decoded, in seconds."""
        return self.n_frames / self.sr

    def add(self, n_frames: int, sr: int) -> None:
        """Count frames that were decoded.

        Raises
        ------
        OutsideBounds
            If the recording is too long.
        """
        self.n_frames += n_frames
        self.sr = sr
        most = self.files.max_duration
        if most is not None and self.seconds > most:
            raise OutsideBounds(LeftOut(self.path, "too long"), self.seconds)

    def end(self) -> None:
        """Check the length of a recording that was decoded to its end.

        Raises
        ------
        OutsideBounds
            If it is too short.
        """
        left_out = self.files.left_out(self.path, self.seconds)
        if left_out is not None:
            raise OutsideBounds(left_out, self.seconds)


def check_length(recording: Recording, files: FileFilter, stop: threading.Event) -> None:
    """Decode a recording as far as needed to know whether it is too short or too long.

    Raises
    ------
    OutsideBounds
        If it is.
    DecodeError
        If it cannot be decoded.
    Cancelled
        If `stop` was set.
    """
    length = Length(recording.path, files)
    enough = math.inf if files.max_duration is not None else files.min_duration or 0.0
    with open_stream(recording, stop=stop) as stream:
        for block in stream.blocks:
            if stop.is_set():
                raise Cancelled
            length.add(len(block), stream.sr)
            if length.seconds >= enough:
                return
    length.end()
