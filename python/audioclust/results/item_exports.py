"""The methods that give labelled items to files and to other libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audioclust.export.dataframe import data_frame
from audioclust.export.formats import write_table
from audioclust.export.tables import ItemTable

if TYPE_CHECKING:
    import pandas

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
        format : {"csv", "json"} or None
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
        """Write path, start, end (both in seconds), label and distance of each item as CSV.

        A path that a spreadsheet would take for a formula gets an apostrophe in front.
        """
        write_table(self.item_table(), path, "csv")

    def to_json(self, path: Path) -> None:
        """Write items, errors, inertia, columns and settings as one JSON object.

        ``folder`` is the folder that relative paths belong to, or null if the sounds were in
        memory. A byte of a name that is not UTF-8 is written as a lone surrogate, from which
        Python reads the same name back.
        """
        write_table(self.item_table(), path, "json")

    def to_dataframe(self) -> pandas.DataFrame:
        """Give label, distance, decoder and warnings of each item as a data frame of pandas.

        The decoder is None for audio in memory, and warnings are their kinds joined by commas.

        Returns
        -------
        pandas.DataFrame
            Its index has the levels path, start and end (both in seconds), as that of
            :meth:`audioclust.FeatureTable.to_dataframe` has, with which it can be joined.

        Raises
        ------
        MissingExtraError
            Without pandas: ``pip install 'audioclust[pandas]'``.
        """
        table = self.item_table()
        columns: dict[str, Any] = {
            "label": table.labels,
            "distance": table.distances,
            "decoder": [item.decoder for item in table.items],
            "warnings": [",".join(w.kind for w in item.warnings) for item in table.items],
            **table.more,
        }
        return data_frame(table.items, columns)
