"""Values that are equal if everything in them is equal, arrays included."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar


class ByValue:
    """Base class of dataclasses that are compared by their fields, some of which hold arrays.

    The dataclass must be made with ``eq=False``. NaN equals NaN, so that a pickled copy is
    equal to the original. Such objects have no hash, because arrays can change.
    """

    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(
            same(getattr(self, field.name), getattr(other, field.name))
            for field in dataclasses.fields(self)  # type: ignore[arg-type]
            if field.compare
        )


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are of one type and equal.

    Arrays are compared by dtype, shape and values, containers item by item. NaN equals NaN.
    """
    if type(one) is not type(other):
        return False
    if hasattr(one, "dtype") and hasattr(one, "shape"):
        import numpy as np

        alike = one.dtype == other.dtype and one.shape == other.shape
        return bool(alike and np.array_equal(one, other, equal_nan=one.dtype.kind in "fc"))
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(same(*pair) for pair in pairs)
    both_nan = isinstance(one, float) and one != one and other != other
    return bool(both_nan or one == other)
