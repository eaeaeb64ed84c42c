"""Onsets: how suddenly a spectrum grows, and where it does."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust import _core
from audioclust.errors import ParameterError
from audioclust.features.cepstral import melspectrogram, power_to_db
from audioclust.features.inputs import refuse
from audioclust.utils.arguments import (
    as_floats,
    check_flag,
    check_int,
    check_number,
    check_positive,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


def onset_strength(
    *,
    y: object = None,
    sr: float = 22050,
    S: object = None,  # noqa: N803 - librosa's name
    lag: int = 1,
    max_size: int = 1,
    ref: object = None,
    detrend: bool = False,
    center: bool = True,
    feature: None = None,
    aggregate: Any = None,
    n_fft: int = 2048,
    hop_length: int = 512,
    **kwargs: Any,
) -> NDArray[np.float32]:
    """Give how much mel bands grow from frame to frame, as ``librosa.onset`` does.

    Parameters
    ----------
    y : ndarray of shape (n,) or (channels, n), float32 or float64, or None
        The samples.
    sr : float, default=22050
        Sampling rate in Hz.
    S : ndarray of shape ([channels,] n_bands, n_frames), or None
        Levels of bands in decibels, instead of `y`.
    lag : int, default=1
        Distance of the frames that are compared.
    max_size : int, default=1
        Number of bands over which the earlier frame's maximum is taken.
    ref : ndarray of the shape of `S`, or None
        What frames are compared with, instead of the earlier ones.
    detrend : bool, default=False
        Whether slow changes are filtered out.
    center : bool, default=True
        Whether the result is moved by half a frame, so that onsets are where they are heard.
    feature
        Only None, for :func:`melspectrogram`, is supported; give `S` for others.
    aggregate : None, numpy.mean or numpy.median
        How the growth of all bands becomes one number; None is the mean.
    n_fft, hop_length : int
        How samples are cut.
    **kwargs
        Further arguments of :func:`melspectrogram`.

    Returns
    -------
    strength : ndarray of shape ([channels,] n_frames), float32
        In decibels.

    Raises
    ------
    ParameterError
        For an argument that cannot be what it is.
    """
    refuse("feature", feature, None)
    if aggregate not in (None, np.mean, np.median):
        raise ParameterError(
            f"aggregate={aggregate!r}: expected None, numpy.mean or numpy.median"
        )
    lag, max_size = check_int("lag", lag, 1), check_int("max_size", max_size, 1)
    n_fft = check_int("n_fft", n_fft, 2, 2**20)
    hop_length = check_int("hop_length", hop_length, 1)
    if S is None:
        if y is None:
            raise ParameterError("y=None: expected a signal, or levels as S")
        mel = melspectrogram(y=y, sr=sr, n_fft=n_fft, hop_length=hop_length, **kwargs)
        levels = power_to_db(mel)
    elif kwargs:
        raise ParameterError(
            f"{next(iter(kwargs))} has no meaning with S: expected it with y only"
        )
    else:
        levels = as_floats("S", S, (2, 3)).astype(np.float32, copy=False)
    earlier = None if ref is None else as_floats("ref", ref).astype(np.float32, copy=False)
    if earlier is not None and earlier.shape != levels.shape:
        raise ParameterError(f"ref has shape {earlier.shape}: expected S's, {levels.shape}")
    one_channel = levels.ndim == 2
    if one_channel:
        levels, earlier = levels[np.newaxis], None if earlier is None else earlier[np.newaxis]
    median = aggregate is np.median
    strength = _core.onset_strength(levels, earlier, lag=lag, max_size=max_size, median=median)
    lead = lag + (n_fft // (2 * hop_length) if check_flag("center", center) else 0)
    strength = np.pad(strength, [(0, 0), (lead, 0)])
    if check_flag("detrend", detrend):
        from scipy.signal import lfilter

        strength = lfilter([1.0, -1.0], [1.0, -0.99], strength, axis=-1).astype(np.float32)
    if center:
        strength = strength[:, : levels.shape[-1]]
    return strength[0] if one_channel else strength


def onset_detect(
    *,
    y: object = None,
    sr: float = 22050,
    onset_envelope: object = None,
    hop_length: int = 512,
    backtrack: bool = False,
    energy: object = None,
    units: str = "frames",
    normalize: bool = True,
    sparse: bool = True,
    pre_max: float | None = None,
    post_max: float | None = None,
    pre_avg: float | None = None,
    post_avg: float | None = None,
    wait: float | None = None,
    delta: float = 0.07,
) -> NDArray[Any]:
    """Find onsets, as ``librosa.onset.onset_detect`` does.

    An onset is a frame of the largest onset strength around it, which exceeds the mean around
    it by `delta` and comes more than `wait` frames after the one before.

    Parameters
    ----------
    y : ndarray of shape (n,), float32 or float64, or None
        The samples; (channels, n) too unless `sparse`.
    sr : float, default=22050
        Sampling rate in Hz.
    onset_envelope : ndarray of shape ([channels,] n_frames), or None
        Onset strength, instead of `y`.
    hop_length : int, default=512
        Distance from one frame to the next, in samples.
    backtrack : bool, default=False
        Whether onsets are moved back to the last minimum before them.
    energy : ndarray of shape (n_frames,), or None
        What minima are looked for in; None is the onset strength.
    units : "frames", "samples" or "time", default="frames"
        What onsets are given in.
    normalize : bool, default=True
        Whether onset strength is brought to a range from 0 to 1 first.
    sparse : bool, default=True
        Whether onsets are listed, else marked frame by frame.
    pre_max, post_max, pre_avg, post_avg : float or None
        Frames before and after that a maximum and a mean are taken over; None is 30 ms and
        0 ms, and 100 ms and 100 ms.
    wait : float or None
        Least number of frames between two onsets; None is 30 ms.
    delta : float, default=0.07
        How far an onset exceeds the mean.

    Returns
    -------
    onsets : ndarray of shape (n_onsets,), int64, or float64 for "time" in seconds
        Ascending; unless `sparse`, bool of shape ([channels,] n_frames). None of silence.

    Raises
    ------
    ParameterError
        For an argument that cannot be what it is.
    """
    rate, hop = check_positive("sr", sr), check_int("hop_length", hop_length, 1)
    if units not in ("frames", "samples", "time"):
        raise ParameterError(f"units={units!r}: expected 'frames', 'samples' or 'time'")
    if check_flag("backtrack", backtrack) and not check_flag("sparse", sparse):
        raise ParameterError("sparse=False: expected True for backtrack=True")
    envelope = _envelope(
        y, rate, onset_envelope, hop, sparse, check_flag("normalize", normalize)
    )
    default = (0.03 * rate // hop, 1.0, 0.1 * rate // hop, 0.1 * rate // hop + 1)
    settings = {
        "pre_max": _frames("pre_max", pre_max, default[0]),
        "post_max": _frames("post_max", post_max, default[1], least=1),
        "pre_avg": _frames("pre_avg", pre_avg, default[2]),
        "post_avg": _frames("post_avg", post_avg, default[3], least=1),
        "wait": _frames("wait", wait, default[0]),
    }
    threshold = check_number("delta", delta)
    marks = np.zeros(envelope.shape, bool)
    for row, marked in zip(np.atleast_2d(envelope), np.atleast_2d(marks), strict=True):
        # Of silence everything is a peak of 0 over 0.
        if row.any():
            marked[_core.onset_peaks(row.astype(np.float64), delta=threshold, **settings)] = (
                True
            )
    if not sparse:
        return marks
    onsets = np.flatnonzero(marks)
    if backtrack:
        onsets = onset_backtrack(onsets, envelope if energy is None else energy)
    if units == "frames":
        return onsets
    samples = onsets * hop
    return samples if units == "samples" else samples / rate


def _envelope(
    y: object, sr: float, given: object, hop_length: int, sparse: bool, normalize: bool
) -> NDArray[Any]:
    """Give the onset strength, brought to a range from 0 to 1 if asked for."""
    if given is None:
        if y is None:
            raise ParameterError("y=None: expected a signal, or onset_envelope")
        given = onset_strength(y=y, sr=sr, hop_length=hop_length)
    envelope = as_floats("onset_envelope", given, (1,) if sparse else (1, 2))
    if not np.isfinite(envelope).all():
        raise ParameterError("onset_envelope: expected finite numbers")
    if not normalize:
        return envelope
    envelope = envelope - np.min(envelope, keepdims=True, axis=-1)
    tiny = np.finfo(envelope.dtype).tiny
    return np.asarray(envelope / (np.max(envelope, keepdims=True, axis=-1) + tiny))


def _frames(name: str, value: object, default: float, least: int = 0) -> int:
    """Round a number of frames up, as librosa does."""
    frames = math.ceil(default if value is None else check_number(name, value))
    if frames < least:
        raise ParameterError(f"{name}={value!r}: expected more than 0")
    return min(frames, 2**31)


def onset_backtrack(events: object, energy: object) -> NDArray[np.int64]:
    """Move onsets back to the last local minimum before them, as ``librosa.onset`` does.

    Parameters
    ----------
    events : ndarray of shape (n_onsets,), int
        Frames.
    energy : ndarray of shape (n_frames,), float32 or float64
        What minima are looked for in.

    Returns
    -------
    frames : ndarray of shape (n_onsets,), int64
        No later than the events; 0 where no minimum is before one.

    Raises
    ------
    ParameterError
        For an argument that cannot be what it is.
    """
    values = as_floats("energy", energy, (1,))
    frames = np.asarray(events)
    if frames.size and (frames.dtype.kind not in "iu" or frames.ndim != 1 or frames.min() < 0):
        got = f"an array of {frames.dtype} and shape {frames.shape}"
        raise ParameterError(f"events={got}: expected frames, ints of at least 0")
    if not np.isfinite(values).all():
        raise ParameterError("energy: expected finite numbers")
    return _core.onset_backtrack(frames.tolist(), values.astype(np.float64))
