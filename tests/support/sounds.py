"""Synthetic sounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def tone(
    seconds: float = 1.0, frequency: float = 440.0, sr: int = 22050
) -> NDArray[np.float32]:
    """Give a sine of half the full scale."""
    t = np.arange(int(seconds * sr)) / sr
    return (0.5 * np.sin(2 * np.pi * frequency * t)).astype(np.float32)


def alternating(
    kinds: list[int], seconds: float = 6.0, sr: int = 22050, seed: int = 0
) -> np.ndarray:
    """Noise of two or more colours, or silence for -1, a stretch each."""
    rng = np.random.default_rng(seed)
    parts = []
    for kind in kinds:
        noise = rng.normal(size=int(seconds * sr)) * (kind >= 0)
        spectrum = np.fft.rfft(noise)
        places = np.arange(len(spectrum)) / len(spectrum)
        spectrum *= np.exp(-((places - 0.1 - 0.2 * kind) ** 2) / 0.01)
        y = np.fft.irfft(spectrum, len(noise))
        parts.append(0.3 * y / max(np.abs(y).max(), 1e-9))
    return np.concatenate(parts).astype(np.float32)
