"""A recording: a file, or audio in memory."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from audioclust.audio.decoding.limits import Limits
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Audio: TypeAlias = "tuple[NDArray[np.floating[Any]], int]"
"""Samples of shape (n,) or (channels, n), and their rate in Hz."""


class FileStatus(NamedTuple):
    """What tells, without reading it, whether a file is still the same.

    Attributes
    ----------
    size : int
        In bytes.
    mtime_ns : int
        When it was written last, in nanoseconds.
    """

    size: int
    mtime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> FileStatus:
        """Take it from all that the system says of a file."""
        return cls(status.st_size, status.st_mtime_ns)


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
    folder : str or None
        The folder that a relative path belongs to, which is the current one when the recording
        was found: so it is still found if that changes. None for audio in memory.
    limits : Limits
        How much decoding it may take.
    status : FileStatus or None
        What a search of its folder has told of the file; None if nobody asked yet. It makes no
        other recording.
    """

    path: str
    audio: Audio | None = None
    folder: str | None = None
    limits: Limits = Limits()  # noqa: RUF009 - it is frozen
    status: FileStatus | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.audio is not None:
            object.__setattr__(self, "folder", None)
        elif self.folder is None:
            object.__setattr__(self, "folder", current_folder())

    @property
    def file(self) -> str:
        """The path of the file, from any folder; the name of audio in memory."""
        return self.path if self.folder is None else os.path.join(self.folder, self.path)

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it is read from, which no output may replace: none if in memory."""
        return (self.file,) if self.audio is None else ()


def current_folder() -> str:
    """Give the absolute path of the current folder, or nothing if it was removed."""
    try:
        return os.getcwd()
    except OSError:
        return ""
