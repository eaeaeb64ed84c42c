"""Values looked up by path."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class ByPath(Generic[T]):
    """A look-up that finds the same file by another spelling of its path.

    A path is looked for as it is spelt first. Only if it is not there, the absolute paths are
    compared: names of sounds in memory, such as ``a`` and ``./a``, may look like paths to the
    same file without being the same.

    Parameters
    ----------
    values : mapping of str to value
    """

    def __init__(self, values: Mapping[str, T]) -> None:
        self._values = values

    def __contains__(self, path: str) -> bool:
        return path in self._values or _absolute(path) in self._by_absolute_path

    def __getitem__(self, path: str) -> T:
        if path in self._values:
            return self._values[path]
        return self._by_absolute_path[_absolute(path)]

    @functools.cached_property
    def _by_absolute_path(self) -> dict[str, T]:
        return {_absolute(path): value for path, value in self._values.items()}


def _absolute(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))
