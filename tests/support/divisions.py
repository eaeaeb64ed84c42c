"""Rows and tables in parts, however they are divided."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable

import numpy as np
from hypothesis import strategies as st

import audioclust as ac
from audioclust.clustering.parted.parts import InMemory
from audioclust.clustering.parted.tables import TablesInMemory


def divisions(n: int) -> st.SearchStrategy[list[int]]:
    """Give where n rows are cut into parts, some of which may be empty."""
    return st.lists(st.integers(0, n), max_size=6).map(sorted)


def rows_in_parts(rows: np.ndarray, cuts: Iterable[int]) -> InMemory:
    """Divide rows at these places."""
    return InMemory(np.split(rows, list(cuts)))


def table_in_parts(table: ac.FeatureTable, cuts: Iterable[int]) -> TablesInMemory:
    """Divide a table at these places; errors and what was left out go to the first part."""
    ends = [0, *cuts, len(table)]
    parts: list[ac.FeatureTable] = []
    for first, last in itertools.pairwise(ends):
        changes = {
            "values": table.values[first:last],
            "items": table.items[first:last],
            "errors": () if parts else table.errors,
            "left_out": () if parts else table.left_out,
        }
        parts.append(dataclasses.replace(table, **changes))  # type: ignore[arg-type]
    return TablesInMemory(parts)


def blobs_table(n: int, width: int = 4, seed: int = 0) -> ac.FeatureTable:
    """Give a table of n rows about five centres, of files that do not exist."""
    rng = np.random.default_rng(seed)
    centers = 8 * rng.normal(size=(5, width))
    values = centers[rng.integers(0, 5, n)] + rng.normal(size=(n, width))
    return ac.FeatureTable.from_array(values, [f"{i}.wav" for i in range(n)], "mine")
