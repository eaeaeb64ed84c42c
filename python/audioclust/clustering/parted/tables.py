"""Tables of features in parts, wherever these are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from audioclust.clustering.parted.parts import InMemory
from audioclust.extraction.descriptors.values import Descriptors
from audioclust.extraction.table import FeatureTable

if TYPE_CHECKING:
    from audioclust.audio.spans import Item
    from audioclust.clustering.parted.parts import Parts

R = TypeVar("R")


class PartedTable(Protocol):
    """A table of features in parts, in their order. Functions go to where a part is kept."""

    @property
    def head(self) -> FeatureTable:
        """A table without rows: columns, settings, rate, folder, and what all parts left out.

        Its `errors` and `left_out` are those of all parts together.
        """

    @property
    def values(self) -> Parts:
        """The rows of each part, float32."""

    def each_table(self, work: Callable[..., R], *arguments: Any) -> list[R]:
        """Give ``work(table, *arguments)`` for the table of each part, in their order."""

    def tables(self) -> Iterator[FeatureTable]:
        """Fetch the tables, one after the other, in their order."""


class TablesInMemory:
    """A parted table whose parts are tables of this process."""

    def __init__(self, tables: Sequence[FeatureTable]) -> None:
        self.kept: tuple[FeatureTable, ...] = tuple(tables)

    @property
    def head(self) -> FeatureTable:
        """A table without rows."""
        # Parts of which nothing could be used do not know all columns.
        first = next((table for table in self.kept if len(table)), self.kept[0])
        return replace(
            first,
            values=first.values[:0],
            items=(),
            errors=tuple(error for table in self.kept for error in table.errors),
            left_out=tuple(one for table in self.kept for one in table.left_out),
            descriptors=None,
        )

    @property
    def values(self) -> InMemory:
        """The rows of each part."""
        width = len(self.head.columns)
        return InMemory([table.values.reshape(-1, width) for table in self.kept])

    def each_table(self, work: Callable[..., R], *arguments: Any) -> list[R]:
        """Give ``work(table, *arguments)`` for the table of each part, in their order."""
        return [work(table, *arguments) for table in self.kept]

    def tables(self) -> Iterator[FeatureTable]:
        """Give the tables, in their order."""
        return iter(self.kept)


def gathered(table: PartedTable) -> FeatureTable:
    """Give the one table that all parts make together; this process must hold all rows."""
    head = table.head
    values = np.empty((sum(table.values.sizes), len(head.columns)), np.float32)
    items: list[Item] = []
    described, first = [], 0
    for part in table.tables():
        values[first : first + len(part)] = part.values.reshape(-1, len(head.columns))
        first += len(part)
        items += part.items
        described += [part.descriptors.values] if part.descriptors is not None else []
    descriptors = Descriptors(np.concatenate(described)) if described else None
    return replace(head, values=values, items=tuple(items), descriptors=descriptors)
