"""The warnings of a result's items counted, and whether clusters follow them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.clustering.metrics import homogeneity_completeness_v_measure
from audioclust.results.held import Held

if TYPE_CHECKING:
    from audioclust.audio.spans import Extent, Item
    from audioclust.errors import WarningKind

FOLLOWED = 0.5
"""Clusters follow a warning if the V-measure of both exceeds this."""

FEWEST = 4
"""Items with a warning, and without it, at least: of fewer, clusters may agree by chance.

Two clusters of four items each, drawn at random, agree with a warning of four items once in 35
times.
"""


HEARD = ("quiet parts",)
"""Warnings that are of what is heard: how a sound begins and fades is what tells some apart."""


PHRASES: Mapping[WarningKind, str] = MappingProxyType(
    {
        "partial": "decoded in part only",
        "clipping": "with clipping",
        "bandwidth": "with a narrow bandwidth",
        "digital silence": "with digital silence",
        "channels cancel": "whose channels cancel",
        "quiet parts": "with quiet parts",
    }
)
"""What follows the number of items that have a warning; it is the same after 1 and after 2."""


def counted_warnings(
    warnings: Mapping[WarningKind, Sequence[Item | Extent]], thing: str = "item"
) -> list[str]:
    """Give a line that says how many items have which warnings; none if no item has any."""
    if not warnings:
        return []
    n = len({id(item) for items in warnings.values() for item in items})
    each = ", ".join(f"{len(items):,} {PHRASES[kind]}" for kind, items in warnings.items())
    return [f"{n:,} {thing}{'s' if n > 1 else ''} with warnings: {each}"]


class ItemNotices(Held):
    """What may be wrong with the items of a result, counted."""

    @property
    def warnings(self) -> dict[WarningKind, tuple[Item, ...]]:
        """The items that may have something wrong, by the kind of it; see their `warnings`.

        Kinds that more items have come first. An item may be there under several.
        """
        return self.table.warnings

    def followed_warnings(self) -> dict[WarningKind, float]:
        """Tell which warnings the clusters follow.

        Clusters that agree with a warning, such as one of clipping, may tell recordings apart
        by what is wrong with them instead of what is heard. The two may also go together by
        chance, or because one kind of sound is recorded in another way.

        Returns
        -------
        dict of str to float
            Kinds of warnings, and the V-measure between the clusters and having the warning,
            where it exceeds 0.5. Kinds that fewer than four items have, or fewer than four do
            not have, are left out, and so is ``quiet parts``, since how sounds begin and fade
            is heard. There are none for one cluster.
        """
        labels = self.labels - self.labels.min()
        found: dict[WarningKind, float] = {}
        for kind, items in self.warnings.items():
            having = set(map(id, items))
            has = np.array([id(item) in having for item in self.table.items])
            enough = FEWEST <= has.sum() <= len(has) - FEWEST
            if kind not in HEARD and enough and labels.any():
                v = homogeneity_completeness_v_measure(has, labels).v_measure
                found |= {kind: v} if v > FOLLOWED else {}
        return found

    def warning_words(self, thing: str = "item", group: str = "cluster") -> list[str]:
        """Give what a summary says of warnings: their numbers, and a line for each followed.

        Parameters
        ----------
        thing : str
            What an item is called.
        group : str
            What a cluster is called.
        """
        lines = counted_warnings(self.warnings, thing)
        for kind, v in self.followed_warnings().items():
            lines.append(
                f"the {group}s follow the warning '{kind}' (V-measure {v:.2f}): they may tell"
                " that apart instead of what is heard"
            )
        return lines

    def _about_warnings(self) -> Mapping[str, Any]:
        """Give what JSON says of warnings: their numbers, and V-measures of those followed."""
        followed = self.followed_warnings()
        return {
            kind: {"items": len(items), "v_measure": followed.get(kind)}
            for kind, items in self.warnings.items()
        }
