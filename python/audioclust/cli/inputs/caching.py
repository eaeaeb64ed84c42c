"""The options about the cache."""

from __future__ import annotations

from typing import Any

import click

CACHE = ("cache", "no_cache", "retry")
"""The options of all commands that extract features of files."""


def cache_of(settings: dict[str, Any]) -> str | bool:
    """Take --cache and --no-cache out of a command's settings; give the argument `cache`.

    Raises
    ------
    click.UsageError
        If both were typed.
    """
    place, is_off = settings.pop("cache"), settings.pop("no_cache")
    if place is not None and is_off:
        raise click.UsageError("--cache and --no-cache: expected one of them")
    return not is_off if place is None else str(place)
