"""Folders and all folders below them, however deep."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Protocol, TypeAlias

Identity: TypeAlias = tuple[int, int]
"""Device and number of a folder, which are the same however it is reached."""


Choose: TypeAlias = "Callable[[str, list[os.DirEntry[str]]], list[os.DirEntry[str]]]"
"""Gives those entries of a folder that are used or searched, of all that it has."""


def walk(
    top: str,
    seen: set[Identity],
    on_error: Callable[[str, OSError], None],
    choose: Choose,
) -> Iterator[tuple[str, list[os.DirEntry[str]]]]:
    """Give a folder and all below it, links followed, each before those below it.

    Unlike that of :func:`os.walk`, the depth is not limited by how deep Python can recurse, and
    a folder that is reached again through a link is not searched again.

    Parameters
    ----------
    top : str
        The folder; "" is the current one.
    seen : set
        The folders that were searched before and are left out. All that are searched are added.
    on_error : callable
        Called with a folder that cannot be read, and why.
    choose : callable
        Called with each folder and what is in it, before the folders below it.

    Yields
    ------
    folder : str
        A folder.
    entries : list of os.DirEntry
        What was chosen of it, sorted by name.
    """
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            status = os.stat(folder or os.curdir)
            identity = status.st_dev, status.st_ino
            if identity in seen:
                continue
            seen.add(identity)
            with os.scandir(folder or os.curdir) as listing:
                entries = list(listing)
        except OSError as why:
            on_error(folder, why)
            continue
        entries = choose(folder, entries)
        entries.sort(key=lambda entry: entry.name)
        yield folder, entries
        below = [entry.name for entry in entries if is_folder(entry)]
        waiting.extend(os.path.join(folder, name) for name in reversed(below))


class _MayBeFolder(Protocol):
    def is_dir(self) -> bool: ...


def is_folder(entry: _MayBeFolder) -> bool:
    """Tell whether an entry is a folder or a link to one."""
    try:
        return entry.is_dir()
    except OSError:
        return False  # A link that cannot be followed.
