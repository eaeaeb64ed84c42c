"""Names for files and folders that every system accepts."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping

from audioclust.utils.text import printable

MAX_BYTES = 255
"""The longest name of a file on most systems, in bytes."""

_FOR_NAME = 150
"""What a cluster's name may take of that, so that a number and a suffix still fit."""

_REFUSED = frozenset('<>:"/\\|?*')
"""Characters that Windows refuses in names."""

_NUMBER = re.compile(r" \(\d+\)$")
"""What :func:`numbered` adds."""


def cluster_names(k: int, names: Mapping[int, str]) -> list[str]:
    """Give a name for a file or folder of each cluster: its number, and its name if it has one.

    Parameters
    ----------
    k : int
        Number of clusters. Their numbers have equally many digits, so that they sort.
    names : mapping of int to str
        The names of those that have one.

    Returns
    -------
    list of str
        Such as ``"03 kicks"``, or ``"cluster 03"`` without a name. What Windows refuses in
        names, and what cannot be seen, is an underscore. No two are equal.
    """
    digits = len(str(max(k - 1, 0)))
    found = []
    for cluster in range(k):
        number, name = f"{cluster:0{digits}}", safe_name(names.get(cluster, ""))
        found.append(f"{number} {name}" if name else f"cluster {number}")
    return found


def safe_name(text: str) -> str:
    """Give text as a part of a file's name; empty if nothing is left of it."""
    composed = unicodedata.normalize("NFC", printable(text))
    kept = "".join(c if c.isprintable() and c not in _REFUSED else "_" for c in composed)
    # Windows drops dots and spaces at the end.
    return shortened(" ".join(kept.split()), _FOR_NAME).rstrip(". ")


def shortened(text: str, n_bytes: int) -> str:
    """Give the beginning of text, in whole characters, that has at most so many bytes."""
    size = 0
    for i, character in enumerate(text):
        size += len(os.fsencode(character))
        if size > n_bytes:
            return text[:i]
    return text


def numbered(name: str, n: int) -> str:
    """Give the n-th name like a file's: ``a.wav``, ``a (2).wav``, ``a (3).wav``."""
    if n < 2:
        return name
    stem, suffix = os.path.splitext(name)
    mark = f" ({n})"
    room = MAX_BYTES - len(mark) - len(os.fsencode(suffix))
    if room < 1:  # All of the name is a suffix.
        return shortened(name, MAX_BYTES - len(mark)) + mark
    return f"{shortened(stem, room)}{mark}{suffix}"


def without_number(name: str) -> str:
    """Give what :func:`numbered` leaves of a name, whatever the number."""
    stem, suffix = os.path.splitext(name)
    return shortened(_NUMBER.sub("", stem), _FOR_NAME) + suffix


def as_compared(name: str) -> str:
    """Give what two names share if some system takes them for one: case and accents aside."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
