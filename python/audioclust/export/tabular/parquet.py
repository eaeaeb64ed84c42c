"""Columns as tables of Arrow, and as Parquet files with what belongs to them."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from audioclust.errors import MissingExtraError, ModelError
from audioclust.export.documents import error_records, json_text
from audioclust.export.tables import ItemTable
from audioclust.export.tabular.columns import item_columns, text_columns
from audioclust.utils.arguments import check_path
from audioclust.utils.files import replacing

if TYPE_CHECKING:
    import pyarrow

    from audioclust.utils.types import Path

METADATA = b"audioclust"
"""The key in the schema's metadata, under which is a JSON object: all that is no column."""

MAX_METADATA = 2**28
"""Most bytes of that JSON that are read."""


def arrow_table(
    columns: Mapping[str, Any],
    content: Mapping[str, Any] | None = None,
    types: Mapping[str, Any] | None = None,
) -> pyarrow.Table:
    """Give columns as a table of Arrow.

    Parameters
    ----------
    columns : mapping of str to array or list
    content : mapping or None
        What goes with them as JSON: plain values.
    types : mapping of str to pyarrow.DataType, or None
        The types of lists in which there may be no value that tells.

    Raises
    ------
    MissingExtraError
        Without pyarrow.
    """
    arrow = import_arrow()
    known = {name: arrow.string() for name in text_columns(columns)} | dict(types or {})
    typed = {
        name: arrow.array(columns[name], kind)
        for name, kind in known.items()
        if name in columns
    }
    table = arrow.table({**columns, **typed})
    if content is None:
        return table
    return table.replace_schema_metadata({METADATA: json_text(content).encode()})


def write_arrow(table: pyarrow.Table, path: Path, inputs: Iterable[str]) -> None:
    """Write a table of Arrow as Parquet."""
    import_arrow()
    import pyarrow.parquet

    with replacing(path, inputs=inputs) as file:
        pyarrow.parquet.write_table(table, file)


def write_parquet(table: ItemTable, path: Path) -> None:
    """Write a row for each item: path, start, end, label, name, distance, decoder, warnings.

    ``warnings`` has their kinds, joined by commas. Errors, the folder of the paths, and what
    the table is about are JSON in the schema's metadata, under ``audioclust``.
    """
    more = {
        "label": table.labels,
        "name": table.label_names,
        "distance": table.distances,
        **table.more,
        "decoder": [item.decoder for item in table.items],
        "warnings": [",".join(w.kind for w in item.warnings) for item in table.items],
    }
    columns = {**item_columns(table.items, more), **more}
    content = {
        "kind": "items",
        "errors": error_records(table.errors),
        "folder": table.folder,
        **table.about,
    }
    write_arrow(arrow_table(columns, content), path, table.inputs)


def read_parquet(path: Path) -> tuple[pyarrow.Table, Any]:
    """Read a Parquet file.

    Returns
    -------
    table : pyarrow.Table
    content : object
        What JSON there is in the schema's metadata; None if there is none.

    Raises
    ------
    MissingExtraError
        Without pyarrow.
    ModelError
        If it is no Parquet file, or is damaged.
    OSError
        If it cannot be read.
    """
    import_arrow()
    name = os.path.expanduser(check_path("path", path))
    # Opened here, errors are the system's, and folders named a=b make no columns.
    with open(name, "rb") as file:
        return _table_of(file, name)


def parquet_of_bytes(data: bytes, name: str) -> tuple[pyarrow.Table, Any]:
    """Read a Parquet file that is in memory, as :func:`read_parquet` does.

    Parameters
    ----------
    data : bytes
    name : str
        What errors call it.
    """
    arrow = import_arrow()
    return _table_of(arrow.BufferReader(data), name, page_checksum_verification=True)


def _table_of(file: Any, name: str, **options: bool) -> tuple[pyarrow.Table, Any]:
    """Read an open Parquet file: its table, and what JSON there is in the metadata."""
    import pyarrow.parquet

    with _as_parquet(name):
        table = pyarrow.parquet.ParquetFile(file, **options).read()
        text = (table.schema.metadata or {}).get(METADATA)
    return table, _content(text, name)


def bytes_of_parquet(table: pyarrow.Table) -> bytes:
    """Give what a Parquet file of a table of Arrow has in it, with checksums."""
    import_arrow()
    import pyarrow.parquet

    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file, write_page_checksum=True)
    return file.getvalue()


def parquet_metadata(path: Path, key: bytes) -> Any:
    """Give the JSON that a Parquet file has under a key of its schema's metadata.

    No column is read.

    Returns
    -------
    content : object
        None if there is none.

    Raises
    ------
    MissingExtraError
        Without pyarrow.
    ModelError
        If it is no Parquet file, or is damaged.
    OSError
        If it cannot be read.
    """
    import_arrow()
    import pyarrow.parquet

    name = os.path.expanduser(check_path("path", path))
    with open(name, "rb") as file, _as_parquet(name):
        found = pyarrow.parquet.ParquetFile(file).schema_arrow.metadata or {}
    return _content(found.get(key), name)


@contextlib.contextmanager
def _as_parquet(name: str) -> Iterator[None]:
    """Have the errors of Arrow be a ModelError that names the file."""
    try:
        yield
    except (import_arrow().ArrowException, OSError, ValueError, UnicodeError) as why:
        raise ModelError(f"{name}: it cannot be read as Parquet: {why!s:.200}") from None


def _content(text: bytes | None, name: str) -> Any:
    """Give the JSON of metadata, or raise a ModelError that names the file."""
    if text is None:
        return None
    if len(text) > MAX_METADATA:
        raise ModelError(f"{name}: its metadata has {len(text)} bytes: at most {MAX_METADATA}")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ModelError(f"{name}: its metadata is damaged") from None


def import_arrow() -> Any:
    """Import pyarrow, or raise the error that says how to install it."""
    try:
        import pyarrow
    except ImportError as why:
        hint = "Arrow and Parquet need pyarrow: pip install 'audioclust[parquet]'"
        raise MissingExtraError(hint) from why
    return pyarrow
