"""Spectrograms and chromagrams as small pictures."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from audioclust.features.cepstral import melspectrogram
from audioclust.features.chroma import chroma_stft
from audioclust.report.views.frames import FrameColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = 720
"""Columns of a picture, at most."""

BANDS = 64
"""Mel bands of a spectrogram."""

RANGE = 70.0
"""What is that much weaker than the strongest band, in dB, is as dark as silence."""

_MARKS = (100, 250, 500, 1000, 2000, 4000, 8000, 16000, 32000, 64000)
"""Frequencies in Hz that a scale may name."""

_LEAST_GAP = 0.16
"""Named frequencies are as far apart, in shares of the height."""


def spectrogram_columns(sr: int, n_samples: int, n_columns: int = COLUMNS) -> FrameColumns:
    """Give what makes the spectrogram of a recording while it goes by.

    Parameters
    ----------
    sr : int
        Its rate in Hz.
    n_samples : int
        Its length in samples.
    n_columns : int
        Columns of the picture, at most.
    """
    n_fft = frame_length(sr, 0.046)
    measure = functools.partial(_mel, sr=sr, n_fft=n_fft)
    return FrameColumns(measure, n_fft, n_samples, n_columns)


def chromagram_columns(sr: int, n_samples: int, n_columns: int = COLUMNS) -> FrameColumns:
    """Give what makes the chromagram of a recording while it goes by; see above."""
    n_fft = frame_length(sr, 0.186)
    measure = functools.partial(_chroma, sr=sr, n_fft=n_fft)
    return FrameColumns(measure, n_fft, n_samples, n_columns)


def frame_length(sr: int, seconds: float) -> int:
    """Give the power of two that is nearest to some seconds, in samples; at least 64."""
    return max(64, int(2 ** round(np.log2(sr * seconds))))


def as_levels(power: NDArray[np.float32]) -> NDArray[np.float64]:
    """Give power as levels of a picture, from 0 to 1.

    Parameters
    ----------
    power : ndarray of shape (n_bands, n_columns)
        Low bands first; in the picture they are at the bottom.
    """
    strongest = float(power.max(initial=0.0))
    if strongest == 0:
        return np.zeros(power.shape)
    decibels = 10 * np.log10(np.maximum(power[::-1] / strongest, 1e-12))
    return np.asarray(np.clip(1 + decibels / RANGE, 0.0, 1.0), np.float64)


def as_shares(chroma: NDArray[np.float32]) -> NDArray[np.float64]:
    """Give the energy of pitch classes as levels of a picture.

    Parameters
    ----------
    chroma : ndarray of shape (12, n_columns)
        From C, which is at the bottom of the picture. The strongest of each column becomes 1.
    """
    strongest = chroma.max(axis=0)
    shares = chroma[::-1] / np.where(strongest > 0, strongest, 1)
    return np.asarray(shares, np.float64)


def frequency_marks(sr: int) -> list[dict[str, float]]:
    """Give the frequencies that the scale of a spectrogram names, and where they are.

    Returns
    -------
    marks : list of dict
        ``hz``, and ``at``: how high, from 0 (0 Hz) to 1 (half the rate) on Slaney's mel scale.
    """
    marks: list[dict[str, float]] = []
    top = _mels(sr / 2)
    for hz in (hz for hz in _MARKS if hz < sr / 2):
        at = _mels(hz) / top
        if at < 0.96 and (not marks or at - marks[-1]["at"] >= _LEAST_GAP):
            marks.append({"hz": hz, "at": round(at, 4)})
    return marks


def _mels(hz: float) -> float:
    """Give a frequency on the mel scale of Slaney's Auditory Toolbox, which librosa has too."""
    return (
        3 * hz / 200 if hz < 1000 else 15 + 27 * float(np.log(hz / 1000)) / float(np.log(6.4))
    )


def _mel(y: NDArray[np.float32], *, sr: int, n_fft: int) -> NDArray[np.float32]:
    power: NDArray[np.float32] = melspectrogram(
        y=y, sr=sr, n_fft=n_fft, hop_length=n_fft, n_mels=BANDS, center=False
    )
    return power


def _chroma(y: NDArray[np.float32], *, sr: int, n_fft: int) -> NDArray[np.float32]:
    energy: NDArray[np.float32] = chroma_stft(
        y=y, sr=sr, n_fft=n_fft, hop_length=n_fft, norm=None, tuning=0.0, center=False
    )
    return energy
