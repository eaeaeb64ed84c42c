"""Checks of arguments, made once, where they enter; the errors name the argument.

NumPy's scalars are accepted wherever Python's are: ``np.int64(3)`` is an int, ``np.float32(3)``
a float, ``np.True_`` a flag and ``np.str_("a")`` a str. Arrays are not scalars: one without
dimensions, such as ``np.array(3)``, is refused.
"""

from __future__ import annotations

import difflib
import math
import numbers
import operator
import os
import secrets
import sys
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from audioclust.errors import ParameterError
from audioclust.utils.urls.redaction import shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATES = (100, 1_000_000)
"""Lowest and highest sampling rate that sounds may have, in Hz."""


def check_int(name: str, value: object, low: int, high: int = 2**31 - 1) -> int:
    """Give `value` as an int, or raise a ParameterError unless it is one from low to high."""
    number = _as_int(value)
    if number is None or not low <= number <= high:
        raise ParameterError(f"{name}={value!r}: expected an int from {low} to {high}")
    return number


def _as_int(value: object) -> int | None:
    """Give `value` as an int, None if it is not one."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None  # NumPy counts its lengths of time as integers.


def check_number(name: str, value: object, low: int = 0) -> float:
    """Give `value` as a float, or raise a ParameterError unless it is finite, from `low` on."""
    number = _as_number(value)
    if not low <= number < math.inf:
        raise ParameterError(f"{name}={value!r}: expected a finite number, at least {low}")
    return number


def check_positive(name: str, value: object) -> float:
    """Give `value` as a float, or raise a ParameterError unless it is finite and above 0."""
    number = _as_number(value)
    if not 0 < number < math.inf:
        raise ParameterError(f"{name}={value!r}: expected a finite number above 0")
    return number


def _as_number(value: object) -> float:
    """Give `value` as a float, NaN if it is not a real number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan


def check_flag(name: str, value: object) -> bool:
    """Give `value` as a bool, or raise a ParameterError unless it is True or False."""
    # NumPy's bool is not a subclass of Python's. Without NumPy no value is one.
    numpy = sys.modules.get("numpy")
    if not isinstance(value, bool if numpy is None else (bool, numpy.bool_)):
        raise ParameterError(f"{name}={value!r}: expected True or False")
    return bool(value)


def check_choice(name: str, value: object, known: Collection[str]) -> str:
    """Give `value`, or raise a ParameterError unless it is one of the words in `known`."""
    if not isinstance(value, str) or value not in known:
        raise ParameterError(f"{name}={value!r}: expected one of {', '.join(known)}")
    return value


def check_rate(name: str, value: object) -> int:
    """Give a sampling rate in Hz, or raise a ParameterError unless it is one of RATES."""
    return check_int(name, value, *RATES)


def check_seed(random_state: object) -> tuple[int | None, int]:
    """Give `random_state` as an int or None, and the seed to use: for None a random one."""
    if random_state is None:
        return None, secrets.randbits(64)
    seed = check_int("random_state", random_state, 0, 2**64 - 1)
    return seed, seed


def check_k(k: object) -> int | None:
    """Give a number of clusters, or None if it is to be chosen (for None and "auto")."""
    if k is None or (isinstance(k, str) and k == "auto"):
        return None
    try:
        return check_int("k", k, 1)
    except ParameterError as why:
        raise ParameterError(f"{why}, or 'auto'") from None


def check_k_range(k_range: object, name: str = "k_range") -> tuple[int, ...]:
    """Give numbers of clusters, from 2, ascending, or raise a ParameterError."""
    values = None if isinstance(k_range, (str, bytes)) else _as_tuple(k_range)
    if values is None:
        raise ParameterError(f"{name}={k_range!r}: expected an iterable of ints from 2")
    found = {check_int(name, k, 2) for k in values}
    if not found:
        raise ParameterError(f"{name}={k_range!r}: expected at least one number")
    return tuple(sorted(found))


def check_cluster(cluster: object, names: Mapping[int, str], k: int) -> int:
    """Give the number of one of k clusters by its number or, if it is text, by its name."""
    if not isinstance(cluster, str):
        return check_int("cluster", cluster, 0, k - 1)
    for number, name in names.items():
        if name == cluster:
            return number
    known = list(names.values())
    near = difflib.get_close_matches(cluster, known) or known
    expected = f"one of {', '.join(map(repr, near[:5]))}" if known else "none has a name"
    raise ParameterError(f"cluster={cluster!r:.80}: expected a number or a name: {expected}")


def check_names(name: str, values: object) -> tuple[object, ...]:
    """Give one name or an iterable of names as a tuple, or raise a ParameterError.

    What the iterable holds is left to the caller to check.
    """
    if isinstance(values, str):
        return (values,)
    found = None if isinstance(values, bytes) else _as_tuple(values)
    if found is None:
        raise ParameterError(f"{name}={values!r}: expected a name or an iterable of names")
    return found


def _as_tuple(values: object) -> tuple[object, ...] | None:
    """Give what an iterable holds, None for what is not iterable."""
    if not isinstance(values, Iterable):
        return None
    # An array without dimensions has the method of iterables, but raises a TypeError.
    return None if getattr(values, "shape", None) == () else tuple(values)


def check_path(name: str, value: object) -> str:
    """Give a path as a str, or raise a ParameterError unless it is a str or os.PathLike."""
    path = os.fspath(value) if isinstance(value, (str, os.PathLike)) else None
    if not isinstance(path, str) or not path or "\0" in path:
        raise ParameterError(
            f"{name}={shown(value)}: expected a str or os.PathLike of str, not empty"
        )
    return str(path)


def check_dtype(name: str, value: Any, known: tuple[str, ...]) -> np.dtype[Any]:
    """Give a dtype, or raise a ParameterError unless it is one of those named in `known`."""
    import numpy as np

    try:
        found: np.dtype[Any] | None = None if value is None else np.dtype(value)
    except (TypeError, ValueError):
        found = None  # It is no dtype.
    if found is None or found.name not in known or not found.isnative:
        raise ParameterError(f"{name}={value!r}: expected {' or '.join(known)}")
    return found


def check_unmasked(name: str, value: object) -> None:
    """Raise a ParameterError for a masked array: what it masks would count like the rest."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ma.MaskedArray):
        raise ParameterError(f"{name}=a masked array: expected an array without a mask")


def as_floats(
    name: str,
    value: object,
    ndims: tuple[int, ...] = (),
    *,
    empty: bool = False,
    integers: bool = False,
    complex_numbers: bool = False,
    half: bool = False,
) -> NDArray[Any]:
    """Give `value` as an array of float32 or float64, without a copy if it is one already.

    Parameters
    ----------
    name : str
        The argument's name, for errors.
    value : array_like or object with ``__dlpack__``
        Tensors are read through DLPack.
    ndims : tuple of int
        The numbers of dimensions that are accepted; empty for any.
    empty : bool
        Whether an array without values is accepted.
    integers : bool
        Whether integers are accepted, and become float64.
    complex_numbers : bool
        Whether complex64 and complex128 are accepted, and stay what they are.
    half : bool
        Whether float16 is accepted, and becomes float32.

    Returns
    -------
    array : ndarray of float32 or float64, in native byte order

    Raises
    ------
    ParameterError
        If the dtype or the number of dimensions is another, there is no value, or the array is
        masked.
    """
    import numpy as np

    if not isinstance(value, np.ndarray) and hasattr(value, "__dlpack__"):
        try:
            value = np.from_dlpack(value)
        except (BufferError, RuntimeError, TypeError, ValueError) as why:
            expected = "an array that NumPy can read through DLPack"
            raise ParameterError(f"{name}: expected {expected} ({why})") from None
    check_unmasked(name, value)
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as why:
        raise ParameterError(f"{name}={value!r:.40}: expected an array ({why})") from None
    if integers and array.dtype.kind in "iu":
        array = array.astype(np.float64)
    if half and array.dtype.kind == "f" and array.dtype.itemsize == 2:
        array = array.astype(np.float32)
    # The dtype is checked before anything reads the values: fields of a packed structured array
    # may be at addresses that are not aligned.
    sizes = {"f": (4, 8), "c": (8, 16) if complex_numbers else ()}
    if array.dtype.itemsize not in sizes.get(array.dtype.kind, ()):
        hint = ", integers divided by their full scale" if array.dtype.kind in "iu" else ""
        got = f"an array of {array.dtype}" if array.ndim else shown(value)[:40]
        more = ("integers, " if integers else "") + ("float16, " if half else "")
        expected = f"an array of {more}float32 or float64{hint}"
        raise ParameterError(f"{name}={got}: expected {expected}")
    if ndims and array.ndim not in ndims:
        expected = " or ".join(map(str, ndims))
        raise ParameterError(
            f"{name} has shape {array.shape}: expected {expected} dimension"
            f"{'s' if ndims != (1,) else ''}"
        )
    if not array.size and not empty:
        raise ParameterError(f"{name} has shape {array.shape}: expected at least one value")
    # Only an array of the other byte order has to be copied.
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
