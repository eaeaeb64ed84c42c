"""What is kept of a file: a row of arrays, or why it has none, as bytes with a checksum.

The checksum is of all that a record says and of the file and the settings that it belongs to.
So what a damaged database gives for another file, or for other settings, is told from what was
kept for them.
"""

from __future__ import annotations

import functools
import json
import math
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from audioclust.audio.choosing.lengths import Heard
from audioclust.audio.spans import Item
from audioclust.errors import DecodeError, ErrorKind, ItemError, ItemWarning, SignalError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LITTLE = np.dtype("<f4")

_NO_ARRAYS = b"{}"
"""The layout of what was left out as too short or too long."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A row as the cache keeps it.

    Attributes
    ----------
    item : Item
        What it is of.
    sr : int
        The recording's own rate in Hz.
    arrays : mapping of str to ndarray, float32
        Its values, under names; none if it was left out as too short or too long.
    heard : Heard
        How much of the whole recording was decoded.
    """

    item: Item
    sr: int
    arrays: Mapping[str, NDArray[np.float32]]
    heard: Heard


class Failed(NamedTuple):
    """Why a recording has no row.

    Attributes
    ----------
    error : DecodeError or SignalError
        What is wrong with it.
    heard : Heard or None
        How much of it was decoded until then; None if with other bounds of its length it might
        have a row.
    """

    error: DecodeError | SignalError
    heard: Heard | None


class Origin(NamedTuple):
    """The file and the settings that a record belongs to.

    Attributes
    ----------
    path : bytes
        The absolute path of the file.
    size : int
        The size of the file in bytes.
    digest : bytes
        The hash of its contents.
    key : bytes
        The key of the settings.
    """

    path: bytes
    size: int
    digest: bytes
    key: bytes


class Record(NamedTuple):
    """A record as the database has it.

    Attributes
    ----------
    start, end : float
        Where the item begins and ends, in seconds.
    seconds : float
        How much of the whole recording was decoded.
    is_all : int
        1 if that is all of it, so that this is its length; else 0.
    sr : int
        The recording's own rate in Hz; 0 for a failure.
    decoder : bytes
        The decoders that read it; empty for a failure.
    reader : bytes
        The decoders that it depends on, with their versions.
    notes : bytes
        JSON: the warnings of a row, or the kind and the message of a failure.
    layout : bytes
        JSON: the shape of each array by name; empty for a failure.
    data : bytes
        The arrays, one after the other, as little-endian floats of 32 bits.
    crc : int
        The checksum of all the others and of the origin.
    """

    start: float
    end: float
    seconds: float
    is_all: int
    sr: int
    decoder: bytes
    reader: bytes
    notes: bytes
    layout: bytes
    data: bytes
    crc: int = 0

    def sealed(self, origin: Origin) -> Record:
        """Give the same record with its checksum."""
        return self._replace(crc=self.checksum(origin))

    def checksum(self, origin: Origin) -> int:
        """Give the checksum that it should have.

        Raises
        ------
        TypeError, ValueError, struct.error
            If a value is of another type than it was written with.
        """
        numbers = struct.pack(
            "<qdddqq",
            origin.size,
            self.start,
            self.end,
            self.seconds,
            self.is_all,
            self.sr,
        )
        texts = (origin.path, origin.digest, origin.key, numbers, self.decoder, self.reader)
        head = b"\0".join((*texts, self.notes, self.layout))
        return zlib.crc32(self.data, zlib.crc32(head))

    def is_sound(self, origin: Origin) -> bool:
        """Tell whether it is what was written for this origin."""
        try:
            return self.crc == self.checksum(origin)
        except (TypeError, ValueError, OverflowError, struct.error):
            return False

    @property
    def is_failure(self) -> bool:
        """Whether the file has no row."""
        return not self.layout

    @property
    def heard(self) -> Heard:
        """How much of the whole recording was decoded."""
        return Heard(self.seconds, bool(self.is_all))

    def joined(self, older: Record) -> Record:
        """Give what this record and an older one of the same origin say together.

        How much of a recording was decoded is added to a row or a failure that is known, and
        does not replace it. A row with more arrays stands for one with fewer.

        Returns
        -------
        record : Record
            It may lack a checksum.
        """
        if _NO_ARRAYS not in (self.layout, older.layout) and (
            self.is_failure or older.is_failure
        ):
            return self
        seconds, is_all = max(self.heard, older.heard, key=lambda heard: heard[::-1])
        own, before = set(_shapes(self.layout)), set(_shapes(older.layout))
        has_all = older.is_failure or (not self.is_failure and own <= before)
        return (older if has_all else self)._replace(seconds=seconds, is_all=int(is_all))

    def failure(self, path: str) -> ItemError:
        """Give the error that was kept."""
        kind, message = json.loads(self.notes)
        return ItemError(path, cast("ErrorKind", kind), message)

    def item(self, path: str) -> Item:
        """Give the item of the row, under the path that its file has now."""
        decoder = _text(self.decoder) or None
        return Item(path, self.start, self.end, decoder=decoder, warnings=_warnings(self.notes))

    def arrays(self, into: NDArray[np.float32], first: str) -> dict[str, NDArray[np.float32]]:
        """Give the arrays by name.

        Parameters
        ----------
        into : ndarray of shape (d,), float32
            Where the first array goes, without a copy in between.
        first : str
            The name of that array.

        Raises
        ------
        ValueError
            If there are arrays and not this one, or it has another shape.
        """
        found: dict[str, NDArray[np.float32]] = {}
        offset = 0
        for name, shape in _shapes(self.layout):
            size = math.prod(shape)
            values = np.frombuffer(self.data, _LITTLE, size, offset).reshape(shape)
            offset += values.nbytes
            if name == first:
                if shape != into.shape:
                    raise ValueError(f"{name} has the shape {shape}")
                into[:] = values
                found[name] = into
            else:
                found[name] = values.astype(np.float32)
        if found and first not in found:
            raise ValueError(f"there is no {first}")
        return found


def record_of(kept: Kept, reader: bytes) -> Record:
    """Give a row as a record, without a checksum."""
    shapes = {name: list(values.shape) for name, values in kept.arrays.items()}
    arrays = (np.ascontiguousarray(values, _LITTLE) for values in kept.arrays.values())
    return Record(
        kept.item.start,
        kept.item.end,
        kept.heard.seconds,
        int(kept.heard.is_all),
        kept.sr,
        (kept.item.decoder or "").encode(),
        reader,
        json.dumps([list(warning) for warning in kept.item.warnings]).encode(),
        json.dumps(shapes).encode(),
        b"".join(values.tobytes() for values in arrays),
    )


def record_of_failure(kind: str, message: str, heard: Heard, reader: bytes) -> Record:
    """Give why a file has no row as a record, without a checksum."""
    notes = json.dumps([kind, message]).encode()
    return Record(0.0, 0.0, heard.seconds, int(heard.is_all), 0, b"", reader, notes, b"", b"")


# Most rows say the same here, so that each text is read once.


@functools.lru_cache(1024)
def _text(words: bytes) -> str:
    return words.decode()


@functools.lru_cache(1024)
def _warnings(notes: bytes) -> tuple[ItemWarning, ...]:
    return tuple(ItemWarning(kind, message) for kind, message in json.loads(notes))


@functools.lru_cache(1024)
def _shapes(layout: bytes) -> tuple[tuple[str, tuple[int, ...]], ...]:
    if not layout:
        return ()
    return tuple((name, tuple(shape)) for name, shape in json.loads(layout).items())
