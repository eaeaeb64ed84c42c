"""The files that a command is asked to write."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import click

from audioclust.audio.choosing.file_filter import FileFilter
from audioclust.errors import ParameterError
from audioclust.utils.files import local_place, output_path

STDOUT = "-"
"""What stands for standard output in place of a file."""


class Export(NamedTuple):
    """A file to write, and its format."""

    format: str
    path: str


class Exportable(Protocol):
    """A result that writes itself in any of its formats."""

    def export(self, path: str, *, format: str | None = None) -> None:  # noqa: A002
        """Write the result to a file."""
        ...


def asked_exports(
    to: Iterable[tuple[str, str]], csv: str | None, json: str | None
) -> list[Export]:
    """Give the files that --to, --csv and --json name, in one list."""
    short = [("csv", csv), ("json", json)]
    named = [Export(name, path) for name, path in short if path is not None]
    return [*(Export(*pair) for pair in to), *named]


def uses_stdout(exports: Iterable[Export]) -> bool:
    """Tell whether standard output has a file's contents, so that nothing else may be there."""
    return any(export.path == STDOUT for export in exports)


def check_outputs(
    paths: Iterable[str | None],
    *,
    sources: Sequence[str],
    inputs: Iterable[str] = (),
    files: FileFilter = FileFilter(),  # noqa: B008 - it is frozen
) -> None:
    """Check, before the work starts, that files can be written.

    Parameters
    ----------
    paths : iterable of str or None
        The files; None is one that was not asked for, and ``-`` is standard output.
    sources : sequence of str
        Folders, files and patterns of sounds, which must not be replaced.
    inputs : iterable of str
        Other files that must not be replaced.
    files : FileFilter
        Which files are used of those that a search finds.

    Raises
    ------
    ParameterError
        If a path is one of the inputs, or there twice.
    OSError
        If a file cannot be written.
    """
    seen: set[str] = set()
    others = list(inputs)
    for path in filter(None, paths):
        _check_once(path, seen)
        if path == STDOUT:
            continue
        known = list(others)
        # Only a file that is there could be one of the sounds, and the search takes time.
        if sources and os.path.lexists(os.path.expanduser(path)):
            from audioclust.audio.sources import scan

            known += [recording.path for recording in scan(sources, files=files).recordings]
        output_path(path, inputs=known)


def check_folder(path: str) -> None:
    """Check, before the work starts, that a folder can be written or made; it is not made yet.

    Raises
    ------
    ParameterError
        If it is an address.
    OSError
        If it cannot, or is something else than a folder.
    """
    above = os.path.abspath(local_place("folder", path))
    while not os.path.lexists(above):
        above = os.path.dirname(above)
    if not os.path.isdir(above):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), above)
    if not os.access(above, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), above)


def _check_once(path: str, seen: set[str]) -> None:
    """Raise a ParameterError if an output was seen before: one would replace the other."""
    place = path if path == STDOUT else os.path.realpath(os.path.expanduser(path))
    if place in seen and (path == STDOUT or os.path.isfile(place) or not os.path.exists(place)):
        raise ParameterError(f"{path!r} is the place of two outputs: expected a file for each")
    seen.add(place)


def write_exports(result: Exportable, exports: Iterable[Export]) -> None:
    """Write a result to files, or to standard output where the path is ``-``."""
    for export in exports:
        if export.path != STDOUT:
            result.export(export.path, format=export.format)
            continue
        with tempfile.TemporaryDirectory(prefix="audioclust-") as folder:
            path = os.path.join(folder, "result")
            result.export(path, format=export.format)
            with open(path, "rb") as file:
                click.echo(file.read(), nl=False)
