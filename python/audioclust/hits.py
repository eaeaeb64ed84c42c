"""What comes after each onset of one recording: found, cut out and measured."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from audioclust.analysis import RATES, Analysis, Feature
from audioclust.checks import check_int, check_names, check_number, check_positive
from audioclust.decode import open_stream
from audioclust.errors import (
    DecodeError,
    ItemError,
    NoOnsetsError,
    NothingExtractedError,
    ParameterError,
    SignalError,
)
from audioclust.features.onset import onset_detect
from audioclust.features.source import check_flag
from audioclust.features.temporal import zero_crossing_rate
from audioclust.items import Item, Recording, Source, scan
from audioclust.plans import extraction_settings, plans_for
from audioclust.prepare import Resampler, to_mono
from audioclust.streaming import Passes
from audioclust.table import ExtractionSettings, FeatureTable

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


class Hits(NamedTuple):
    """What was found in a recording.

    Attributes
    ----------
    recording : Recording
        What it was found in.
    sr, own_sr : int
        The rate at which it was analysed, and its own, in Hz.
    duration : float
        How long it is, in seconds.
    frames : ndarray of shape (n,), int64
        The frame of each onset.
    samples : ndarray of shape (n,), int64
        The sample at which each hit starts, at that rate.
    table : FeatureTable
        The features of each hit, an item.
    """

    recording: Recording
    sr: int
    own_sr: int
    duration: float
    frames: NDArray[np.int64]
    samples: NDArray[np.int64]
    table: FeatureTable


class Sound(NamedTuple):
    """A recording of one channel in memory.

    Attributes
    ----------
    y : ndarray of shape (n,), float32
        Its samples.
    sr, own_sr : int
        Their rate, and the recording's own, in Hz.
    """

    y: NDArray[np.float32]
    sr: int
    own_sr: int


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
        _, of_registry = _parted(names)
        # Without a feature of the registry the settings are checked with one that is not used.
        extraction_settings(of_registry or "rms", ("mean",), analysis, 0.0, None)
        return cls(
            window=check_positive("window", window),
            until_next=check_flag("until_next", until_next),
            delta=check_number("delta", delta),
            wait=check_int("wait", wait, 0),
            backtrack=check_flag("backtrack", backtrack),
            features=names,
            analysis=analysis,
        )


def find_hits(source: Source, settings: HitSettings) -> Hits:
    """Find the onsets of one recording and measure the stretch after each."""
    recording = one_recording(source)
    y, sr, own_sr = read(recording, settings.analysis.sr)
    hop = settings.analysis.hop_length
    frames = onset_detect(
        y=y,
        sr=sr,
        hop_length=hop,
        delta=settings.delta,
        wait=settings.wait,
        backtrack=settings.backtrack,
    )
    # Two onsets may go back to the same minimum, and the last frame may start at the end.
    frames = np.unique(frames[frames * hop < len(y)])
    if not len(frames):
        raise NoOnsetsError(_why_none(recording.path, y, sr, settings))
    samples = frames * hop
    ends = _ends(samples, len(y), sr, settings)
    table = _measure(recording.path, y, sr, np.stack([samples, ends], axis=1), settings)
    return Hits(recording, sr, own_sr, len(y) / sr, frames, samples, table)


def one_recording(source: Source) -> Recording:
    """Give the one recording that a source stands for."""
    found = scan(source)
    if not found.recordings:
        raise NothingExtractedError(tuple(found.errors))
    if len(found.recordings) > 1:
        raise ParameterError(f"path has {len(found.recordings)} recordings: expected one")
    return found.recordings[0]


def read(
    recording: Recording,
    sr: int | None,
    *,
    offset: float = 0.0,
    duration: float | None = None,
) -> Sound:
    """Decode a recording to one channel at a rate, its own if None.

    Raises
    ------
    NothingExtractedError
        If it cannot be decoded, or has no samples.
    """
    pieces: list[NDArray[np.float32]] = []
    try:
        stream = open_stream(recording, offset=offset, duration=duration)
        try:
            _check_rate(stream.sr)
            rate = stream.sr if sr is None else sr
            resampler = Resampler(stream.sr, rate)
            for block in stream.blocks:
                pieces.extend(resampler.push(to_mono(block)))
            pieces.extend(resampler.finish())
        finally:
            stream.close()
        y = np.concatenate(pieces) if pieces else np.empty(0, np.float32)
        _check_samples(y)
    except (DecodeError, SignalError) as why:
        error = ItemError(recording.path, why.kind, str(why))
        raise NothingExtractedError((error,)) from None
    return Sound(y, rate, stream.sr)


def read_as_it_is(recording: Recording) -> tuple[NDArray[np.float32], int]:
    """Decode a recording to (frames, channels) at its own rate."""
    stream = open_stream(recording)
    try:
        blocks = list(stream.blocks)
    finally:
        stream.close()
    return np.concatenate(blocks), stream.sr


def _check_rate(sr: int) -> None:
    if not RATES[0] <= sr <= RATES[1]:
        low, high = RATES
        message = f"its sampling rate is {sr} Hz, which is not from {low} to {high}"
        raise DecodeError("unsupported", message)


def _check_samples(y: NDArray[np.float32]) -> None:
    if not len(y):
        raise DecodeError("empty", "it has no samples, or none in the part asked for")
    if not np.isfinite(y).all():
        raise SignalError("corrupt", "it has samples that are no finite numbers")


def _why_none(path: str, y: NDArray[np.float32], sr: int, settings: HitSettings) -> str:
    """Say why a recording has no onsets, and what to change."""
    if not y.any():
        return f"no onsets in {path}: it is silent throughout; expected sound"
    seconds = len(y) / sr
    if seconds < settings.window:
        return (
            f"no onsets in {path}: it lasts {seconds:.3g} s, less than one window of"
            f" {settings.window:g} s; expected a longer recording"
        )
    return (
        f"no onsets in {path}: none exceeds its surroundings by delta={settings.delta:g};"
        " a smaller delta finds fainter ones"
    )


def _ends(
    samples: NDArray[np.int64], n: int, sr: int, settings: HitSettings
) -> NDArray[np.int64]:
    """Give where each hit ends: at the next onset or after the window, and with the sound."""
    if settings.until_next:
        return np.append(samples[1:], n)
    length = int(settings.window * sr)
    if not length:
        raise ParameterError(
            f"window={settings.window:g}: expected at least one sample, {1 / sr:.2g} s"
        )
    if length > n:
        raise ParameterError(
            f"window={settings.window:g}: expected at most the {n / sr:.3g} s that the"
            " recording lasts"
        )
    return np.minimum(samples + length, n)


def _measure(
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
    of_hits, of_registry = _parted(settings.features)
    asked = [Feature(name, analysis) for name in of_hits]
    columns = list(of_hits)
    values = np.array([[HIT_FEATURES[name](hit) for name in of_hits] for hit in hits])
    if of_registry:
        requested = extraction_settings(of_registry, ("mean",), analysis, 0.0, None)
        plans = plans_for(requested)
        asked += requested.features
        columns += plans.columns
        rows = np.stack([_row(Passes(sr, plans), hit) for hit in hits])
        values = np.concatenate([values, rows], axis=1)
    return FeatureTable(
        values=values.astype(np.float32),
        columns=tuple(columns),
        items=tuple(Item(path, start / sr, end / sr) for start, end in bounds.tolist()),
        errors=(),
        settings=ExtractionSettings(tuple(asked), ("mean",), analysis, 0.0, None),
    )


def _parted(features: tuple[str | Feature, ...]) -> tuple[list[str], list[str | Feature]]:
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


def _row(passes: Passes, y: NDArray[np.float32]) -> NDArray[np.float32]:
    passes.push(y)
    return passes.finish()
