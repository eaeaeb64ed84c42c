"""Arguments are checked once, where they enter, and named when they are wrong."""

from __future__ import annotations

import math
import operator
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from audioclust.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    number = _as_number(value)
    if not 0 <= number < math.inf:
        raise ParameterError(f"{name}={value!r}: expected a finite number, at least 0")
    return number


def check_positive(name: str, value: object) -> float:
    """Give `value` as a float, or raise a ParameterError unless it is finite and above 0."""
    number = _as_number(value)
    if not 0 < number < math.inf:
        raise ParameterError(f"{name}={value!r}: expected a finite number above 0")
    return number


def _as_number(value: object) -> float:
    """Give `value` as a float, NaN if it stands for no number that a float can hold."""
    try:
        return math.nan if isinstance(value, (bool, str)) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return math.nan


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


def as_floats(
    name: str, value: object, ndims: tuple[int, ...] = (), *, empty: bool = False
) -> NDArray[Any]:
    """Give `value` as an array of float32 or float64, not copied if it is one.

    Tensors come in through DLPack. A ParameterError is raised for another dtype, for a number
    of dimensions that is not among `ndims`, and unless it may be `empty`, for one without
    values.
    """
    import numpy as np

    if not isinstance(value, np.ndarray) and hasattr(value, "__dlpack__"):
        try:
            value = np.from_dlpack(value)
        except (BufferError, RuntimeError, TypeError, ValueError) as why:
            expected = "an array that NumPy can read through DLPack"
            raise ParameterError(f"{name}: expected {expected} ({why})") from None
    array = np.asarray(value)
    # The type is looked at first: fields of a packed array may still be anywhere in memory.
    if array.dtype.kind != "f" or array.dtype.itemsize not in (4, 8):
        hint = ", integers divided by their full scale" if array.dtype.kind in "iu" else ""
        got = f"an array of {array.dtype}" if array.ndim else repr(value)[:40]
        raise ParameterError(f"{name}={got}: expected an array of float32 or float64{hint}")
    if ndims and array.ndim not in ndims:
        expected = " or ".join(map(str, ndims))
        raise ParameterError(
            f"{name} has shape {array.shape}: expected {expected} dimension"
            f"{'s' if ndims != (1,) else ''}"
        )
    if not array.size and not empty:
        raise ParameterError(f"{name} has shape {array.shape}: expected at least one value")
    # An array of the other byte order is the one case that needs a copy.
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
