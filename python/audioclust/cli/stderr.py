"""What libraries write to standard error is kept off the screen."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator

import click

from audioclust.errors import (
    CacheWarning,
    ContinuityWarning,
    ConvergenceWarning,
    FoundTwiceWarning,
)
from audioclust.utils.terminal import stderr_silenced
from audioclust.utils.text import on_one_line


@contextlib.contextmanager
def noise_contained() -> Iterator[None]:
    """Silence decoders and other libraries' warnings, and print each of our own on one line.

    libmpg123 writes a warning for every oddity that it recovers from.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        for ours in (CacheWarning, ContinuityWarning, ConvergenceWarning, FoundTwiceWarning):
            warnings.simplefilter("always", ours)
        with stderr_silenced():
            yield
    for warning in caught:
        click.echo(f"Warning: {on_one_line(str(warning.message))}", err=True)
