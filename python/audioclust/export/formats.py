"""The table of the formats that results are written in."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audioclust.errors import ParameterError
from audioclust.export import audacity, items, raven, rttm, spans, textgrid
from audioclust.export.tables import ItemTable, SpanTable
from audioclust.utils.arguments import check_path

if TYPE_CHECKING:
    from audioclust.utils.types import Path


@dataclass(frozen=True)
class Format:
    """A format of files, for one kind of table.

    Attributes
    ----------
    name : str
        Its name; formats of different kinds of tables may share one.
    suffixes : tuple of str
        The suffixes of paths that stand for it, with their dots.
    takes : type
        The kind of table that it is of: ItemTable or SpanTable.
    write : callable
        Writes a table to a path.
    summary : str
        What it is, in a few words.
    """

    name: str
    suffixes: tuple[str, ...]
    takes: type[ItemTable] | type[SpanTable]
    write: Callable[[Any, Path], None]
    summary: str


FORMATS: tuple[Format, ...] = (
    Format("csv", (".csv",), ItemTable, items.write_csv, "a line for each item"),
    Format("json", (".json",), ItemTable, items.write_json, "items, errors and settings"),
    Format("csv", (".csv",), SpanTable, spans.write_csv, "a line for each span"),
    Format("json", (".json",), SpanTable, spans.write_json, "spans, recordings and settings"),
    Format("audacity", (".txt",), SpanTable, audacity.write_audacity, "Audacity's labels"),
    Format("rttm", (".rttm",), SpanTable, rttm.write_rttm, "NIST's RTTM"),
    Format("raven", (".tsv",), SpanTable, raven.write_raven, "Raven's selection table"),
    Format("textgrid", (".textgrid",), SpanTable, textgrid.write_textgrid, "Praat's TextGrid"),
)


def formats_for(takes: type[ItemTable] | type[SpanTable]) -> tuple[Format, ...]:
    """Give the formats of one kind of table."""
    return tuple(one for one in FORMATS if one.takes is takes)


def write_table(table: ItemTable | SpanTable, path: Path, format: str | None = None) -> None:  # noqa: A002
    """Write a table in a format that is named, or else in that of the path's suffix.

    Raises
    ------
    ParameterError
        If there is no such format.
    """
    known = formats_for(type(table))
    if format is not None:
        chosen = [one for one in known if one.name == format]
        if not chosen:
            names = ", ".join(one.name for one in known)
            raise ParameterError(f"format={format!r}: expected one of {names}")
    else:
        suffix = os.path.splitext(check_path("path", path))[1].lower()
        chosen = [one for one in known if suffix in one.suffixes]
        if not chosen:
            suffixes = " ".join(suffix for one in known for suffix in one.suffixes)
            raise ParameterError(
                f"path={os.fspath(path)!r}: expected a suffix that is one of {suffixes}, or"
                " format="
            )
    chosen[0].write(table, path)
