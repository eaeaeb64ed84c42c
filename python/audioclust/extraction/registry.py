"""The features there are, by name: the registry of the Rust core."""

from __future__ import annotations

from dataclasses import dataclass

from audioclust import _core
from audioclust.extraction.settings import Analysis


@dataclass(frozen=True)
class FeatureInfo:
    """An entry of the registry.

    Attributes
    ----------
    name : str
        What it goes by.
    columns : tuple of str
        The names of its values.
    unit : str
        What they are measured in.
    source : str
        What it is and where the formula comes from.
    settings : tuple of str
        The settings of an :class:`audioclust.Analysis` that it depends on, beside hop length.
    default : bool
        Whether it is used unless others are named.
    analysis : Analysis or None
        What it is computed with unless a :class:`audioclust.Feature` says otherwise; None is
        the analysis of the other features.
    """

    name: str
    columns: tuple[str, ...]
    unit: str
    source: str
    settings: tuple[str, ...]
    default: bool
    analysis: Analysis | None


def registry() -> tuple[FeatureInfo, ...]:
    """List the features there are, the default ones first."""
    return tuple(
        FeatureInfo(
            entry["name"],
            tuple(entry["columns"]),
            entry["unit"],
            entry["source"],
            tuple(entry["settings"]),
            entry["default"],
            None if entry["analysis"] is None else Analysis(**entry["analysis"]),
        )
        for entry in _core.registry()
    )


def as_markdown() -> str:
    """Give the features there are as the page docs/features.md, which `make docs` writes."""
    head = ("name", "columns", "default", "unit", "what it is", "settings it depends on")
    rows = [
        (
            f"`{info.name}`",
            str(len(info.columns)),
            "yes" if info.default else "",
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
    """Give a paragraph about the analysis that a feature brings, if it does."""
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
