"""`Duplicates`: groups of recordings that are the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, overload

from audioclust.audio.choosing.file_filter import LeftOut
from audioclust.audio.spans import Item
from audioclust.errors import ItemError
from audioclust.export.documents import error_records
from audioclust.results.uses.listings import Listed, Listing, item_row
from audioclust.utils import html
from audioclust.utils.text import on_one_line
from audioclust.utils.values import ByValue


class DuplicatePair(NamedTuple):
    """Two recordings that are the same.

    Attributes
    ----------
    first, second : Item
        The recordings, in the order in which they were found.
    offset : float
        Where the second one begins in the first, in seconds, to about 0.01 s; below 0 if it
        begins earlier.
    score : float
        How well they agree, from about 0.6 to 1: 1 less twice the share of bits that differ,
        which is near 0 for unrelated sounds.
    seconds : float
        How much sound was compared.
    """

    first: Item
    second: Item
    offset: float
    score: float
    seconds: float


@dataclass(frozen=True, eq=False)
class Duplicates(Listed, ByValue, Sequence[tuple[Item, ...]]):
    """Groups of recordings that are the same.

    ``len(found)`` is the number of groups, ``found[i]`` the items of one, and iteration goes
    over the groups.

    Attributes
    ----------
    groups : tuple of tuples of Item
        The groups, each of two recordings or more that are linked by pairs, in the order in
        which they were found; so are the groups, by their first item.
    pairs : tuple of DuplicatePair
        The pairs that are the same, in that order. Of a recording with many copies not every
        pair is there, but all are in one group.
    n_compared : int
        The number of recordings that were compared.
    too_short : tuple of Item
        Those with too little sound that changes, of which nothing can be told.
    errors : tuple of ItemError
        What could not be used, and why.
    left_out : tuple of LeftOut
        What was too short or too long for `files`.
    folder : str or None
        The folder that relative paths belong to.
    inputs : tuple of str
        The full paths of all sounds that were looked at, which no output may replace. They
        make no difference to whether two of these are equal.
    """

    groups: tuple[tuple[Item, ...], ...]
    pairs: tuple[DuplicatePair, ...]
    n_compared: int
    too_short: tuple[Item, ...] = ()
    errors: tuple[ItemError, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    folder: str | None = ""
    inputs: tuple[str, ...] = field(default=(), compare=False)

    def __len__(self) -> int:
        return len(self.groups)

    @overload
    def __getitem__(self, index: int) -> tuple[Item, ...]: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[tuple[Item, ...], ...]: ...

    def __getitem__(
        self, index: int | slice
    ) -> tuple[Item, ...] | tuple[tuple[Item, ...], ...]:
        """Give the items of a group, or several groups for a slice."""
        return self.groups[index]

    def __iter__(self) -> Iterator[tuple[Item, ...]]:
        return iter(self.groups)

    @property
    def scores(self) -> dict[Item, float]:
        """The score of each item beside the one of its group that it agrees best with."""
        best: dict[Item, float] = {}
        for pair in self.pairs:
            for item in (pair.first, pair.second):
                best[item] = max(pair.score, best.get(item, 0.0))
        return best

    def _listing(self) -> Listing:
        """Give a row for each item that has a duplicate, with its group and score.

        JSON has the pairs, what is too short and what could not be used as well.
        """
        rows = [(n, item) for n, group in enumerate(self.groups) for item in group]
        scores, items = self.scores, [item for _, item in rows]
        columns: dict[str, list[Any]] = {
            "group": [n for n, _ in rows],
            "score": [scores[item] for item in items],
        }
        pairs = [
            {**pair._asdict(), "first": item_row(pair.first), "second": item_row(pair.second)}
            for pair in self.pairs
        ]
        about = {
            "pairs": pairs,
            "n_compared": self.n_compared,
            "too_short": [item.path for item in self.too_short],
            "errors": error_records(self.errors),
            "folder": self.folder,
        }
        return Listing(items, columns, about, self.inputs)

    def __repr__(self) -> str:
        lines = [f"<{self._summary()}>"]
        for number, group in enumerate(self.groups[: html.MAX_ROWS]):
            lines.append(f"  {number}: {', '.join(on_one_line(item.path) for item in group)}")
        if len(self) > html.MAX_ROWS:
            lines.append(f"  and {len(self) - html.MAX_ROWS} more")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Give a table of the groups as a notebook shows it."""
        from audioclust.listening.beside import Sample, players

        scores = self.scores
        rows = (
            (number, f"{scores[item]:.2f}", item.path)
            for number, group in enumerate(self.groups)
            for item in group
        )
        samples = (Sample(number, group[0]) for number, group in enumerate(self.groups))
        heard = players(samples, self.folder)
        return html.table(self._summary(), ("group", "score", "path"), rows) + heard

    def _summary(self) -> str:
        n_items = sum(map(len, self.groups))
        short = f", {len(self.too_short)} too short to tell" if self.too_short else ""
        failed = f", {len(self.errors)} could not be used" if self.errors else ""
        same = f"{n_items} of {self.n_compared} recordings in {len(self)} groups"
        return f"Duplicates: {same}{short}{failed}"


# Pickles name them by where users find them, and so survive a move to another module.
Duplicates.__module__ = DuplicatePair.__module__ = "audioclust"
