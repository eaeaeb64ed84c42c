"""`Held` and `HeldRows`: what a result holds, for the classes that give it its methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from audioclust.audio.spans import Item
    from audioclust.clustering.layouts.layout import Layout, LayoutMethod
    from audioclust.clustering.maps.trained_map import TrainedMap
    from audioclust.clustering.scaling import Scaler
    from audioclust.clustering.selection.k_selection import KSelection
    from audioclust.errors import ItemError
    from audioclust.export.tables import ItemTable
    from audioclust.extraction.table import FeatureTable
    from audioclust.results.keeping.corrections import Corrections
    from audioclust.results.uses.summary import Summary


class HeldRows:
    """Base of the classes that give methods to whatever has a table and a scaling.

    It has nothing when the program runs, as :class:`Held`.
    """

    if TYPE_CHECKING:
        table: FeatureTable
        scaler: Scaler

        @property
        def items(self) -> tuple[Item, ...]:
            """The items that have a row."""

        @property
        def errors(self) -> tuple[ItemError, ...]:
            """The items that have no row, and why."""


class Held(HeldRows):
    """Base of the classes that give a :class:`audioclust.Clustering` its methods.

    It has nothing when the program runs. It tells type checkers what these methods find in the
    clustering, which is made of all these classes and so cannot be imported by them.
    """

    if TYPE_CHECKING:
        labels: NDArray[np.int32]
        centers: NDArray[np.float64] | None
        distances: NDArray[np.float64]
        inertia: float | None
        n_iter: int | None
        random_state: int | None
        algorithm: str
        selection: KSelection | None
        unassigned: str | None
        names: Mapping[int, str]
        corrections: Corrections
        trained_map: TrainedMap | None
        unit_labels: NDArray[np.int32] | None
        kept_layout: Layout | None

        @property
        def paths(self) -> tuple[str, ...]:
            """The items' paths."""

        @property
        def k(self) -> int:
            """The number of clusters."""

        @property
        def scaled(self) -> NDArray[np.float64]:
            """The rows as they were clustered."""

        @property
        def _middles(self) -> NDArray[np.float64]:
            """The centre or the mean of each cluster, in scaled units."""

        @property
        def n_unassigned(self) -> int:
            """The number of items that are in no cluster."""

        def __iter__(self) -> Iterator[tuple[Item, ...]]:
            """Go over the clusters, each as its items."""

        def representatives(self, n: int = 1) -> list[tuple[Item, ...]]:
            """Give, for each cluster, the `n` items nearest its centre, nearest first."""

        def warning_words(self, thing: str = "item", group: str = "cluster") -> list[str]:
            """Give the warnings of items in words."""

        def item_table(self) -> ItemTable:
            """Give items, labels, distances and errors as they are exported."""

        def number_of(self, cluster: int | str) -> int:
            """Give the number of a cluster by its name or number."""

        def summary(self) -> Summary:
            """Say of each cluster how large it is and what sets it apart."""

        def layout(
            self,
            method: LayoutMethod | None = None,
            *,
            random_state: int | None = None,
            perplexity: float | None = None,
        ) -> Layout:
            """Lay the items out in a plane."""

        def layout_of(
            self,
            table: FeatureTable,
            method: LayoutMethod | None = None,
            *,
            random_state: int | None = None,
            perplexity: float | None = None,
        ) -> Layout:
            """Place other items on the layout of this result."""
