"""The method that shows sounds on a map as a page to look at and listen to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audioclust.clustering.ordering.nearest import nearest_of
from audioclust.plotting.map_grid import unit_centres
from audioclust.report.content import N_NEIGHBORS, Content, Group, title_or
from audioclust.report.page import write_page
from audioclust.report.sentences import (
    as_sentences,
    counted,
    origin_of,
    thing_of,
    what_failed,
    what_there_is,
)
from audioclust.report.views.grid import grid
from audioclust.results.showing.columns import page_columns
from audioclust.results.showing.notebook_map import NotebookMap
from audioclust.utils.threads import n_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.spans import Item
    from audioclust.clustering.maps.trained_map import TrainedMap
    from audioclust.errors import ItemError
    from audioclust.export.tables import ItemTable
    from audioclust.extraction.table import FeatureTable
    from audioclust.report.content import Audio
    from audioclust.utils.types import Path

_GOLDEN = np.pi * (3 - np.sqrt(5))
"""The angle from one seed of a sunflower to the next: so discs fill a circle evenly."""

_SPREAD = 0.4
"""The radius in which the items of a unit lie; units are 1 apart."""

_REPRESENTATIVES = 3
"""Items that stand for a unit: those nearest its values."""


class MapReporting(NotebookMap):
    """The method that makes a page of sounds on a self-organizing map."""

    if TYPE_CHECKING:
        table: FeatureTable
        trained_map: TrainedMap

        @property
        def items(self) -> tuple[Item, ...]:
            """The items on the map."""

        @property
        def errors(self) -> tuple[ItemError, ...]:
            """What could not be used, and why."""

        @property
        def units(self) -> NDArray[np.int32]:
            """The number of each item's best-matching unit."""

        @property
        def scaled(self) -> NDArray[np.float64]:
            """The features that the map was trained with."""

        @property
        def distances(self) -> NDArray[np.float64]:
            """Distance of each item to its best-matching unit."""

        def notes(self, thing: str = "item") -> list[str]:
            """Give what one should know of the map, in words."""

        def item_table(self) -> ItemTable:
            """Give items, units, distances and errors as they are exported."""

    def report(self, path: Path, *, audio: Audio = "link", title: str | None = None) -> None:
        """Write a page to look at and listen to: one HTML file, which needs no network.

        It has the grid of the map, whose units play their sounds; all sounds at their units;
        and a table of them.

        Parameters
        ----------
        path : str or os.PathLike
            The file to write; ``~`` is the home folder.
        audio : {"link", "representatives", "embed", "none"}, default="link"
            Where the page has its sounds: in their own files, in itself for those nearest each
            unit or for all, or nowhere.
        title : str or None
            Its title; None is made of what there is.

        Raises
        ------
        ParameterError
            If an argument is invalid, or the file is one of the sounds. Nothing is done then.
        OSError
            If it cannot be written.
        """
        write_page(path, self._content, audio, self.item_table().inputs, title)

    def _content(self, title: str | None) -> Content:
        """Give what the page shows."""
        trained, items, folder = self.trained_map, self.items, self.table.folder
        rows, cols = trained.shape
        nearest_first = np.lexsort((self.distances, self.units))
        hit = int((trained.hits > 0).sum())
        origin = origin_of(items, folder)
        words = f"{counted(len(items), 'sound')} on a map of {rows} × {cols} units"
        return Content(
            kind="map",
            title=title_or(title, f"{origin}: {words}" if origin else words),
            headline=[
                f"{what_there_is(items, folder)}, on {hit} of {rows * cols} units.",
                f"Quantization error {trained.quantization_error:.3g}: the mean distance of"
                f" sounds to their units. Topographic error {trained.topographic_error:.1%}:"
                " for that share of the sounds, the two nearest units are not neighbours.",
                *what_failed(self.errors, "file" if folder is not None else "sound"),
            ],
            items=items,
            labels=self.units,
            groups=_groups(self.units[nearest_first], nearest_first, cols),
            points=_places(trained, self.units, nearest_first),
            neighbors=nearest_of(self.scaled, N_NEIGHBORS, n_threads(None)),
            order=nearest_first,
            columns=page_columns(self.table, self.units),
            errors=self.errors,
            warnings=as_sentences(self.notes(thing_of(items, folder))),
            folder=folder,
            views={"grid": grid(trained)},
        )


def _groups(units: NDArray[np.int32], items: NDArray[np.int64], cols: int) -> list[Group]:
    """Give each unit that has items as a page lists it.

    Parameters
    ----------
    units : ndarray of shape (n_items,), int32
        The unit of each of `items`, ascending.
    items : ndarray of shape (n_items,), int64
        The items, those of a unit nearest first.
    cols : int
        Columns of the grid.
    """
    numbers, starts = np.unique(units, return_index=True)
    ends = [*starts[1:].tolist(), len(items)]
    return [
        Group(
            unit,
            f"{unit // cols}, {unit % cols}",
            f"row {unit // cols}, column {unit % cols}",
            items[start : min(end, start + _REPRESENTATIVES)].tolist(),
        )
        for unit, start, end in zip(numbers.tolist(), starts.tolist(), ends, strict=True)
    ]


def _places(
    trained: TrainedMap, units: NDArray[np.int32], nearest_first: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give where items are drawn: in their unit's cell, the nearest in its middle.

    They lie like the seeds of a sunflower (Vogel, 1979), so that none covers another.
    """
    centres = unit_centres(trained.shape, hexagonal=trained.topology == "hexagonal")
    # Screens count rows downwards, maps of the page upwards.
    centres[:, 1] *= -1
    sizes = np.bincount(units, minlength=len(centres))
    sorted_units = units[nearest_first]
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    rank = np.arange(len(units)) - first[sorted_units]
    radius = _SPREAD * np.sqrt(rank / sizes[sorted_units])
    angle = rank * _GOLDEN
    points = np.empty((len(units), 2))
    points[nearest_first] = centres[sorted_units] + radius[:, np.newaxis] * np.column_stack(
        [np.cos(angle), np.sin(angle)]
    )
    return points
