"""What was said of rows: which belong together, apart, or to certain clusters; checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from audioclust.errors import ParameterError

SHOWN_ROWS = 8
"""Rows that an error names, at most."""


@dataclass(frozen=True)
class Constraints:
    """What clusters must obey.

    Attributes
    ----------
    together : tuple of tuples of int
        Rows that belong to one cluster, whichever it is.
    apart : tuple of tuples of int
        Rows of which no two belong to one cluster.
    fixed : mapping of int to int
        The cluster that a row belongs to.
    """

    together: tuple[tuple[int, ...], ...] = ()
    apart: tuple[tuple[int, ...], ...] = ()
    fixed: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Blocks:
    """The same, as blocks: rows that belong to one cluster, because all of that was followed.

    If a belongs together with b, and b with c, then a, b and c are one block. Rows of which
    nothing was said are in no block.

    Attributes
    ----------
    rows : tuple of tuples of int
        The rows of each block, ascending.
    apart : tuple of frozensets of int
        For each block, the blocks that it does not belong together with.
    fixed : mapping of int to int
        The cluster that a block belongs to, by the number of the block.
    """

    rows: tuple[tuple[int, ...], ...]
    apart: tuple[frozenset[int], ...]
    fixed: Mapping[int, int]

    @classmethod
    def of(cls, constraints: Constraints, name: Callable[[int], str] = str) -> Blocks:
        """Follow what was said to its end.

        Parameters
        ----------
        constraints : Constraints
        name : callable
            Gives a row's name, for errors.

        Raises
        ------
        ParameterError
            If what was said contradicts itself.
        """
        rows = _joined(constraints)
        block_of = {row: block for block, members in enumerate(rows) for row in members}
        fixed: dict[int, int] = {}
        first: dict[int, int] = {}
        for row, cluster in constraints.fixed.items():
            block = block_of[row]
            if fixed.setdefault(block, cluster) != cluster:
                pair = f"[{name(first[block])!r}, {name(row)!r}]"
                clusters = f"clusters {fixed[block]} and {cluster}"
                expected = "expected items that belong to one cluster"
                raise ParameterError(f"together={pair}: {expected}, not to {clusters}")
            first.setdefault(block, row)
        apart: list[set[int]] = [set() for _ in rows]
        for one, other in _pairs(constraints.apart):
            _check_apart(block_of, fixed, one, other, name)
            apart[block_of[one]].add(block_of[other])
            apart[block_of[other]].add(block_of[one])
        return cls(rows, tuple(map(frozenset, apart)), fixed)

    def shown(self, blocks: Iterable[int], name: Callable[[int], str]) -> str:
        """Name a row of each of some blocks, for an error."""
        names = [name(self.rows[block][0]) for block in blocks]
        more = f" and {len(names) - SHOWN_ROWS} more" if len(names) > SHOWN_ROWS else ""
        return f"{names[:SHOWN_ROWS]}{more}"


def _joined(constraints: Constraints) -> tuple[tuple[int, ...], ...]:
    """Give the sets of rows that belong together, in the order of their first rows."""
    parent: dict[int, int] = {}

    def root(row: int) -> int:
        parent.setdefault(row, row)
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for group in constraints.together:
        for row in group:
            parent[root(row)] = root(group[0])
    for row in [*constraints.fixed, *(row for group in constraints.apart for row in group)]:
        root(row)
    sets: dict[int, list[int]] = {}
    for row in sorted(parent):
        sets.setdefault(root(row), []).append(row)
    return tuple(tuple(members) for members in sets.values())


def _pairs(groups: Iterable[tuple[int, ...]]) -> Iterable[tuple[int, int]]:
    for group in groups:
        for place, one in enumerate(group):
            for other in group[:place]:
                yield other, one


def _check_apart(
    block_of: Mapping[int, int],
    fixed: Mapping[int, int],
    one: int,
    other: int,
    name: Callable[[int], str],
) -> None:
    """Raise a ParameterError if two rows that belong apart cannot be."""
    first, second = block_of[one], block_of[other]
    what = f"apart=[{name(one)!r}, {name(other)!r}]"
    if first == second:
        raise ParameterError(f"{what}: expected items that do not belong together as well")
    if first in fixed and fixed[first] == fixed.get(second):
        both = f"both belong to cluster {fixed[first]}"
        raise ParameterError(f"{what}: expected items of two clusters, but {both}")
