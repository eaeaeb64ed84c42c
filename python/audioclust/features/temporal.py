"""Features that are computed from the samples, without a spectrum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audioclust import _core
from audioclust.errors import ParameterError
from audioclust.features.inputs import check_supported, padded, plain_framing
from audioclust.utils.arguments import as_floats, check_flag, check_int, check_number

if TYPE_CHECKING:
    from numpy.typing import NDArray


def zero_crossing_rate(
    y: object,
    *,
    frame_length: int = 2048,
    hop_length: int = 512,
    center: bool = True,
    threshold: float = 1e-10,
    ref_magnitude: None = None,
    pad: bool = False,
    zero_pos: bool = True,
) -> NDArray[np.float32]:
    """Give the share of samples at which the sign changes, as ``librosa.feature`` does.

    Parameters
    ----------
    y : ndarray of shape (n,) or (channels, n), float32 or float64
        The samples.
    frame_length, hop_length : int
        Length of a frame and distance from one frame to the next, in samples.
    center : bool, default=True
        Whether frame t is centred on sample ``t * hop_length``; otherwise it starts there.
        Before and after the signal its first and last sample are repeated, which adds no
        crossing.
    threshold : float, default=1e-10
        Samples of an absolute value of at most this count as positive.
    pad : bool, default=False
        Whether the first sample of each frame counts as a crossing.
    ref_magnitude, zero_pos
        Only their defaults are supported.

    Returns
    -------
    rate : ndarray of shape ([channels,] 1, n_frames), float32
        From 0 to 1.

    Raises
    ------
    ParameterError
        If an argument is invalid.
    """
    check_supported("ref_magnitude", ref_magnitude, None)
    check_supported("zero_pos", zero_pos, True)
    values = as_floats("y", y, (1, 2))
    zero = check_number("threshold", threshold)
    centred = check_flag("center", center)
    framing = plain_framing(frame_length, hop_length, centred=centred, zero=zero)
    measure = _core.Measure.zero_crossing_rate(check_flag("pad", pad))
    return measure.of_signal(values, framing)


def rms(
    *,
    y: object = None,
    S: object = None,  # noqa: N803 - librosa's name
    frame_length: int = 2048,
    hop_length: int = 512,
    center: bool = True,
    pad_mode: str = "constant",
    dtype: object = np.float32,
) -> NDArray[np.float32]:
    """Give the root of the mean square of each frame, as ``librosa.feature`` does.

    Parameters
    ----------
    y : ndarray of shape (n,) or (channels, n), float32 or float64, or None
        The samples; taken before `S`, as in librosa.
    S : ndarray of shape ([channels,] 1 + frame_length // 2, n_frames), or None
        Magnitudes to compute it from.
    frame_length, hop_length : int
        Length of a frame and distance from one frame to the next, in samples.
    center : bool, default=True
        Whether frame t is centred on sample ``t * hop_length``; otherwise it starts there.
    pad_mode : str, default="constant"
        What the signal is continued with at both ends, as in :func:`numpy.pad`.
    dtype
        Only float32 is supported.

    Returns
    -------
    rms : ndarray of shape ([channels,] 1, n_frames), float32
        In units of full scale.

    Raises
    ------
    ParameterError
        If an argument is invalid.
    """
    if np.dtype(dtype) != np.float32:  # type: ignore[call-overload]
        check_supported("dtype", dtype, np.float32)
    n = check_int("frame_length", frame_length, 1, 2**20)
    if y is not None:
        values, centred = padded(as_floats("y", y, (1, 2)), n, center, pad_mode, all_modes=True)
        framing = plain_framing(n, hop_length, centred=centred)
        return _core.Measure.rms().of_signal(values, framing)
    if S is None:
        raise ParameterError("y=None: expected a signal, or magnitudes as S")
    values = as_floats("S", S, (2, 3))
    if values.shape[-2] != n // 2 + 1:
        bins = values.shape[-2]
        expected = f"{2 * bins - 2} or {2 * bins - 1} for the {bins} bins of S"
        raise ParameterError(f"frame_length={n}: expected {expected}")
    return _core.Measure.rms_of_spectrum(n).of_spectra(values, "magnitude")
