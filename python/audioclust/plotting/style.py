"""Colours, markers and axes that all pictures share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.errors import MissingExtraError, ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray


# Neighbours differ most in lightness: 46, 71, 0, 90, 55, 70, 58, 63 of 100.
COLOURS = (
    "#0072B2",
    "#E69F00",
    "#000000",
    "#F0E442",
    "#D55E00",
    "#56B4E9",
    "#009E73",
    "#CC79A7",
)


MARKERS = "os^DvPX*<"


LINES = ("-", "--", ":", "-.")


def new_axes(ax: Any, n: int = 1) -> Any:
    """Give the axes to draw on, a figure's of `n` panels if none are given."""
    if ax is not None:
        if n > 1 and np.shape(ax) != (n,):
            raise ParameterError(f"ax={ax!r:.80}: expected {n} axes, one for each panel")
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as why:
        hint = "drawing needs matplotlib: pip install 'audioclust[plot]'"
        raise MissingExtraError(hint) from why
    return pyplot.subplots(1, n, layout="constrained", figsize=(6.4 * n, 4.8))[1]


def styles(labels: NDArray[Any], k: int) -> Iterator[tuple[int, NDArray[Any], str, str, str]]:
    """Give each class with its members, its colour, its marker and its kind of line."""
    for label in range(k):
        members = np.flatnonzero(labels == label)
        if not len(members):
            continue
        # Nine markers and eight colours: 72 classes before one looks like another.
        styles = (COLOURS[label % 8], MARKERS[label % 9], LINES[label % 4])
        yield label, members, *styles
