"""What a stream is shown on, and what libraries write to standard error kept off it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TextIO


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a stream is a terminal.

    It may be None, closed, or any object with a method ``write``: programs without a terminal
    replace the standard streams.
    """
    try:
        return stream is not None and bool(stream.isatty())
    except (AttributeError, ValueError):
        return False


def is_plain() -> bool:
    """Tell whether the terminal is one that can only print, such as an editor's."""
    return os.environ.get("TERM") in ("dumb", "unknown")


def width_of(stream: TextIO | None) -> int | None:
    """Give the number of cells in a line of a terminal; None for what is no terminal.

    The environment variable COLUMNS comes first, as in other programs.
    """
    if stream is None or not is_terminal(stream):
        return None
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (AttributeError, OSError, ValueError):
        return 80


@contextlib.contextmanager
def stderr_silenced() -> Iterator[None]:
    """Keep off the screen what C libraries write to file descriptor 2, in all threads.

    Python's own stderr still goes to where it went before.
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
    screen: TextIO = os.fdopen(kept, "w", buffering=1, encoding=before.encoding,
                               errors="backslashreplace")  # fmt: skip
    try:
        # Ctrl-C may come at any line from here on, and its words must not be lost.
        sys.stderr = screen
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        os.close(null)
        yield
    finally:
        screen.flush()
        os.dup2(screen.fileno(), 2)
        sys.stderr = before
        screen.close()
