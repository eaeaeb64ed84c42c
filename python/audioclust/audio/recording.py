"""A recording: a file, here or elsewhere, or audio in memory."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from audioclust.audio.decoding.limits import Limits
from audioclust.utils.urls.names import in_folder, is_url, local_path_of, local_spelling
from audioclust.utils.urls.redaction import redacted
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
    """A recording that can be decoded: a file, here or elsewhere, or audio in memory.

    Attributes
    ----------
    path : str
        The path of the file, its address without what is secret in it, or the name of the
        audio. An address may be given here as it is.
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
    url : str or None
        The whole address of a file that is elsewhere; None for others. It is not shown and not
        compared, since it may have a password or a signature in it. A pickle has it.
    """

    path: str
    audio: Audio | None = None
    folder: str | None = None
    limits: Limits = Limits()  # noqa: RUF009 - it is frozen
    status: FileStatus | None = field(default=None, compare=False, repr=False)
    url: str | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.audio is not None:
            object.__setattr__(self, "folder", None)
            return
        if self.folder is None:
            object.__setattr__(self, "folder", current_folder())
        if self.url is None and is_url(self.path):
            path, url = _of_address(self.path)
            object.__setattr__(self, "path", path)
            object.__setattr__(self, "url", url)

    @property
    def file(self) -> str:
        """The path of the file, from any folder; the name of audio in memory."""
        return self.path if self.folder is None else in_folder(self.folder, self.path)

    @property
    def is_here(self) -> bool:
        """Whether it is a file of this machine."""
        return self.audio is None and self.url is None

    @property
    def files(self) -> tuple[str, ...]:
        """The files of this machine that it is read from, which no output may replace."""
        return (self.file,) if self.is_here else ()

    def without_secrets(self) -> Recording:
        """Give the same recording for a result that is kept: nothing in it is secret."""
        return self if self.url is None else replace(self, url=self.path)


def _of_address(path: str) -> tuple[str, str | None]:
    """Give the path of what begins as an address, and its address if it is elsewhere."""
    local = local_path_of(path)
    if local is not None:
        return local_spelling(local), None
    if os.path.lexists(path):
        return local_spelling(path), None
    return redacted(path), path


def current_folder() -> str:
    """Give the absolute path of the current folder, or nothing if it was removed."""
    try:
        return os.getcwd()
    except OSError:
        return ""
