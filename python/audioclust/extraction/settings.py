"""What is extracted, as one checked value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from audioclust.errors import ParameterError
from audioclust.extraction.analysis import Analysis, Feature
from audioclust.extraction.plans import Plans, plans_for
from audioclust.extraction.registry import FEATURES_VERSION, SETS, registry
from audioclust.utils.arguments import check_names, check_number


@dataclass(frozen=True)
class ExtractionSettings:
    """What was extracted, and how: all that a row depends on besides the sound.

    Attributes
    ----------
    features : tuple of Feature
        Each feature with its analysis.
    stats : tuple of str
        The statistics over frames.
    analysis : Analysis
        The analysis of the features that have none of their own.
    offset : float
        Where in each recording the analysed part starts, in seconds.
    duration : float or None
        How long that part is, in seconds; None is to the recording's end.
    version : int
        What features and statistics meant; see
        :data:`~audioclust.extraction.registry.FEATURES_VERSION`.
    """

    features: tuple[Feature, ...]
    stats: tuple[str, ...]
    analysis: Analysis
    offset: float
    duration: float | None
    version: int = FEATURES_VERSION

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Refuse a pickle of another version, whose values mean something else."""
        version = state.get("version", 1)
        if version != FEATURES_VERSION:
            raise ParameterError(
                f"these features are of version {version}: expected version "
                f"{FEATURES_VERSION}, which this audioclust computes; extract them again"
            )
        self.__dict__.update(state)

    @classmethod
    def checked(
        cls,
        *,
        features: str | Feature | Iterable[str | Feature] = "default",
        stats: str | Iterable[str] | None = None,
        analysis: Analysis = Analysis(),  # noqa: B008 - it is frozen
        offset: float = 0.0,
        duration: float | None = None,
    ) -> ExtractionSettings:
        """Check the arguments of :func:`audioclust.extract`, and look up what names stand for.

        Raises
        ------
        ParameterError
            If an argument is invalid.
        """
        if not isinstance(analysis, Analysis):
            raise ParameterError(f"analysis={analysis!r}: expected an audioclust.Analysis")
        names = _checked_names(features)
        settings = cls(
            features=_with_analyses(names, analysis),
            stats=_default_stats(names) if stats is None else _checked_stats(stats),
            analysis=analysis,
            offset=check_number("offset", offset),
            duration=None if duration is None else check_number("duration", duration),
        )
        plans_for(settings.features, settings.stats)  # It checks features and statistics.
        return settings

    @property
    def is_default(self) -> bool:
        """Whether all features and statistics of ``"default"``, and no others, are meant."""
        return (
            self.features == _with_analyses(("default",), self.analysis)
            and self.stats == SETS["default"]
        )

    @property
    def plans(self) -> Plans:
        """The plans of the features, shared by all recordings."""
        return plans_for(self.features, self.stats)


# Pickles name it by where users find it, and so survive a move to another module.
ExtractionSettings.__module__ = "audioclust"


def _checked_stats(stats: object) -> tuple[str, ...]:
    names = check_names("stats", stats)
    for name in names:
        if not isinstance(name, str):
            raise ParameterError(f"stats={name!r}: expected a name")
    return tuple(str(name) for name in names)


def _checked_names(features: object) -> tuple[object, ...]:
    if isinstance(features, Feature):
        return (features,)
    return tuple(check_names("features", features))


def _default_stats(features: tuple[object, ...]) -> tuple[str, ...]:
    """Give the statistics of the first set of features that is named; without one, the mean."""
    sets = (SETS[name] for name in features if isinstance(name, str) and name in SETS)
    return next(sets, ("mean",))


def _with_analyses(features: tuple[object, ...], analysis: Analysis) -> tuple[Feature, ...]:
    """Give the features that were asked for, each with the analysis to compute it with."""
    own = {info.name: info.analysis or analysis for info in registry()}
    found: list[Feature] = []
    for feature in features:
        if isinstance(feature, Feature):
            found.append(feature)
        elif isinstance(feature, str) and feature in SETS:
            members = (info.name for info in registry() if feature in info.sets)
            found.extend(Feature(name, analysis) for name in members)
        elif isinstance(feature, str):
            # The core refuses an unknown name, together with whatever else is wrong.
            found.append(Feature(feature, own.get(feature, analysis)))
        else:
            raise ParameterError(f"features={feature!r}: expected a name or a Feature")
    return tuple(found)
