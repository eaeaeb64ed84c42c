"""The methods that give labelled items to files and to other libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audioclust.export.dataframe import data_frame
from audioclust.export.formats import write_table
from audioclust.export.tables import ItemTable

if TYPE_CHECKING:
    from audioclust.export.dataframe import Library
    from audioclust.utils.types import Path


class ItemExports:
    """The methods that give items away, for results that give an :class:`ItemTable`.

    All that write raise an OSError if the file cannot be written, and a ParameterError if it is
    one of the sounds.
    """

    def item_table(self) -> ItemTable:
        """Give items, labels, distances and errors as they are exported."""
        raise NotImplementedError

    def export(self, path: Path, *, format: str | None = None) -> None:  # noqa: A002
        """Write the items in any of the formats.

        Parameters
        ----------
        path : str or os.PathLike
            The file to write.
        format : {"csv", "json", "parquet"} or None
            The format; None is the one that the path's suffix names.

        Raises
        ------
        ParameterError
            If there is no such format, or the file is one of the sounds.
        OSError
            If the file cannot be written.
        """
        write_table(self.item_table(), path, format)

    def to_csv(self, path: Path) -> None:
        """Write path, start, end (in seconds), label, name and distance of each item as CSV.

        The name is that of the cluster, and empty if it has none. Descriptors come last, if
        there are any, named as in docs/descriptors.md; one that is not defined is empty.

        A path that a spreadsheet would take for a formula gets an apostrophe in front.
        """
        write_table(self.item_table(), path, "csv")

    def to_json(self, path: Path) -> None:
        """Write all that a result has as one JSON object.

        That is items, errors, columns and settings; and of a Clustering also what
        :meth:`audioclust.Clustering.summary` says, corrections, features (not scaled, a row for
        each item), centres (scaled), what the scaling was fitted to, and the map of a som.
        Items have their descriptors, if there are any, by the names of docs/descriptors.md;
        null is one that is not defined. docs/tables.md lists all of it.

        ``folder`` is the folder that relative paths belong to, or null if the sounds were in
        memory. A byte of a name that is not UTF-8 is written as a lone surrogate, from which
        Python reads the same name back.
        """
        write_table(self.item_table(), path, "json")

    def to_parquet(self, path: Path) -> None:
        """Write path, start, end, label, name, distance, decoder and warnings as Parquet.

        Before the decoder come descriptors, if there are any, as in :meth:`to_dataframe`.
        What else :meth:`to_json` writes, but for features, centres, scaling and map, is JSON in
        the schema's metadata, under ``audioclust``. It needs the extra ``[parquet]``. A name
        that is not UTF-8 is as in :meth:`audioclust.FeatureTable.to_parquet`.
        """
        write_table(self.item_table(), path, "parquet")

    def to_dataframe(self, library: Library | None = None) -> Any:
        """Give each item's label, name and distance, and how it was read, as a data frame.

        The name is that of the cluster, missing if it has none. The decoder is None for audio
        in memory, and warnings are their kinds joined by commas. After these come descriptors,
        if there are any: duration, tempo and so on, as docs/descriptors.md names them, NaN
        where one is not defined.

        Parameters
        ----------
        library : {"pandas", "polars"} or None, default=None
            Whose frame it is; None for pandas, or for polars if pandas is not installed.

        Returns
        -------
        pandas.DataFrame or polars.DataFrame
            It has path, start and end (both in seconds) as
            :meth:`audioclust.FeatureTable.to_dataframe` has, with which it can be joined: as
            levels of the index in pandas, as columns in polars.

        Raises
        ------
        MissingExtraError
            Without the library: ``pip install 'audioclust[pandas]'`` or
            ``'audioclust[polars]'``.
        """
        table = self.item_table()
        columns: dict[str, Any] = {
            "label": table.labels,
            "name": table.label_names,
            "distance": table.distances,
            "decoder": [item.decoder for item in table.items],
            "warnings": [",".join(w.kind for w in item.warnings) for item in table.items],
            **table.more,
        }
        return data_frame(table.items, columns, library)
