"""`SoundMap`: sounds on a trained self-organizing map."""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.audio.spans import Item
from audioclust.clustering.maps.grid import units_around
from audioclust.clustering.maps.som import Boundary, Reduce, regions, umatrix_of
from audioclust.clustering.maps.trained_map import TrainedMap
from audioclust.clustering.metrics import distances_to
from audioclust.clustering.scaling import Scaler
from audioclust.errors import ItemError, ParameterError
from audioclust.export.tables import ItemTable, Later
from audioclust.extraction.descriptors.values import columns_by_name
from audioclust.extraction.table import FeatureTable
from audioclust.results.item_exports import ItemExports
from audioclust.results.maps.reporting import MapReporting
from audioclust.results.notices import counted_warnings
from audioclust.results.uses.similarity import Similar, Similarity, squared_distances
from audioclust.utils import html
from audioclust.utils.arguments import check_int
from audioclust.utils.text import on_one_line
from audioclust.utils.threads import n_threads
from audioclust.utils.types import Path
from audioclust.utils.urls.names import base_name
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from audioclust.errors import WarningKind

SHOWN_UNITS = 10
"""Number of units that ``repr()`` lists."""


@dataclass(frozen=True, eq=False, repr=False)
class SoundMap(ByValue, ItemExports, MapReporting, Similarity):
    """Sounds on a self-organizing map: a grid of units, neighbours alike.

    Each sound, or item, is at its best-matching unit: the one whose values are nearest its
    scaled features. Units are numbered row by row, ``row * cols + col``. Two maps are equal if
    all they hold is equal. A map can be pickled.

    Attributes
    ----------
    table : FeatureTable
        The features, not scaled, with the items and errors.
    scaler : Scaler
        The scaling that was fitted to the features.
    trained_map : TrainedMap
        The map that was trained with the scaled features, in whose columns it is.
    boundary : {"planar", "toroidal"}
        Whether the grid ends at its sides or goes on at the opposite ones.
    random_state : int or None
        The seed that was asked for.
    """

    table: FeatureTable
    scaler: Scaler
    trained_map: TrainedMap
    boundary: Boundary
    random_state: int | None

    @property
    def items(self) -> tuple[Item, ...]:
        """The items on the map, in the order in which they were found."""
        return self.table.items

    @property
    def paths(self) -> tuple[str, ...]:
        """The items' paths."""
        return tuple(item.path for item in self.items)

    @property
    def errors(self) -> tuple[ItemError, ...]:
        """What could not be used, and why."""
        return self.table.errors

    @property
    def warnings(self) -> dict[WarningKind, tuple[Item, ...]]:
        """The items that may have something wrong, by the kind of it; see their `warnings`."""
        return self.table.warnings

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the grid."""
        return self.trained_map.shape

    @property
    def units(self) -> NDArray[np.int32]:
        """The number of each item's best-matching unit, of shape (n_items,)."""
        return self.trained_map.labels

    @property
    def positions(self) -> NDArray[np.int32]:
        """Row and column of each item's best-matching unit, of shape (n_items, 2)."""
        return np.stack(np.divmod(self.units, np.int32(self.shape[1])), axis=1)

    @property
    def codebook(self) -> NDArray[np.float64]:
        """The values of each unit in scaled units, of shape (rows, cols, n_columns)."""
        return self.trained_map.codebook

    @property
    def scaled(self) -> NDArray[np.float64]:
        """The features that the map was trained with, of shape (n_items, n_columns)."""
        return self.scaler.transform(self.table.values)

    @property
    def quantization_error(self) -> float:
        """Mean distance of the items to their best-matching units, in scaled units."""
        return self.trained_map.quantization_error

    @property
    def topographic_error(self) -> float:
        """Share of the items whose two nearest units are not neighbours on the grid."""
        return self.trained_map.topographic_error

    @functools.cached_property
    def distances(self) -> NDArray[np.float64]:
        """Distance of each item to its best-matching unit, in scaled units, (n_items,)."""
        return distances_to(self.trained_map.units, self._scaled_rows, self.units)

    def __getstate__(self) -> dict[str, Any]:
        """Give what is pickled and copied: not what was kept and can be made again."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def hits(self) -> NDArray[np.float64]:
        """Give the number of items of each unit, of shape (rows, cols), as a copy."""
        return self.trained_map.hits.copy()

    def umatrix(self, reduce: Reduce = "mean") -> NDArray[np.float64]:
        """Give the distances of each unit to its neighbours on the grid as one number.

        See :meth:`audioclust.SOM.umatrix`. High values separate groups.
        """
        return umatrix_of(self.trained_map, self.boundary, reduce)

    def items_at(self, row: int, col: int) -> tuple[Item, ...]:
        """Give the items of a unit, those nearest its values first.

        Parameters
        ----------
        row, col : int
            Where the unit is, from 0.

        Raises
        ------
        ParameterError
            If there is no such unit.
        """
        rows, cols = self.shape
        unit = check_int("row", row, 0, rows - 1) * cols + check_int("col", col, 0, cols - 1)
        return tuple(self.items[i] for i in self._nearest_first(unit))

    def regions(self, k: int) -> NDArray[np.int32]:
        """Group units that are alike by k-means, each weighted by its number of items.

        Parameters
        ----------
        k : int
            Number of regions, at most the number of different units that have items.

        Returns
        -------
        ndarray of shape (rows, cols), int32
            The region of each unit, from 0 to k - 1; ``regions(k).ravel()[units]`` is that of
            each item. The same k gives the same regions.

        Raises
        ------
        ParameterError
            If k is invalid, or larger than the number of different units that have items.
        """
        k = check_int("k", k, 1)
        areas = regions(self.trained_map, k, self.random_state or 0, n_threads(None))
        return areas.labels.reshape(self.shape)

    def neighbors(self, item: Path | Item, n: int = 10) -> Similar:
        """Give the items on the unit of an item and on those beside it, the most alike first.

        Parameters
        ----------
        item : str, os.PathLike or Item
            One of the items, or the path of one. It is left out itself.
        n : int, default=10
            How many are wanted; all, if there are not so many on these units.

        Returns
        -------
        Similar
            Their distances are those of the scaled features, as :meth:`similar` gives them,
            which looks at the items of the whole map.

        Raises
        ------
        ParameterError
            If it is no item of the map, its path has several, or `n` is below 1.
        """
        wanted = check_int("n", n, 1)
        index = self._index_of(item, "item")
        if index is None:
            raise ParameterError(f"item={item!r:.80}: expected an item of this map")
        around = units_around(
            self.shape, self.trained_map.topology, self.boundary, int(self.units[index])
        )
        near = np.flatnonzero(np.isin(self.units, around))
        near = near[near != index]
        rows = self._scaled_rows
        distances = np.sqrt(squared_distances(rows[near], rows[index]))
        order = np.argsort(distances, kind="stable")[:wanted]
        found = tuple(self.items[i] for i in near[order])
        return Similar(
            self.items[index], found, distances[order], self.table.folder, self._inputs
        )

    def notes(self, thing: str = "item") -> list[str]:
        """Give what one should know of a map before trusting it, in words.

        Parameters
        ----------
        thing : str
            What an item is called.
        """
        n, n_units = len(self.items), len(self.trained_map)
        few = f"there are more units, {n_units}, than {thing}s, {n}: many units are empty"
        return [*([few] if n < n_units else []), *counted_warnings(self.warnings, thing)]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the U-matrix, with the number of items of each unit.

        See :meth:`audioclust.TrainedMap.plot`.
        """
        return self.trained_map.plot(ax)

    def __repr__(self) -> str:
        lines = [f"<{self._summary()}>"]
        largest = self._largest_units()
        for (row, col), size, item in largest[:SHOWN_UNITS]:
            items = f"{size} item{'s' if size > 1 else ''}"
            name = on_one_line(base_name(item.path))
            lines.append(f"  row {row}, column {col}: {items}, such as {name}")
        if len(largest) > SHOWN_UNITS:
            lines.append(f"  and {len(largest) - SHOWN_UNITS} more")
        if self.errors:
            lines.append(f"  {len(self.errors)} could not be used: see .errors")
        return "\n".join([*lines, *(f"  {line}" for line in self.notes())])

    def _repr_html_(self) -> str:
        """Give a table of the units with items as a notebook shows it, the largest first."""
        from audioclust.listening.beside import Sample, players

        largest = self._largest_units()
        rows = ((*place, size, base_name(item.path)) for place, size, item in largest)
        failed = [f"{len(self.errors)} could not be used"] if self.errors else []
        caption = "; ".join([self._summary(), *failed, *self.notes()])
        samples = (Sample(f"{row}, {column}", item) for (row, column), _, item in largest)
        shown = html.table(caption, ("row", "column", "items", "nearest the unit"), rows)
        return shown + players(samples, self.table.folder)

    def _summary(self) -> str:
        rows, cols = self.shape
        hit = int((self.trained_map.hits > 0).sum())
        return (
            f"SoundMap: {len(self.items)} items on {hit} of {rows} × {cols} units, "
            f"{self.trained_map.topology}, {self.scaler.scaling} scaling, "
            f"quantization error {self.quantization_error:.4g}, "
            f"topographic error {self.topographic_error:.4g}"
        )

    def _largest_units(self) -> list[tuple[tuple[int, int], int, Item]]:
        """Give place, size and the nearest item of units with items, largest first."""
        units, sizes = np.unique(self.units, return_counts=True)
        order = np.argsort(-sizes, kind="stable")
        return [
            (divmod(unit, self.shape[1]), size, self.items[self._nearest_first(unit)[0]])
            for unit, size in zip(units[order].tolist(), sizes[order].tolist(), strict=True)
        ]

    def _nearest_first(self, unit: int) -> NDArray[np.intp]:
        """Give the numbers of the items of a unit, those nearest its values first."""
        members = np.flatnonzero(self.units == unit)
        return members[np.argsort(self.distances[members], kind="stable")]

    def item_table(self) -> ItemTable:
        """Give items, units, distances and errors as they are exported.

        The label is the number of the unit; ``row`` and ``col`` are further columns.
        """
        rows, cols = self.positions.T
        return ItemTable(
            items=self.items,
            labels=self.units.tolist(),
            distances=self.distances.tolist(),
            errors=self.errors,
            about=Later(self._about),
            folder=self.table.folder,
            more={
                "row": rows.tolist(),
                "col": cols.tolist(),
                **columns_by_name(self.table.descriptors),
            },
            other_inputs=[one.path for one in self.table.left_out],
            arrays={
                "scaler": vars(self.scaler),
                "features": self.table.values,
                "trained_map": self.trained_map.to_dict(),
            },
        )

    def _about(self) -> dict[str, Any]:
        """Give what a JSON file says beside the items."""
        return {
            "boundary": self.boundary,
            "notes": self.notes(),
            "left_out": [one._asdict() for one in self.table.left_out],
            "columns": self.table.columns,
            "sr": self.table.sr,
            "settings": {
                **self.table.settings.as_json(),
                "scaling": self.scaler.scaling,
                "random_state": self.random_state,
            },
            "version": self.table.version,
        }


SoundMap.__module__ = "audioclust"  # Pickles name it so, wherever it is defined.
