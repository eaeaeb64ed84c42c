"""Rows, items and columns that were computed elsewhere, checked."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.spans import Item
from audioclust.errors import ParameterError
from audioclust.extraction.embeddings.vectors import numbered
from audioclust.utils.arguments import as_floats, check_names, check_number, check_path
from audioclust.utils.urls.names import is_url
from audioclust.utils.urls.redaction import redacted

if TYPE_CHECKING:
    from numpy.typing import NDArray


def given_values(values: object) -> NDArray[np.float32]:
    """Give rows as an array of their own, or raise a ParameterError."""
    array = as_floats("values", values, (2,), integers=True, half=True)
    with np.errstate(over="ignore"):
        rows = array.astype(np.float32)
    wrong = np.argwhere(~np.isfinite(rows))
    if len(wrong):
        row, column = wrong[0].tolist()
        expected = "expected a finite number of float32"
        raise ParameterError(
            f"values: row {row}, column {column} is {array[row, column]}: {expected}"
        )
    return rows


def given_columns(columns: object, n: int) -> tuple[str, ...]:
    """Give the names of `n` columns, or raise a ParameterError."""
    names = (
        numbered(columns, n) if isinstance(columns, str) else check_names("columns", columns)
    )
    for name in (columns,) if isinstance(columns, str) else names:
        if not isinstance(name, str) or not name.strip():
            raise ParameterError(f"columns={name!r:.80}: expected a str, not empty")
    _check_once("columns", names)
    if len(names) != n:
        raise ParameterError(
            f"columns={list(names)!r:.80}: expected {n} names, as values have {n} columns;"
            f" got {len(names)}"
        )
    return tuple(map(str, names))


def given_items(items: object, n: int) -> tuple[Item, ...]:
    """Give `n` items, or raise a ParameterError."""
    if isinstance(items, (str, bytes, os.PathLike)) or not isinstance(items, Iterable):
        expected = "an iterable of paths, (path, start, end) or Item"
        raise ParameterError(f"items={items!r:.80}: expected {expected}")
    found = tuple(_item(f"items[{place}]", item) for place, item in enumerate(items))
    _check_once("items", found)
    if len(found) != n:
        raise ParameterError(f"items: expected {n}, as values have {n} rows; got {len(found)}")
    return found


def _item(name: str, given: object) -> Item:
    if not isinstance(given, (tuple, list)):
        return Item(_path(name, given), 0.0, math.inf)
    if len(given) != 3:
        raise ParameterError(f"{name}={given!r:.80}: expected a path or (path, start, end)")
    path, start, end = given
    begin = check_number(f"{name}, its start", start)
    until = (
        math.inf
        if end is None or (isinstance(end, float) and end == math.inf)
        else check_number(f"{name}, its end", end)
    )
    if until <= begin:
        raise ParameterError(f"{name}={given!r:.80}: expected an end after the start")
    return Item(_path(name, path), begin, until)


def _path(name: str, value: object) -> str:
    path = check_path(name, value)
    return redacted(path) if is_url(path) else os.path.expanduser(path)


def _check_once(name: str, values: Iterable[object]) -> None:
    """Raise a ParameterError if a value is there twice."""
    for value, count in Counter(values).items():
        if count > 1:
            raise ParameterError(
                f"{name}: {value!r:.120} is there {count} times: expected once"
            )
