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

from audioclust.audio.spans import Item
from audioclust.errors import ErrorKind, ItemError, ItemWarning

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LITTLE = np.dtype("<f4")


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
    length : float or None
        How long the whole recording is, in seconds; None if that is not known.
    """

    item: Item
    sr: int
    arrays: Mapping[str, NDArray[np.float32]]
    length: float | None


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
    length : float
        How long the whole recording is, in seconds; -1 if that is not known.
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
    length: float
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
        numbers = struct.pack("<qdddq", origin.size, self.start, self.end, self.length, self.sr)
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
        -1.0 if kept.length is None else kept.length,
        kept.sr,
        (kept.item.decoder or "").encode(),
        reader,
        json.dumps([list(warning) for warning in kept.item.warnings]).encode(),
        json.dumps(shapes).encode(),
        b"".join(values.tobytes() for values in arrays),
    )


def record_of_failure(kind: str, message: str, reader: bytes) -> Record:
    """Give why a file has no row as a record, without a checksum."""
    return Record(
        0.0, 0.0, -1.0, 0, b"", reader, json.dumps([kind, message]).encode(), b"", b""
    )


# Most rows say the same here, so that each text is read once.


@functools.lru_cache(1024)
def _text(words: bytes) -> str:
    return words.decode()


@functools.lru_cache(1024)
def _warnings(notes: bytes) -> tuple[ItemWarning, ...]:
    return tuple(ItemWarning(kind, message) for kind, message in json.loads(notes))


@functools.lru_cache(1024)
def _shapes(layout: bytes) -> tuple[tuple[str, tuple[int, ...]], ...]:
    return tuple((name, tuple(shape)) for name, shape in json.loads(layout).items())
