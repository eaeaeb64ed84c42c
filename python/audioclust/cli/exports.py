"""The files that a command is asked to write."""

from __future__ import annotations

from collections.abc import Iterable
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


def check_outputs(paths: Iterable[str | None], inputs: Iterable[str]) -> None:
    """Check, before the work starts, that files can be written.

    Raises
    ------
    ParameterError
        If a path is one of the inputs.
    OSError
        If a file cannot be written.
    """
    known = tuple(inputs)
    for path in paths:
        if path is not None:
            output_path(path, inputs=known)


def write_exports(result: Exportable, exports: Iterable[Export]) -> None:
    """Write a result to files."""
    for export in exports:
        result.export(export.path, format=export.format)
