"""Arguments are checked once, where they enter, and named when they are wrong."""

from __future__ import annotations

import math
import operator
import os
from collections.abc import Iterable

from audioclust.errors import ParameterError


def check_int(name: str, value: object, low: int, high: int = 2**31 - 1) -> int:
    """Give `value` as an int, or raise a ParameterError unless it is one from low to high."""
    try:
        number = None if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None or not low <= number <= high:
        raise ParameterError(f"{name}={value!r}: expected an int from {low} to {high}")
    return number


def check_number(name: str, value: object) -> float:
    """Give `value` as a float, or raise a ParameterError unless it is finite and at least 0."""
    try:
        number = math.nan if isinstance(value, (bool, str)) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise ParameterError(f"{name}={value!r}: expected a finite number, at least 0")
    return number


def check_names(name: str, values: object) -> tuple[object, ...]:
    """Give one value or an iterable of them as a tuple, or raise a ParameterError."""
    if isinstance(values, Iterable) and not isinstance(values, (str, bytes)):
        return tuple(values)
    if isinstance(values, str):
        return (values,)
    raise ParameterError(f"{name}={values!r}: expected a name or an iterable of names")


def check_path(name: str, value: object) -> str:
    """Give a path as a str, or raise a ParameterError unless it is a str or os.PathLike."""
    path = os.fspath(value) if isinstance(value, (str, os.PathLike)) else None
    if not isinstance(path, str) or not path or "\0" in path:
        raise ParameterError(
            f"{name}={value!r:.80}: expected a str or os.PathLike of str, not empty"
        )
    return str(path)
