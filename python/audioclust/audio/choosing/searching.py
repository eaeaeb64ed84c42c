"""What of each folder is searched: patterns, ignore files, hidden names."""

from __future__ import annotations

import errno
import functools
import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias, TypeVar

from audioclust.audio.choosing.file_filter import IGNORE_FILE, FileFilter
from audioclust.audio.choosing.patterns import Patterns
from audioclust.audio.folders import is_folder

MAX_BYTES = 2**20
"""Largest ignore file that is read."""

OnError: TypeAlias = Callable[[str, str], None]
"""Called with the path of an ignore file, and what is wrong with it."""


class Entry(Protocol):
    """What is in a folder, of this machine or elsewhere."""

    @property
    def name(self) -> str:
        """Its name in the folder."""
        ...

    def is_dir(self) -> bool:
        """Tell whether it is a folder, or a link to one."""
        ...


E = TypeVar("E", bound=Entry)


@dataclass(frozen=True)
class _Level:
    """What holds in one folder.

    Attributes
    ----------
    prefix : str
        Its path below the searched folder, with ``/`` at the end; empty for that folder.
    ignored : tuple of (int, Patterns)
        The ignore files above it, the nearest first: how much of a path belongs to the folder
        that one is in, and what it says.
    is_included : bool
        Whether it is below a folder that was included.
    """

    prefix: str = ""
    ignored: tuple[tuple[int, Patterns], ...] = ()
    is_included: bool = True


@dataclass(frozen=True)
class Chooser:
    """Chooses what is searched of a folder and those below it, for :func:`walk`.

    Parameters
    ----------
    files : FileFilter
        What is asked for.
    on_error : callable
        Told of ignore files that cannot be used. The search goes on without them.
    content_of : callable or None
        Gives the beginning of a file, one byte more than :data:`MAX_BYTES` at most, or raises
        an OSError; None for files of this machine.
    """

    files: FileFilter
    on_error: OnError
    content_of: Callable[[str], bytes] | None = None
    _levels: dict[str, _Level] = field(default_factory=dict)
    """What holds in folders that are still to be searched, unless it is the default."""

    def __call__(self, folder: str, entries: list[E]) -> list[E]:
        """Give those entries of a folder that are used or searched."""
        level = self._levels.pop(folder, self._first)
        if self.files.ignore_files:
            level = self._with_ignore_file(level, folder, entries)
        if not self.files.hidden:
            entries = [entry for entry in entries if not entry.name.startswith(".")]
        if not (level.ignored or self.files.include or self.files.exclude):
            return entries
        return [entry for entry in entries if self._uses(level, folder, entry)]

    @functools.cached_property
    def _first(self) -> _Level:
        return _Level(is_included=not self.files.include)

    @functools.cached_property
    def _include(self) -> Patterns:
        return Patterns.of(self.files.include, _never)

    @functools.cached_property
    def _exclude(self) -> Patterns:
        return Patterns.of(self.files.exclude, _never)

    def _with_ignore_file(self, level: _Level, folder: str, entries: Iterable[Entry]) -> _Level:
        for entry in entries:
            if entry.name == IGNORE_FILE:
                path = os.path.join(folder, IGNORE_FILE)
                patterns = _read(path, self.content_of or _content_of, self.on_error)
                own = (len(level.prefix), patterns)
                return replace(level, ignored=(own, *level.ignored))
        return level

    def _uses(self, level: _Level, folder: str, entry: Entry) -> bool:
        """Tell whether an entry is used, and remember what holds in it if it is a folder."""
        path = level.prefix + entry.name
        below = is_folder(entry)
        if self._exclude.decision(path, is_folder=below):
            return False
        for start, patterns in level.ignored:
            ignored = patterns.decision(path[start:], is_folder=below)
            if ignored:
                return False
            if ignored is not None:
                break
        included = self._include.decision(path, is_folder=below)
        if included is None:
            included = level.is_included
        if below:
            place = os.path.join(folder, entry.name)
            self._levels[place] = _Level(f"{path}/", level.ignored, included)
        return below or included


def _never(number: int, why: str) -> None:
    """Take no notice of an error: a FileFilter has checked its patterns."""


def _content_of(path: str) -> bytes:
    """Give the beginning of a file of this machine."""
    with open(path, "rb", opener=_open_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        return file.read(MAX_BYTES + 1)


def _read(path: str, content_of: Callable[[str], bytes], on_error: OnError) -> Patterns:
    """Read an ignore file, and tell of what cannot be used of it.

    Names are bytes to the system, and so are patterns to git: what is not UTF-8 in the file
    fits the same bytes in names.
    """
    try:
        content = content_of(path)
    except OSError as why:
        on_error(path, f"the ignore file cannot be read: {why.strerror or why}")
        return Patterns()
    if len(content) > MAX_BYTES:
        on_error(path, f"the ignore file has more than {MAX_BYTES} bytes and is not used")
        return Patterns()
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    text = [os.fsdecode(line.removesuffix(b"\r")) for line in lines]
    wrong: list[str] = []
    patterns = Patterns.of(text, lambda number, why: wrong.append(f"line {number}: {why}"))
    if wrong:
        more = f"; and {len(wrong) - 3} more lines" if len(wrong) > 3 else ""
        on_error(path, f"not all of the ignore file is used: {'; '.join(wrong[:3])}{more}")
    return patterns


def _open_at_once(path: str, flags: int) -> int:
    """Open a file without waiting for anybody to write to it, as a pipe would."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
