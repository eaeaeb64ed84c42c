"""What a preparation is, computed by NumPy, SciPy and librosa of whole arrays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import librosa
import numpy as np
import scipy.signal
from librosa.effects import trim

import audioclust as ac

if TYPE_CHECKING:
    from numpy.typing import NDArray


def one_channel(y: NDArray[np.float32], channels: str | int) -> NDArray[np.float32]:
    """Give one channel of (channels, n)."""
    if channels == "mix":
        return np.asarray(librosa.to_mono(y))
    if channels == "loudest":
        channels = int(np.argmax(np.square(y, dtype=np.float64).sum(axis=1)))
    elif isinstance(channels, str):
        channels = min(1, len(y) - 1) if channels == "right" else 0
    return np.asarray(y[channels])


def highpassed(y: NDArray[np.float32], sr: int, frequency: float) -> NDArray[np.float32]:
    sections = scipy.signal.butter(4, frequency, "highpass", fs=sr, output="sos")
    return np.asarray(scipy.signal.sosfilt(sections, y), np.float32)


def trimmed(y: NDArray[np.float32], top_db: float) -> NDArray[np.float32]:
    return np.asarray(trim(y, top_db=top_db, frame_length=512, hop_length=128)[0])


def middle(y: NDArray[np.float32], sr: int, seconds: float) -> NDArray[np.float32]:
    length = min(len(y), max(1, int(seconds * sr)))
    start = (len(y) - length) // 2
    return y[start : start + length]


def loudness(y: NDArray[np.float32], sr: int) -> float:
    """Give the integrated loudness of one channel by ITU-R BS.1770-4, in LUFS."""
    step = (sr + 5) // 10  # a tenth of a second
    block = 4 * step
    y = np.pad(y, (0, max(0, block - len(y))))
    for sections in _k_weighting(sr):
        y = scipy.signal.sosfilt(sections, y)
    starts = range(0, len(y) - block + 1, step)
    power = np.array([np.mean(np.square(y[start : start + block])) for start in starts])
    with np.errstate(divide="ignore"):
        power = power[-0.691 + 10 * np.log10(power) >= -70]
        if not len(power):
            return -math.inf
        gate = 10 * np.log10(power.mean()) - 10
        return float(-0.691 + 10 * np.log10(power[10 * np.log10(power) >= gate].mean()))


def _k_weighting(sr: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the recommendation's two filters, of 48 kHz there, at any rate.

    The analogue parameters that give its coefficients at 48 kHz are those of B. De Man,
    "Evaluation of Implementations of the EBU R128 Loudness Measurement", AES 145, 2018.
    """
    shelf, q, gain = 1681.9744509555319, 0.7071752369554193, 10 ** (3.99984385397 / 20)
    k, middle_gain = math.tan(math.pi * shelf / sr), gain**0.499666774155
    square = k * k
    first = [gain + middle_gain * k / q + square, 2 * (square - gain),
             gain - middle_gain * k / q + square, 1 + k / q + square,
             2 * (square - 1), 1 - k / q + square]  # fmt: skip
    k, q = math.tan(math.pi * 38.13547087613982 / sr), 0.5003270373253953
    square, scale = k * k, 1 + k / q + k * k
    second = [scale, -2 * scale, scale, scale, 2 * (square - 1), 1 - k / q + square]
    return tuple(np.array([row]) / row[3] for row in (first, second))  # type: ignore[return-value]


def gain_of(y: NDArray[np.float32], sr: int, normalize: str) -> float:
    wide = y.astype(np.float64)
    if not wide.any():
        return 1.0
    if normalize == "peak":
        return float(1 / np.abs(wide).max())
    if normalize == "rms":
        return float(0.1 / np.sqrt(np.mean(wide**2)))
    found = loudness(y, sr)
    return 1.0 if math.isinf(found) else float(10 ** ((-23 - found) / 20))


def prepared(
    y: NDArray[np.float32], sr: int, rate: int, preparation: ac.Preparation
) -> NDArray[np.float32]:
    """Prepare a whole signal (channels, n) for analysis at some rate."""
    start = int(preparation.offset * sr)
    duration = preparation.duration
    end = None if duration is None else start + int(duration * sr)
    mono = one_channel(y[:, start:end], preparation.channels)
    if preparation.highpass is not None:
        mono = highpassed(mono, sr, preparation.highpass)
    mono = np.asarray(librosa.resample(mono, orig_sr=sr, target_sr=rate, res_type="soxr_hq"))
    if preparation.trim is not None:
        mono = trimmed(mono, preparation.trim)
    if preparation.excerpt is not None:
        mono = middle(mono, rate, preparation.excerpt)
    if preparation.normalize is not None:
        mono = (mono * np.float64(gain_of(mono, rate, preparation.normalize))).astype(
            np.float32
        )
    return mono
