"""What sets a cluster apart, as one line in plain words. docs/explaining.md has the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from audioclust.results.words import PLAIN, Phrase, much

NOTHING = "nothing sets it apart"

ONLY_ONE = "all items are in it"

TOO_FEW = "too few items to tell"

ANOTHER_TIMBRE = "of another timbre than the rest"

OUTER = 0.25
"""A cluster has a plain word if its median lies among this share of all values, at an end."""

MUCH = 2.0
"""The standardised difference from which "much" is said."""

MOST = 3
"""How many topics are said at most."""

HEARD_TO_CHANGE = ("loudness over time", "brightness over time", "noisiness over time")
"""The topics of change that are said beside others. What else changes is said if need be."""

FAMILIAR = frozenset(
    {"length", "loudness", "brightness", "noisiness", "tempo", "number of onsets", "attack"}
)
"""The topics that everybody knows, which are said before others that are as true."""

_OF_ALL_PARTS = ("noisier", "more tonal", "clearer tones", "less clear tones")
"""Words that are said of a sound as a whole only."""

_PARTS = 3
"""How many of four parts must agree for no part to be named."""


class Finding(NamedTuple):
    """A column in which a cluster stands out.

    Attributes
    ----------
    phrase : Phrase
        The column in words.
    difference : float
        The standardised difference; not 0.
    position : float
        Where the cluster's median lies among the values of all items, from 0 to 1.
    """

    phrase: Phrase
    difference: float
    position: float

    @property
    def strength(self) -> float:
        """How large the difference is."""
        return abs(self.difference)

    @property
    def comparative(self) -> str:
        """What the cluster is beside the rest, with the part of the sound."""
        return self.phrase.more if self.difference > 0 else self.phrase.less

    @property
    def word(self) -> str:
        """The same without the part."""
        return self.comparative.removesuffix(self.phrase.place)

    @property
    def part(self) -> str:
        """The number of the part of the sound that it is about, or nothing for all of it."""
        return self.phrase.column.rpartition("_")[2] if self.phrase.place else ""

    @property
    def is_outer(self) -> bool:
        """Whether the cluster's median is among the largest or smallest values of all."""
        return self.position >= 1 - OUTER if self.difference > 0 else self.position <= OUTER


def sentence(findings: Iterable[Finding]) -> str:
    """Say in one line what sets a cluster apart.

    Parameters
    ----------
    findings : iterable of Finding
        The columns in which it stands out.
    """
    strongest = sorted(findings, key=lambda finding: -finding.strength)
    of_kind = {
        kind: [f for f in strongest if f.phrase.kind == kind]
        for kind in ("value", "change", "timbre", "none")
    }
    topics = _values(_heard(of_kind["value"]))
    topics.sort(key=lambda finding: finding.phrase.topic not in FAMILIAR)
    values = sorted(topics[:MOST], key=lambda finding: -finding.strength)
    parts = [_values_said(values)] if values else []
    changes = of_kind["change"]
    heard = [finding for finding in changes if finding.phrase.topic in HEARD_TO_CHANGE]
    if len(values) < MOST and (heard or not parts):
        parts += [finding.comparative for finding in (heard or changes)[:1]]
    if not parts and of_kind["timbre"]:
        parts.append(ANOTHER_TIMBRE)
    if not parts and of_kind["none"]:
        named = ", ".join(finding.comparative for finding in of_kind["none"][:2])
        parts.append(f"in columns without words: {named}")
    return "; ".join(parts) or NOTHING


def _heard(strongest: Sequence[Finding]) -> list[Finding]:
    """Leave out that single parts are noisy or tonal, or how clear tones are in them.

    Pauses have flat spectra as well, and in short parts of noise some bands look like tones.
    """
    parts = {
        word: {f.part for f in strongest if f.word == word} - {""} for word in _OF_ALL_PARTS
    }
    return [
        f
        for f in strongest
        if not f.part or f.word not in parts or len(parts[f.word]) >= _PARTS
    ]


def _values(strongest: Sequence[Finding]) -> list[Finding]:
    """Give one finding for each topic, strongest first, but none where columns disagree.

    Of a topic that most parts of the sound agree in, no part is named.
    """
    topics: dict[str, list[Finding]] = {}
    for finding in strongest:
        topics.setdefault(finding.phrase.topic, []).append(finding)
    said = []
    for found in topics.values():
        first = found[0]
        against = max((f.strength for f in found if f.word != first.word), default=0.0)
        if against <= first.strength / 2:
            agreeing = {f.part for f in found if f.word == first.word} - {""}
            whole = first.phrase._replace(
                more=first.phrase.more.removesuffix(first.phrase.place),
                less=first.phrase.less.removesuffix(first.phrase.place),
                place="",
            )
            said.append(first._replace(phrase=whole) if len(agreeing) >= _PARTS else first)
    return said


def _values_said(values: Sequence[Finding]) -> str:
    """Say what a cluster is like: plain words first, then what it is beside the rest.

    The strongest is said beside the rest if it is strong: that says more than a plain word.
    """
    beside = [
        f for i, f in enumerate(values) if not f.is_outer or (i == 0 and f.strength >= MUCH)
    ]
    plain = [PLAIN[f.word] + f.phrase.place for f in values if f not in beside]
    more = [much(f.comparative) if f.strength >= MUCH else f.comparative for f in beside]
    than = [f"{', '.join(more)} than the rest"] if more else []
    return "; ".join([", ".join(plain)] * bool(plain) + than)
