"""The options that say which files are used, and paths from standard input."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from audioclust.audio.choosing.file_filter import FileFilter
from audioclust.cli.screen import filled

if TYPE_CHECKING:
    from audioclust.audio.choosing.file_filter import LeftOut

STDIN = "-"
"""What stands for paths from standard input in place of a path."""

FILES = (
    "include", "exclude", "min_file_duration", "max_file_duration", "hidden", "no_ignore",
    "null",
)  # fmt: skip
"""The names of these options."""

OF_FILTER = ("include", "exclude", "min_duration", "max_duration", "hidden", "no_ignore")
"""The names of the parameters, of commands that take these options, for a filter of files."""


def filter_of(settings: dict[str, Any]) -> FileFilter:
    """Take the options of :class:`FileFilter` out of a command's settings."""
    given = {name: settings.pop(name) for name in OF_FILTER}
    ignore_files = not given.pop("no_ignore")
    return FileFilter(**given, ignore_files=ignore_files)


def named_paths(paths: Sequence[str], null: bool) -> tuple[str, ...]:
    """Give the paths that were typed, with those of standard input in the place of ``-``.

    Parameters
    ----------
    paths : sequence of str
        What was typed. A file that has this name is typed as ``./-``.
    null : bool
        Whether paths from standard input end with a zero byte, instead of being one on each
        line.

    Raises
    ------
    click.UsageError
        If there is no path at all, or zero bytes are there without being asked for.
    """
    if null and STDIN not in paths:
        raise click.UsageError(
            "--null is about paths from standard input: expected - as a PATH"
        )
    named: list[str] = []
    for path in paths:
        named += _read_paths(null) if path == STDIN else [path]
    if not named:
        raise click.UsageError("there are no paths on standard input")
    return tuple(named)


def _read_paths(null: bool) -> list[str]:
    """Read paths from standard input, byte by byte as the system has them."""
    content = sys.stdin.buffer.read()
    if b"\0" in content and not null:
        raise click.UsageError("there are zero bytes between paths: expected --null")
    if os.name == "nt":
        content = content.replace(b"\r\n", b"\n")
    return [os.fsdecode(path) for path in content.split(b"\0" if null else b"\n") if path]


def print_left_out(left_out: Sequence[LeftOut]) -> None:
    """Print how many files were left out as too short or too long; nothing if none was."""
    if left_out:
        counts = Counter(one.reason for one in left_out)
        words = ", ".join(f"{counts[reason]} {reason}" for reason in sorted(counts))
        files = "1 file was" if len(left_out) == 1 else f"{len(left_out)} files were"
        line = f"{files} left out by duration: {words}."
        click.echo(filled(line.split(), sys.stdout, indent=""))
