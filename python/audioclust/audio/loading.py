"""A recording as samples in memory, with librosa's arguments and numbers."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.preparation.mixing import to_mono
from audioclust.audio.preparation.resampling import resampled
from audioclust.audio.reading import finite
from audioclust.audio.recording import Recording
from audioclust.errors import PartialReadWarning
from audioclust.utils.arguments import (
    check_choice,
    check_dtype,
    check_flag,
    check_number,
    check_path,
    check_rate,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.utils.types import Path


def load(
    path: Path,
    *,
    sr: int | None = 22050,
    mono: bool = True,
    offset: float = 0.0,
    duration: float | None = None,
    dtype: object = np.float32,
    res_type: str = "soxr_hq",
) -> tuple[NDArray[Any], int]:
    """Decode an audio file to samples, which are the same numbers as ``librosa.load``'s.

    Those of Ogg Vorbis differ by up to 2e-6, since another decoder reads it.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    sr : int or None, default=22050
        Sampling rate in Hz that the samples are resampled to; None keeps the file's own.
    mono : bool, default=True
        Whether channels are averaged.
    offset : float, default=0.0
        Where to start, in seconds.
    duration : float or None
        How much to decode, in seconds; None is all that is left. Both are rounded down to whole
        samples at the file's own rate.
    dtype : float32 or float64, default=float32
        The precision of the samples. Files are decoded, averaged and resampled in float32.
    res_type : "soxr_hq", default="soxr_hq"
        How samples are resampled. There is no other way.

    Returns
    -------
    y : ndarray of shape (n,) or (channels, n), of `dtype`
        The samples, from -1 to 1 if the file is not louder than full scale. One channel gives
        shape (n,). Without samples in the part asked for, n is 0.
    sr : int
        Their rate in Hz.

    Raises
    ------
    ParameterError
        If an argument is invalid.
    DecodeError
        If the file cannot be read or decoded.
    SignalError
        If it has samples that are not finite numbers.

    Warns
    -----
    PartialReadWarning
        If not all of it could be decoded.

    Examples
    --------
    >>> import audioclust as ac
    >>> y, sr = ac.load("bell.wav", sr=None)  # doctest: +SKIP
    >>> ac.features.mfcc(y=y, sr=sr).shape  # doctest: +SKIP
    (20, 87)
    """
    recording = Recording(check_path("path", path))
    rate = None if sr is None else check_rate("sr", sr)
    start = check_number("offset", offset)
    length = None if duration is None else check_number("duration", duration)
    one_channel = check_flag("mono", mono)
    check_choice("res_type", res_type, ("soxr_hq",))
    kind = check_dtype("dtype", dtype, ("float32", "float64"))
    with open_stream(recording, offset=start, duration=length) as stream:
        own_sr = stream.sr
        rate = own_sr if rate is None else rate
        blocks = [to_mono(b)[:, np.newaxis] if one_channel else b for b in stream.blocks]
    for warning in stream.warnings:
        message = f"{recording.path}: {warning.message}"
        warnings.warn(message, PartialReadWarning, stacklevel=2)
    if not blocks:
        blocks = [np.empty((0, 1 if one_channel else _n_channels(recording)), np.float32)]
    whole = finite(np.concatenate(blocks))
    if len(whole) and rate != own_sr:
        y = np.stack([resampled(np.ascontiguousarray(c), own_sr, rate) for c in whole.T])
    else:
        y = np.ascontiguousarray(whole.T)
    y = y[0] if len(y) == 1 else y
    return y.astype(kind, copy=False), rate


def _n_channels(recording: Recording) -> int:
    """Give the number of channels of a recording; 1 if it has no samples."""
    with open_stream(recording) as stream:
        return next((block.shape[1] for block in stream.blocks), 1)
