"""The files that a command is asked to write."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from audioclust.utils.files import output_path


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


def check_outputs(
    paths: Iterable[str | None], *, sources: Sequence[str], inputs: Iterable[str] = ()
) -> None:
    """Check, before the work starts, that files can be written.

    Parameters
    ----------
    paths : iterable of str or None
        The files; None is one that was not asked for.
    sources : sequence of str
        Folders, files and patterns of sounds, which must not be replaced.
    inputs : iterable of str
        Other files that must not be replaced.

    Raises
    ------
    ParameterError
        If a path is one of the inputs.
    OSError
        If a file cannot be written.
    """
    for path in filter(None, paths):
        known = list(inputs)
        # Only a file that is there could be one of the sounds, and the search takes time.
        if sources and os.path.lexists(os.path.expanduser(path)):
            from audioclust.audio.sources import scan

            known += [recording.path for recording in scan(sources).recordings]
        output_path(path, inputs=known)


def write_exports(result: Exportable, exports: Iterable[Export]) -> None:
    """Write a result to files."""
    for export in exports:
        result.export(export.path, format=export.format)
