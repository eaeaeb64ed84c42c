"""Keeping libraries quiet on standard error."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator
from typing import TextIO

import click

from audioclust.errors import ConvergenceWarning
from audioclust.utils.text import on_one_line


@contextlib.contextmanager
def noise_contained() -> Iterator[None]:
    """Keep decoders silent, and print our own warnings as a line each, without the code."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", ConvergenceWarning)
        with decoders_silenced():
            yield
    for warning in caught:
        click.echo(f"Warning: {on_one_line(str(warning.message))}", err=True)


@contextlib.contextmanager
def decoders_silenced() -> Iterator[None]:
    """Keep what C libraries write to file descriptor 2 off the screen.

    libmpg123 warns there of every oddity that it gets over. Python's own stderr goes on to
    where it went before.
    """
    try:
        descriptor = sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        yield  # Somebody has put a stream of their own there, as tests do.
        return
    if descriptor != 2:
        yield
        return
    before = sys.stderr
    before.flush()
    kept = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)
    screen: TextIO = os.fdopen(kept, "w", buffering=1, encoding=before.encoding,
                               errors="backslashreplace")  # fmt: skip
    sys.stderr = screen
    try:
        yield
    finally:
        screen.flush()
        os.dup2(screen.fileno(), 2)
        sys.stderr = before
        screen.close()
