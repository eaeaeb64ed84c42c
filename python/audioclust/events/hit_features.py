"""How hits are found, and the features of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from audioclust.audio.preparation.settings import Preparation
from audioclust.audio.recording import Recording
from audioclust.audio.spans import Item
from audioclust.errors import ParameterError
from audioclust.extraction.analysis import Analysis, Feature
from audioclust.extraction.embeddings.embedding import Embedding
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


SHORT_SECONDS = 0.5
"""Hits shorter than this are analysed in shorter frames, of which there are enough in them."""


SHORT_N_FFT = 512
"""The length of these frames in samples; one begins every quarter of it."""


HIT_STATS = ("mean",)
"""The statistics of the frames of a hit, which are too few for more."""


def zero_crossings(y: NDArray[np.float32]) -> float:
    """Count the sign changes in a hit, the samples of one channel."""
    rate = zero_crossing_rate(y, frame_length=len(y), hop_length=len(y), center=False)
    return round(float(rate[0, 0]) * len(y))


def l2_norm(y: NDArray[np.float32]) -> float:
    """Give the root of the sum of the squared samples of a hit."""
    return float(np.linalg.norm(y.astype(np.float64)))


HIT_FEATURES: dict[str, Callable[[NDArray[np.float32]], float]] = {
    "zero_crossings": zero_crossings,
    "l2_norm": l2_norm,
}
"""Features that take a hit as a whole; all others are those of the registry."""


@dataclass(frozen=True)
class HitSettings:
    """How onsets are found and hits are measured; see :func:`audioclust.onsets`.

    Attributes
    ----------
    window : float
        Length of a hit in seconds.
    until_next : bool
        Whether a hit lasts until the next onset instead.
    delta : float
        By how much an onset exceeds its surroundings.
    wait : int
        Least number of frames between two onsets.
    backtrack : bool
        Whether onsets are moved back to the last minimum before them.
    features : tuple of str or Feature
        What is measured of each hit.
    analysis : Analysis
        Sampling rate and frames of the onset detection and of the features.
    """

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
        *,
        window: float,
        until_next: bool,
        delta: float,
        wait: int,
        backtrack: bool,
        features: str | Feature | Iterable[str | Feature],
        analysis: Analysis,
    ) -> HitSettings:
        """Check what can be checked without a recording.

        Raises
        ------
        ParameterError
            If an argument is invalid.
        """
        return cls(
            features=_checked_features(features, analysis),
            analysis=analysis,
            window=check_positive("window", window),
            until_next=check_flag("until_next", until_next),
            delta=check_number("delta", delta),
            wait=check_int("wait", wait, 0),
            backtrack=check_flag("backtrack", backtrack),
        )


def _checked_features(
    features: str | Feature | Iterable[str | Feature], analysis: Analysis
) -> tuple[str | Feature, ...]:
    """Give the features as a tuple, or raise a ParameterError if one is unknown or twice."""
    alone = isinstance(features, (Feature, Embedding))
    listed = (features,) if alone else check_names("features", features)
    names = cast("tuple[str | Feature, ...]", listed)
    if not names or len(set(names)) < len(names):
        raise ParameterError(f"features={names!r}: expected names, each once")
    _, of_registry = _by_kind(names)
    # The analysis is to be checked even if no feature of the registry was asked for.
    asked = ExtractionSettings.checked(features=of_registry or "rms", analysis=analysis)
    asked.without_embeddings()
    return names


def measure(
    recording: Recording,
    y: NDArray[np.float32],
    sr: int,
    bounds: NDArray[np.int64],
    settings: HitSettings,
) -> FeatureTable:
    """Compute the features of each hit, which is cut out and analysed by itself.

    Parameters
    ----------
    recording : Recording
        The recording that the hits are in.
    y : ndarray of shape (n,), float32
        Its samples.
    sr : int
        Their rate in Hz.
    bounds : ndarray of shape (n_hits, 2), int64
        The first sample of each hit, and the first after it.
    settings : HitSettings
        What to measure.

    Returns
    -------
    FeatureTable
        A row for each hit: the features of :data:`HIT_FEATURES` first, then the others.
    """
    hits = [y[start:end] for start, end in bounds]
    shortest = min(map(len, hits)) if settings.until_next else settings.window * sr
    analysis = settings.analysis
    if shortest < SHORT_SECONDS * sr:
        analysis = _with_short_frames(analysis)
    of_hits, of_registry = _by_kind(settings.features)
    used = [Feature(name, analysis) for name in of_hits]
    columns = list(of_hits)
    values = np.array([[HIT_FEATURES[name](hit) for name in of_hits] for hit in hits])
    if of_registry:
        requested = ExtractionSettings.checked(
            features=of_registry, stats=HIT_STATS, analysis=analysis
        )
        plans = requested.plans
        used += requested.features
        columns += plans.columns
        rows = np.stack([row_of(hit, sr, plans) for hit in hits])
        values = np.concatenate([values, rows], axis=1)
    return FeatureTable(
        values=values.astype(np.float32),
        columns=tuple(columns),
        items=tuple(Item(recording.path, a / sr, b / sr) for a, b in bounds.tolist()),
        errors=(),
        settings=ExtractionSettings(tuple(used), HIT_STATS, analysis, Preparation()),
        folder=recording.folder,
    )


def _by_kind(
    features: Sequence[str | Feature],
) -> tuple[list[str], list[str | Feature]]:
    """Separate the features of :data:`HIT_FEATURES` from those of the registry."""
    of_hits = [name for name in features if isinstance(name, str) and name in HIT_FEATURES]
    return of_hits, [name for name in features if name not in of_hits]


def _with_short_frames(analysis: Analysis) -> Analysis:
    """Give an analysis whose frames have at most :data:`SHORT_N_FFT` samples.

    If one hit is short, it is used for all: values from frames of different lengths cannot be
    compared.
    """
    if analysis.n_fft <= SHORT_N_FFT:
        return analysis
    length = None if analysis.win_length is None else min(analysis.win_length, SHORT_N_FFT)
    hop = min(analysis.hop_length, SHORT_N_FFT // 4)
    return dataclasses.replace(analysis, n_fft=SHORT_N_FFT, win_length=length, hop_length=hop)
