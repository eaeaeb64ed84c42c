"""The file of a part of the recordings: its table as Parquet, and which part it is."""

from __future__ import annotations

from typing import NamedTuple

from audioclust.errors import ModelError
from audioclust.export.documents import json_text
from audioclust.export.tabular.parquet import (
    bytes_of_parquet,
    parquet_metadata,
    parquet_of_bytes,
)
from audioclust.export.tabular.reading import columns_of
from audioclust.extraction.rows.exchange import as_arrow, parts_read
from audioclust.extraction.storing.fields import Fields, of_file
from audioclust.extraction.table import FeatureTable
from audioclust.utils.types import Path

METADATA = b"audioclust.part"
"""The key in the schema's metadata, under which is which part it is, as a JSON object."""


class Place(NamedTuple):
    """Which part of the recordings a table is of.

    Attributes
    ----------
    number : int
        Its number, from 1.
    of : int
        How many parts there are.
    settings : str
        A hash of what the parts of one run have in common besides their recordings.
    recordings : str
        A hash of the paths of all recordings; empty if only those of the part are known.
    min_duration, max_duration : float or None
        The bounds of length that were asked for.
    """

    number: int
    of: int
    settings: str
    recordings: str = ""
    min_duration: float | None = None
    max_duration: float | None = None


def file_of_part(table: FeatureTable, place: Place) -> bytes:
    """Give a file that :meth:`FeatureTable.from_parquet` reads, and :func:`place_of`."""
    arrow = as_arrow(table)
    own = {METADATA: json_text(place._asdict()).encode()}
    return bytes_of_parquet(arrow.replace_schema_metadata({**arrow.schema.metadata, **own}))


def part_of_file(data: bytes, name: str) -> FeatureTable:
    """Give the table of a file that :func:`file_of_part` gave.

    Parameters
    ----------
    data : bytes
    name : str
        What errors call it.

    Raises
    ------
    ModelError
        If it is no such file, or is damaged.
    """
    frame, content = parquet_of_bytes(data, name)
    with of_file(name):
        if not isinstance(content, dict):
            raise ModelError("it is no table of features")
        return FeatureTable(**parts_read(content, columns_of(frame)))


def place_of(path: Path) -> Place | None:
    """Tell which part of the recordings a file is of; None if it is of no part.

    Only the end of the file is read.

    Raises
    ------
    ModelError
        If it is no Parquet file, or is damaged.
    OSError
        If it cannot be read.
    """
    content = parquet_metadata(path, METADATA)
    if content is None:
        return None
    with of_file(path):
        fields = Fields(content, "part")
        of = fields.integer("of", 1)
        place = Place(
            fields.integer("number", 1, of),
            of,
            fields.text("settings"),
            fields.text("recordings"),
            fields.optional("min_duration", fields.number),
            fields.optional("max_duration", fields.number),
        )
        fields.close()
    return place
