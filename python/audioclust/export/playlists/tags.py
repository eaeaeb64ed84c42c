"""What the tags of a file say of it."""

from __future__ import annotations

import math
import os
from typing import NamedTuple

_LONGEST = 200
"""Number of characters of a tag that are used: a player shows no more."""


class Tags(NamedTuple):
    """What the tags of a file say.

    Attributes
    ----------
    title, artist : str
        Without line breaks; empty if there is none.
    seconds : float or None
        The length that the file's header promises; None if it promises none.
    """

    title: str = ""
    artist: str = ""
    seconds: float | None = None


def read_tags(path: str, *, length: bool = False) -> Tags:
    """Read title and artist of a file; nothing of one that cannot be read.

    Parameters
    ----------
    path : str
        The file.
    length : bool, default=False
        Whether its length is read too.
    """
    from tinytag import TinyTag

    if not os.path.isfile(path):
        return Tags()  # Opening a pipe would wait for somebody to write to it.
    try:
        tag = TinyTag.get(path, tags=True, duration=length)
        seconds = tag.duration
        is_known = seconds is not None and math.isfinite(seconds) and seconds > 0
        return Tags(_line(tag.title), _line(tag.artist), seconds if is_known else None)
    except Exception:
        return Tags()  # Whatever a damaged file does to a parser, it has no tags.


def _line(value: object) -> str:
    """Give a tag as one line; empty for what is no text."""
    if not isinstance(value, str):
        return ""
    text = " ".join(value[: 10 * _LONGEST].replace("\0", " ").split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
