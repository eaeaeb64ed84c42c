"""The features that there are, by name, as the registry of the Rust core lists them."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from audioclust import _core
from audioclust.extraction.analysis import Analysis

SETS: dict[str, tuple[str, ...]] = {
    "default": ("parts", "std", "change"),
    "article": ("mean",),
}
"""The sets of features, each with the statistics that it has unless others are asked for."""


FEATURES_VERSION = 2
"""Rises whenever a feature, a statistic or a set no longer means what it meant before."""


@dataclass(frozen=True)
class FeatureInfo:
    """An entry of the registry.

    Attributes
    ----------
    name : str
        What ``features=`` calls it.
    columns : tuple of str
        The names of its values.
    unit : str
        The unit of its values.
    source : str
        What it is, and where the formula comes from.
    settings : tuple of str
        The settings of an :class:`audioclust.Analysis` that it depends on, besides the hop
        length, on which all do.
    sets : tuple of str
        The sets of features, such as ``"default"``, that stand for it among others.
    analysis : Analysis or None
        The analysis that it has unless a :class:`audioclust.Feature` gives it another; None is
        the analysis of the other features.
    """

    name: str
    columns: tuple[str, ...]
    unit: str
    source: str
    settings: tuple[str, ...]
    sets: tuple[str, ...]
    analysis: Analysis | None


# Pickles name it by where users find it, and so survive a move to another module.
FeatureInfo.__module__ = "audioclust"


@functools.cache
def registry() -> tuple[FeatureInfo, ...]:
    """List the features that there are, those of a set in the order of its columns."""
    return tuple(
        FeatureInfo(
            name=entry["name"],
            columns=tuple(entry["columns"]),
            unit=entry["unit"],
            source=entry["source"],
            settings=tuple(entry["settings"]),
            sets=tuple(entry["sets"]),
            analysis=None if entry["analysis"] is None else Analysis(**entry["analysis"]),
        )
        for entry in _core.registry()
    )


def as_markdown() -> str:
    """Give the registry as the page docs/features.md, which `make docs` writes."""
    head = ("name", "columns", "sets", "unit", "what it is", "settings it depends on")
    rows = [
        (
            f"`{info.name}`",
            str(len(info.columns)),
            ", ".join(f"`{name}`" for name in info.sets),
            info.unit,
            info.source,
            ", ".join(f"`{name}`" for name in (*info.settings, "hop_length")),
        )
        for info in registry()
    ]
    table = ["| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *rows)]
    own = "".join(map(_own_analysis, registry()))
    return (
        "# Features\n\nWritten by `make docs` from the registry of the Rust core: what"
        " `cluster()`, `extract()` and\n`features.Extractor` know by name, computed in one"
        " pass. Settings are those of an `Analysis`.\n\n" + "\n".join(table) + "\n" + own
    )


def _own_analysis(info: FeatureInfo) -> str:
    """Give a paragraph about the analysis of a feature's own; empty if it has none."""
    if info.analysis is None:
        return ""
    shown = ", ".join(
        f"`{name}={getattr(info.analysis, name)}`"
        for name in ("sr", "n_fft", "win_length", "hop_length")
    )
    return (
        f"\n`{info.name}` has an analysis of its own unless a `Feature` gives it another:\n"
        f"{shown}.\n"
    )
