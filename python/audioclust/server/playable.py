"""Which files browsers play as they are, and as what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from audioclust.audio.decoding.formats import sniffed

RATES = (8000, 192_000)
"""The rates in Hz that all browsers play."""

_CHANNELS = (1, 2)
"""How many channels all browsers play."""

_MIN_FLAC_RATE = 3000
"""The lowest rate in Hz of FLAC that Chromium plays. Both play FLAC of any higher rate, up to
its limit of 655,350 Hz, and of any number of channels."""

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
"""Numbers of encodings in WAV files (Microsoft's mmreg.h)."""

_WAVS = {(_PCM, 8), (_PCM, 16), (_PCM, 24), (_FLOAT, 32)}
"""Encodings, and bits a sample, of WAV files that Chromium and Firefox both play."""

_MP4S = {b"mp4a", b"fLaC", b"Opus"}
"""Codecs in MP4 that Chromium and Firefox both play, as sample entries name them."""

_BOXES = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
"""Where an MP4 file names its codecs: each box lies in the one before (ISO 14496-12)."""

_MAX_BOXES = 1000
"""Most boxes that are looked at on one level: a damaged file may have millions."""

_LAYER_III = 1
"""How headers of MPEG audio number MP3 (ISO 11172-3)."""


def media_type(path: str) -> str | None:
    """Give the media type of a file that browsers play as it is.

    What a file is follows from its bytes and never from its name, so that only sounds are ever
    sent: a saved result of somebody else's may name any file of the user's.

    Parameters
    ----------
    path : str
        The file.

    Returns
    -------
    type : str or None
        None for what must be encoded anew, and for what is no sound.

    Raises
    ------
    DecodeError
        If it cannot be read, or is not a regular file.
    """
    name, tags_end = sniffed(path)
    if name not in _TYPES:
        return None
    kind, plays = _TYPES[name]
    if plays is None:
        return kind
    with open(path, "rb") as file:
        return kind if plays(file, tags_end) else None


def _wav_plays(file: BinaryIO, start: int) -> bool:
    file.seek(start + 12)
    for _ in range(_MAX_BOXES):
        head = file.read(8)
        size = int.from_bytes(head[4:], "little")
        if head[:4] == b"fmt ":
            return _is_common(file.read(min(size, 40)))
        if len(head) < 8 or head[:4] == b"data":
            return False
        file.seek(size + size % 2, 1)
    return False


def _is_common(fmt: bytes) -> bool:
    """Tell whether the format chunk of a WAV file has what all browsers play."""
    tag, channels = (int.from_bytes(fmt[at : at + 2], "little") for at in (0, 2))
    rate, bits = int.from_bytes(fmt[4:8], "little"), int.from_bytes(fmt[14:16], "little")
    if tag == _EXTENSIBLE:
        tag = int.from_bytes(fmt[24:26], "little")
    low, high = RATES
    return (tag, bits) in _WAVS and channels in _CHANNELS and low <= rate <= high


def _flac_plays(file: BinaryIO, start: int) -> bool:
    file.seek(start)
    # After "fLaC" and the header of the first block, the rate has 20 bits (RFC 9639, 8.2).
    head = file.read(21)
    return len(head) == 21 and int.from_bytes(head[18:21], "big") >> 4 >= _MIN_FLAC_RATE


def _is_mp3(file: BinaryIO, start: int) -> bool:
    """Tell MP3 from the older layers I and II, which browsers do not play."""
    file.seek(start)
    head = file.read(2)
    return len(head) == 2 and head[0] == 0xFF and head[1] >> 1 & 3 == _LAYER_III


def _mp4_plays(file: BinaryIO, start: int) -> bool:
    codecs = set(_sample_entries(file, start, file.seek(0, 2), 0))
    return bool(codecs & _MP4S) and b"alac" not in codecs


def _sample_entries(file: BinaryIO, start: int, end: int, depth: int) -> Iterator[bytes]:
    """Find the names of the codecs of all tracks."""
    for _ in range(_MAX_BOXES):
        file.seek(start)
        head = file.read(16)
        if len(head) < 8 or start >= end:
            return
        size, kind, body = int.from_bytes(head[:4], "big"), head[4:8], start + 8
        if size == 1:
            size, body = int.from_bytes(head[8:], "big"), start + 16
        elif size == 0:
            size = end - start
        if size < body - start:
            return
        if kind == _BOXES[-1] == _BOXES[depth]:
            file.seek(body + 12)
            yield file.read(4)
        elif kind == _BOXES[depth]:
            yield from _sample_entries(file, body, min(end, start + size), depth + 1)
        start += size


def _is_webm(file: BinaryIO, start: int) -> bool:
    """Tell WebM, which only has codecs that browsers play, from other Matroska."""
    file.seek(start)
    return b"webm" in file.read(64)


_TYPES: dict[str, tuple[str, Callable[[BinaryIO, int], bool] | None]] = {
    "WAV": ("audio/wav", _wav_plays),
    "FLAC": ("audio/flac", _flac_plays),
    "Ogg FLAC": ("audio/ogg", None),
    "Ogg Vorbis": ("audio/ogg", None),
    "Ogg Opus": ("audio/ogg", None),
    "MP3": ("audio/mpeg", _is_mp3),
    "MP4": ("audio/mp4", _mp4_plays),
    "Matroska": ("audio/webm", _is_webm),
    "ADTS": ("audio/aac", None),
}
"""Media types by the names of formats, and what tells whether a file has what browsers play."""
