"""Look-up by path."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class ByPath(Generic[T]):
    """Values by path, found as the path was given, or else as the same place."""

    def __init__(self, values: Mapping[str, T]) -> None:
        self._values = values

    def __contains__(self, path: str) -> bool:
        return path in self._values or _place(path) in self._by_place

    def __getitem__(self, path: str) -> T:
        if path in self._values:
            return self._values[path]
        return self._by_place[_place(path)]

    @functools.cached_property
    def _by_place(self) -> dict[str, T]:
        return {_place(path): value for path, value in self._values.items()}


def _place(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))
