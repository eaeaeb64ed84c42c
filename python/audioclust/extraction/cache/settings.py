"""Where the cache is, and whether it is used; imports no NumPy."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TypeAlias

from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_flag, check_path
from audioclust.utils.types import Path

Cache: TypeAlias = "bool | Path"
"""What users give as `cache`: True for the usual place, False for none, or a file's path."""

VARIABLE = "AUDIOCLUST_CACHE"
"""The environment variable that names another usual place, or is "off"."""

SCHEMA = 2
"""The version of the tables in the file. It rises whenever they change."""


@dataclass(frozen=True)
class CacheSettings:
    """Which cache is used, and how.

    Attributes
    ----------
    place : str or None
        The absolute path of the file; None for no cache.
    is_usual : bool
        Whether it is the file that no user has named, which only caches are written to.
    retry : bool
        Whether files that failed before are tried again.
    """

    place: str | None = None
    is_usual: bool = False
    retry: bool = False

    @classmethod
    def checked(cls, cache: object = True, retry: object = False) -> CacheSettings:
        """Check a public function's arguments `cache` and `retry`.

        Raises
        ------
        ParameterError
            If an argument is invalid.
        """
        again = check_flag("retry", retry)
        named = os.environ.get(VARIABLE, "")
        if cache is False or (cache is True and named.lower() == "off"):
            return cls(retry=again)
        if cache is True and not named:
            return cls(usual_place(), is_usual=True, retry=again)
        if not isinstance(cache, (bool, str, os.PathLike)):
            expected = "True, False or the path of a file"
            raise ParameterError(f"cache={cache!r:.80}: expected {expected}")
        place = named if cache is True else check_path("cache", cache)
        return cls(os.path.abspath(os.path.expanduser(place)), retry=again)


NO_CACHE = CacheSettings()
"""Nothing is looked up, and nothing is kept."""


def usual_place() -> str:
    """Give the path of the cache of the user, in the folder that the system has for caches.

    It has the version of the tables in its name, so that an older audioclust does not meet a
    file that it cannot read.
    """
    from platformdirs import user_cache_dir

    folder = user_cache_dir("audioclust", appauthor=False)
    return os.path.join(folder, f"rows-{SCHEMA}.sqlite")
