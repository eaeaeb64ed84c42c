"""What each feature of the registry is, computed by librosa and NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import librosa
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Signal: TypeAlias = "NDArray[np.float32]"
Frames: TypeAlias = "NDArray[Any]"

SR = 22050
_feature: Any = librosa.feature


def _chroma(y: Signal) -> Frames:
    return np.asarray(_feature.chroma_stft(y=y, sr=SR, tuning=0))


def _mel_decibels(y: Signal) -> Frames:
    return np.asarray(librosa.power_to_db(_feature.melspectrogram(y=y, sr=SR), top_db=None))


def _strongest_pitches(y: Signal) -> Frames:
    """1 for the strongest pitch class of each frame that is not silent, else 0."""
    sr, n_fft, win_length = 44100, 16384, 8192
    y = librosa.resample(y, orig_sr=SR, target_sr=sr, res_type="soxr_hq")
    settings: dict[str, Any] = {"n_fft": n_fft, "win_length": win_length, "hop_length": 2205}
    chroma = _feature.chroma_stft(y=y, sr=sr, tuning=0, **settings)
    # The mean square of the samples under the window, weighted as the window weights them.
    power = np.abs(np.fft.irfft(librosa.stft(y, **settings), axis=0)) ** 2
    level = power.sum(axis=0) / np.sum(np.hanning(win_length + 1)[:-1] ** 2)
    return np.asarray(np.eye(12)[chroma[:, level > 1e-10].argmax(axis=0)].T)


ORACLES: dict[str, Callable[[Signal], Frames]] = {
    "spectral_bandwidth": lambda y: _feature.spectral_bandwidth(y=y, sr=SR),
    "rms": lambda y: _feature.rms(y=y),
    "spectral_flatness": lambda y: _feature.spectral_flatness(y=y),
    "zero_crossing_rate": lambda y: _feature.zero_crossing_rate(y),
    "chroma": _chroma,
    "chroma_mean": lambda y: _chroma(y).mean(axis=0, keepdims=True),
    "mel_level": lambda y: _mel_decibels(y).mean(axis=0, keepdims=True),
    "mfcc": lambda y: _feature.mfcc(y=y, sr=SR),
    "spectral_contrast": lambda y: _feature.spectral_contrast(y=y, sr=SR),
    "spectral_centroid": lambda y: _feature.spectral_centroid(y=y, sr=SR),
    "spectral_rolloff": lambda y: _feature.spectral_rolloff(y=y, sr=SR),
    "pitch_histogram": _strongest_pitches,
}
"""The values of each feature in each frame, (columns, frames), of a signal at :data:`SR` Hz."""


def librosa_frames(y: Signal, name: str) -> Frames:
    """The values of a feature in each frame, (columns, frames)."""
    return np.asarray(ORACLES[name](y))
