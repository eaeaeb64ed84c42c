"""Lists of items, such as similar ones, as data frames, CSV and JSON."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audioclust.audio.spans import Item
from audioclust.errors import ParameterError
from audioclust.export.dataframe import data_frame
from audioclust.export.documents import write_document, write_rows
from audioclust.utils.arguments import check_choice, check_path

if TYPE_CHECKING:
    from audioclust.export.dataframe import Library
    from audioclust.utils.types import Path

FORMATS = ("csv", "json")


@dataclass(frozen=True)
class Listing:
    """What is written.

    Attributes
    ----------
    items : sequence of Item
        The item of each row.
    columns : mapping of str to sequence
        Values for each item: numbers or text.
    about : mapping
        What JSON has beside the items; plain values.
    inputs : sequence of str
        Paths that no output may replace.
    """

    items: Sequence[Item]
    columns: Mapping[str, Sequence[Any]]
    about: Mapping[str, Any]
    inputs: Sequence[str]


class Listed:
    """The methods that give a list of items away, for what gives a :class:`Listing`."""

    def _listing(self) -> Listing:
        """Give what is written."""
        raise NotImplementedError

    def to_dataframe(self, library: Library | None = None) -> Any:
        """Give the list as a data frame.

        Parameters
        ----------
        library : {"pandas", "polars"} or None, default=None
            Whose frame it is; None for pandas, or for polars if pandas is not installed.

        Returns
        -------
        pandas.DataFrame or polars.DataFrame
            A row for each item, with the group and score of duplicates, and the distance of
            similar items. It has path, start and end (both in seconds) as
            :meth:`audioclust.FeatureTable.to_dataframe` has, with which it can be joined.

        Raises
        ------
        MissingExtraError
            Without the library: ``pip install 'audioclust[pandas]'`` or
            ``'audioclust[polars]'``.
        """
        listing = self._listing()
        return data_frame(listing.items, listing.columns, library)

    def export(self, path: Path, *, format: str | None = None) -> None:  # noqa: A002
        """Write the list as CSV or JSON.

        Both have path, start and end (in seconds) and the columns of :meth:`to_dataframe`. JSON
        also has the folder of relative paths; of duplicates the pairs, what is too short and
        what could not be used; and of similar items the sound that was asked about.

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
        listing = self._listing()
        rows = [
            (*item_row(item), *values)
            for item, *values in zip(listing.items, *listing.columns.values(), strict=True)
        ]
        head = ("path", "start", "end", *listing.columns)
        if _format_of(path, format) == "csv":
            write_rows(head, rows, path, listing.inputs)
            return
        records = [dict(zip(head, row, strict=True)) for row in rows]
        write_document({"items": records, **listing.about}, path, listing.inputs)


def item_row(item: Item) -> tuple[str, float, float | None]:
    """Give path, start and end of an item; None for an end that is not known."""
    return item.path, item.start, item.end if math.isfinite(item.end) else None


def _format_of(path: Path, format: str | None) -> str:  # noqa: A002
    if format is not None:
        return check_choice("format", format, FORMATS)
    name = check_path("path", path)
    suffix = os.path.splitext(name)[1].lower().removeprefix(".")
    if suffix not in FORMATS:
        expected = "a suffix that is one of .csv .json, or format="
        raise ParameterError(f"path={name!r}: expected {expected}")
    return suffix
