"""What is measured of each hit."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from audioclust.audio.spans import Item
from audioclust.errors import ParameterError
from audioclust.extraction.analysis import Analysis, Feature
from audioclust.extraction.settings import ExtractionSettings
from audioclust.extraction.streaming import row_of
from audioclust.extraction.table import FeatureTable
from audioclust.features.temporal import zero_crossing_rate
from audioclust.utils.arguments import (
    check_flag,
    check_int,
    check_names,
    check_number,
    check_positive,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


SHORT_SECONDS, SHORT_N_FFT = 0.5, 512
"""Stretches shorter than this are analysed in frames of so many samples."""


def zero_crossings(y: NDArray[np.float32]) -> float:
    """Count the sign changes of a hit, taken as one frame."""
    rate = zero_crossing_rate(y, frame_length=len(y), hop_length=len(y), center=False)
    return round(float(rate[0, 0]) * len(y))


def l2_norm(y: NDArray[np.float32]) -> float:
    """Give the root of the sum of a hit's squared samples."""
    return float(np.linalg.norm(y.astype(np.float64)))


HIT_FEATURES: dict[str, Callable[[NDArray[np.float32]], float]] = {
    "zero_crossings": zero_crossings,
    "l2_norm": l2_norm,
}
"""Features of a hit as one frame; all others are those of the registry."""


class HitSettings(NamedTuple):
    """How onsets are found, and what of each is looked at; see :func:`audioclust.onsets`."""

    window: float
    until_next: bool
    delta: float
    wait: int
    backtrack: bool
    features: tuple[str | Feature, ...]
    analysis: Analysis

    @classmethod
    def checked(
        cls,
        window: float,
        until_next: bool,
        delta: float,
        wait: int,
        backtrack: bool,
        features: str | Feature | Iterable[str | Feature],
        analysis: Analysis,
    ) -> HitSettings:
        """Check what can be checked without a recording."""
        one = isinstance(features, Feature)
        listed = (features,) if one else check_names("features", features)
        names = cast("tuple[str | Feature, ...]", listed)
        if not names or len(set(names)) < len(names):
            raise ParameterError(f"features={names!r}: expected names, each once")
        _, of_registry = parted(names)
        # Without a feature of the registry the settings are checked with one that is not used.
        ExtractionSettings.checked(features=of_registry or "rms", analysis=analysis)
        return cls(
            window=check_positive("window", window),
            until_next=check_flag("until_next", until_next),
            delta=check_number("delta", delta),
            wait=check_int("wait", wait, 0),
            backtrack=check_flag("backtrack", backtrack),
            features=names,
            analysis=analysis,
        )


def measure(
    path: str,
    y: NDArray[np.float32],
    sr: int,
    bounds: NDArray[np.int64],
    settings: HitSettings,
) -> FeatureTable:
    """Compute the features of each hit, cut out and analysed on its own."""
    hits = [y[start:end] for start, end in bounds]
    shortest = min(map(len, hits)) if settings.until_next else settings.window * sr
    analysis = _short(settings.analysis, shortest < SHORT_SECONDS * sr)
    of_hits, of_registry = parted(settings.features)
    asked = [Feature(name, analysis) for name in of_hits]
    columns = list(of_hits)
    values = np.array([[HIT_FEATURES[name](hit) for name in of_hits] for hit in hits])
    if of_registry:
        requested = ExtractionSettings.checked(features=of_registry, analysis=analysis)
        plans = requested.plans
        asked += requested.features
        columns += plans.columns
        rows = np.stack([row_of(hit, sr, plans) for hit in hits])
        values = np.concatenate([values, rows], axis=1)
    return FeatureTable(
        values=values.astype(np.float32),
        columns=tuple(columns),
        items=tuple(Item(path, start / sr, end / sr) for start, end in bounds.tolist()),
        errors=(),
        settings=ExtractionSettings(tuple(asked), ("mean",), analysis, 0.0, None),
    )


def parted(features: tuple[str | Feature, ...]) -> tuple[list[str], list[str | Feature]]:
    """Part the features of hits as one frame from those of the registry."""
    of_hits = [name for name in features if isinstance(name, str) and name in HIT_FEATURES]
    return of_hits, [name for name in features if name not in of_hits]


def _short(analysis: Analysis, short: bool) -> Analysis:
    """Give the analysis of hits: of short ones, in short frames.

    All hits share it, since values from frames of different lengths do not compare.
    """
    if not short or analysis.n_fft <= SHORT_N_FFT:
        return analysis
    length = None if analysis.win_length is None else min(analysis.win_length, SHORT_N_FFT)
    hop = min(analysis.hop_length, SHORT_N_FFT // 4)
    return dataclasses.replace(analysis, n_fft=SHORT_N_FFT, win_length=length, hop_length=hop)
