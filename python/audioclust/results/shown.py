"""How a clustering is shown in a terminal and in a notebook."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from audioclust.results.keeping.naming import shown_number
from audioclust.utils import html
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.audio.spans import Item
    from audioclust.clustering.scaling import Scaler
    from audioclust.clustering.selection.k_selection import KSelection
    from audioclust.errors import ItemError

SHOWN_CLUSTERS = 10
"""Number of clusters that ``repr()`` lists."""


class Shown:
    """What is shown of a result with clusters."""

    if TYPE_CHECKING:
        scaler: Scaler
        inertia: float | None
        algorithm: str
        selection: KSelection | None
        unassigned: str | None
        names: Mapping[int, str]

        @property
        def items(self) -> tuple[Item, ...]:
            """The items that have a label."""
            raise NotImplementedError

        @property
        def errors(self) -> tuple[ItemError, ...]:
            """The items that have no label, and why."""
            raise NotImplementedError

        @property
        def k(self) -> int:
            """The number of clusters."""
            raise NotImplementedError

        @property
        def n_unassigned(self) -> int:
            """The number of items in no cluster."""
            raise NotImplementedError

        def __iter__(self) -> Iterator[tuple[Item, ...]]: ...

        def representatives(self, n: int = 1) -> list[tuple[Item, ...]]:
            """Give the items nearest the centre of each cluster."""
            raise NotImplementedError

        def warning_words(self, thing: str = "item") -> list[str]:
            """Give the warnings of items in words."""
            raise NotImplementedError

    def __repr__(self) -> str:
        lines = [f"<{self._summary()}>"]
        if self.selection is not None:
            lines.append(f"  {self.selection.choice()}")
        for cluster, size, name in self._sizes_and_names()[:SHOWN_CLUSTERS]:
            number = shown_number(cluster, self.names)
            lines.append(f"  {number}: {size} items, such as {on_one_line(name)}")
        if self.k > SHOWN_CLUSTERS:
            lines.append(f"  and {self.k - SHOWN_CLUSTERS} smaller ones")
        if self.n_unassigned:
            lines.append(f"  -1: {self.n_unassigned} items in none ({self.unassigned})")
        if self.errors:
            lines.append(f"  {len(self.errors)} could not be used: see .errors")
        lines += [f"  {line}" for line in self.warning_words()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Give a table of the clusters as a notebook shows it."""
        failed = [f"{len(self.errors)} could not be used"] if self.errors else []
        caption = "; ".join([self._summary(), *failed, *self.warning_words()])
        head = ("cluster", "items", "nearest its centre")
        rows: list[tuple[object, ...]] = [
            (shown_number(cluster, self.names), size, name)
            for cluster, size, name in self._sizes_and_names()
        ]
        if self.n_unassigned:
            rows.append((-1, self.n_unassigned, f"({self.unassigned})"))
        return html.table(caption, head, rows)

    def _summary(self) -> str:
        inertia = "" if self.inertia is None else f", inertia {self.inertia:.4g}"
        algorithm = "" if self.algorithm == "kmeans" else f" by {self.algorithm}"
        clusters = f"{self.k} cluster{'s' if self.k > 1 else ''}"
        return (
            f"Clustering: {len(self.items)} items in {clusters}{algorithm}, "
            f"{self.scaler.scaling} scaling{inertia}"
        )

    def _sizes_and_names(self) -> list[tuple[int, int, str]]:
        """Give the number, the size and the most typical file's name of each cluster."""
        return [
            (cluster, len(members), os.path.basename(nearest[0].path) if nearest else "-")
            for cluster, (members, nearest) in enumerate(
                zip(self, self.representatives(), strict=True)
            )
        ]
