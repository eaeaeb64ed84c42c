"""The methods that give tables of features to other libraries and files, and take theirs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from audioclust.errors import ModelError, ParameterError
from audioclust.export.dataframe import data_frame
from audioclust.export.documents import write_rows
from audioclust.export.tabular.columns import (
    END,
    PATH,
    PATH_BYTES,
    START,
    exact_paths,
    item_columns,
)
from audioclust.export.tabular.parquet import (
    arrow_table,
    import_arrow,
    read_parquet,
    write_arrow,
)
from audioclust.export.tabular.reading import columns_of
from audioclust.extraction.descriptors.values import Descriptors, columns_by_name
from audioclust.extraction.descriptors.vocabulary import DESCRIPTOR_NAMES
from audioclust.extraction.embeddings.vectors import numbered
from audioclust.extraction.storing.fields import Arrays, Fields, of_file
from audioclust.extraction.storing.tables import (
    StoredTable,
    inputs_of,
    parts_of,
    table_parts,
)
from audioclust.utils.arguments import check_names
from audioclust.utils.text import printable

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

    from audioclust.export.dataframe import Library
    from audioclust.utils.types import Path

KIND = "features"
"""What the metadata of a Parquet file calls a table of features."""

DESCRIPTOR = "descriptor_"
"""What the name of a column of descriptors begins with: features may have any other name."""

HOW_READ = ("decoder", "warnings")
"""The columns of a Parquet file that say how an item was read."""


class ExchangedTable(StoredTable):
    """The methods that give a table to other libraries and files, and make one of theirs."""

    if TYPE_CHECKING:

        @classmethod
        def from_array(cls, values: Any, items: Any, columns: Any) -> Self:
            """Make a table of what was computed elsewhere."""
            raise NotImplementedError

    def to_dataframe(self, library: Library | None = None) -> Any:
        r"""Give the features as a data frame.

        Parameters
        ----------
        library : {"pandas", "polars"} or None, default=None
            Whose frame it is; None for pandas, or for polars if pandas is not installed.

        Returns
        -------
        pandas.DataFrame or polars.DataFrame
            A row for each item and a column for each of `columns`, float32, copied. After
            these come descriptors, if there are any: descriptor_duration, descriptor_tempo and
            so on, as docs/descriptors.md names them. In pandas the index has the levels path,
            start and end (both in seconds), as the frames of results have, with which it can be
            joined. In polars these are columns before the others. Text of polars is UTF-8: a
            name that is not has ``\xNN`` for each byte, and a column ``path_bytes`` has its
            bytes.

        Raises
        ------
        MissingExtraError
            Without the library: ``pip install 'audioclust[pandas]'`` or
            ``'audioclust[polars]'``.
        ParameterError
            If a feature is named as a descriptor's column, or in polars as one of an item's.
        """
        return data_frame(self.items, self._by_name(), library)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give path, start, end and the columns of :meth:`to_dataframe` as a stream of Arrow.

        So ``pyarrow.table(table)``, ``polars.DataFrame(table)`` and others read it. It needs
        the extra ``[parquet]``.
        """
        columns = self._by_name()
        made = arrow_table({**item_columns(self.items, columns), **columns})
        return made.__arrow_c_stream__(requested_schema)

    def to_csv(self, path: Path) -> None:
        """Write path, start and end (both in seconds) and all columns as CSV.

        Descriptors come last, named as in :meth:`to_dataframe`; one that is not defined is
        empty.

        A path that a spreadsheet would take for a formula gets an apostrophe in front.
        """
        columns = self._by_name()
        rows = self._csv_rows(columns)
        write_rows((PATH, START, END, *columns), rows, path, inputs_of(self))

    def to_parquet(self, path: Path) -> None:
        r"""Write the table as Parquet, from which :meth:`from_parquet` gives an equal one.

        The columns are path, start and end (in seconds; infinity for an end that is not known),
        the features as float32, then descriptors as :meth:`to_dataframe` has them, decoder, and
        warnings. Text of Parquet is UTF-8: a name that is not has ``\xNN`` for each byte, and a
        column ``path_bytes`` has its bytes. Settings, errors, folder and version are JSON in
        the schema's metadata, under ``audioclust``.

        Parameters
        ----------
        path : str or os.PathLike

        Raises
        ------
        MissingExtraError
            Without pyarrow: ``pip install 'audioclust[parquet]'``.
        ParameterError
            If it is one of the sounds or an address, or a column is named as one of these.
        OSError
            If it cannot be written.
        """
        write_arrow(as_arrow(self), path, inputs_of(self))

    @classmethod
    def from_parquet(cls, path: Path) -> Self:
        """Read a table from a Parquet file.

        Parameters
        ----------
        path : str or os.PathLike
            A file that :meth:`to_parquet` wrote, or any other: its columns are then taken as
            :meth:`from_dataframe` takes them.

        Raises
        ------
        MissingExtraError
            Without pyarrow: ``pip install 'audioclust[parquet]'``.
        ModelError
            If the file is no Parquet file, is damaged, or is of a version that is not known. If
            one of ours has an item twice, or a column that was added to it.
        ParameterError
            If a file of others has no column of paths, or no numbers.
        OSError
            If it cannot be read.
        """
        frame, content = read_parquet(path)
        with of_file(path):
            if not isinstance(content, dict) or content.get("kind") != KIND:
                return cls.from_dataframe(frame)
            return cls(**parts_read(content, columns_of(frame)))

    @classmethod
    def from_dataframe(
        cls, frame: object, columns: str | Iterable[str] | None = None, *, path: str = PATH
    ) -> Self:
        """Make a table of what was computed elsewhere, from a data frame.

        As with :meth:`from_array`, nothing is known of how its values were computed.

        Parameters
        ----------
        frame : pandas.DataFrame, polars.DataFrame, pyarrow.Table, or another one
            A row for each item. Another frame has ``__arrow_c_stream__`` or ``__dataframe__``,
            and needs the extra ``[parquet]``. Besides the paths it may have the columns start
            and end in seconds, and in pandas these may be levels of the index; without them
            each row is of a whole file. An end that is missing is not known.
        columns : str, iterable of str, or None, default=None
            Which columns are the features; None for all that have numbers, besides start, end
            and what :meth:`to_dataframe` writes of descriptors, which become these again. They
            become float32. A column of lists, each with as many numbers, becomes as
            many columns: ``"clap"`` becomes clap_1, clap_2 and so on.
        path : str, default="path"
            The column or level of the paths. audformat and openSMILE call it ``"file"``.

        Returns
        -------
        FeatureTable

        Raises
        ------
        ParameterError
            If a column is missing or has no finite numbers, or an item is there twice.
        MissingExtraError
            If pyarrow is needed and missing.
        """
        given = columns_of(frame)
        if path not in given:
            raise ParameterError(f"frame: it has no column {path!r:.80} with paths")
        given[PATH] = given[path]
        about = {path, PATH, PATH_BYTES, START, END}
        if columns is None:
            about |= {f"{DESCRIPTOR}{name}" for name in DESCRIPTOR_NAMES}
            names = [name for name in given if name not in about and _is_numeric(given[name])]
        else:
            names = [str(name) for name in check_names("columns", columns)]
        for name in names:
            if name not in given or not _is_numeric(given[name]):
                raise ParameterError(f"columns={name!r:.80}: expected a column of numbers")
        if not names or not len(given[PATH]):
            raise ParameterError("frame: expected rows, and at least one column of numbers")
        values = np.column_stack([np.asarray(given[name], np.float64) for name in names])
        of_each = (_names_of(name, given[name]) for name in names)
        made = cls.from_array(values, _items_of(given), [*itertools.chain(*of_each)])
        described = _descriptors_of(given, without=names)
        return cast("Self", replace(cast("Any", made), descriptors=described))

    def _by_name(self) -> dict[str, NDArray[np.float32]]:
        """Give features and descriptors as columns.

        Raises
        ------
        ParameterError
            If a feature has the name of a descriptor's column.
        """
        features = {name: self.values[:, place] for place, name in enumerate(self.columns)}
        described = columns_by_name(self.descriptors, DESCRIPTOR)
        for name in features.keys() & described.keys():
            expected = "another name, since that of a descriptor is the same"
            raise ParameterError(f"column={name!r}: expected {expected}")
        return features | described

    def _csv_rows(
        self, columns: Mapping[str, NDArray[np.float32]]
    ) -> Iterator[tuple[object, ...]]:
        for item, *row in zip(self.items, *columns.values(), strict=True):
            end = item.end if math.isfinite(item.end) else None
            # NumPy's own numbers are written in as few digits as tell them apart.
            # NaN, which is not equal to itself, is left empty.
            yield item.path, item.start, end, *(one if one == one else None for one in row)


def _is_numeric(values: object) -> bool:
    return isinstance(values, np.ndarray) and values.dtype.kind in "iuf"


def _descriptors_of(columns: Mapping[str, Any], without: Collection[str]) -> Descriptors | None:
    """Give the descriptors that a frame has columns of; None if it has none."""
    names = [f"{DESCRIPTOR}{name}" for name in DESCRIPTOR_NAMES]
    found = [
        name
        for name in columns
        if name in names
        and name not in without
        and _is_numeric(columns[name])
        and columns[name].ndim == 1
    ]
    if not found:
        return None
    values = np.column_stack([np.asarray(columns[name], np.float32) for name in found])
    return Descriptors(values, tuple(name.removeprefix(DESCRIPTOR) for name in found))


def _names_of(name: str, values: NDArray[Any]) -> tuple[str, ...]:
    """Give the names of the columns that a column of numbers, or of lists of them, becomes."""
    return (name,) if values.ndim == 1 else tuple(numbered(name, values.shape[1]))


def _items_of(columns: Mapping[str, Any]) -> list[object]:
    """Give the items of the rows of a frame, to be checked."""
    paths = exact_paths(columns)
    if START not in columns and END not in columns:
        return paths
    n = len(paths)
    starts = list(columns.get(START, [0.0] * n))
    ends = [_end(end) for end in columns.get(END, [None] * n)]
    return list(zip(paths, map(_plain, starts), ends, strict=True))


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _end(value: Any) -> Any:
    """Give an end, None for one that is missing."""
    end = _plain(value)
    return None if isinstance(end, float) and not math.isfinite(end) else end


def as_arrow(table: ExchangedTable) -> pyarrow.Table:
    """Give what :meth:`ExchangedTable.to_parquet` writes, as a table of Arrow."""
    content, _ = table_parts(table)
    items, by_name = content.pop("items"), table._by_name()
    columns = {
        **item_columns(table.items, (*by_name, *HOW_READ)),
        **by_name,
        "decoder": [item["decoder"] for item in items],
        "warnings": [[_told(one) for one in item["warnings"]] for item in items],
    }
    return arrow_table(columns, {"kind": KIND, "format": 1, **content}, _types())


def _told(warning: dict[str, str]) -> dict[str, str]:
    """Give a warning as text of Parquet: its message may name a file that is not UTF-8."""
    return {**warning, "message": printable(warning["message"])}


def _types() -> dict[str, pyarrow.DataType]:
    """Give the types of the columns of items, for tables without rows or without warnings.

    So the files of all parts of a run have the same columns.
    """
    arrow = import_arrow()
    text, number = arrow.string(), arrow.float64()
    warning = arrow.struct([("kind", text), ("message", text)])
    return {
        PATH: text,
        START: number,
        END: number,
        "decoder": text,
        "warnings": arrow.list_(warning),
    }


def parts_read(content: dict[str, Any], columns: dict[str, Any]) -> dict[str, Any]:
    """Give what makes a table, checked, from the columns and the metadata of our own file.

    Raises
    ------
    ModelError
        If anything is missing or not as it should be.
    """
    fields = Fields(content, "metadata")
    fields.word("kind", (KIND,))
    fields.integer("format", 1, 1)
    names = content.get("columns")
    # A table of a part of recordings, none of which could be used, may have no columns.
    if not isinstance(names, list) or (not names and len(columns.get(PATH, ()))):
        raise ModelError("its metadata has no columns")
    described = content.get("descriptors")
    described = described if isinstance(described, list) else []
    as_columns = [f"{DESCRIPTOR}{name}" for name in described]
    _check_known(
        columns, {PATH, PATH_BYTES, START, END, *HOW_READ, *map(str, names), *as_columns}
    )
    if any(name not in columns for name in (PATH, START, END, *HOW_READ)):
        raise ModelError(_MISSING)
    values = _stacked(columns, names) if names else np.empty((0, 0), np.float32)
    arrays = {"values": values}
    if described:
        arrays["descriptors"] = _stacked(columns, as_columns)
    rows = zip(
        exact_paths(columns),
        *(_listed(columns[name]) for name in (START, END)),
        *(columns[name] for name in HOW_READ),
        strict=True,
    )
    head = ("path", "start", "end", *HOW_READ)
    items = [dict(zip(head, (p, s, _end(e), d, w), strict=True)) for p, s, e, d, w in rows]
    own = Fields({**content, "items": items}, "table")
    for name in ("kind", "format"):
        own.take(name)
    parts = parts_of(own, Arrays(arrays))
    own.close()
    return parts


def _check_known(columns: Iterable[str], known: Collection[str]) -> None:
    """Raise a ModelError for a column that somebody added: it would be lost without a word."""
    added = [name for name in columns if name not in known]
    if added:
        hint = "from_dataframe() takes it as a feature"
        raise ModelError(f"its metadata does not name the column {added[0]!r:.80}; {hint}")


_MISSING = "a column is missing, or is not of the type that it has"


def _stacked(columns: dict[str, Any], names: list[Any]) -> NDArray[Any]:
    """Give columns side by side, or raise a ModelError unless all are there and of numbers."""
    found = [columns.get(name) if isinstance(name, str) else None for name in names]
    arrays = [one for one in found if isinstance(one, np.ndarray) and one.ndim == 1]
    if not names or len(arrays) < len(names):
        raise ModelError(_MISSING)
    return np.column_stack(arrays)


def _listed(values: Any) -> list[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else list(values)
