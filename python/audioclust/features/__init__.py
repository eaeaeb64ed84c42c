"""Features of arrays, with librosa 0.11's names, arguments and numbers.

Functions of a signal or its spectra take the samples `y`, float32 or float64 of shape (n,) or
(channels, n), or where librosa does, precomputed spectra `S`, ([channels,] n_bins, n_frames);
arrays are read where they are, whatever their strides, and a tensor comes in through DLPack.
They give float32 of shape ([channels,] n_features, n_frames). They raise
:class:`audioclust.ParameterError` for what they cannot take, and compute without the GIL.

:func:`extract` computes many features in one pass and gives one row of statistics;
:class:`Extractor` does so for a signal that comes block by block; :func:`registry` lists what
both know.
"""

from __future__ import annotations

from audioclust.extraction.registry import FeatureInfo, registry
from audioclust.extraction.streaming import Extractor
from audioclust.features.cepstral import delta, melspectrogram, mfcc, power_to_db
from audioclust.features.chroma import chroma_stft
from audioclust.features.onset import onset_backtrack, onset_detect, onset_strength
from audioclust.features.row import extract
from audioclust.features.spectral import (
    spectral_bandwidth,
    spectral_centroid,
    spectral_contrast,
    spectral_flatness,
    spectral_rolloff,
    stft_magnitude,
)
from audioclust.features.temporal import rms, zero_crossing_rate

__all__ = [
    "Extractor",
    "FeatureInfo",
    "chroma_stft",
    "delta",
    "extract",
    "melspectrogram",
    "mfcc",
    "onset_backtrack",
    "onset_detect",
    "onset_strength",
    "power_to_db",
    "registry",
    "rms",
    "spectral_bandwidth",
    "spectral_centroid",
    "spectral_contrast",
    "spectral_flatness",
    "spectral_rolloff",
    "stft_magnitude",
    "zero_crossing_rate",
]
