"""What a page says of numbers, in sentences."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import absolute, base_name, common_folder, is_url, parent_of

if TYPE_CHECKING:
    from audioclust.audio.spans import Item
    from audioclust.errors import ItemError
    from audioclust.report.content import Kind

MOST_FOLDERS = 3
"""Folders that a title names, at most."""


def counted(n: int, thing: str) -> str:
    """Give a number of things, such as "1 file" or "1,200 files"."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def things(kind: Kind) -> tuple[str, str]:
    """Give what an item and a group are called on a page, as KIND_WORDS in words.js does."""
    return _THINGS[kind]


_THINGS: Mapping[Kind, tuple[str, str]] = MappingProxyType(
    {
        "clustering": ("sound", "group"),
        "map": ("sound", "unit"),
        "segmentation": ("span", "label"),
        "onsets": ("hit", "group"),
    }
)


def how_long(seconds: float) -> str:
    """Give a length of time, to two units, as lengthText() in words.js does.

    Such are "0.35 s", "12.5 s", "2 min 05 s" and "1 h 30 min".
    """
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours:,} h {minutes:02} min"


def per_cent(share: float) -> str:
    """Give a share from 0 to 1 in whole per cent, such as "37 %"."""
    return f"{100 * share:.0f} %"


def thing_of(items: Sequence[Item], folder: str | None) -> str:
    """Give what an item is called: "file", "part" of one, or "sound" if it was in memory."""
    if folder is None:
        return "sound"
    is_whole = all(not item.start for item in items)
    return "file" if is_whole and len({item.path for item in items}) == len(items) else "part"


def what_there_is(items: Sequence[Item], folder: str | None) -> str:
    """Say how long the sounds are, and how many, such as "2.50 s in 2 files"."""
    thing = thing_of(items, folder)
    words = counted(len(items), thing)
    if thing == "part":
        words += f" of {counted(len({item.path for item in items}), 'file')}"
    if folder is None:
        words += " in memory"
    lengths = [item.end - item.start for item in items]
    known = [length for length in lengths if math.isfinite(length)]
    if not known:
        return words
    least = "" if len(known) == len(lengths) else "at least "
    return f"{least}{how_long(math.fsum(known))} in {words}"


def as_sentences(lines: Iterable[str]) -> list[str]:
    """Give lines as sentences: with a capital and a full stop."""
    return [f"{line[:1].upper()}{line[1:]}." for line in lines]


def what_failed(errors: Iterable[ItemError], thing: str) -> list[str]:
    """Say, in a sentence or none, how much could not be used and why."""
    kinds = Counter(error.kind for error in errors)
    if not kinds:
        return []
    reasons = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())
    return [f"{counted(kinds.total(), thing)} could not be used: {reasons}."]


def _first_below(folder: str, above: str) -> str:
    """Give the first part of the path of a folder below another one."""
    if is_url(folder):
        return folder[len(above) :].strip("/").split("/")[0] or os.curdir
    return os.path.relpath(folder, above).split(os.sep)[0]


def origin_of(items: Sequence[Item], folder: str | None) -> str:
    """Give what the sounds are named after, or nothing.

    It is the only file; or the folder that all files are in; or, if all are in two or three
    folders of that one, these: "drums and digits".
    """
    if folder is None or not items:
        return ""
    paths = {item.path for item in items}
    if len(paths) == 1:
        return on_one_line(base_name(paths.pop()))
    own = {parent_of(path) for path in paths}
    folders = [absolute(one, folder) for one in own]
    try:
        shared = common_folder(folders)
    except ValueError:
        return ""  # They are on several drives.
    below = {_first_below(one, shared) for one in folders}
    if os.curdir in below or len(below) > MOST_FOLDERS:
        return on_one_line(os.path.basename(shared)) or counted(len(below), "folder")
    *others, last = map(on_one_line, sorted(below))
    return f"{', '.join(others)} and {last}"
