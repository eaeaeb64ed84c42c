"""Small pictures as PNG, without a library of pictures."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHADES = 64
"""Colours of a picture: more are not told apart, and make it larger."""

_SCALE = ((0, 34, 78), (66, 77, 107), (124, 123, 120), (186, 173, 110), (254, 232, 56))
"""From dark blue to yellow, as matplotlib's "cividis": its lightness grows evenly, also for
people with colour-blindness, and it stands out from light and dark pages."""


def picture_url(levels: NDArray[np.floating]) -> str:
    """Give levels as a picture in a data URL.

    Parameters
    ----------
    levels : ndarray of shape (height, width)
        From 0 (dark blue) to 1 (yellow); the first row is on top.
    """
    codes = np.rint(np.clip(levels, 0.0, 1.0) * (SHADES - 1)).astype(np.uint8)
    return "data:image/png;base64," + base64.b64encode(png(codes, shades())).decode("ascii")


def shades() -> NDArray[np.uint8]:
    """Give the colours of pictures, of shape (SHADES, 3)."""
    anchors = np.array(_SCALE, np.float64)
    places = np.linspace(0, len(anchors) - 1, SHADES)
    columns = [np.interp(places, np.arange(len(anchors)), each) for each in anchors.T]
    found: NDArray[np.uint8] = np.rint(np.column_stack(columns)).astype(np.uint8)
    return found


def png(codes: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """Encode a picture with a palette, by the PNG specification (W3C, third edition).

    Parameters
    ----------
    codes : ndarray of shape (height, width), uint8
        The colour of each point, by its place in the palette.
    palette : ndarray of shape (n, 3), uint8
        Red, green and blue of at most 256 colours.
    """
    height, width = codes.shape
    # Depth of 8 bits, colour type 3 (a palette); no interlacing.
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    # Each row begins with the number of its filter: 0, none.
    rows = np.pad(codes, ((0, 0), (1, 0))).tobytes()
    chunks = (
        _chunk(b"IHDR", head),
        _chunk(b"PLTE", palette.tobytes()),
        _chunk(b"IDAT", zlib.compress(rows, 9)),
        _chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
