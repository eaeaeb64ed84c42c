"""`Fields`: what a JSON object holds, each value checked before anything is made of it."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from audioclust.errors import ModelError, ParameterError
from audioclust.utils.text import on_one_line
from audioclust.utils.types import Path

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")


class Fields:
    """The values of a JSON object that was read, taken by name and type.

    Parameters
    ----------
    values : object
        What JSON has at this place.
    place : str
        Where that is, for errors, such as ``"items[3]"``.

    Raises
    ------
    ModelError
        If it is no JSON object. All methods raise one for a value that is not as it should be.
    """

    def __init__(self, values: object, place: str) -> None:
        if not isinstance(values, dict):
            raise ModelError(f"{place} is {values!r:.80}: expected a JSON object")
        self._values = dict(values)
        self._place = place

    def close(self) -> None:
        """Raise a ModelError if there is a value that nobody took."""
        if self._values:
            unknown = ", ".join(map(repr, self._values))
            raise ModelError(f"{self._place} has {unknown:.80}, which is not known")

    def take(self, name: str) -> Any:
        """Give a value unchecked."""
        if name not in self._values:
            raise ModelError(f"{self._place} has no {name!r}")
        return self._values.pop(name)

    def peek(self, name: str) -> Any:
        """Give a value unchecked, and leave it to be taken later; None if there is none."""
        return self._values.get(name)

    def text(self, name: str) -> str:
        """Give a text."""
        value = self.take(name)
        return value if isinstance(value, str) else self._refuse(name, value, "text")

    def word(self, name: str, known: Collection[str]) -> str:
        """Give one of some words."""
        value = self.text(name)
        return value if value in known else self._refuse(name, value, "|".join(known))

    def flag(self, name: str) -> bool:
        """Give true or false."""
        value = self.take(name)
        return value if isinstance(value, bool) else self._refuse(name, value, "true or false")

    def integer(self, name: str, low: int, high: int = 2**63 - 1) -> int:
        """Give an integer from low to high."""
        value = self.take(name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self._refuse(name, value, f"an integer from {low} to {high}")
        return int(value)

    def number(self, name: str, low: float = -math.inf) -> float:
        """Give a finite number of at least `low`."""
        value = self.take(name)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not max(low, -_LARGEST) <= value <= _LARGEST:
            self._refuse(name, value, "a finite number" + f" from {low}" * math.isfinite(low))
        return float(value)

    def listed(self, name: str, of: Callable[[object, str], T]) -> tuple[T, ...]:
        """Give the values of a list, each made by a function of it and its place."""
        values = self.take(name)
        if not isinstance(values, list):
            self._refuse(name, values, "a list")
        return tuple(of(value, f"{self._place}.{name}[{i}]") for i, value in enumerate(values))

    def texts(self, name: str) -> tuple[str, ...]:
        """Give a list of texts."""
        return self.listed(name, _text)

    def optional(self, name: str, take: Callable[[str], T]) -> T | None:
        """Give None for null, and otherwise what a method of these fields takes."""
        if name in self._values and self._values[name] is None:
            return self.take(name)  # type: ignore[no-any-return]
        return take(name)

    def newer(self, name: str, take: Callable[[str], T]) -> T | None:
        """Give None for null, and for a field that older versions did not write."""
        return self.optional(name, take) if name in self._values else None

    def null(self, name: str) -> None:
        """Take a null."""
        value = self.take(name)
        if value is not None:
            self._refuse(name, value, "null")

    def inner(self, name: str) -> Fields:
        """Give the fields of a JSON object within this one."""
        return Fields(self.take(name), f"{self._place}.{name}")

    def _refuse(self, name: str, value: object, expected: str) -> Any:
        raise ModelError(f"{self._place}.{name} is {value!r:.80}: expected {expected}")


_LARGEST = 1.7976931348623157e308
"""The largest float. JSON's 1e999 is read as infinity, and integers may be larger still."""


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise ModelError(f"{place} is {value!r:.80}: expected text")
    return value


class Arrays:
    """The arrays that were read, taken by name, type and shape.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        The arrays by name.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._arrays = dict(arrays)

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def close(self) -> None:
        """Raise a ModelError if there is an array that nobody took."""
        if self._arrays:
            unknown = ", ".join(map(repr, self._arrays))
            raise ModelError(f"the arrays {unknown:.80} are not known")

    def take(self, name: str, dtype: str, shape: tuple[int | None, ...]) -> NDArray[Any]:
        """Give an array, or raise a ModelError unless it is of this type and shape.

        Parameters
        ----------
        name : str
        dtype : str
            The name of its dtype.
        shape : tuple of int or None
            Its lengths; None for any.
        """
        if name not in self._arrays:
            raise ModelError(f"the array {name!r} is missing")
        array = self._arrays.pop(name)
        fits = len(array.shape) == len(shape) and all(
            wanted in (None, length) for wanted, length in zip(shape, array.shape, strict=True)
        )
        if array.dtype.name != dtype or not fits:
            wanted = ", ".join("any" if length is None else str(length) for length in shape)
            raise ModelError(
                f"the array {name!r} is {array.dtype} of shape {array.shape}: expected {dtype}"
                f" of shape ({wanted})"
            )
        return array

    def finite(self, name: str, dtype: str, shape: tuple[int | None, ...]) -> NDArray[Any]:
        """Give an array as :meth:`take` does, all of whose values are finite."""
        import numpy as np

        array = self.take(name, dtype, shape)
        if not np.isfinite(array).all():
            raise ModelError(f"the array {name!r} has NaN or infinity in it")
        return array


@contextlib.contextmanager
def of_file(path: Path) -> Iterator[None]:
    """Have errors of what a file holds name the file, and be ModelErrors."""
    name = on_one_line(os.path.expanduser(path))
    try:
        yield
    except (ModelError, ParameterError) as why:
        raise ModelError(f"{name}: {why!s:.1000}") from None
    except RecursionError:
        raise ModelError(f"{name}: there are lists in lists of too many levels") from None
