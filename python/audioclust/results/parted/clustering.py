"""`PartedClustering`: clusters of more sounds than one process holds the features of."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from audioclust import _core
from audioclust.clustering.metrics import distances_to
from audioclust.clustering.parted.tables import PartedTable, gathered
from audioclust.errors import ItemError, ParameterError
from audioclust.export.tables import ItemTable
from audioclust.extraction.descriptors.values import columns_by_name
from audioclust.extraction.table import FeatureTable
from audioclust.results.clustering import Clustering
from audioclust.results.keeping.same_items import check_comparable
from audioclust.results.parted.writing import write_parts
from audioclust.results.shown import SHOWN_CLUSTERS
from audioclust.utils import html
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.choosing.file_filter import LeftOut
    from audioclust.clustering.parted.grouping import PartedGrouping
    from audioclust.clustering.scaling import Scaler
    from audioclust.clustering.selection.k_selection import KSelection
    from audioclust.utils.types import Path


@dataclass(frozen=True, eq=False, repr=False)
class PartedClustering(ByValue):
    """Clusters of more than 4,000,000 sounds, whose features stay in parts on the workers.

    :func:`cluster` gives it if it is called with a client. Labels and centres are here; items
    and features are fetched when they are asked for, a part at a time. They are there until
    :meth:`close` is called, or the ``with`` block ends whose value this is. Clusters are
    numbered by size, as those of a :class:`Clustering` are. Two results are equal if their
    labels, settings and numbers are. A result can be pickled, but for the parts: what is read
    from a pickle is closed.

    Attributes
    ----------
    labels : ndarray of shape (n_items,), int32
        The cluster of each item, part after part.
    part_sizes : tuple of int
        The number of items of each part.
    head : FeatureTable
        A table without rows, which has the columns and settings of all parts, their errors and
        what they left out.
    scaler : Scaler
        The scaling that was fitted to the features.
    centers : ndarray of shape (k, n_columns), float64
        The clusters' centres in scaled units.
    inertia : float
        Sum of the squared distances of the scaled rows to their centres.
    n_iter : int
        Number of iterations.
    random_state : int or None
        The seed that was asked for.
    selection : KSelection or None
        How the number of clusters was chosen; None if it was given.
    """

    labels: NDArray[np.int32]
    part_sizes: tuple[int, ...]
    head: FeatureTable
    scaler: Scaler
    centers: NDArray[np.float64]
    inertia: float
    n_iter: int
    random_state: int | None
    selection: KSelection | None = None
    _table: PartedTable | None = field(default=None, compare=False)
    _closing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack, compare=False)

    @classmethod
    def from_grouping(
        cls, grouping: PartedGrouping, table: PartedTable, closing: contextlib.ExitStack
    ) -> PartedClustering:
        """Make a result of the groups of a parted table's rows.

        Parameters
        ----------
        grouping : PartedGrouping
            The groups, numbered by size.
        table : PartedTable
            The rows and their items.
        closing : contextlib.ExitStack
            Lets go of the table when it is closed.
        """
        groups = grouping.groups
        assert groups.centers is not None  # noqa: S101 - k-means has centres
        assert groups.inertia is not None  # noqa: S101
        assert groups.n_iter is not None  # noqa: S101
        return cls(
            labels=groups.labels,
            part_sizes=tuple(table.values.sizes),
            head=table.head,
            scaler=grouping.scaler,
            centers=groups.centers,
            inertia=groups.inertia,
            n_iter=groups.n_iter,
            random_state=grouping.settings.random_state,
            selection=grouping.selection,
            _table=table,
            _closing=closing,
        )

    @property
    def k(self) -> int:
        """The number of clusters."""
        return len(self.centers)

    @functools.cached_property
    def sizes(self) -> NDArray[np.int64]:
        """The number of items of each cluster, of shape (k,)."""
        return np.bincount(self.labels, minlength=self.k).astype(np.int64)

    @property
    def errors(self) -> tuple[ItemError, ...]:
        """The items that have no label, and why."""
        return self.head.errors

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The recordings that are too short or too long for the :class:`FileFilter`."""
        return self.head.left_out

    @functools.cached_property
    def centers_original(self) -> NDArray[np.float64]:
        """The centres in the columns' own units, of shape (k, n_columns)."""
        return self.scaler.inverse_transform(self.centers)

    def __len__(self) -> int:
        return self.k

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the parts: workers drop them, and only what is here is left."""
        object.__setattr__(self, "_table", None)
        self._closing.close()

    def iter_tables(self) -> Iterator[tuple[FeatureTable, NDArray[np.int32]]]:
        """Fetch the parts, one at a time.

        Yields
        ------
        table : FeatureTable
            The features of a part's items, not scaled, and its errors.
        labels : ndarray of shape (n_items,), int32
            The cluster of each item of the part.

        Raises
        ------
        ParameterError
            If this result is closed.
        """
        table, first = self._open(), 0
        parts = table.tables()
        for _ in self.part_sizes:
            self._open()  # It may have been closed since the last one was given.
            part = next(parts)
            yield part, self.labels[first : first + len(part)]
            first += len(part)

    def to_parquet(self, folder: Path) -> None:
        """Write a Parquet file for each part, a row for each item.

        The columns are those of :meth:`Clustering.to_parquet`: path, start, end, label,
        distance and others. Files are named ``part-00000.parquet`` and so on. Each appears when
        it is complete. A part without items has none.

        Parameters
        ----------
        folder : str or os.PathLike
            Where the files go. It is made if it is missing, and must have no file whose name
            ends with ``.parquet``, which would be taken for a part.

        Raises
        ------
        MissingExtraError
            Without pyarrow.
        OSError
            If a file cannot be written.
        ParameterError
            If the folder has such files or is an address, or this result is closed.
        """
        self._open()
        tables = (self._item_table(*part) for part in self.iter_tables())
        write_parts(tables, folder, len(self.part_sizes))

    def predict(self, table: FeatureTable) -> NDArray[np.int32]:
        """Give the cluster with the nearest centre for other sounds.

        Parameters
        ----------
        table : FeatureTable
            Features that were computed as those that were clustered; :func:`extract` gives
            them with ``head.settings``.

        Returns
        -------
        labels : ndarray of shape (n_items,), int32

        Raises
        ------
        ParameterError
            If the table's columns or settings are others.
        """
        if not isinstance(table, FeatureTable):
            raise ParameterError(f"table={table!r:.80}: expected a FeatureTable")
        check_comparable(self.head, table)
        scaled = self.scaler.transform(table.values)
        return _core.assign(scaled, self.centers, n_threads=1)[0]

    def gather(self) -> Clustering:
        """Fetch all parts into a result as :func:`cluster` gives without a client.

        All features must fit into the memory of this process: 4 bytes a value, and more than
        twice as many while distances are computed.

        Raises
        ------
        ParameterError
            If this result is closed.
        """
        table = gathered(self._open())
        distances = distances_to(self.centers, self.scaler.transform(table.values), self.labels)
        return Clustering(
            labels=self.labels,
            table=table,
            scaler=self.scaler,
            centers=self.centers,
            distances=distances,
            inertia=self.inertia,
            n_iter=self.n_iter,
            random_state=self.random_state,
            algorithm="kmeans",
            selection=self.selection,
        )

    def _open(self) -> PartedTable:
        if self._table is None:
            raise ParameterError(
                "the parts of this result were let go: expected them to be asked for before it"
                " is closed or pickled"
            )
        return self._table

    def _item_table(self, table: FeatureTable, labels: NDArray[np.int32]) -> ItemTable:
        """Give the items of a part as they are exported."""
        scaled = self.scaler.transform(table.values)
        settings = {
            **table.settings.as_json(),
            "algorithm": "kmeans",
            "scaling": self.scaler.scaling,
            "random_state": self.random_state,
        }
        about = {
            "k": self.k,
            "inertia": self.inertia,
            "n_iter": self.n_iter,
            "left_out": [one._asdict() for one in table.left_out],
            "columns": table.columns,
            "sr": table.sr,
            "settings": settings,
            "version": table.version,
        }
        return ItemTable(
            items=table.items,
            labels=labels.tolist(),
            distances=distances_to(self.centers, scaled, labels).tolist(),
            errors=table.errors,
            about=about,
            folder=table.folder,
            more=columns_by_name(table.descriptors),
            other_inputs=[one.path for one in table.left_out],
        )

    def __getstate__(self) -> dict[str, Any]:
        """Give what is pickled: not the parts, which are elsewhere."""
        state = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**state, "_table": None, "_closing": contextlib.ExitStack()}

    def __repr__(self) -> str:
        lines = [f"<{self._summary()}>"]
        if self.selection is not None:
            lines.append(f"  {self.selection.choice()}")
        shown = enumerate(self.sizes[:SHOWN_CLUSTERS].tolist())
        lines += [f"  {cluster}: {size:,} items" for cluster, size in shown]
        if self.k > SHOWN_CLUSTERS:
            lines.append(f"  and {self.k - SHOWN_CLUSTERS:,} smaller ones")
        kept = "let go" if self._table is None else "kept where they were made"
        lines.append(f"  features in {len(self.part_sizes):,} parts, {kept}")
        if self.errors:
            lines.append(f"  {len(self.errors):,} could not be used: see .errors")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Give a table of the clusters as a notebook shows it."""
        failed = f"; {len(self.errors):,} could not be used" if self.errors else ""
        rows = enumerate(self.sizes.tolist())
        return html.table(self._summary() + failed, ("cluster", "items"), rows, self.k)

    def _summary(self) -> str:
        clusters = f"{self.k:,} cluster{'s' if self.k > 1 else ''}"
        return (
            f"PartedClustering: {len(self.labels):,} items in {clusters}, "
            f"{self.scaler.scaling} scaling, inertia {self.inertia:.4g}"
        )


PartedClustering.__module__ = "audioclust"  # Pickles name it so, wherever it is defined.
