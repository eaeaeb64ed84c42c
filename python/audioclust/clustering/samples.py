"""Samples of rows that a seed decides, for what is too slow or too large for all of them."""

from __future__ import annotations

import functools
import hashlib
import math
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.spans import Item


WARD_ROWS = 5000
"""Rows that a tree or neighbours are found of, at most: their cost grows as the square."""


Sample: TypeAlias = "Callable[[], NDArray[np.intp]]"
"""Gives the numbers of the rows that stand for all, ascending. It is called only if they are
needed, since finding them takes a while for millions of rows."""


def some_rows(
    rows: int | NDArray[np.intp], most: int, seed: int | np.random.Generator
) -> NDArray[np.intp]:
    """Give the indices of rows, ascending: so many drawn at random if there are more.

    Parameters
    ----------
    rows : int or ndarray of intp
        The number of rows, or the indices to draw from, ascending.
    most : int
        How many there are at most.
    seed : int or numpy.random.Generator
        Seed of the draw, or what to draw with. Nothing is drawn if all are taken.
    """
    n = rows if isinstance(rows, int) else len(rows)
    if n <= most:
        return np.arange(n) if isinstance(rows, int) else rows
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(rows, most, replace=False))


def sample_of(items: Sequence[Item], seed: int) -> Sample:
    """Give what finds the items that stand for all, once: see :func:`smallest_items`."""
    return functools.cache(lambda: smallest_items(items, WARD_ROWS, seed))


def smallest_items(items: Sequence[Item], most: int, seed: int) -> NDArray[np.intp]:
    """Give the indices of the items with the smallest digests, ascending; all if they are few.

    An item's digest depends on the item and the seed only: in whatever parts the items are
    looked at, and whatever other items there are, the smaller digest stays the smaller one.

    Parameters
    ----------
    items : sequence of Item
        The items. Of equal ones the first count as smaller.
    most : int
        How many there are at most.
    seed : int
        From 0 to 2⁶⁴ - 1.
    """
    if len(items) <= most:
        return np.arange(len(items))
    share = likely_share(most, len(items))
    found = smallest_digests(items, most, seed, share)
    if len(found.numbers) < most:
        found = smallest_digests(items, most, seed)
    return np.sort(found.numbers)


class Digests(NamedTuple):
    """Digests of items as numbers, the smallest first.

    Attributes
    ----------
    values : ndarray of shape (n, 2), uint64
        The upper and the lower half of each digest.
    numbers : ndarray of shape (n,), intp
        The number of each item.
    """

    values: NDArray[np.uint64]
    numbers: NDArray[np.intp]

    def smallest(self, most: int) -> Digests:
        """Give the smallest, at most so many; of equal ones those with the lowest numbers."""
        order = np.lexsort((self.numbers, self.values[:, 1], self.values[:, 0]))[:most]
        return Digests(self.values[order], self.numbers[order])


def likely_share(most: int, n: int) -> float:
    """Give a share of all digests, the smallest, that almost surely has `most` of n items.

    There are ten standard deviations more in it than are wanted. So parts of the items need not
    tell of nearly all their digests, only to have them thrown away.
    """
    return min(1.0, (most + 10 * (math.sqrt(most) + 1)) / n)


def smallest_digests(
    items: Sequence[Item], most: int, seed: int, share: float = 1.0
) -> Digests:
    """Give the smallest digests of some items, at most so many.

    Parameters
    ----------
    items : sequence of Item
        The items, which are numbered from 0.
    most : int
        How many are wanted.
    seed : int
        From 0 to 2⁶⁴ - 1.
    share : float
        Digests that are not among this share of all possible ones, the smallest, are left out.
    """
    limit = min(int(share * 2.0**128), 2**128 - 1).to_bytes(16, "big")
    own = struct.pack("<Q", seed)
    below = [
        (digest, number)
        for number, item in enumerate(items)
        if (digest := _digest(item, own)) <= limit
    ]
    words = np.frombuffer(b"".join(digest for digest, _ in below), ">u8").astype(np.uint64)
    numbers = np.array([number for _, number in below], np.intp)
    return Digests(words.reshape(-1, 2), numbers).smallest(most)


def merged_digests(parts: Iterable[Digests], sizes: Sequence[int], most: int) -> Digests:
    """Give the smallest digests of all parts of items, numbered through all of them.

    Parameters
    ----------
    parts : iterable of Digests
        What :func:`smallest_digests` gave for each part.
    sizes : sequence of int
        The number of items of each part.
    most : int
        How many are wanted.
    """
    firsts = np.cumsum([0, *sizes[:-1]])
    placed = [
        (part.values, part.numbers + first) for part, first in zip(parts, firsts, strict=True)
    ]
    values = np.concatenate([values for values, _ in placed])
    numbers = np.concatenate([numbers for _, numbers in placed])
    return Digests(values, numbers).smallest(most)


def _digest(item: Item, seed: bytes) -> bytes:
    """Give BLAKE2b of what makes an item the one that it is, and of the seed.

    What follows the path has a fixed length, so that no two items have the same bytes. Adding 0
    makes a negative zero a positive one, as they are equal.
    """
    name = item.path.encode("utf-8", "surrogatepass")
    part = struct.pack("<dd", item.start + 0.0, item.end + 0.0)
    return hashlib.blake2b(name + part + seed, digest_size=16).digest()
