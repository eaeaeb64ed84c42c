"""Arguments are checked once, where they enter, and named when they are wrong."""

from __future__ import annotations

import math
import operator

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
