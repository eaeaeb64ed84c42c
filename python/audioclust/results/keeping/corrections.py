"""`Corrections`: what a user said about the clusters of items."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from audioclust.clustering.constraints.blocks import Constraints
from audioclust.utils import html
from audioclust.utils.by_path import ByPath


@dataclass(frozen=True)
class Corrections:
    """What was said about items that belong together, apart, or to certain clusters.

    ``len(corrections)`` is the number of statements. What was said last is the last of each
    attribute. Paths are those of the result's items. A path that is none of them is that of a
    file that has gone; what was said of it counts again when the file comes back.

    Attributes
    ----------
    together : tuple of tuples of str
        Paths of items that belong to one cluster, whichever it is.
    apart : tuple of tuples of str
        Paths of items of which no two belong to one cluster.
    moved : mapping of str to int
        The cluster that an item belongs to, by its path.
    """

    together: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, ...], ...] = ()
    moved: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.together) + len(self.apart) + len(self.moved)

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths of which something was said, each once."""
        grouped = (path for group in (*self.together, *self.apart) for path in group)
        return tuple(dict.fromkeys([*grouped, *self.moved]))

    def _repr_html_(self) -> str:
        """Give a table of what was said as a notebook shows it."""
        rows: list[tuple[object, ...]] = [
            *(("together", "", ", ".join(paths)) for paths in self.together),
            *(("apart", "", ", ".join(paths)) for paths in self.apart),
            *(("moved", cluster, path) for path, cluster in self.moved.items()),
        ]
        caption = f"Corrections: {len(self)}"
        return html.table(caption, ("what was said", "cluster", "paths"), rows)

    def to_dict(self) -> dict[str, Any]:
        """Give what was said as plain values, as JSON has it."""
        return {
            "together": [list(group) for group in self.together],
            "apart": [list(group) for group in self.apart],
            "moved": {path: int(cluster) for path, cluster in self.moved.items()},
        }


# Pickles name it by where users find it, and so survive a move to another module.
Corrections.__module__ = "audioclust"


def clusters_said(
    said: Corrections, paths: Sequence[str], labels: Iterable[int], folder: str | None
) -> ByPath[int]:
    """Give the clusters that are known for paths of which something was said.

    Parameters
    ----------
    said : Corrections
        The corrections of a result.
    paths : sequence of str
        The paths of its items.
    labels : iterable of int
        The cluster of each item.
    folder : str or None
        The folder that relative paths belong to; None for names of sounds in memory.

    Returns
    -------
    ByPath of int
        The cluster of each path that was moved, also of one that has gone since, and of each
        item that was said to belong together with others or apart from them.
    """
    known = dict(zip(paths, labels, strict=True))
    there = {path: known[path] for path in said.paths if path in known}
    return ByPath({**said.moved, **there}, folder)


def constraints_of(said: Corrections, row_of: Mapping[str, int]) -> Constraints:
    """Give corrections by the numbers of rows; of paths without a row nothing is said."""
    return Constraints(
        _known_rows(said.together, row_of),
        _known_rows(said.apart, row_of),
        {row_of[path]: cluster for path, cluster in said.moved.items() if path in row_of},
    )


def _known_rows(
    groups: tuple[tuple[str, ...], ...], row_of: Mapping[str, int]
) -> tuple[tuple[int, ...], ...]:
    """Give the rows of groups of paths, of those that have some."""
    found = (tuple(row_of[path] for path in group if path in row_of) for group in groups)
    return tuple(group for group in found if len(group) > 1)


def overruled(
    earlier: Corrections, later: Corrections, is_possible: Callable[[Corrections], bool]
) -> Corrections:
    """Give all that was said, without earlier statements that contradict later ones.

    A later move of an item replaces an earlier one. Of the rest, an earlier statement that
    cannot be obeyed together with all later ones is left out as a whole. Earlier moves are kept
    rather than groups that belong together, and these rather than ones that belong apart.

    Parameters
    ----------
    earlier, later : Corrections
        What was said before, and what is said now.
    is_possible : callable
        Tells whether there are clusters that obey some corrections.
    """
    moved = {path: c for path, c in earlier.moved.items() if path not in later.moved}
    together = tuple(group for group in earlier.together if group not in later.together)
    apart = tuple(group for group in earlier.apart if group not in later.apart)
    singles = [Corrections(moved={path: c}) for path, c in reversed(moved.items())]
    singles += [Corrections(together=(group,)) for group in reversed(together)]
    singles += [Corrections(apart=(group,)) for group in reversed(apart)]
    return _with_possible(singles, later, is_possible)


def _with_possible(
    singles: Sequence[Corrections],
    kept: Corrections,
    is_possible: Callable[[Corrections], bool],
) -> Corrections:
    """Add statements, one after the other, each if it is possible beside those before it.

    What is possible as a whole is so in parts. So all are tried at once, then halves, and few
    contradictions among many statements are found in few steps.
    """
    if not singles:
        return kept
    more = functools.reduce(lambda later, single: _joined(single, later), singles, kept)
    if is_possible(more):
        return more
    if len(singles) == 1:
        return kept
    half = len(singles) // 2
    kept = _with_possible(singles[:half], kept, is_possible)
    return _with_possible(singles[half:], kept, is_possible)


def _joined(earlier: Corrections, later: Corrections) -> Corrections:
    return Corrections(
        (*earlier.together, *later.together),
        (*earlier.apart, *later.apart),
        {**earlier.moved, **later.moved},
    )


def translated(
    said: Corrections, path_of: Callable[[str], str], number_of: Mapping[int, int]
) -> Corrections:
    """Give corrections by other spellings of paths and other numbers of clusters.

    Moves to clusters without a number are left out.
    """

    def respelt(groups: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        found = (tuple(dict.fromkeys(map(path_of, group))) for group in groups)
        # Two spellings of one path are one item, of which there is nothing to say.
        return tuple(group for group in found if len(group) > 1)

    moves = ((path, number_of.get(cluster)) for path, cluster in said.moved.items())
    moved = {path_of(path): number for path, number in moves if number is not None}
    return Corrections(respelt(said.together), respelt(said.apart), moved)
