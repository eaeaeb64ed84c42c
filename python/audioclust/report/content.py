"""`Content`: what a page shows, whatever result it is of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_choice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from audioclust.audio.spans import Item
    from audioclust.errors import ItemError

Audio: TypeAlias = Literal["link", "representatives", "embed", "none"]
"""Where a page has its sounds: in files, in itself for some items or for all, or nowhere."""

Kind: TypeAlias = Literal["clustering", "map", "segmentation", "onsets"]
"""What kind of result a page is of."""

SUFFIXES = ".html or .htm"
"""How the name of a page ends: by it, browsers know that it is one."""

N_NEIGHBORS = 10
"""Nearest items that a page knows of each item."""

N_COLUMNS = 25
"""Columns of numbers that a page has of each item, at most."""


@dataclass(frozen=True)
class Group:
    """A cluster as a page lists it.

    Attributes
    ----------
    number : int
        Its number; -1 for the items that are in no cluster.
    name : str
        What it is called: its name or its number, or what -1 stands for.
    words : str
        What sets it apart, in one line.
    representatives : sequence of int
        Its most typical items, by their place among all items.
    """

    number: int
    name: str
    words: str = ""
    representatives: Sequence[int] = ()


@dataclass(frozen=True)
class Column:
    """A number of each item, to colour and sort by.

    Attributes
    ----------
    name : str
        Its name in tables, such as "rms_mean".
    words : str
        What it is, such as "loudness".
    unit : str
        Its unit, or an empty string.
    values : ndarray of shape (n_items,)
        NaN where it is not defined.
    names : sequence of str
        What the values stand for if they are numbers of names, as those of keys are.
    more, less : str
        What an item with a high and with a low value is, such as "louder" and "quieter". A page
        shows the values of a column with these words as ranks: the per cent of the other items
        whose value is lower. They are for values whose unit means nothing to people.
    """

    name: str
    words: str
    unit: str
    values: NDArray[np.float64]
    names: Sequence[str] = ()
    more: str = ""
    less: str = ""


@dataclass(frozen=True)
class Content:
    """What a page shows.

    Attributes
    ----------
    kind : {"clustering", "map", "segmentation", "onsets"}
    title : str
    headline : sequence of str
        What there is, in sentences.
    items : sequence of Item
        What can be heard, with paths that are valid from `folder`.
    labels : ndarray of shape (n_items,), int32
        The cluster of each item, or -1.
    groups : sequence of Group
        The clusters, in the order of their numbers, and last what is in none, if anything is.
    points : ndarray of shape (n_items, 2) or None
        Where the items are on the map; None if there is no map.
    neighbors : ndarray of shape (n_items, m), or None
        The items nearest to each in all columns, nearest first; -1 where there are fewer.
    order : ndarray of shape (n_items,), or None
        All items in the order in which they are played: cluster by cluster, each along a path
        of similar sounds. None is their own order.
    columns : sequence of Column
        At most :data:`N_COLUMNS` are shown. The lengths of items are no column: every page has
        them.
    errors : sequence of ItemError
        What could not be read, and why.
    warnings : sequence of str
        In sentences.
    folder : str or None
        The folder that relative paths belong to; None if the sounds were in memory.
    views : mapping of str to JSON values
        What other views show, by the name of the view; see docs/report.md.
    """

    kind: Kind
    title: str
    headline: Sequence[str]
    items: Sequence[Item]
    labels: NDArray[np.int32]
    groups: Sequence[Group]
    points: NDArray[np.float64] | None = None
    neighbors: NDArray[np.int64] | None = None
    order: NDArray[np.int64] | None = None
    columns: Sequence[Column] = ()
    errors: Sequence[ItemError] = ()
    warnings: Sequence[str] = ()
    folder: str | None = ""
    views: Mapping[str, Any] = field(default_factory=dict)


def is_page(name: str) -> bool:
    """Whether a name is that of a page."""
    return name.lower().endswith((".html", ".htm"))


def check_page(audio: object, title: object = None) -> None:
    """Raise a ParameterError unless sounds are in a place that there is, and a title is text.

    Parameters
    ----------
    audio : object
        What should be one of the words of :data:`Audio`.
    title : object
        What should be text, or None.
    """
    check_choice("audio", audio, get_args(Audio))
    if title is not None and not isinstance(title, str):
        raise ParameterError(f"title={title!r:.80}: expected text or None")


def title_or(title: str | None, otherwise: str) -> str:
    """Give a title without blanks around it, or another one if nothing is left."""
    return (title or "").strip() or otherwise
