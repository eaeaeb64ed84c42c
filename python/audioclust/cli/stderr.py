"""Standard error: without the noise of libraries, and with what the cache knew."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Iterator

import click

from audioclust.errors import (
    CacheWarning,
    ClusterWarning,
    ContinuityWarning,
    ConvergenceWarning,
    FoundTwiceWarning,
)
from audioclust.extraction.progress import followed_runs
from audioclust.utils.terminal import stderr_silenced
from audioclust.utils.text import on_one_line

OF_OURS = (
    *(CacheWarning, ClusterWarning, ContinuityWarning),
    *(ConvergenceWarning, FoundTwiceWarning),
)
"""The warnings that are printed."""


@contextlib.contextmanager
def noise_contained(*, quiet: bool = True) -> Iterator[None]:
    """Silence decoders and other libraries' warnings, and print each of our own on one line.

    That work waits is printed at once, and other warnings in the end.

    libmpg123 writes a warning for every oddity that it recovers from.

    Parameters
    ----------
    quiet : bool
        Whether nothing is said of how many files the cache knew. The bar, which says it too,
        vanishes when all is done, and is not shown in a file.
    """
    n_before = len(followed_runs())
    later: list[str] = []
    with warnings.catch_warnings(), _warnings_shown(later):
        warnings.simplefilter("ignore")
        for ours in OF_OURS:
            warnings.simplefilter("always", ours)
        with stderr_silenced():
            yield
    for line in later:
        click.echo(line, err=True)
    told = () if quiet else followed_runs()[n_before:]
    for words in filter(None, (run.words() for run in told)):
        click.echo(f"{words}.", err=True)


@contextlib.contextmanager
def _warnings_shown(later: list[str]) -> Iterator[None]:
    """Print warnings that must be known at once, and put the lines of others into a list."""
    before = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        line = f"Warning: {on_one_line(str(message))}"
        if issubclass(category, ClusterWarning):
            # A bar that is shown takes care of what is written to this stream.
            click.echo(line, file=sys.stderr)
        else:
            later.append(line)

    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = before
