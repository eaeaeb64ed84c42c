"""What all recordings share of the work: filters, FFT tables and the order of columns."""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audioclust import _core
from audioclust.extraction.analysis import Feature

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class RatePlan:
    """The features that are computed of a signal at one sampling rate.

    Attributes
    ----------
    sr : int
        The rate in Hz.
    plan : _core.Plan
        Their filters and FFT tables.
    places : ndarray of int
        Where in the row each of the plan's values belongs.
    """

    sr: int
    plan: _core.Plan
    places: NDArray[np.intp]


class Plans:
    """The plans of a row of features, one for each sampling rate.

    The core checks settings when it makes a plan. Plans of rates that features name are made at
    once, so that wrong arguments are found before anything is decoded. Features that keep a
    recording's own rate get their plan when that rate is known.

    Parameters
    ----------
    features : tuple of Feature
        What is computed, each with its analysis. Rows of embeddings alone have none.
    stats : tuple of str
        The statistics over frames.

    Attributes
    ----------
    columns : tuple of str
        What each value of the row is.
    keep_rate : bool
        Whether any feature is computed at a recording's own rate.

    Raises
    ------
    ParameterError
        If features or statistics are unknown or named twice, or cannot be computed with their
        settings.
    """

    def __init__(self, features: tuple[Feature, ...], stats: tuple[str, ...]) -> None:
        self._features = features
        self._stats = list(stats)
        self.columns: tuple[str, ...] = tuple(
            _core.column_names([f.name for f in features], self._stats) if features else ()
        )
        rates = dict.fromkeys(feature.analysis.sr for feature in features)
        self.keep_rate: bool = None in rates
        self._named = [self._plan(rate, rate) for rate in rates if rate is not None]
        self._kept: dict[int, RatePlan] = {}
        self._lock = threading.Lock()

    def for_recording(self, sr: int) -> list[RatePlan]:
        """Give the plans for a recording of `sr` Hz."""
        if not self.keep_rate:
            return self._named
        with self._lock:
            if sr not in self._kept:
                self._kept[sr] = self._plan(None, sr)
            return [*self._named, self._kept[sr]]

    def _plan(self, rate: int | None, sr: int) -> RatePlan:
        """Make the plan of the features whose analysis has `rate`, for signals of `sr` Hz."""
        features = [feature for feature in self._features if feature.analysis.sr == rate]
        names = _core.column_names([feature.name for feature in features], self._stats)
        requests = [(feature.name, feature.analysis.for_rate(sr)) for feature in features]
        plan = _core.Plan(requests, self._stats)
        places = np.array([self.columns.index(name) for name in names], np.intp)
        return RatePlan(sr, plan, places)


@functools.lru_cache(maxsize=8)
def plans_for(features: tuple[Feature, ...], stats: tuple[str, ...]) -> Plans:
    """Give the plans of these features, which calls that ask for the same ones share."""
    return Plans(features, stats)
