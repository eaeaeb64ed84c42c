"""Writing sound to files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from audioclust.checks import check_path
from audioclust.decode import BLOCK_FRAMES
from audioclust.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.items import Path


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
    samples = y.astype(np.float32, copy=False)
    settings = {"format": kind, "subtype": coded}
    # Opened by Python, which takes names that are not UTF-8 and says what is wrong with others.
    with open(name, "wb") as raw:
        try:
            with soundfile.SoundFile(raw, "w", sr, samples.shape[1], **settings) as file:
                # One long block of Ogg Vorbis crashes libsndfile.
                for start in range(0, len(samples), BLOCK_FRAMES):
                    file.write(samples[start : start + BLOCK_FRAMES])
        except soundfile.LibsndfileError as why:
            expected = f"a format that takes {samples.shape[1]} channels at {sr} Hz"
            raise ParameterError(f"path={name!r}: expected {expected} ({why})") from None
