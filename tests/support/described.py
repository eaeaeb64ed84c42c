"""Descriptors computed in another way: by librosa, by pyloudnorm, or slowly by NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import librosa
import numpy as np
import pyloudnorm
from librosa.onset import onset_detect

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE = 22050

_MAJOR = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88]
_MINOR = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17]


def loudness(y: NDArray[np.float32]) -> float:
    """Give the integrated loudness of BS.1770 in LUFS, as pyloudnorm has it."""
    return float(pyloudnorm.Meter(RATE).integrated_loudness(y.astype(np.float64)))


def brightness(y: NDArray[np.float32]) -> float:
    """Give librosa's spectral centroid in Hz, averaged over frames by their magnitudes."""
    spectra = np.abs(librosa.stft(y))
    centroids = librosa.feature.spectral_centroid(S=spectra, sr=RATE)[0]
    return float(np.average(centroids, weights=spectra.sum(axis=0)))


def tempo(y: NDArray[np.float32]) -> float:
    """Give librosa's tempo in BPM."""
    return float(librosa.feature.tempo(y=y, sr=RATE)[0])


def onset_rate(y: NDArray[np.float32]) -> float:
    """Give how many onsets librosa finds in a second."""
    return len(onset_detect(y=y, sr=RATE)) * RATE / len(y)


def chroma(y: NDArray[np.float32]) -> NDArray[np.float64]:
    """Give the mean of librosa's pitch classes of magnitudes, around A3 and tuned."""
    spectra = np.abs(librosa.stft(y))
    tuning = librosa.estimate_tuning(S=spectra**2, sr=RATE, bins_per_octave=12)
    weighting = {"ctroct": 3, "octwidth": 1}
    classes = librosa.feature.chroma_stft(
        S=spectra, sr=RATE, norm=None, tuning=tuning, **weighting
    )
    return np.asarray(classes.mean(axis=1), np.float64)


def key(y: NDArray[np.float32]) -> tuple[int, float]:
    """Give the key by Krumhansl and Schmuckler's algorithm, and its confidence."""
    classes = chroma(y)
    fits = [
        np.corrcoef(classes, np.roll(profile, tonic))[0, 1]
        for profile in (_MAJOR, _MINOR)
        for tonic in range(12)
    ]
    second, first = np.sort(fits)[-2:]
    return int(np.argmax(fits)), float((first - second) / (1 - second))


def attack_time(y: NDArray[np.float32]) -> float:
    """Give how long the envelope rises from 20 % to 90 % of its maximum, in seconds.

    The envelope is looked up between its values, on a fine grid. NaN if it was not below 20 %
    in the ten seconds before the maximum.
    """
    step = 55
    padded = np.pad(y.astype(np.float64), (step, 2 * step + -len(y) % step))
    squares = (padded**2).reshape(-1, step).sum(axis=1)
    envelope = np.sqrt((squares[:-1] + squares[1:]) / (2 * step))
    top = int(np.argmax(envelope))
    if top > 4009 and envelope[top - 4008 : top].min() >= 0.2 * envelope[top]:
        return float("nan")  # Not below in the 4,009 values of ten seconds.
    fine = np.interp(
        np.arange(-1, top, 1e-3), np.arange(-1, top + 1), [0, *envelope[: top + 1]]
    )
    start = np.flatnonzero(fine < 0.2 * envelope[top])[-1]
    end = start + np.flatnonzero(fine[start:] >= 0.9 * envelope[top])
    end_of_rise = end[0] if len(end) else len(fine)
    return float((end_of_rise - start) * 1e-3 * step / RATE)
