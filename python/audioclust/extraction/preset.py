"""Presets: settings for one kind of recordings, under one word."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from audioclust.audio.preparation.settings import Preparation
from audioclust.errors import ParameterError
from audioclust.extraction.analysis import Analysis, Feature

PresetName = Literal["music", "oneshots", "speech", "wildlife", "ultrasound"]
"""The names of the presets."""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """What is extracted of one kind of recordings, and how.

    Parameters
    ----------
    name : str
        Its name.
    summary : str
        What it is for.
    basis : str
        Where its settings come from, and what was measured of it.
    preparation : Preparation
        What is done to each recording before features are computed of it.
    analysis : Analysis
        Sampling rate, frames and window.
    features : str, Feature, or tuple of these, default="default"
        What is computed; see :func:`audioclust.extract`.
    stats : tuple of str or None, default=None
        Statistics over frames; None is those that belong to the features.
    """

    name: str
    summary: str
    basis: str
    preparation: Preparation = field(default_factory=Preparation)
    analysis: Analysis = field(default_factory=Analysis)
    features: str | Feature | tuple[str | Feature, ...] = "default"
    stats: tuple[str, ...] | None = None


# Pickles name it by where users find it, and so survive a move to another module.
Preset.__module__ = "audioclust"


@functools.cache
def presets() -> Mapping[str, Preset]:
    """Give the presets by name.

    Functions take them as ``preset=``. What is given to a function beside a preset wins over
    what the preset has. What was measured of them is told in ``docs/preparing.md``.

    Returns
    -------
    mapping of str to Preset

    Examples
    --------
    >>> import audioclust as ac
    >>> list(ac.presets())
    ['music', 'oneshots', 'speech', 'wildlife', 'ultrasound']
    >>> ac.presets()["oneshots"].preparation.trim
    40.0
    """
    listed = (_music(), _oneshots(), _speech(), _wildlife(), _ultrasound())
    return MappingProxyType({preset.name: preset for preset in listed})


def check_preset(value: object) -> Preset | None:
    """Give the preset that is meant by a name, by itself or by None.

    Raises
    ------
    ParameterError
        If it is none.
    """
    if value is None or isinstance(value, Preset):
        return value
    if isinstance(value, str) and value in presets():
        return presets()[value]
    names = ", ".join(get_args(PresetName))
    raise ParameterError(f"preset={value!r}: expected one of {names}, or an audioclust.Preset")


def _music() -> Preset:
    return Preset(
        name="music",
        summary="pieces of music: 30 s from the middle of each",
        basis="30 s as in GTZAN and FMA, from the middle, which is no intro. No set at hand has"
        " classes of whole pieces, so that nothing was measured.",
        preparation=Preparation(excerpt=30),
    )


def _oneshots() -> Preset:
    return Preset(
        name="oneshots",
        summary="drum hits and other short sounds: without what is quiet at the ends",
        basis="Helps where sounds are padded with silence. On sets without padding it changes"
        " nothing that can be told from chance, and costs sustained notes.",
        preparation=Preparation(trim=40),
    )


def _speech() -> Preset:
    return Preset(
        name="speech",
        summary="speech: frames of 25 ms at 16 kHz, without what is quiet at the ends",
        basis="The frames of HTK and Kaldi. They change nothing that can be told from chance on"
        " spoken digits, trim helps where these are padded with silence.",
        preparation=Preparation(trim=40),
        analysis=Analysis(sr=16000, n_fft=512, win_length=400, hop_length=160),
    )


def _wildlife() -> Preset:
    return Preset(
        name="wildlife",
        summary="birds and other animals that people hear: 500 Hz to 15 kHz at 48 kHz",
        basis="The rate, frames and band of BirdNET 2.4's upper spectrogram, to which it too"
        " resamples all recordings. Tried on synthetic calls only.",
        preparation=Preparation(highpass=500),
        analysis=Analysis(sr=48_000, n_fft=1024, hop_length=280, fmin=500, fmax=15_000),
    )


def _ultrasound() -> Preset:
    return Preset(
        name="ultrasound",
        summary="bats: 10 to 120 kHz at 256 kHz",
        basis="The rate, frames and band of BatDetect2, to which it too resamples all"
        " recordings. Tried on synthetic calls only.",
        preparation=Preparation(highpass=10_000),
        analysis=Analysis(sr=256_000, n_fft=512, hop_length=128, fmin=10_000, fmax=120_000),
        # Spectral contrast needs frames that are too long for calls of a few milliseconds.
        features=(
            *("spectral_bandwidth", "rms", "spectral_flatness", "zero_crossing_rate"),
            *("chroma_mean", "mel_level", "mfcc12"),
        ),
        stats=("parts", "std", "change"),
    )
