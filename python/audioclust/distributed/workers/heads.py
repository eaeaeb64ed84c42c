"""What a client knows of tables that stay on workers or in a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from audioclust.errors import ItemError
from audioclust.extraction.embeddings.vectors import other_size
from audioclust.extraction.partitions.merging import joined
from audioclust.extraction.rows.combining import rows_taken
from audioclust.extraction.table import FeatureTable

if TYPE_CHECKING:
    from audioclust.extraction.partitions import store


@dataclass(frozen=True)
class Head:
    """A table without its rows.

    Attributes
    ----------
    table : FeatureTable
        It has no rows, but columns, settings, errors and what was left out.
    n_rows : int
        How many there are.
    first : str or None
        The path of the first row.
    stored : store.Head or None
        Which file of a store has it; None if it is in none.
    """

    table: FeatureTable
    n_rows: int
    first: str | None
    stored: store.Head | None = None

    @property
    def sizes(self) -> tuple[int, ...]:
        """The size of the vectors of each embedding, which is known if there are rows."""
        return tuple(embedding.size or 0 for embedding in self.table.settings.embeddings)


def head_of(table: FeatureTable, stored: store.Head | None = None) -> Head:
    """Take the rows away."""
    first = table.items[0].path if table.items else None
    return Head(rows_taken(table, np.empty(0, np.intp)), len(table), first, stored)


def without_odd(
    tables: Sequence[FeatureTable], odd: Sequence[int], sizes: Sequence[int]
) -> FeatureTable:
    """Put tables together.

    Parameters
    ----------
    tables : sequence of FeatureTable
    odd : sequence of int
        The places of those whose vectors have other sizes than most: all their rows are errors.
    sizes : sequence of int
        The sizes that most vectors have.
    """
    return joined(
        [_as_errors(one, sizes) if place in odd else one for place, one in enumerate(tables)]
    )


def _as_errors(table: FeatureTable, sizes: Sequence[int]) -> FeatureTable:
    none = rows_taken(table, np.empty(0, np.intp))
    return replace(none, errors=(*table.errors, *odd_rows(table, sizes)))


def odd_rows(table: FeatureTable, sizes: Sequence[int]) -> list[ItemError]:
    """Give the errors of rows whose vectors have other sizes than these."""
    embeddings = table.settings.embeddings
    vectors = [np.empty(embedding.size or 0, np.float32) for embedding in embeddings]
    found = (other_size(item.path, embeddings, vectors, sizes) for item in table.items)
    return [error for error in found if error is not None]
