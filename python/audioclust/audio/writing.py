"""Writing sound to files."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import soundfile

from audioclust.errors import ParameterError
from audioclust.utils.arguments import as_floats, check_int, check_path, check_rate
from audioclust.utils.files import replacing_by_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.utils.types import Path

_BLOCK_FRAMES = 4096
"""Frames that libsndfile gets at a time: one long block of Ogg Vorbis crashes it."""

_MAX_CHANNELS = 1024
"""Largest number of channels that libsndfile writes."""

_OPUS_RATES = (8000, 12_000, 16_000, 24_000, 48_000)
"""The only sampling rates that Opus has, in Hz (RFC 6716, section 2)."""

_VORBIS_MAX = (200_000, 255)
"""Highest rate in Hz and most channels of Vorbis. Others crash libsndfile 1.2.2."""

_NOT_WRITTEN = {"RAW", "SD2"}
"""Formats of libsndfile without a header, or of two files, of which only one would be moved."""

_ALIASES = {"AIF": "AIFF", "OGA": "OGG", "OPUS": "OGG", "SND": "AU", "WAVE": "WAV"}
"""libsndfile's names of formats for suffixes that it does not know."""

_LAST_BYTES = 262_144
"""More than libsndfile writes when it closes a file: a frame of FLAC, a page of Ogg."""

_SYSTEM_ERROR = 2
"""libsndfile's number of errors of the operating system, SF_ERR_SYSTEM."""


def write_sound(
    path: Path,
    y: NDArray[np.floating],
    sr: int,
    *,
    subtype: str | None = None,
    inputs: Iterable[str] = (),
) -> None:
    """Write samples to a file in the format that its suffix means.

    Parameters
    ----------
    path : str or os.PathLike
        The file to write; ``~`` is the home folder.
    y : ndarray of shape (frames,) or (frames, channels), float32 or float64
        The samples, within ±1. Formats of integers clip what is beyond.
    sr : int
        Their rate in Hz.
    subtype, inputs
        As for :func:`sound_file`.

    Raises
    ------
    ParameterError, OSError
        As from :func:`sound_file`.
    """
    samples = as_floats("y", y, (1, 2), empty=True)
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    with sound_file(path, sr, channels, subtype=subtype, inputs=inputs) as write:
        write(samples)


@contextlib.contextmanager
def sound_file(
    path: Path,
    sr: int,
    channels: int,
    *,
    subtype: str | None = None,
    inputs: Iterable[str] = (),
) -> Iterator[Callable[[NDArray[np.floating]], None]]:
    """Open a sound file for writing, in the format that its suffix means.

    The file replaces `path` when the ``with`` block ends without an exception; see
    :func:`audioclust.utils.files.replacing_by_name`.

    Parameters
    ----------
    path : str or os.PathLike
        The file to write; ``~`` is the home folder. Suffixes are libsndfile's names of
        formats, such as .wav, .flac, .ogg, .mp3 and .aiff, and .aif, .oga, .opus, .snd, .wave.
    sr : int
        Sampling rate in Hz.
    channels : int
        Number of channels.
    subtype : str or None
        libsndfile's name of the encoding, such as "PCM_24"; None for the format's default.
    inputs : iterable of str
        Files that must not be replaced, such as the recordings that the sound is made from.

    Yields
    ------
    write : callable
        Writes a block of shape (frames, channels), or (frames,) for one channel, of samples
        within ±1. It may be called any number of times.

    Raises
    ------
    ParameterError
        If there is no such format or encoding, it does not have this rate or number of
        channels, or `path` is one of the inputs.
    OSError
        If the file cannot be written.
    """
    encoding = _Encoding.of(path, subtype)
    sr = check_rate("sr", sr)
    channels = check_int("channels", channels, 1, _MAX_CHANNELS)
    encoding.check_limits(sr, channels)
    with replacing_by_name(encoding.path, inputs=inputs) as temporary:
        file = encoding.open(temporary, sr, channels)

        def write(block: NDArray[np.floating]) -> None:
            for start in range(0, len(block), _BLOCK_FRAMES):
                part = block[start : start + _BLOCK_FRAMES]
                file.write(part.astype(np.float32, copy=False))

        try:
            with file:
                yield write
        except soundfile.LibsndfileError as why:
            raise _writing_error(temporary, why) from None
        _check_room(temporary)


class _Encoding(NamedTuple):
    """How a sound is written, and where."""

    path: str
    format: str
    subtype: str

    @classmethod
    def of(cls, path: Path, subtype: str | None) -> _Encoding:
        """Find the format that a path's suffix means."""
        name = os.path.expanduser(check_path("path", path))
        suffix = os.path.splitext(name)[1].lstrip(".").upper()
        format_ = _ALIASES.get(suffix, suffix)
        if format_ not in soundfile.available_formats().keys() - _NOT_WRITTEN:
            expected = "a suffix such as .wav, .flac, .ogg, .opus or .mp3"
            raise ParameterError(f"path={name!r}: expected {expected}")
        default = "OPUS" if suffix == "OPUS" else soundfile.default_subtype(format_)
        chosen = default if subtype is None else subtype
        if not soundfile.check_format(format_, chosen):
            known = ", ".join(soundfile.available_subtypes(format_))
            expected = f"one of {known}, which {format_} has"
            raise ParameterError(f"path={name!r} with subtype={chosen!r}: expected {expected}")
        return cls(name, format_, chosen)

    def check_limits(self, sr: int, channels: int) -> None:
        """Raise a ParameterError for what Opus or Vorbis cannot have."""
        subtype = self.subtype.upper()
        if subtype == "OPUS" and sr not in _OPUS_RATES:
            rates = ", ".join(map(str, _OPUS_RATES))
            raise self.refused(sr, channels, f"Opus has the rates {rates} Hz")
        high, most = _VORBIS_MAX
        if subtype == "VORBIS" and (sr > high or channels > most):
            raise self.refused(sr, channels, f"Vorbis has up to {most} channels and {high} Hz")

    def refused(self, sr: int, channels: int, reason: str) -> ParameterError:
        """Give the error for a sound that the format does not take."""
        sound = f"{channels} channel{'s' * (channels != 1)} at {sr} Hz"
        return ParameterError(f"path={self.path!r}: expected a format for {sound} ({reason})")

    def open(self, temporary: str, sr: int, channels: int) -> soundfile.SoundFile:
        """Have libsndfile open a file by its name.

        With a file of Python's, libsndfile would call back into Python for each write, and
        Ctrl-C and errors within a callback are lost.
        """
        # soundfile does not encode a name that is not UTF-8, but takes any name as bytes.
        name = temporary if os.name == "nt" else os.fsencode(temporary)
        try:
            return soundfile.SoundFile(
                name, "w", sr, channels, self.subtype, format=self.format
            )
        except soundfile.LibsndfileError as why:
            if why.code == _SYSTEM_ERROR:
                raise _writing_error(temporary, why) from None
            raise self.refused(sr, channels, _reason(why)) from None


def _writing_error(temporary: str, why: soundfile.LibsndfileError) -> OSError:
    """Give the system's own error, which libsndfile does not pass on."""
    try:
        _check_room(temporary)
    except OSError as found:
        return found
    return OSError(errno.EIO, _reason(why))


def _check_room(temporary: str) -> None:
    """Raise the system's OSError unless some more can be written to a file.

    When libsndfile closes a file of a compressed format, it writes what is left of it, and
    ignores errors: on a full disk the end of the sound would be missing. What it writes then
    is less than what is written here, and taken away again.
    """
    size = os.path.getsize(temporary)
    with open(temporary, "ab") as file:
        file.write(bytes(_LAST_BYTES))
        file.flush()
        file.truncate(size)


def _reason(why: soundfile.LibsndfileError) -> str:
    return f"libsndfile: {why.error_string.removeprefix('Error : ').rstrip('.')}"
