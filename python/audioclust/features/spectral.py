"""Features of the shape of the spectrum, and the spectrum itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audioclust import _core
from audioclust.errors import ParameterError
from audioclust.features.inputs import FrameOptions, SpectralInput, check_supported
from audioclust.utils.arguments import check_flag, check_int, check_positive

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def stft_magnitude(
    y: object,
    *,
    n_fft: int = 2048,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: object = "hann",
    center: bool = True,
    pad_mode: str = "constant",
) -> NDArray[np.float32]:
    """Give the magnitude of the short-time Fourier transform, as ``abs(librosa.stft(...))``.

    Parameters
    ----------
    y : ndarray of shape (n,) or (channels, n), float32 or float64
        The samples.
    n_fft : int, default=2048
        Length of a frame and of its FFT, in samples.
    hop_length : int or None
        Distance from one frame to the next, in samples; None is a quarter of the window's
        length.
    win_length : int or None
        Length of the window, which is centred in the frame; None is `n_fft`.
    window : str, tuple, float or ndarray of shape (win_length,), default="hann"
        As in :func:`scipy.signal.get_window`, or the window itself.
    center : bool, default=True
        Whether frame t is centred on sample ``t * hop_length``; otherwise it starts there.
    pad_mode : str, default="constant"
        What the signal is continued with at both ends: constant (zeros), edge, linear_ramp,
        reflect or symmetric, as in :func:`numpy.pad`.

    Returns
    -------
    magnitude : ndarray of shape ([channels,] 1 + n_fft // 2, n_frames), float32
        Absolute values of the bins from 0 Hz to half the sampling rate.

    Raises
    ------
    ParameterError
        If an argument is invalid.
    """
    n = check_int("n_fft", n_fft, 2, 2**20)
    if hop_length is None:
        length = n if win_length is None else check_int("win_length", win_length, 1, n)
        hop_length = max(1, length // 4)
    frames = FrameOptions(n, hop_length, win_length, window, center, pad_mode)
    source = SpectralInput.checked(y, None, frames)
    return source.measure(_core.Measure.bins(n, False))


def spectral_centroid(
    *,
    y: object = None,
    sr: float = 22050,
    S: object = None,  # noqa: N803 - librosa's name
    n_fft: int = 2048,
    hop_length: int = 512,
    freq: object = None,
    win_length: int | None = None,
    window: object = "hann",
    center: bool = True,
    pad_mode: str = "constant",
) -> NDArray[np.float32]:
    """Give the mean frequency of each frame, weighted by magnitude, as librosa does.

    Parameters
    ----------
    y, S, n_fft, hop_length, win_length, window, center, pad_mode
        The samples or their magnitudes, and how samples are cut into frames; see
        :func:`stft_magnitude`.
    sr : float, default=22050
        Sampling rate in Hz.
    freq : ndarray of shape (n_bins,) or None
        Frequencies of the bins in Hz, if they are not evenly spaced.

    Returns
    -------
    centroid : ndarray of shape ([channels,] 1, n_frames), float32
        In Hz; 0 for a silent frame.

    Raises
    ------
    ParameterError
        If an argument is invalid.
    """
    frames = FrameOptions(n_fft, hop_length, win_length, window, center, pad_mode)
    source = SpectralInput.checked(y, S, frames)
    rate = check_positive("sr", sr)
    frequencies = source.frequencies(freq)
    return source.measure(_core.Measure.centroid(rate, source.n_fft, frequencies))


def spectral_bandwidth(
    *,
    y: object = None,
    sr: float = 22050,
    S: object = None,  # noqa: N803 - librosa's name
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    window: object = "hann",
    center: bool = True,
    pad_mode: str = "constant",
    freq: object = None,
    centroid: None = None,
    norm: bool = True,
    p: float = 2,
) -> NDArray[np.float32]:
    """Give the spread of magnitude around the centroid of each frame, as librosa does.

    Parameters
    ----------
    y, S, n_fft, hop_length, win_length, window, center, pad_mode
        The samples or their magnitudes, and how samples are cut into frames; see
        :func:`stft_magnitude`.
    sr : float, default=22050
        Sampling rate in Hz.
    freq : ndarray of shape (n_bins,) or None
        Frequencies of the bins in Hz, if they are not evenly spaced.
    centroid
        Only None is supported: the centroid is computed too.
    norm : bool, default=True
        Whether the magnitudes of each frame are divided by their sum first.
    p : float, default=2
        The exponent of the distances from the centroid.

    Returns
    -------
    bandwidth : ndarray of shape ([channels,] 1, n_frames), float32
        In Hz; 0 for a silent frame.

    Raises
    ------
    ParameterError
        If an argument is invalid.
    """
    frames = FrameOptions(n_fft, hop_length, win_length, window, center, pad_mode)
    source = SpectralInput.checked(y, S, frames)
    check_supported("centroid", centroid, None)
    rate, power = check_positive("sr", sr), check_positive("p", p)
    frequencies = source.frequencies(freq)
    measure = _core.Measure.bandwidth(
        rate, source.n_fft, frequencies, check_flag("norm", norm), power
    )
    return source.measure(measure)


def spectral_rolloff(
    *,
    y: object = None,
    sr: float = 22050,
    S: object = None,  # noqa: N803 - librosa's name
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    window: object = "hann",
    center: bool = True,
    pad_mode: str = "constant",
    freq: object = None,
    roll_percent: float = 0.85,
) -> NDArray[np.float32]:
    """Give the frequency below which a share of the magnitude of each frame lies.

    Parameters
    ----------
    y, S, n_fft, hop_length, win_length, window, center, pad_mode
        The samples or their magnitudes, and how samples are cut into frames; see
        :func:`stft_magnitude`.
    sr : float, default=22050
        Sampling rate in Hz.
    freq : ndarray of shape (n_bins,) or None
        Frequencies of the bins in Hz, if they are not evenly spaced.
    roll_percent : float, default=0.85
        The share, between 0 and 1.

    Returns
    -------
    rolloff : ndarray of shape ([channels,] 1, n_frames), float32
        In Hz; the lowest bin's frequency for a silent frame. librosa adds up in single
        precision, so that it may give a neighbouring bin where the sum is within 1e-5 of the
        share.

    Raises
    ------
    ParameterError
        If an argument is invalid.
    """
    frames = FrameOptions(n_fft, hop_length, win_length, window, center, pad_mode)
    source = SpectralInput.checked(y, S, frames)
    rate, share = check_positive("sr", sr), check_positive("roll_percent", roll_percent)
    if share >= 1:
        raise ParameterError(f"roll_percent={roll_percent!r}: expected less than 1")
    frequencies = source.frequencies(freq)
    measure = _core.Measure.rolloff(rate, source.n_fft, frequencies, share)
    return source.measure(measure)


def spectral_flatness(
    *,
    y: object = None,
    S: object = None,  # noqa: N803 - librosa's name
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    window: object = "hann",
    center: bool = True,
    pad_mode: str = "constant",
    amin: float = 1e-10,
    power: float = 2.0,
) -> NDArray[np.float32]:
    """Give the geometric mean of each frame's power divided by its arithmetic mean.

    Parameters
    ----------
    y, S, n_fft, hop_length, win_length, window, center, pad_mode
        The samples or their magnitudes, and how samples are cut into frames; see
        :func:`stft_magnitude`.
    amin : float, default=1e-10
        Lower limit of power, itself at least 1.2e-38.
    power : float, default=2.0
        The exponent of magnitudes.

    Returns
    -------
    flatness : ndarray of shape ([channels,] 1, n_frames), float32
        From 0 to 1. A silent frame has 1, as in librosa, since all its bins are at `amin`.

    Raises
    ------
    ParameterError
        If an argument is invalid.
    """
    frames = FrameOptions(n_fft, hop_length, win_length, window, center, pad_mode)
    source = SpectralInput.checked(y, S, frames)
    least, exponent = check_positive("amin", amin), check_positive("power", power)
    if not 1.2e-38 <= least <= 3e38:
        raise ParameterError(f"amin={amin!r}: expected from 1.2e-38 to 3e38")
    return source.measure(_core.Measure.flatness(least, exponent))


def spectral_contrast(
    *,
    y: object = None,
    sr: float = 22050,
    S: object = None,  # noqa: N803 - librosa's name
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    window: object = "hann",
    center: bool = True,
    pad_mode: str = "constant",
    freq: object = None,
    fmin: float = 200.0,
    n_bands: int = 6,
    quantile: float = 0.02,
    linear: bool = False,
) -> NDArray[np.float32]:
    """Give how far peaks stand above valleys in octave bands, as librosa does.

    Parameters
    ----------
    y, S, n_fft, hop_length, win_length, window, center, pad_mode
        The samples or their magnitudes, and how samples are cut into frames; see
        :func:`stft_magnitude`.
    sr : float, default=22050
        Sampling rate in Hz.
    freq : ndarray of shape (n_bins,) or None
        Frequencies of the bins in Hz, if they are not evenly spaced.
    fmin : float, default=200.0
        Upper edge of the lowest band in Hz; edges double from there.
    n_bands : int, default=6
        Number of octave bands above the lowest.
    quantile : float, default=0.02
        A band's peak is the mean of this share of its bins, the largest, and its valley that
        of the smallest.
    linear : bool, default=False
        True for the difference of magnitudes; False for that of decibels, where peaks have a
        floor 80 dB below the largest of all peaks, and valleys 80 dB below the largest valley.

    Returns
    -------
    contrast : ndarray of shape ([channels,] n_bands + 1, n_frames), float32
        In decibels unless `linear`; 0 for silence.

    Raises
    ------
    ParameterError
        If an argument is invalid.
    """
    frames = FrameOptions(n_fft, hop_length, win_length, window, center, pad_mode)
    source = SpectralInput.checked(y, S, frames)
    measure = _core.Measure.contrast(
        check_positive("sr", sr),
        source.n_fft,
        source.frequencies(freq),
        check_positive("fmin", fmin),
        check_int("n_bands", n_bands, 1, 64),
        check_positive("quantile", quantile),
        check_flag("linear", linear),
    )
    return source.measure(measure)
