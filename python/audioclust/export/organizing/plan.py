"""What is to be put where, and what became of it."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from audioclust.export.organizing.names import as_compared, numbered, without_number
from audioclust.utils import html
from audioclust.utils.urls.names import is_url

PlacingMode = Literal["link", "copy", "move"]
"""How a file is put into a folder: a symbolic link to it, a copy of it, or itself."""


class Step(NamedTuple):
    """One file to put somewhere.

    Attributes
    ----------
    source : str
        The file.
    target : str
        Where it, its copy or a link to it is put.
    mode : {"link", "copy", "move"}
        What is done.
    """

    source: str
    target: str
    mode: PlacingMode


class NotPlaced(NamedTuple):
    """A file with which nothing was done.

    Attributes
    ----------
    path : str
        The file.
    message : str
        Why, in words.
    """

    path: str
    message: str


class Stale(NamedTuple):
    """A link or copy that an earlier run made, in a folder that its file left since.

    Attributes
    ----------
    path : str
        The link or copy.
    log : str
        The log of that run. :func:`audioclust.undo` removes with it all that the run put there;
        organizing again then puts back what still belongs there.
    """

    path: str
    log: str


@dataclass(frozen=True)
class Plan:
    """What :meth:`audioclust.Clustering.organize` is going to do; nothing is done yet.

    ``len(plan)`` is the number of steps, and iteration goes over them.

    Attributes
    ----------
    folder : str
        The folder that has a folder for each cluster.
    steps : tuple of Step
        One for each file, in the order in which they are done.
    in_place : tuple of str
        Files that already are where they belong, or have their link or copy there.
    errors : tuple of NotPlaced
        Files that cannot be put anywhere, and why.
    stale : tuple of Stale
        Links and copies of earlier runs in folders where their files do not belong any more, as
        after a correction. They are left there.
    """

    folder: str
    steps: tuple[Step, ...]
    in_place: tuple[str, ...] = ()
    errors: tuple[NotPlaced, ...] = ()
    stale: tuple[Stale, ...] = ()

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __repr__(self) -> str:
        """Say how many files it is about. All of them would fill a notebook."""
        n, modes = len(self), " or ".join(sorted({step.mode for step in self}))
        counted = [f"{n} file{'s' if n != 1 else ''}{f' to {modes}' if modes else ''}"]
        if self.in_place:
            counted.append(f"{len(self.in_place)} in place already")
        if self.errors:
            counted.append(f"{len(self.errors)} that cannot be placed")
        if self.stale:
            counted.append(f"{len(self.stale)} stale")
        return f"<Plan: {', '.join(counted)}, in {self.folder!r}>"

    def _repr_html_(self) -> str:
        """Give a table of the steps as a notebook shows it."""
        rows = [
            *self.steps,
            *((path, "", "in place already") for path in self.in_place),
            *((path, "", message) for path, message in self.errors),
            *((path, "", "of an earlier run") for path, _ in self.stale),
        ]
        return html.table(repr(self)[1:-1], ("file", "goes to", "how"), rows)


# Pickles name them by where users find them, and so survive a move to another module.
Step.__module__ = NotPlaced.__module__ = Stale.__module__ = Plan.__module__ = "audioclust"


def plan_for(folder: str, places: Iterable[tuple[str, str]], mode: PlacingMode) -> Plan:
    """Plan where files are put.

    Parameters
    ----------
    folder : str
        The full path of the folder that everything is put in. It need not be there.
    places : iterable of (str, str)
        The full path of each file, and the name of the folder that it belongs to.
    mode : {"link", "copy", "move"}
        What is done with files.

    Returns
    -------
    Plan
        No target is there yet, and no two are the same, whatever their case: a file whose name
        is taken gets a number.
    """
    rooms: dict[str, _Room] = {}
    steps, in_place, errors = [], [], []
    seen: dict[tuple[int, int], str] = {}
    for source, name in places:
        if name not in rooms:
            rooms[name] = _Room(os.path.join(folder, name), mode)
        try:
            why = _why_not(source, mode, seen)
        except OSError as error:
            why = str(error.strerror or error)
        except ValueError:
            # A saved result may have been made on another system, or by somebody malicious.
            why = "no file on this system can have such a name"
        if why:
            errors.append(NotPlaced(source, why))
            continue
        target = rooms[name].place_for(source)
        if target is None:
            in_place.append(source)
        else:
            steps.append(Step(source, target, mode))
    return Plan(folder, tuple(steps), tuple(in_place), tuple(errors))


def _why_not(source: str, mode: PlacingMode, seen: dict[tuple[int, int], str]) -> str:
    """Say why nothing can be done with a file; empty if something can."""
    if is_url(source):
        return "it is elsewhere: only files of this machine are linked, copied and moved"
    status = os.stat(source)
    if not stat.S_ISREG(status.st_mode):
        return "it is not a regular file"
    if mode != "move":
        return ""
    if os.path.islink(source):
        return "it is a symbolic link: only files themselves are moved"
    other = seen.setdefault((status.st_dev, status.st_ino), source)
    return "" if other == source else f"it is the same file as {other}"


class _Room:
    """A folder of the plan, and the names that are taken there.

    Parameters
    ----------
    folder : str
        The folder. It need not be there.
    mode : {"link", "copy", "move"}
        What is done with files.
    """

    def __init__(self, folder: str, mode: PlacingMode) -> None:
        self._folder = folder
        self._mode = mode
        self._taken: set[str] = set()
        self._there: set[tuple[object, ...]] = set()
        self._next: dict[str, int] = {}
        # A folder that cannot be read can hardly be written, which the steps will say.
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                self._taken.add(as_compared(entry.name))
                with contextlib.suppress(OSError):
                    if mode == "link" or not entry.is_symlink():
                        self._there.add(self._identity(entry.name, os.stat(entry.path)))

    def place_for(self, source: str) -> str | None:
        """Give a free place for a file and take it; None if the file has its place already."""
        base = os.path.basename(source)
        if self._identity(base, os.stat(source)) in self._there:
            return None
        n = self._next.get(as_compared(base), 1)
        while as_compared(name := numbered(base, n)) in self._taken:
            n += 1
        self._next[as_compared(base)] = n + 1
        self._taken.add(as_compared(name))
        return os.path.join(self._folder, name)

    def _identity(self, name: str, status: os.stat_result) -> tuple[object, ...]:
        """Give what a file shares with its link or copy, or with itself after a move."""
        if self._mode != "copy":
            return status.st_dev, status.st_ino
        # A copy has the name, the size and the time of what it was copied from.
        return without_number(name), status.st_size, status.st_mtime_ns
