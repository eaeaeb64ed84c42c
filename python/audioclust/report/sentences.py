"""What a page says of numbers, in sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from audioclust.report.folders import Folders

if TYPE_CHECKING:
    from audioclust.audio.spans import Item
    from audioclust.errors import ItemError


def counted(n: int, thing: str) -> str:
    """Give a number of things, such as "1 file" or "1,200 files"."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def how_long(seconds: float) -> str:
    """Give a time in words, to two units, such as "1 hour 12 minutes" or "1.5 seconds"."""
    if round(1000 * seconds) < 1000:
        return counted(round(1000 * seconds), "millisecond")
    if round(seconds, 1) < 60:
        number = f"{seconds:.1f}".removesuffix(".0")
        return f"{number} second{'' if number == '1' else 's'}"
    if round(seconds) < 3600:
        return _in_units(round(seconds), 60, "minute", "second")
    return _in_units(round(seconds / 60), 60, "hour", "minute")


def _in_units(small: int, each: int, large_unit: str, small_unit: str) -> str:
    large, rest = divmod(small, each)
    return counted(large, large_unit) + (f" {counted(rest, small_unit)}" if rest else "")


def thing_of(items: Sequence[Item], folder: str | None) -> str:
    """Give what an item is called: "file", "part" of one, or "sound" if it was in memory."""
    if folder is None:
        return "sound"
    is_whole = all(not item.start for item in items)
    return "file" if is_whole and len({item.path for item in items}) == len(items) else "part"


def what_there_is(items: Sequence[Item], folder: str | None) -> str:
    """Say how many sounds there are, and how long they are, such as "2 files, 3 seconds"."""
    thing = thing_of(items, folder)
    words = counted(len(items), thing)
    if thing == "part":
        words += f" of {counted(len({item.path for item in items}), 'file')}"
    lengths = [item.end - item.start for item in items]
    known = [length for length in lengths if math.isfinite(length)]
    if not known:
        return words
    least = "" if len(known) == len(lengths) else "at least "
    return f"{words}, {least}{how_long(math.fsum(known))}"


def what_failed(errors: Iterable[ItemError], thing: str) -> list[str]:
    """Say, in a sentence or none, how much could not be used and why."""
    kinds = Counter(error.kind for error in errors)
    if not kinds:
        return []
    reasons = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())
    return [f"{counted(kinds.total(), thing)} could not be used: {reasons}."]


def shared_folder(items: Sequence[Item], folder: str | None) -> str:
    """Give the name of the folder that all files are in, or nothing if there is none."""
    if folder is None or not items:
        return ""
    return Folders(items, folder).shared_name
