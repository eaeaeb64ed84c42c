"""`Summary`: the clusters of a result, each in a few words and numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from audioclust.export.dataframe import plain_data_frame
from audioclust.extraction.descriptors.vocabulary import shown
from audioclust.utils import html
from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import base_name

if TYPE_CHECKING:
    from audioclust.audio.spans import Item
    from audioclust.export.dataframe import Library


@dataclass(frozen=True)
class ColumnDifference:
    """How far a cluster's mean of one column is from that of all other items.

    Attributes
    ----------
    column : str
        The name of a feature, of a descriptor, or ``"duration"`` for the lengths of items.
    difference : float
        The standardised difference, Hedges' g: in standard deviations within the two groups,
        above 0 where the cluster has more.
    low, high : float
        Its bootstrap interval at 95 %.
    words : str
        What it means, such as "louder at the end".
    """

    column: str
    difference: float
    low: float
    high: float
    words: str


ColumnDifference.__module__ = "audioclust"


@dataclass(frozen=True)
class ClusterSummary:
    """One cluster in a few words and numbers.

    Attributes
    ----------
    number : int
        Its number.
    name : str or None
        The name that it was given.
    size : int
        The number of its items.
    seconds : float or None
        Their lengths together; None if one of them is not known.
    words : str
        What sets it apart from all other items, in one line.
    differences : tuple of ColumnDifference
        The columns that set it apart, the largest difference first. Only those that chance
        would hardly make are here.
    medoid : Item or None
        The item with the least distances to all others of the cluster together. In a cluster of
        more than 1,000 items it is the one nearest their mean. None if it has no items.
    nearest : tuple of Item
        The items nearest its centre, at most three, nearest first.
    """

    number: int
    name: str | None
    size: int
    seconds: float | None
    words: str
    differences: tuple[ColumnDifference, ...]
    medoid: Item | None
    nearest: tuple[Item, ...]

    @property
    def length(self) -> str:
        """The lengths of its items together as people write them, "?" if not known."""
        return length_of(self.seconds)

    def to_dict(self) -> dict[str, Any]:
        """Give all but the nearest items as plain values, as JSON has them."""
        return {
            "number": self.number,
            "name": self.name,
            "size": self.size,
            "seconds": self.seconds,
            "words": self.words,
            "differences": [vars(difference).copy() for difference in self.differences],
            "medoid": _place(self.medoid),
        }

    def _repr_html_(self) -> str:
        """Give what sets the cluster apart as a notebook shows it."""
        name = "" if self.name is None else f" ({on_one_line(self.name)})"
        items = f"{self.size} item{'s' if self.size != 1 else ''}, {self.length}"
        caption = f"Cluster {self.number}{name}: {items}; {self.words}"
        head = ("what", "difference", "from", "to", "column")
        rows = (
            (
                one.words,
                f"{one.difference:.2f}",
                f"{one.low:.2f}",
                f"{one.high:.2f}",
                one.column,
            )
            for one in self.differences
        )
        return html.table(caption, head, rows)


ClusterSummary.__module__ = "audioclust"


@dataclass(frozen=True)
class Summary:
    """The clusters of a result, and what sets each of them apart.

    ``len(summary)`` is the number of clusters, ``summary[i]`` is cluster `i`, and iteration
    goes over the clusters. ``print(summary)`` shows all of them.

    Attributes
    ----------
    clusters : tuple of ClusterSummary
        The clusters in the order of their numbers.
    n_items : int
        The number of items, those in no cluster included.
    n_unassigned : int
        The number of items that are in no cluster.
    folder : str or None
        The folder that relative paths of items belong to; None if they were in memory. It makes
        no difference to whether two of these are equal.
    """

    clusters: tuple[ClusterSummary, ...]
    n_items: int
    n_unassigned: int
    folder: str | None = field(default=None, compare=False)

    def __len__(self) -> int:
        return len(self.clusters)

    def __getitem__(self, cluster: int) -> ClusterSummary:
        return self.clusters[cluster]

    def __iter__(self) -> Iterator[ClusterSummary]:
        return iter(self.clusters)

    def __repr__(self) -> str:
        lines = [f"<Summary: {self._counted()}>"]
        for own in self.clusters:
            name = "" if own.name is None else f" ({on_one_line(own.name)})"
            example = "" if own.medoid is None else f", medoid {_file_of(own.medoid)}"
            items = f"{own.size} item{'s' if own.size != 1 else ''}"
            lines.append(f"  {own.number}{name}: {items}, {own.length}{example}")
            lines.append(f"    {on_one_line(own.words)}")
        if self.n_unassigned:
            lines.append(f"  -1: {self.n_unassigned} in none")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Give a table of the clusters as a notebook shows it."""
        head = ("cluster", "name", "items", "length", "what sets it apart", "medoid")
        rows = [
            (
                own.number,
                own.name or "",
                own.size,
                own.length,
                own.words,
                "" if own.medoid is None else base_name(own.medoid.path),
            )
            for own in self.clusters
        ]
        return html.table(f"Summary: {self._counted()}", head, rows) + self._players()

    def _players(self) -> str:
        """Give players for the medoids of the first clusters."""
        from audioclust.listening.beside import Sample, players

        named = ((own.name or own.number, own.medoid) for own in self.clusters)
        samples = [Sample(label, medoid) for label, medoid in named if medoid is not None]
        return players(samples, self.folder)

    def _counted(self) -> str:
        clusters = f"{len(self)} cluster{'s' if len(self) != 1 else ''}"
        none = f", {self.n_unassigned} in none" if self.n_unassigned else ""
        return f"{self.n_items} items in {clusters}{none}"

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain values, as JSON has them."""
        return {
            "clusters": [own.to_dict() for own in self.clusters],
            "n_items": self.n_items,
            "n_unassigned": self.n_unassigned,
        }

    def to_dataframe(self, library: Library | None = None) -> Any:
        """Give a row for each cluster: label, name, size, seconds, words and medoid.

        ``label`` is the number of the cluster, as in the data frame of the result's items, to
        which the words can be joined by it. ``medoid`` is the path of the medoid.

        Parameters
        ----------
        library : {"pandas", "polars"} or None, default=None
            Whose frame it is; None for pandas, or for polars if pandas is not installed.

        Returns
        -------
        pandas.DataFrame or polars.DataFrame
            What a cluster has none of is missing.

        Raises
        ------
        MissingExtraError
            Without the library: ``pip install 'audioclust[pandas]'`` or
            ``'audioclust[polars]'``.

        Examples
        --------
        >>> words = result.summary().to_dataframe()[["label", "words"]]  # doctest: +SKIP
        >>> result.to_dataframe().reset_index().merge(words)  # doctest: +SKIP
        """
        columns: dict[str, Any] = {
            "label": [own.number for own in self],
            "name": [own.name for own in self],
            "size": [own.size for own in self],
            "seconds": [own.seconds for own in self],
            "words": [own.words for own in self],
            "medoid": [None if own.medoid is None else own.medoid.path for own in self],
        }
        return plain_data_frame(columns, library)


Summary.__module__ = "audioclust"


def length_of(seconds: float | None) -> str:
    """Give a time as people write it, "?" if it is not known."""
    return "?" if seconds is None else shown("duration", seconds)


def _file_of(item: Item) -> str:
    return on_one_line(base_name(item.path))


def _place(item: Item | None) -> dict[str, Any] | None:
    if item is None:
        return None
    end = item.end if math.isfinite(item.end) else None
    return {"path": item.path, "start": item.start, "end": end}
