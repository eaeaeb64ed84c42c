"""What is extracted, as one checked value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audioclust.errors import ParameterError
from audioclust.extraction.analysis import Analysis, Feature
from audioclust.extraction.plans import Plans, plans_for
from audioclust.extraction.registry import registry
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
    """

    features: tuple[Feature, ...]
    stats: tuple[str, ...]
    analysis: Analysis
    offset: float
    duration: float | None

    @classmethod
    def checked(
        cls,
        *,
        features: str | Feature | Iterable[str | Feature] = "default",
        stats: str | Iterable[str] = ("mean",),
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
        settings = cls(
            features=_with_analyses(features, analysis),
            stats=_checked_stats(stats),
            analysis=analysis,
            offset=check_number("offset", offset),
            duration=None if duration is None else check_number("duration", duration),
        )
        plans_for(settings.features, settings.stats)  # It checks features and statistics.
        return settings

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


def _with_analyses(features: object, analysis: Analysis) -> tuple[Feature, ...]:
    """Give the features that were asked for, each with the analysis to compute it with."""
    own = {info.name: info.analysis or analysis for info in registry()}
    found: list[Feature] = []
    asked = (features,) if isinstance(features, Feature) else check_names("features", features)
    for feature in asked:
        if isinstance(feature, Feature):
            found.append(feature)
        elif feature == "default":
            found.extend(Feature(info.name, analysis) for info in registry() if info.default)
        elif isinstance(feature, str):
            # The core refuses an unknown name, together with whatever else is wrong.
            found.append(Feature(feature, own.get(feature, analysis)))
        else:
            raise ParameterError(f"features={feature!r}: expected a name or a Feature")
    return tuple(found)
