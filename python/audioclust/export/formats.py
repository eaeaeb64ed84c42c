"""The table of the formats that results are written in.

A new format is a function that takes a table and a path, its line in :data:`FORMATS`, and a
test that reads the file with a reader that is not ours. ``--help`` and the documentation read
the table, so this module imports nothing heavy.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audioclust.errors import ParameterError
from audioclust.export import audacity, items, raven, rttm, spans, textgrid
from audioclust.export.tables import ItemTable, SpanTable
from audioclust.export.tabular.parquet import write_parquet
from audioclust.utils.arguments import check_path

if TYPE_CHECKING:
    from audioclust.utils.types import Path


@dataclass(frozen=True)
class Format:
    """A file format for one kind of table.

    Attributes
    ----------
    name : str
        Its name. Two formats may share one if they are for different kinds of tables.
    suffixes : tuple of str
        The suffixes of paths that mean this format, in lower case with their dots. A longer
        one goes before a shorter one that it ends with.
    takes : type
        The kind of table: ItemTable or SpanTable.
    write : callable
        Writes a table to a path, but not over one of the table's inputs.
    summary : str
        What the format is, in a few words.
    """

    name: str
    suffixes: tuple[str, ...]
    takes: type[ItemTable] | type[SpanTable]
    write: Callable[[Any, Path], None]
    summary: str


FORMATS: tuple[Format, ...] = (
    Format("csv", (".csv",), ItemTable, items.write_csv, "a row for each item"),
    Format("json", (".json",), ItemTable, items.write_json,
           "items, errors, settings, features, centres and scaling"),
    Format("parquet", (".parquet",), ItemTable, write_parquet,
           "a row for each item, as Parquet"),
    Format("csv", (".csv",), SpanTable, spans.write_csv, "a row for each span"),
    Format("json", (".json",), SpanTable, spans.write_json, "spans, recordings and settings"),
    Format("audacity", (".txt",), SpanTable, audacity.write_audacity,
           "a label track for Audacity"),
    Format("rttm", (".rttm",), SpanTable, rttm.write_rttm, "NIST's RTTM"),
    Format("raven", (".selections.txt",), SpanTable, raven.write_raven,
           "a selection table for Raven"),
    Format("textgrid", (".textgrid",), SpanTable, textgrid.write_textgrid,
           "a TextGrid for Praat, with a tier for each recording"),
)  # fmt: skip
"""The formats, in the order in which they are listed."""


def formats_for(takes: type[ItemTable] | type[SpanTable]) -> tuple[Format, ...]:
    """Give the formats for one kind of table."""
    return tuple(one for one in FORMATS if one.takes is takes)


def write_table(
    table: ItemTable | SpanTable,
    path: Path,
    format: str | None = None,  # noqa: A002 - called so in NumPy's and pandas' writers too
) -> None:
    """Write a table to a file.

    Parameters
    ----------
    table : ItemTable or SpanTable
    path : str or os.PathLike
        The file to write.
    format : str or None
        The name of a format; None for the one that the path's suffix means.

    Raises
    ------
    ParameterError
        If there is no such format for this kind of table, or the file is an input of it.
    OSError
        If the file cannot be written.
    """
    known = formats_for(type(table))
    chosen = _by_suffix(known, path) if format is None else _by_name(known, format)
    chosen.write(table, path)


def _by_name(known: tuple[Format, ...], name: str) -> Format:
    for one in known:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in known)
    raise ParameterError(f"format={name!r}: expected one of {names}")


def _by_suffix(known: tuple[Format, ...], path: Path) -> Format:
    name = check_path("path", path)
    by_suffix = {suffix: one for one in known for suffix in one.suffixes}
    base = os.path.basename(name).lower()
    found = [suffix for suffix in by_suffix if base.endswith(suffix)]
    if not found:
        expected = f"a suffix that is one of {' '.join(by_suffix)}, or format="
        raise ParameterError(f"path={name!r}: expected {expected}")
    return by_suffix[max(found, key=len)]
