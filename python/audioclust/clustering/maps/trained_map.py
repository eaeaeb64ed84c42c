"""A trained self-organizing map: the result of training, apart from the estimator."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from audioclust import _core
from audioclust.export.documents import write_document, write_rows
from audioclust.utils import html
from audioclust.utils.types import Path
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


Topology: TypeAlias = Literal["rectangular", "hexagonal"]
"""How many neighbours units have: eight, diagonals included, or six."""


_UNIT_COLUMNS = ("row", "col", "hits", "umatrix")
"""What is told of each unit beside its values."""


@dataclass(frozen=True, eq=False)
class TrainedMap(ByValue):
    """A trained self-organizing map, and how well it fits the rows it was trained with.

    Units are numbered row by row, ``row * cols + col``. ``len(trained)`` is their number,
    ``trained[i]`` the values of unit `i`, and iteration goes over the units in that order.

    Attributes
    ----------
    codebook : ndarray of shape (rows, cols, d), of the trained rows' dtype
        The values of each unit.
    labels : ndarray of shape (n,), int32
        The number of each row's best-matching unit.
    umatrix : ndarray of shape (rows, cols), float64
        Mean distance of each unit to its neighbours on the grid.
    hits : ndarray of shape (rows, cols), float64
        Number of rows whose best-matching unit it is, or the sum of their weights.
    quantization_error : float
        Mean distance of the rows to their best-matching units.
    topographic_error : float
        Share of the rows whose two nearest units are not neighbours on the grid.
    topology : {"rectangular", "hexagonal"}
        Whether units have eight neighbours or six.
    columns : tuple of str
        Names of the d values of a unit; ``"x0"``, ``"x1"``, … if the rows' columns had none.
    """

    codebook: NDArray[Any]
    labels: NDArray[np.int32]
    umatrix: NDArray[np.float64]
    hits: NDArray[np.float64]
    quantization_error: float
    topographic_error: float
    topology: Topology
    columns: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the grid."""
        rows, cols = self.hits.shape
        return rows, cols

    @property
    def units(self) -> NDArray[Any]:
        """The values of the units, of shape (rows * cols, d)."""
        units: NDArray[Any] = self.codebook.reshape(len(self), -1)
        return units

    @property
    def n_distinct(self) -> int:
        """The number of different units that rows have hit."""
        return len(np.unique(self.units[self.hits.ravel() > 0], axis=0))

    def __len__(self) -> int:
        return int(self.hits.size)

    def __getitem__(self, unit: int) -> NDArray[Any]:
        """Give the values of a unit, of shape (d,)."""
        unit = operator.index(unit)
        if not 0 <= unit < len(self):
            raise IndexError(f"unit {unit}: expected 0 to {len(self) - 1}")
        values: NDArray[Any] = self.units[unit]
        return values

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return iter(self.units)

    def __repr__(self) -> str:
        return f"<TrainedMap: {self._summary()}>"

    def _repr_html_(self) -> str:
        order = np.argsort(-self.hits.ravel(), kind="stable")
        units = self._units_as_dicts()
        rows = [
            (unit["row"], unit["col"], f"{unit['hits']:g}", f"{unit['umatrix']:.3g}")
            for unit in (units[i] for i in order)
        ]
        return html.table(f"TrainedMap: {self._summary()}", _UNIT_COLUMNS, rows)

    def _summary(self) -> str:
        rows, cols = self.shape
        return (
            f"{rows} × {cols} units, {self.topology}; {len(self.labels)} rows, "
            f"quantization error {self.quantization_error:.4g}, "
            f"topographic error {self.topographic_error:.4g}"
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the U-matrix, with the hits of each unit.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None
            Where to draw; None makes a figure.

        Returns
        -------
        matplotlib.axes.Axes
            A cell for each unit, hexagons for a hexagonal map, row 0 on top. A lighter cell is
            farther from its neighbours. The area of the circle in it is its hits.

        Raises
        ------
        MissingExtraError
            Without matplotlib: ``pip install 'audioclust[plot]'``.
        """
        from audioclust.plotting.map_grid import grid_map

        return grid_map(self, ax)

    def to_csv(self, path: Path) -> None:
        """Write row, col, hits, umatrix and values of each unit as CSV.

        Parameters
        ----------
        path : str or os.PathLike
            Where to; ``~`` is the home folder.

        Raises
        ------
        ParameterError
            If `path` is no path.
        OSError
            If it cannot be written.
        """
        rows = (
            [unit["row"], unit["col"], unit["hits"], unit["umatrix"], *unit["values"]]
            for unit in self._units_as_dicts()
        )
        write_rows([*_UNIT_COLUMNS, *self.columns], rows, path, inputs=())

    def to_json(self, path: Path) -> None:
        """Write units, labels, errors, shape, topology and version as one JSON object.

        Parameters
        ----------
        path : str or os.PathLike
            Where to; ``~`` is the home folder.

        Raises
        ------
        ParameterError
            If `path` is no path.
        OSError
            If it cannot be written.
        """
        write_document({**self.to_dict(), "version": _core.__version__}, path, inputs=())

    def to_dict(self) -> dict[str, Any]:
        """Give shape, topology, errors, units and labels as plain values, as JSON has them."""
        return {
            "shape": self.shape,
            "topology": self.topology,
            "quantization_error": self.quantization_error,
            "topographic_error": self.topographic_error,
            "columns": self.columns,
            "units": self._units_as_dicts(),
            "labels": self.labels.tolist(),
        }

    def _units_as_dicts(self) -> list[dict[str, Any]]:
        hits, umatrix = self.hits.ravel().tolist(), self.umatrix.ravel().tolist()
        return [
            {
                "row": unit // self.shape[1],
                "col": unit % self.shape[1],
                "hits": hits[unit],
                "umatrix": umatrix[unit],
                "values": values,
            }
            for unit, values in enumerate(self.units.tolist())
        ]


TrainedMap.__module__ = "audioclust"
