"""How long a WAV or AIFF file says that it is.

libsndfile takes the end of a file for the end of its sound, and so says nothing of one that was
cut: by a recorder without power, or a copy that was interrupted.

The formats: http://soundfile.sapp.org/doc/WaveFormat, and Apple's "Audio Interchange File
Format" of 1989.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO

_MOST_CHUNKS = 100
_UNKNOWN = 0x7FFF_0000
"""Sizes from here on are written by programs that do not know them yet."""

_NUMBERS = (1, 3, 0xFFFE)
"""Kinds of WAV whose samples all have one size: integers, floats, either with an extension."""


def frames_by_header(opened: Callable[[], BinaryIO], start: int) -> int | None:
    """Give how many frames the header of a WAV or AIFF file promises.

    Parameters
    ----------
    opened : callable
        Opens the file.
    start : int
        Where it begins, after tags.

    Returns
    -------
    n_frames : int or None
        None if the header does not say it, or is not known to be right if it does.
    """
    try:
        with opened() as file:
            file.seek(start)
            name, _, kind = struct.unpack("4s4s4s", file.read(12))
            if (name, kind) == (b"RIFF", b"WAVE"):
                return _of_wav(_chunks(file, "<"))
            if name == b"FORM" and kind in (b"AIFF", b"AIFC"):
                return _of_aiff(_chunks(file, ">"))
    except (OSError, struct.error):
        pass  # Who decodes it will say what is wrong.
    return None


def _chunks(file: BinaryIO, order: str) -> Iterator[tuple[bytes, int, bytes]]:
    """Give the name, the size and the first bytes of each chunk."""
    for _ in range(_MOST_CHUNKS):
        at = file.tell()
        name, size = struct.unpack(f"{order}4sI", file.read(8))
        yield name, size, file.read(16)
        file.seek(at + 8 + size + size % 2)  # Chunks begin at even places.


def _of_wav(chunks: Iterator[tuple[bytes, int, bytes]]) -> int | None:
    frame = 0
    for name, size, body in chunks:
        if name == b"fmt ":
            kind, frame = struct.unpack("<H10xH", body[:14])
            if kind not in _NUMBERS:
                return None
        if name == b"data":
            return size // frame if frame and 0 < size < _UNKNOWN else None
    return None


def _of_aiff(chunks: Iterator[tuple[bytes, int, bytes]]) -> int | None:
    for name, _, body in chunks:
        if name == b"COMM":
            (frames,) = struct.unpack(">2xI", body[:6])
            return int(frames) if 0 < frames < _UNKNOWN else None
    return None
