"""A self-organizing map as the cells of a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from audioclust.report.packing import packed

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Grid(Protocol):
    """A trained map, as far as a page shows it: :class:`audioclust.TrainedMap` is one."""

    @property
    def labels(self) -> NDArray[np.int32]:
        """The number of each row's best-matching unit."""

    @property
    def umatrix(self) -> NDArray[np.float64]:
        """Mean distance of each unit to its neighbours, of shape (rows, cols)."""

    @property
    def topology(self) -> str:
        """Either "rectangular" or "hexagonal"."""

    @property
    def quantization_error(self) -> float:
        """Mean distance of the rows to their units."""

    @property
    def topographic_error(self) -> float:
        """Share of the rows whose two nearest units are not neighbours."""


def grid(trained: Grid, regions: NDArray[np.int32] | None = None) -> dict[str, Any]:
    """Give what a page shows of a map, as JSON values.

    Parameters
    ----------
    trained : Grid
        Its rows are the page's items.
    regions : ndarray of shape (rows * cols,), int, or None
        The cluster of each unit, -1 for none.

    Returns
    -------
    view : dict
        ``rows``, ``cols``, ``topology``, ``quantization_error``, ``topographic_error``;
        ``units``, the unit of each item, and ``regions`` (or null), both packed; ``umatrix``, a
        number for each unit.
    """
    rows, cols = trained.umatrix.shape
    return {
        "rows": rows,
        "cols": cols,
        "topology": trained.topology,
        "quantization_error": float(trained.quantization_error),
        "topographic_error": float(trained.topographic_error),
        "umatrix": [round(value, 6) for value in np.ravel(trained.umatrix).tolist()],
        "units": packed(trained.labels),
        "regions": None if regions is None else packed(regions),
    }
