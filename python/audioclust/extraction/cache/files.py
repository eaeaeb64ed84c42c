"""What a file is, without and with reading it."""

from __future__ import annotations

import functools
import os
import threading
import time
from dataclasses import dataclass

from audioclust.audio.recording import FileStatus, Recording

SETTLED = 2_000_000_000
"""How old the time of a file must be, in ns, for a later change to give it another one. The
coarsest clock of a file system that is in use counts steps of two seconds."""

_PIECE = 2**20


def path_of(recording: Recording) -> bytes:
    """Give the absolute path of a recording's file, as the system has it."""
    return os.fsencode(os.path.abspath(recording.file))


def status_of(file: str) -> FileStatus | None:
    """Ask the system for a file's size and time; None if it does not tell."""
    try:
        return FileStatus.of(os.stat(file))
    except (OSError, ValueError):
        return None


def is_settled(status: FileStatus, now_ns: int | None = None) -> bool:
    """Tell whether a file that has this status at this time would get another if it changed.

    A file that is written to twice within one step of the clock keeps its time.
    """
    now = time.time_ns() if now_ns is None else now_ns
    return 0 < status.mtime_ns < now - SETTLED and status.mtime_ns < 2**63


def digest_of(file: str, stop: threading.Event) -> bytes | None:
    """Give the BLAKE3 hash of all bytes of a file; None if it cannot be read, or is to stop."""
    from blake3 import blake3

    digest = blake3()
    piece = memoryview(bytearray(_PIECE))
    try:
        with open(file, "rb", buffering=0) as opened:
            while n_read := opened.readinto(piece):
                if stop.is_set():
                    return None
                digest.update(piece[:n_read])
    except (OSError, ValueError):
        return None
    return digest.digest()


@dataclass
class SeenFile:
    """A file as it was before it was read.

    Attributes
    ----------
    recording : Recording
        The recording in it.
    path : bytes
        Its absolute path.
    status : FileStatus
        Its size and time.
    mtime_ns : int or None
        Its time; None if a change might have left it as it is.
    stop : Event
        Set when the work is to end.
    """

    recording: Recording
    path: bytes
    status: FileStatus
    mtime_ns: int | None
    stop: threading.Event

    @functools.cached_property
    def digest(self) -> bytes | None:
        """The hash of its contents, read when it is first asked for; None if it cannot be."""
        return digest_of(self.recording.file, self.stop)


def suffix_of(path: bytes) -> bytes:
    """Give what comes after the last dot of a name, in lower case."""
    return os.path.splitext(path)[1].lower()
