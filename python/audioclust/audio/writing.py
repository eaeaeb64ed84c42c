"""Writing sound to files."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.utils.types import Path


_WRITTEN_FRAMES = 4096
"""Frames written at a time: libsndfile's encoders do not bear long blocks."""


def write_sound(
    path: Path, y: NDArray[np.floating], sr: int, *, subtype: str | None = None
) -> None:
    """Write samples to a file of the format that its suffix names.

    Parameters
    ----------
    path : str or os.PathLike
        Where to.
    y : ndarray of shape (frames, channels)
        Within ±1.
    sr : int
        Sampling rate in Hz.
    subtype : str or None
        libsndfile's name of how samples are coded; None is the format's default.

    Raises
    ------
    ParameterError
        For a suffix that libsndfile does not write, or a sound that the format does not take.
    OSError
        If the file cannot be opened.
    """
    name = os.path.expanduser(check_path("path", path))
    kind = os.path.splitext(name)[1].lstrip(".").upper()
    if kind not in soundfile.available_formats():
        raise ParameterError(f"path={name!r}: expected a suffix such as .wav, .flac or .ogg")
    coded = subtype or soundfile.default_subtype(kind)
    if not soundfile.check_format(kind, coded):
        raise ParameterError(f"path={name!r}: expected a format that has {coded}")
    with sound_file(name, kind, coded, sr, y.shape[1]) as write:
        write(y)


@contextlib.contextmanager
def sound_file(
    name: str, kind: str, subtype: str | None, sr: int, channels: int
) -> Iterator[Callable[[NDArray[np.floating]], None]]:
    """Open a file to write samples to, of shape (frames, channels), as often as is wanted.

    Raises
    ------
    ParameterError
        For a sound that the format does not take.
    OSError
        If the file cannot be opened.
    """
    # Opened by Python, which takes names that are not UTF-8 and says what is wrong with others.
    with open(name, "wb") as raw:
        try:
            with soundfile.SoundFile(raw, "w", sr, channels, subtype, format=kind) as file:

                def write(y: NDArray[np.floating]) -> None:
                    samples = y.astype(np.float32, copy=False)
                    # One long block of Ogg Vorbis crashes libsndfile.
                    for start in range(0, len(samples), _WRITTEN_FRAMES):
                        file.write(samples[start : start + _WRITTEN_FRAMES])

                yield write
        except soundfile.LibsndfileError as why:
            expected = f"a format that takes {channels} channels at {sr} Hz"
            raise ParameterError(f"path={name!r}: expected {expected} ({why})") from None
