"""`Corrections`: what a user said about the clusters of items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Corrections:
    """What was said about items that belong together, apart, or to certain clusters.

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


# Pickles name it by where users find it, and so survive a move to another module.
Corrections.__module__ = "audioclust"
