"""What libraries write to standard error is kept off the screen."""

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
    """Silence decoders and other libraries' warnings, and print each of our own on one line."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", ConvergenceWarning)
        with decoders_silenced():
            yield
    for warning in caught:
        click.echo(f"Warning: {on_one_line(str(warning.message))}", err=True)


@contextlib.contextmanager
def decoders_silenced() -> Iterator[None]:
    """Keep off the screen what C libraries write to file descriptor 2.

    libmpg123 writes a warning there for every oddity that it recovers from. Python's own
    stderr still goes to where it went before.
    """
    try:
        descriptor = sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        yield  # It was replaced by a stream without a descriptor, as tests do.
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
