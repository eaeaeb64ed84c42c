"""Values looked up by path."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from typing import Generic, TypeVar

from audioclust.utils.urls.names import absolute, is_url
from audioclust.utils.urls.redaction import redacted

T = TypeVar("T")


class ByPath(Generic[T]):
    """A look-up that finds the same file by another spelling of its path.

    A path is looked for as it is spelt first. Only if it is not there, the absolute paths are
    compared.

    Parameters
    ----------
    values : mapping of str to value
    folder : str or None, default=""
        The folder that relative paths in `values` belong to, by default the current one; None
        if they are names of sounds in memory. Such names are only compared as they are spelt:
        ``a`` and ``./a`` look like paths to the same file without being the same.
    """

    def __init__(self, values: Mapping[str, T], folder: str | None = "") -> None:
        self._values = values
        self._folder = folder

    def __contains__(self, path: str) -> bool:
        return path in self._values or _absolute(path) in self._by_absolute_path

    def __getitem__(self, path: str) -> T:
        if path in self._values:
            return self._values[path]
        return self._by_absolute_path[_absolute(path)]

    @functools.cached_property
    def _by_absolute_path(self) -> dict[str, T]:
        if self._folder is None:
            return {}
        return {_absolute(path, self._folder): value for path, value in self._values.items()}


def _absolute(path: str, folder: str = "") -> str:
    # An address is known without what is secret in it.
    return redacted(path) if is_url(path) else absolute(os.path.expanduser(path), folder)
