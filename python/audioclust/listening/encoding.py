"""Short sounds as the bytes of a sound file, for pages and notebooks that hold them."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import soundfile

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK_FRAMES = 4096
"""Frames that libsndfile gets at a time, as in :mod:`audioclust.audio.writing`."""

_PAGE = struct.Struct("<4s10sII4sB")
"""How a page of Ogg begins: its mark, what is of no interest here, the number of its stream,
its own number, its checksum and the number of its lengths (RFC 3533, section 6)."""

_STREAM = 1
"""The number that each stream gets."""


class _Format(NamedTuple):
    """How a sound is encoded: libsndfile's names, the MIME type, and how small."""

    name: str
    subtype: str
    kind: str
    level: float | None = None


_FORMATS = {
    # libsndfile gives Opus 256 kbit/s a channel at level 0, and 6 at level 1: about 44 here.
    "Opus": _Format("OGG", "OPUS", "audio/ogg", 0.85),
    "MP3": _Format("MP3", "MPEG_LAYER_III", "audio/mpeg"),
    "WAV": _Format("WAV", "PCM_16", "audio/wav"),
}


def data_uri(y: NDArray[np.floating], sr: int, formats: Sequence[str] = ("MP3", "WAV")) -> str:
    """Encode a sound as an address that holds it, which all browsers play.

    The same samples give the same text.

    Parameters
    ----------
    y : ndarray of shape (frames,) or (frames, channels), float32
        The samples, within ±1.
    sr : int
        Their rate in Hz; 48,000 for Opus.
    formats : sequence of {"Opus", "MP3", "WAV"}
        The first of them that libsndfile has is taken. It always has WAV.

    Returns
    -------
    uri : str
        Such as "data:audio/mpeg;base64,...".
    """
    chosen = next(one for one in map(_FORMATS.__getitem__, formats) if _is_there(one))
    encoded = base64.b64encode(_encoded(y, sr, chosen)).decode("ascii")
    return f"data:{chosen.kind};base64,{encoded}"


def _is_there(one: _Format) -> bool:
    return one.name in soundfile.available_formats() and soundfile.check_format(
        one.name, one.subtype
    )


def _encoded(y: NDArray[np.floating], sr: int, how: _Format) -> bytes:
    channels = 1 if y.ndim == 1 else y.shape[1]
    file = io.BytesIO()
    with soundfile.SoundFile(
        file, "w", sr, channels, how.subtype, format=how.name, compression_level=how.level
    ) as sound:
        for start in range(0, len(y), _BLOCK_FRAMES):
            sound.write(y[start : start + _BLOCK_FRAMES].astype(np.float32, copy=False))
    data = file.getvalue()
    return numbered(data) if how.name == "OGG" else data


def numbered(data: bytes) -> bytes:
    """Give a file of one Ogg stream with a fixed stream number, and checksums that fit it.

    libsndfile draws the number by the clock, so that no two files would be equal.

    Parameters
    ----------
    data : bytes
        A file whose pages all belong to one stream.
    """
    return b"".join(_page(page) for page in _pages(data))


def _pages(data: bytes) -> Iterator[bytes]:
    """Part an Ogg file into its pages."""
    at = 0
    while at < len(data):
        lengths = at + _PAGE.size
        body = lengths + data[lengths - 1]
        end = body + sum(data[lengths:body])
        yield data[at:end]
        at = end


def _page(page: bytes) -> bytes:
    mark, other, _, number, _, n_lengths = _PAGE.unpack_from(page)
    rest = page[_PAGE.size :]
    blank = _PAGE.pack(mark, other, _STREAM, number, bytes(4), n_lengths)
    checksum = struct.pack("<I", _ogg_checksum(blank + rest))
    return _PAGE.pack(mark, other, _STREAM, number, checksum, n_lengths) + rest


_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte with its bits in the other order."""


def _ogg_checksum(data: bytes) -> int:
    """Give Ogg's checksum: the usual polynomial, but from the highest bit on, and from 0.

    zlib's begins with the lowest bit of each byte and inverts at both ends, which is undone.
    """
    checksum = zlib.crc32(data.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{checksum:032b}"[::-1], 2)
