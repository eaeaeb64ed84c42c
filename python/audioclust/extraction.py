"""From recordings to a table of features, several at once, each in one pass."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audioclust import _core
from audioclust.analysis import RATES, Analysis, Feature
from audioclust.catalogue import registry
from audioclust.checks import as_floats, check_int, check_names, check_number
from audioclust.decode import open_stream
from audioclust.errors import (
    DecodeError,
    ItemError,
    NothingExtractedError,
    ParameterError,
    SignalError,
)
from audioclust.items import Item, Recording, Scan, Source, scan
from audioclust.parallel import Cancelled, n_threads, unordered
from audioclust.prepare import Resampler, to_mono
from audioclust.table import ExtractionSettings, FeatureTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.decode import Stream

Progress = Callable[[int, int], None]
"""Called with the number of recordings done and the number of all, on the caller's thread."""


def extract(
    source: Source,
    *,
    features: str | Feature | Iterable[str | Feature] = "default",
    stats: Iterable[str] = ("mean",),
    analysis: Analysis = Analysis(),  # noqa: B008 - it is frozen
    offset: float = 0.0,
    duration: float | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> FeatureTable:
    """Compute features of sounds.

    Each recording is decoded in blocks, brought to one channel and one sampling rate, and
    analysed in one pass, in memory that does not depend on its length. One that cannot be used
    is listed in the table's `errors` and stops nothing.

    Parameters
    ----------
    source : str, os.PathLike, iterable of these, or mapping
        Folders, files or glob patterns, or a mapping of names to ``(y, sr)``; see
        :func:`audioclust.items.scan`.
    features : str, Feature, or iterable of these, default="default"
        Names from the registry, ``"default"`` among them for the eight that make 33 columns;
        a :class:`Feature` has an analysis of its own.
    stats : iterable of str, default=("mean",)
        Statistics over frames: mean, std, min, max, change (mean absolute difference from one
        frame to the next). MFCC and spectral contrast have librosa's floor, 80 dB below the
        recording's peak, under their mean; the other statistics are taken without it.
    analysis : Analysis
        Sampling rate, frames and window.
    offset, duration : float
        The part of each recording to use, in seconds, as in :func:`librosa.load`.
    n_jobs : int or None, default=None
        Number of recordings to work on at once; None or -1 for as many as there are cores.
    progress : callable or None
        Called with (done, total) as each recording ends.

    Returns
    -------
    FeatureTable
        A row for each recording that could be used, in the order in which they were found.

    Raises
    ------
    FileNotFoundError
        If a path does not exist.
    NoAudioError
        If there is nothing to decode.
    NothingExtractedError
        If not one of the sounds could be used.
    ParameterError
        For an argument that cannot be what it is.
    """
    settings = extraction_settings(features, stats, analysis, offset, duration)
    threads = n_threads(n_jobs)
    check_progress(progress)
    return extract_found(scan(source), settings, threads, progress)


def check_progress(progress: object) -> None:
    """Raise a ParameterError unless `progress` is None or can be called."""
    if progress is not None and not callable(progress):
        raise ParameterError(f"progress={progress!r}: expected a callable or None")


def extraction_settings(
    features: str | Feature | Iterable[str | Feature],
    stats: str | Iterable[str],
    analysis: Analysis,
    offset: float,
    duration: float | None,
) -> ExtractionSettings:
    """Check what is to be extracted and put it into one value."""
    if not isinstance(analysis, Analysis):
        raise ParameterError(f"analysis={analysis!r}: expected an audioclust.Analysis")
    settings = ExtractionSettings(
        features=tuple(_requests(features, analysis)),
        stats=_names("stats", stats),
        analysis=analysis,
        offset=check_number("offset", offset),
        duration=None if duration is None else check_number("duration", duration),
    )
    plans = plans_for(settings)
    if None not in plans.rates:
        plans.for_rate(0)  # Any rate will do where none is kept.
    return settings


def _names(parameter: str, names: object) -> tuple[str, ...]:
    found = check_names(parameter, names)
    for name in found:
        if not isinstance(name, str):
            raise ParameterError(f"{parameter}={name!r}: expected a name")
    return tuple(str(name) for name in found)


def _requests(
    features: str | Feature | Iterable[str | Feature], analysis: Analysis
) -> list[Feature]:
    requests: list[Feature] = []
    listed = (features,) if isinstance(features, Feature) else check_names("features", features)
    for feature in listed:
        if isinstance(feature, Feature):
            requests.append(feature)
        elif feature == "default":
            names = [info.name for info in registry() if info.default]
            requests.extend(Feature(name, analysis) for name in names)
        elif isinstance(feature, str):
            requests.append(Feature(feature, analysis))
        else:
            raise ParameterError(f"features={feature!r}: expected a name or a Feature")
    return requests


class RatePlan(NamedTuple):
    """The features that are computed of the signal at one rate."""

    sr: int
    plan: _core.Plan
    columns: list[int]
    """The place of each of the plan's values in the row."""


class Plans:
    """What is the same for every recording: filters, tables and the order of columns."""

    def __init__(self, settings: ExtractionSettings) -> None:
        self.settings = settings
        names = [feature.name for feature in settings.features]
        self.columns = _core.column_names(names, list(settings.stats))
        # The rates that signals are brought to, each once; None is their own.
        self.rates = tuple(dict.fromkeys(f.analysis.sr for f in settings.features))
        self._made: dict[int | None, list[RatePlan]] = {}
        self._lock = threading.Lock()

    def for_rate(self, sr: int) -> list[RatePlan]:
        """Give the plans for a recording of `sr` Hz, which matters if any keeps its rate."""
        key = sr if None in self.rates else None
        with self._lock:
            if key not in self._made:
                self._made[key] = [self._plan(rate, sr) for rate in self.rates]
            return self._made[key]

    def _plan(self, rate: int | None, own_rate: int) -> RatePlan:
        sr = own_rate if rate is None else rate
        stats = list(self.settings.stats)
        features = [f for f in self.settings.features if f.analysis.sr == rate]
        names = _core.column_names([f.name for f in features], stats)
        plan = _core.Plan([(f.name, f.analysis.for_rate(sr)) for f in features], stats)
        return RatePlan(sr, plan, [self.columns.index(name) for name in names])


@functools.lru_cache(maxsize=8)
def plans_for(settings: ExtractionSettings) -> Plans:
    """Give the plans for these settings, which calls with the same settings share."""
    return Plans(settings)


class Row(NamedTuple):
    """What a recording gives."""

    item: Item
    values: NDArray[np.float32]
    sr: int


def extract_found(
    found: Scan,
    settings: ExtractionSettings,
    threads: int,
    progress: Progress | None = None,
) -> FeatureTable:
    """Compute the features of recordings that were found already."""
    plans = plans_for(settings)
    work = functools.partial(_extract_one, plans)
    outcomes: list[Row | ItemError | None] = [None] * len(found.recordings)
    first: Row | None = None
    for done, (index, outcome) in enumerate(
        unordered(work, found.recordings, threads, _size), 1
    ):
        outcomes[index] = outcome
        if isinstance(outcome, Row):
            first = first or outcome
            _check_same_rate(settings, first, outcome)
        if progress is not None:
            progress(done, len(outcomes))
    rows = [outcome for outcome in outcomes if isinstance(outcome, Row)]
    failed = [outcome for outcome in outcomes if isinstance(outcome, ItemError)]
    errors = (*found.errors, *failed)
    if not rows:
        raise NothingExtractedError(errors)
    return FeatureTable(
        values=np.stack([row.values for row in rows]),
        columns=tuple(plans.columns),
        items=tuple(row.item for row in rows),
        errors=errors,
        settings=settings,
        sr=rows[0].sr if None in plans.rates else None,
    )


def _size(recording: Recording) -> int:
    """Give a number that grows with the work a recording makes; 0 if nobody knows."""
    if recording.audio is not None:
        return recording.audio[0].size
    try:
        return os.stat(recording.path).st_size
    except OSError:
        return 0


def _check_same_rate(settings: ExtractionSettings, first: Row, other: Row) -> None:
    if first.sr != other.sr and any(f.analysis.sr is None for f in settings.features):
        raise ParameterError(
            f"sr=None: expected one rate throughout, but {first.item.path} has {first.sr} Hz"
            f" and {other.item.path} has {other.sr} Hz"
        )


def _extract_one(plans: Plans, recording: Recording, stop: threading.Event) -> Row | ItemError:
    try:
        return _analyse(plans, recording, stop)
    except Cancelled:
        raise
    except ParameterError as why:
        # Arguments that no recording at this one's rate can have: only sr=None meets them here.
        raise ParameterError(f"{recording.path}: {why}") from None
    except (DecodeError, SignalError) as why:
        return ItemError(recording.path, why.kind, str(why))
    except Exception as why:
        return ItemError(recording.path, "internal", f"{type(why).__name__}: {why}")


def _analyse(plans: Plans, recording: Recording, stop: threading.Event) -> Row:
    settings = plans.settings
    stream = open_stream(recording, offset=settings.offset, duration=settings.duration)
    try:
        if not RATES[0] <= stream.sr <= RATES[1]:
            low, high = RATES
            message = f"its sampling rate is {stream.sr} Hz, which is not from {low} to {high}"
            raise DecodeError("unsupported", message)
        rate_plans = plans.for_rate(stream.sr)
        frames, rows = _run(stream, rate_plans, stop)
    finally:
        stream.close()
    values = np.full(len(plans.columns), np.nan, np.float32)
    for rate_plan, row in zip(rate_plans, rows, strict=True):
        values[rate_plan.columns] = row
    start = float(settings.offset)
    item = Item(recording.path, start, start + frames / stream.sr)
    return Row(item, values, stream.sr)


def _run(
    stream: Stream, plans: Sequence[RatePlan], stop: threading.Event
) -> tuple[int, list[NDArray[np.float32]]]:
    """Give the number of frames decoded, and the row of each plan."""
    frames = 0
    passes = [_Pass(stream.sr, plan) for plan in plans]
    for block in stream.blocks:
        frames += len(block)
        y = to_mono(block)
        for one in passes:
            for _ in one.push(y):
                if stop.is_set():
                    raise Cancelled
    if not frames:
        raise DecodeError("empty", "it has no samples, or none in the part asked for")
    return frames, [one.finish() for one in passes]


class _Pass:
    """One signal on its way to one rate and through one plan."""

    def __init__(self, sr: int, plan: RatePlan) -> None:
        self._resampler = Resampler(sr, plan.sr)
        self._extractor = _core.Extractor(plan.plan)

    def push(self, y: NDArray[np.float32]) -> Iterator[None]:
        """Take samples in, a piece at each step."""
        for piece in self._resampler.push(y):
            self._extractor.push(piece)
            yield

    def finish(self) -> NDArray[np.float32]:
        for piece in self._resampler.finish():
            self._extractor.push(piece)
        return self._extractor.finish()


class Extractor:
    """Computes features of a signal that comes block by block, in bounded memory.

    Parameters
    ----------
    sr : int
        The signal's sampling rate in Hz.
    features, stats, analysis
        As in :func:`audioclust.extract`. The signal is resampled to the analysis' rate.

    Attributes
    ----------
    columns : tuple of str
        What each value of the row is.

    Raises
    ------
    ParameterError
        For an argument that cannot be what it is.

    Examples
    --------
    >>> import audioclust as ac, numpy as np
    >>> extractor = ac.features.Extractor(sr=22050, features=["rms", "spectral_centroid"])
    >>> for _ in range(3):
    ...     extractor.push(np.full(10_000, 0.5, np.float32))
    >>> dict(zip(extractor.columns, extractor.finish().round(2).tolist()))
    {'rms': 0.48, 'spectral_centroid': 78.12}
    """

    def __init__(
        self,
        *,
        sr: int,
        features: str | Feature | Iterable[str | Feature] = "default",
        stats: Iterable[str] = ("mean",),
        analysis: Analysis = Analysis(),  # noqa: B008 - it is frozen
    ) -> None:
        sr = check_int("sr", sr, *RATES)
        plans = plans_for(extraction_settings(features, stats, analysis, 0.0, None))
        self.columns = tuple(plans.columns)
        self._plans = plans.for_rate(sr)
        self._passes: list[_Pass] | None = [_Pass(sr, plan) for plan in self._plans]

    def push(self, block: object) -> None:
        """Take in the next samples.

        Parameters
        ----------
        block : ndarray of shape (n,) or (channels, n), float32 or float64
            Of any length; channels are averaged.

        Raises
        ------
        ParameterError
            For anything else, or samples that are not finite numbers.
        SignalError
            If the extractor is finished.
        """
        y = as_floats("block", block, (1, 2), empty=True)
        # A value that is no number shows in both, without an array of its own.
        if y.size and not np.isfinite(y.min() + y.max()):
            wrong = y[~np.isfinite(y)]
            if len(wrong):
                raise ParameterError(f"block has {wrong[0]}: expected finite numbers")
        if y.ndim == 2 and not len(y):
            raise ParameterError(f"block has shape {y.shape}: expected at least one channel")
        mono = to_mono(np.atleast_2d(y).T.astype(np.float32, copy=False))
        for one in self._unfinished():
            for _ in one.push(mono):
                pass

    def finish(self) -> NDArray[np.float32]:
        """End the signal.

        Returns
        -------
        row : ndarray of shape (n_columns,), float32
            The values of `columns`.

        Raises
        ------
        SignalError
            Without a sample, or if the extractor was finished before.
        """
        passes, self._passes = self._unfinished(), None
        row = np.full(len(self.columns), np.nan, np.float32)
        for plan, one in zip(self._plans, passes, strict=True):
            row[plan.columns] = one.finish()
        return row

    def _unfinished(self) -> list[_Pass]:
        if self._passes is None:
            message = "this extractor is finished: make another for another signal"
            raise SignalError("empty", message)
        return self._passes
