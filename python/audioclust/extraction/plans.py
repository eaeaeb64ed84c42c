"""What is to be extracted, checked, and what all recordings share of the work."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable
from typing import NamedTuple

from audioclust import _core
from audioclust.errors import ParameterError
from audioclust.extraction.registry import registry
from audioclust.extraction.settings import Analysis, ExtractionSettings, Feature
from audioclust.utils.arguments import check_names, check_number


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
            requests.append(Feature(feature, own_analyses().get(feature, analysis)))
        else:
            raise ParameterError(f"features={feature!r}: expected a name or a Feature")
    return requests


@functools.cache
def own_analyses() -> dict[str, Analysis]:
    """Give the analyses that features bring, by the features' names."""
    return {info.name: info.analysis for info in registry() if info.analysis is not None}


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
