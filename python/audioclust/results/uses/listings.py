"""Lists of items, such as similar ones, as CSV and JSON."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audioclust.audio.spans import Item
from audioclust.errors import ParameterError
from audioclust.export.documents import write_document, write_rows
from audioclust.utils.arguments import check_choice, check_path

if TYPE_CHECKING:
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


def write_listing(listing: Listing, path: Path, format: str | None) -> None:  # noqa: A002
    """Write path, start and end of each item and its values.

    Raises
    ------
    ParameterError
        If there is no such format, or the path is one of the inputs.
    OSError
        If the file cannot be written.
    """
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
