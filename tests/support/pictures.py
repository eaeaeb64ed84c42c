"""Rows to draw, and what a picture of them shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from numpy.typing import NDArray


def blobs(k: int, n: int = 30, d: int = 4) -> NDArray[np.float64]:
    """Give `n` rows in each of `k` clusters that are far apart."""
    rng = np.random.default_rng(1)
    return np.concatenate([rng.normal(8 * i, 1, (n, d)) * (-1) ** i for i in range(k)])


def points(ax: Axes) -> list[NDArray[np.float64]]:
    """Give the points of each collection that is drawn."""
    return [np.asarray(collection.get_offsets()) for collection in ax.collections]


def lines(ax: Axes) -> dict[str, Line2D]:
    """Give the lines by the names that they have in the legend."""
    return {str(line.get_label()): line for line in ax.lines}


def lightness(red: float, green: float, blue: float) -> float:
    """CIE L* of a colour, from 0 to 100, which is what is left of it in grey."""
    rgb = np.array([red, green, blue])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    y = float(linear @ [0.2126, 0.7152, 0.0722])
    return float(116 * np.cbrt(y) - 16 if y > 0.008856 else 903.3 * y)
