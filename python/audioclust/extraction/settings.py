"""What is extracted, as one checked value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeAlias

from audioclust.audio.preparation.settings import Preparation
from audioclust.errors import ParameterError
from audioclust.extraction.analysis import Analysis, Feature
from audioclust.extraction.embeddings.embedding import Embedding
from audioclust.extraction.plans import Plans, plans_for
from audioclust.extraction.preset import Preset, check_preset
from audioclust.extraction.registry import FEATURES_VERSION, SETS, registry
from audioclust.utils.arguments import check_flag, check_names

Features: TypeAlias = "str | Feature | Embedding | Iterable[str | Feature | Embedding]"
"""What users ask for; see :func:`audioclust.extract`."""

PLAIN_STATS = ("mean",)
"""The statistics of what is in no set, unless others are asked for."""


@dataclass(frozen=True)
class ExtractionSettings:
    """What was extracted, and how: all that a row depends on besides the sound.

    Attributes
    ----------
    features : tuple of Feature
        Each feature with its analysis.
    stats : tuple of str
        The statistics over frames of the features.
    analysis : Analysis
        The analysis of the features that have none of their own.
    preparation : Preparation
        What is done to each recording before features are computed of it.
    embeddings : tuple of Embedding
        The embeddings, whose columns come after those of the features. A table that was made of
        an array has neither features nor embeddings.
    descriptors : bool
        Whether descriptors were computed beside the features, which do not depend on it; see
        :class:`audioclust.Descriptors`.
    version : int
        What features and statistics meant; see
        :data:`~audioclust.extraction.registry.FEATURES_VERSION`.
    """

    features: tuple[Feature, ...]
    stats: tuple[str, ...]
    analysis: Analysis
    preparation: Preparation
    embeddings: tuple[Embedding, ...] = ()
    descriptors: bool = False
    version: int = FEATURES_VERSION

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Refuse a pickle of another version; take one from before there were preparations."""
        version = state.get("version", 1)
        if version != FEATURES_VERSION:
            raise ParameterError(
                f"these features are of version {version}: expected version "
                f"{FEATURES_VERSION}, which this audioclust computes; extract them again"
            )
        if "preparation" not in state:
            part = {name: state[name] for name in ("offset", "duration")}
            kept = {name: value for name, value in state.items() if name not in part}
            state = {**kept, "preparation": Preparation(**part)}
        self.__dict__.update(state)

    @classmethod
    def checked(
        cls,
        *,
        preset: str | Preset | None = None,
        features: Features | None = None,
        stats: str | Iterable[str] | None = None,
        analysis: Analysis | None = None,
        preparation: Preparation | None = None,
        offset: float | None = None,
        duration: float | None = None,
        descriptors: bool = False,
    ) -> ExtractionSettings:
        """Check the arguments of :func:`audioclust.extract`, and look up what names stand for.

        What is None is the preset's; without a preset it is the default.

        Raises
        ------
        ParameterError
            If an argument is invalid.
        """
        chosen = check_preset(preset) or Preset(name="", summary="", basis="")
        features = chosen.features if features is None else features
        stats = chosen.stats if stats is None else stats
        analysis = chosen.analysis if analysis is None else analysis
        preparation = chosen.preparation if preparation is None else preparation
        if not isinstance(analysis, Analysis):
            raise ParameterError(f"analysis={analysis!r}: expected an audioclust.Analysis")
        if not isinstance(preparation, Preparation):
            raise ParameterError(
                f"preparation={preparation!r}: expected an audioclust.Preparation"
            )
        names, embeddings = _by_kind(features)
        settings = cls(
            features=_with_analyses(names, analysis),
            stats=_default_stats(names) if stats is None else _checked_stats(stats),
            analysis=analysis,
            preparation=preparation.of_part(offset, duration),
            embeddings=embeddings,
            descriptors=check_flag("descriptors", descriptors),
        )
        if settings.computed_elsewhere:
            raise ParameterError(f"features={features!r}: expected at least one name")
        if settings.features:
            plans_for(settings.features, settings.stats)  # It checks features and statistics.
        _check_embeddings(settings)
        return settings

    @classmethod
    def of_array(cls) -> ExtractionSettings:
        """Give the settings of a table whose values were computed elsewhere."""
        return cls((), PLAIN_STATS, Analysis(), Preparation())

    @property
    def is_default(self) -> bool:
        """Whether all features and statistics of ``"default"``, and no others, are meant."""
        return (
            self.features == _with_analyses(("default",), self.analysis)
            and self.stats == SETS["default"]
            and not self.embeddings
        )

    @property
    def plans(self) -> Plans:
        """The plans of the features, shared by all recordings."""
        return plans_for(self.features, self.stats)

    @property
    def highest_rate(self) -> int | None:
        """The highest rate that anything is computed at, in Hz; None is the recording's own."""
        rates = [feature.analysis.sr for feature in self.features]
        rates += [embedding.sr for embedding in self.embeddings]
        known = [rate for rate in rates if rate is not None]
        return max(known, default=None) if len(known) == len(rates) else None

    @property
    def computed_elsewhere(self) -> bool:
        """Whether the values were given as an array, so that no others can be computed."""
        return not (self.features or self.embeddings)

    def comparable(self, other: ExtractionSettings) -> bool:
        """Tell whether values that were computed with either can be compared.

        Which part of a recording they are of does not matter, but what was done to it does.
        Descriptors are no values, and do not matter.
        """
        ours, theirs = (
            (one.features, one.stats, one.embeddings, one.preparation.anywhere())
            for one in (self, other)
        )
        return ours == theirs

    def without_embeddings(self) -> ExtractionSettings:
        """Give these settings, for functions that take no embeddings.

        Raises
        ------
        ParameterError
            If there are any.
        """
        if self.embeddings:
            only = "expected names and Features here; extract() and cluster() take embeddings"
            raise ParameterError(f"features={self.embeddings[0]!r}: {only}")
        return self

    def without_descriptors(self) -> ExtractionSettings:
        """Give these settings, for features alone."""
        return replace(self, descriptors=False)

    def with_sizes(self, sizes: Sequence[int]) -> ExtractionSettings:
        """Give these settings, in which each embedding knows how many values it has."""
        pairs = zip(self.embeddings, sizes, strict=True)
        return replace(self, embeddings=tuple(one.sized(size) for one, size in pairs))

    def as_json(self) -> dict[str, Any]:
        """Give what exports say of the settings: nothing of how an array was computed."""
        shown = asdict(self)
        if self.computed_elsewhere:
            return {name: shown[name] for name in ("features", "embeddings")}
        return shown


# Pickles name it by where users find it, and so survive a move to another module.
ExtractionSettings.__module__ = "audioclust"


def _by_kind(features: object) -> tuple[tuple[object, ...], tuple[Embedding, ...]]:
    """Separate the embeddings from the other features that were asked for."""
    is_one = isinstance(features, (Feature, Embedding))
    asked = (features,) if is_one else check_names("features", features)
    embeddings = tuple(one for one in asked if isinstance(one, Embedding))
    return tuple(one for one in asked if not isinstance(one, Embedding)), embeddings


def _check_embeddings(settings: ExtractionSettings) -> None:
    """Raise a ParameterError if columns would be named twice, or arguments mean nothing."""
    if not settings.embeddings:
        return
    names = [embedding.name for embedding in settings.embeddings]
    for name in names:
        columns = re.compile(re.escape(name) + r"_\d+")
        taken = [column for column in settings.plans.columns if columns.fullmatch(column)]
        if names.count(name) > 1 or taken:
            expected = "expected embeddings with names of their own, each once"
            raise ParameterError(f"features={names}: {expected}; {name} has columns twice")
    if settings.features:
        return
    if settings.stats != PLAIN_STATS or settings.analysis != Analysis():
        raise ParameterError(
            "stats and analysis are of features: expected them to be left out for embeddings,"
            " which have a rate of their own and take the mean over frames"
        )


def _checked_stats(stats: object) -> tuple[str, ...]:
    names = check_names("stats", stats)
    for name in names:
        if not isinstance(name, str):
            raise ParameterError(f"stats={name!r}: expected a name")
    return tuple(str(name) for name in names)


def _default_stats(features: tuple[object, ...]) -> tuple[str, ...]:
    """Give the statistics of the first set of features that is named; without one, the mean."""
    sets = (SETS[name] for name in features if isinstance(name, str) and name in SETS)
    return next(sets, PLAIN_STATS)


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
            expected = "a name, a Feature or an Embedding"
            raise ParameterError(f"features={feature!r}: expected {expected}")
    return tuple(found)
