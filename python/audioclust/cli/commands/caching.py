"""The commands about the cache: `cache info`, `path`, `prune`, `clear` and `errors`."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from audioclust.cli.options.table import takes
from audioclust.cli.screen import filled
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.extraction.cache.settings import CacheSettings


@click.group()
def cache() -> None:
    """Look after what is kept of files between runs.

    It is why no file is analysed twice. It is in the user's cache folder, or where the
    environment variable AUDIOCLUST_CACHE says, which may also be "off".
    """


@cache.command()
@takes("cache_file")
def path(cache: str | None) -> None:
    """Print where the cache is."""
    click.echo(on_one_line(_place(_settings(cache))))


@cache.command()
@takes("cache_file")
def info(cache: str | None) -> None:
    """Print where the cache is, and how much is in it."""
    from audioclust.extraction.cache import upkeep

    settings = _settings(cache)
    click.echo(on_one_line(_place(settings)))
    if not os.path.lexists(_place(settings)):
        click.echo("There is none yet.")
        return
    with _told(settings):
        found = upkeep.info(settings)
    counts = [(found.n_rows, "row"), (found.n_failures, "failure"), (found.n_files, "file")]
    rows, failures, files = (_counted(*one) for one in counts)
    kinds = _counted(found.n_settings, "kind")
    line = f"{rows} and {failures} of {files}, with {kinds} of settings"
    click.echo(filled([f"{_size(found.n_bytes)}:", *line.split()], sys.stdout, indent=""))
    for file in found.aside:
        click.echo(f"Set aside: {on_one_line(file)} ({_size(os.path.getsize(file))})")


@cache.command()
@takes("cache_file", "older_than")
def prune(cache: str | None, older_than: float | None) -> None:
    """Remove what is known of files that are gone.

    So are results of older versions of features. Files on drives that are not connected are
    gone, too.
    """
    from audioclust.extraction.cache import upkeep

    settings = _settings(cache)
    with _told(settings):
        n_rows, n_bytes = upkeep.prune(settings, older_than)
    click.echo(f"Removed {_counted(n_rows, 'row')}, {_size(n_bytes)}.")


@cache.command()
@takes("cache_file", "yes")
def clear(cache: str | None, yes: bool) -> None:
    """Delete the cache, and damaged or older ones that were set aside."""
    from audioclust.extraction.cache import upkeep

    settings = _settings(cache)
    asked = f"Delete all that is kept in {on_one_line(_place(settings))}?"
    if not (yes or click.confirm(asked)):
        click.echo("Nothing was deleted.")
        return
    with _told(settings):
        click.echo(f"Deleted {_size(upkeep.clear(settings))}.")


@cache.command()
@takes("cache_file")
def errors(cache: str | None) -> None:
    """List the files that could not be used.

    They are not tried again until they change; --retry of other commands tries them anyway.
    """
    from audioclust.extraction.cache import upkeep

    settings = _settings(cache)
    with _told(settings):
        found = upkeep.failures(settings)
    for error in found:
        words = [f"{on_one_line(error.path)}:", f"{error.kind}:"]
        words += on_one_line(error.message).split()
        click.echo(filled(words, sys.stdout, indent=""))
    click.echo(f"{_counted(len(found), 'file')} could not be used.", err=True)


def _settings(cache: str | None) -> CacheSettings:
    from audioclust.extraction.cache.settings import CacheSettings

    return CacheSettings.checked(True if cache is None else cache)


def _place(settings: CacheSettings) -> str:
    """Give the path of a cache.

    Raises
    ------
    click.UsageError
        If it is off.
    """
    if settings.place is None:
        raise click.UsageError("AUDIOCLUST_CACHE is off: expected --cache FILE")
    return settings.place


@contextlib.contextmanager
def _told(settings: CacheSettings) -> Iterator[None]:
    """Say in one line why a cache cannot be used, and end with status 1."""
    from audioclust.extraction.cache.storage.database import Unusable

    place = _place(settings)
    try:
        yield
    except Unusable as why:
        raise click.ClickException(f"{on_one_line(place)}: {why}") from None


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _size(n_bytes: int) -> str:
    """Give a number of bytes in words."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= scale:
            return f"{n_bytes / scale:.1f} {unit}"
    return f"{n_bytes / 1e3:.0f} kB"
