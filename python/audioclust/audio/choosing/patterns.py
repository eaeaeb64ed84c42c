"""Patterns of gitignore, matched against one file or folder at a time."""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

MAX_DEPTHS = 3
"""Most parts ``**`` of a pattern. A regular expression tries all places for each, so that a
pattern with many could take hours for a single path."""

MAX_LENGTH = 4096
"""Longest pattern, in characters; a path on Linux is no longer."""


class _Pattern(NamedTuple):
    """One pattern."""

    regex: re.Pattern[str]
    chooses: bool
    """False for one that begins with ``!``."""
    folders_only: bool


@dataclass(frozen=True)
class Patterns:
    """Patterns of which the last one that fits decides.

    pathspec translates them. Its own search, however, also lets a pattern fit all that is below
    a folder that fits. Here each folder is asked about before what it contains, as git does it,
    so that only matches of a name itself count.
    """

    patterns: tuple[_Pattern, ...] = ()

    @classmethod
    def of(cls, lines: Iterable[str], on_error: Callable[[int, str], None]) -> Patterns:
        """Translate lines, of which empty ones and comments count for nothing.

        Parameters
        ----------
        lines : iterable of str
        on_error : callable
            Called with the number of a line that is no pattern, from 1, and why; the line is
            left out.
        """
        found = []
        for number, line in enumerate(lines, 1):
            why = _cannot_be_used(line)
            if why is not None:
                on_error(number, why)
                continue
            try:
                pattern = _translated(line)
            except (ValueError, re.error) as error:
                on_error(number, f"it is no pattern: {error}")
                continue
            found += [] if pattern is None else [pattern]
        return cls(tuple(reversed(found)))

    def decision(self, path: str, *, is_folder: bool) -> bool | None:
        """Tell whether the patterns choose a path; None if none of them fits it.

        Parameters
        ----------
        path : str
            Relative to the folder that the patterns are of, with ``/`` between folders.
        is_folder : bool
            Whether it is a folder, or a link to one.
        """
        for pattern in self.patterns:
            if pattern.folders_only and not is_folder:
                continue
            found = pattern.regex.search(path)
            # pathspec's group of this name is the slash after a folder that fits.
            if found is not None and found.groupdict().get("ps_d") is None:
                return pattern.chooses
        return None


def _cannot_be_used(line: str) -> str | None:
    """Give what is wrong with a line, if anything is."""
    if "\0" in line:
        return "it has zero bytes, as text in UTF-16 has"
    if len(line) > MAX_LENGTH:
        return f"it has {len(line)} characters, and a pattern has at most {MAX_LENGTH}"
    if line.split("/").count("**") > MAX_DEPTHS:
        return f"it has more than {MAX_DEPTHS} parts **"
    return None


def _translated(line: str) -> _Pattern | None:
    """Give a line as a pattern; None if it is empty, a comment, or fits nothing.

    A slash at the end, which stands for folders, is not left to pathspec: with it, pathspec
    tells what is below a folder and not the folder.
    """
    text = line if line.endswith("\\ ") else line.rstrip()
    folders_only = text.endswith("/")
    with warnings.catch_warnings():
        # Python warns of brackets in brackets, which may mean something else one day.
        warnings.simplefilter("ignore", FutureWarning)
        pattern = _pattern_class()(text.rstrip("/") if folders_only else text)
        if pattern.include is None or pattern.regex is None:
            return None
        regex = re.compile(_without_retries(str(pattern.regex.pattern)))
    return _Pattern(regex, bool(pattern.include), folders_only)


_STAR = "[^/]*"
"""What pathspec translates ``*`` to, where it is not all that is between two slashes."""


def _without_retries(regex: str) -> str:
    """Give the same expression, with stars that need not be tried at every place.

    What comes after a star, up to the next one, may be taken where it is found first: what
    there is to the right of it can only become more by that. So the expression need not come
    back to this choice, which is what an atomic group says; :func:`fnmatch.translate` does the
    same. Without it, four stars take a second for a single name.
    """
    pieces = regex.split(_STAR)
    if len(pieces) < 3:
        return regex
    first, *middle, last = pieces
    # What holds of one name need not hold where ``**`` is any number of folders.
    parts = (
        f"(?>{_STAR}?{part})" if "(?:" not in part else f"{_STAR}{part}" for part in middle
    )
    return f"{first}{''.join(parts)}{_STAR}{last}"


@functools.cache
def _pattern_class() -> Any:
    """Import pathspec, which nothing needs without patterns."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    return GitIgnoreSpecPattern
