"""What each feature of the registry is, computed by librosa and NumPy."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias
from unittest import mock

import librosa
import librosa.feature.spectral
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
    "mfcc12": lambda y: _feature.mfcc(y=y, sr=SR, n_mfcc=12),
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


def unfloored_frames(y: Signal, name: str) -> Frames:
    """The values of a feature in each frame without the floor of 80 dB, where there is one."""
    if name in ("mfcc", "mfcc12"):
        n_mfcc = 12 if name == "mfcc12" else 20
        return np.asarray(_feature.mfcc(S=_mel_decibels(y), n_mfcc=n_mfcc))
    if name == "spectral_contrast":
        # librosa has no argument that leaves out the floor of contrast.
        unfloored = functools.partial(librosa.power_to_db, top_db=None)
        with mock.patch.object(librosa.feature.spectral, "power_to_db", unfloored):
            return np.asarray(_feature.spectral_contrast(y=y, sr=SR))
    return librosa_frames(y, name)


def energies(y: Signal) -> NDArray[np.float64]:
    """The energy of each frame, up to a constant factor."""
    return np.asarray(_feature.rms(y=y)[0].astype(np.float64) ** 2)


def parts(frames: Frames, energy: NDArray[np.float64], n_parts: int = 4) -> NDArray[np.float64]:
    """Means over consecutive parts of equal energy, (columns, parts), from the definition.

    A frame belongs to the parts that its energy lies in, by shares. A frame without energy
    belongs to the part around it, and half to each of two parts between which it lies. Without
    any energy, the parts have equal time.
    """
    weights = energy if energy.any() else np.ones_like(energy)
    ends = np.concatenate([[0], np.cumsum(weights)]) / weights.sum() * n_parts
    low, high = np.arange(n_parts)[:, None], np.arange(1, n_parts + 1)[:, None]
    inside = np.clip(np.minimum(ends[1:], high) - np.maximum(ends[:-1], low), 0, None)
    shares = np.zeros_like(inside)
    lengths = np.diff(ends)
    np.divide(inside, lengths, out=shares, where=lengths > 0)
    for t in np.flatnonzero(lengths == 0):
        around = (
            np.abs(np.clip(ends[t], 1e-12, n_parts - 1e-12) - (low[:, 0] + 0.5)) <= 0.5 + 1e-9
        )
        shares[:, t] = around / around.sum()
    return np.asarray(frames @ shares.T / shares.sum(axis=1))
