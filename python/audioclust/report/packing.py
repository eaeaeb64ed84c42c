"""Arrays as text that a page unpacks: as few bytes for each value as it needs."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def packed(values: NDArray[Any]) -> dict[str, Any]:
    """Pack whole numbers or float32 as they are, in the smallest type that has them all.

    Parameters
    ----------
    values : ndarray
        Integers, or floats, which become float32.

    Returns
    -------
    column : dict
        ``type`` (a letter and the number of bytes, such as "u2", little-endian) and ``data`` in
        base64.
    """
    flat = np.ravel(values)
    if flat.dtype.kind == "f":
        return _column("f4", flat)
    low, high = (int(flat.min()), int(flat.max())) if len(flat) else (0, 0)
    sign = "i" if low < 0 else "u"
    bytes_each = next(
        n
        for n in (1, 2, 4)
        if np.iinfo(f"{sign}{n}").min <= low and high <= np.iinfo(f"{sign}{n}").max
    )
    return _column(f"{sign}{bytes_each}", flat)


def quantized(values: NDArray[np.float64], n_bytes: int) -> dict[str, Any]:
    """Pack floats as equal steps between the least and the largest; the largest code is NaN.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Infinite values count as NaN.
    n_bytes : {1, 2}
        Bytes for each value.

    Returns
    -------
    column : dict
        As :func:`packed` gives it, with ``offset`` and ``scale``: a value is
        ``offset + scale * code``.
    """
    known = np.isfinite(values)
    low, high = (
        (float(values[known].min()), float(values[known].max())) if known.any() else (0.0, 0.0)
    )
    nan = 2 ** (8 * n_bytes) - 1
    scale = (high - low) / (nan - 1)
    codes = np.full(len(values), nan, f"u{n_bytes}")
    codes[known] = 0 if scale == 0 else np.rint((values[known] - low) / scale)
    return {**_column(f"u{n_bytes}", codes), "offset": low, "scale": scale, "nan": nan}


def _column(kind: str, values: NDArray[Any]) -> dict[str, Any]:
    data = np.ascontiguousarray(values, f"<{kind}").tobytes()
    return {"type": kind, "data": base64.b64encode(data).decode("ascii")}
