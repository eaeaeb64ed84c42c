"""Tables of features as plain values and arrays, and as files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from audioclust.audio.choosing.file_filter import LeftOut
from audioclust.audio.spans import Item
from audioclust.errors import ItemError, ModelError
from audioclust.export.archive import FEATURES, Archive, read_archive, write_archive
from audioclust.export.tables import located
from audioclust.extraction.descriptors.values import Descriptors
from audioclust.extraction.descriptors.vocabulary import DESCRIPTOR_NAMES
from audioclust.extraction.settings import ExtractionSettings
from audioclust.extraction.storing.fields import Arrays, Fields, of_file
from audioclust.extraction.storing.items import (
    error_of_json,
    errors_as_json,
    item_of_json,
    items_as_json,
    left_out_of_json,
)
from audioclust.extraction.storing.settings import settings_as_json, settings_of_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from audioclust.utils.types import Path


class StoredTable:
    """The methods that write a table of features to a file, and read it again."""

    if TYPE_CHECKING:
        values: NDArray[np.float32]
        columns: tuple[str, ...]
        items: tuple[Item, ...]
        errors: tuple[ItemError, ...]
        settings: ExtractionSettings
        sr: int | None
        version: str
        folder: str | None
        left_out: tuple[LeftOut, ...]
        descriptors: Descriptors | None

    def save(self, path: Path) -> None:
        """Write the table to a file, from which :meth:`load` gives an equal one.

        The file is a zip of JSON and arrays without any pickle; docs/models.md describes it.
        Equal tables make equal files. As in a pickle, functions of embeddings are not kept.

        Parameters
        ----------
        path : str or os.PathLike
            The file, by convention with the suffix ``.features``.

        Raises
        ------
        ParameterError
            If it is one of the sounds.
        OSError
            If it cannot be written.
        """
        archive = Archive(*table_parts(self))
        write_archive(archive, FEATURES, path, inputs=inputs_of(self))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a table that :meth:`save` wrote.

        Nothing in the file is run, whoever wrote it.

        Parameters
        ----------
        path : str or os.PathLike

        Returns
        -------
        FeatureTable

        Raises
        ------
        ModelError
            If the file is no saved table, is damaged, or is of a version that is not known.
        OSError
            If it cannot be read.
        """
        archive = read_archive(path, FEATURES)
        with of_file(path):
            fields, arrays = Fields(archive.content, "table"), Arrays(archive.arrays)
            parts = parts_of(fields, arrays)
            fields.close()
            arrays.close()
            return cls(**parts)


def inputs_of(table: StoredTable) -> tuple[str, ...]:
    """Give the paths of all sounds that a table is of, which no output may replace."""
    paths = [item.path for item in table.items]
    paths += [error.path for error in table.errors]
    paths += [one.path for one in table.left_out]
    return located(paths, table.folder)


def table_parts(table: StoredTable) -> tuple[dict[str, Any], Mapping[str, NDArray[Any]]]:
    """Give a table as plain values and arrays, for a file of its own or within another one."""
    content = {
        "columns": list(table.columns),
        "items": items_as_json(table.items),
        "errors": errors_as_json(table.errors),
        "settings": settings_as_json(table.settings),
        "sr": table.sr,
        "version": table.version,
        "folder": table.folder,
        "left_out": [one._asdict() for one in table.left_out],
        "descriptors": None if table.descriptors is None else list(table.descriptors),
    }
    arrays = {"values": table.values}
    if table.descriptors is not None:
        arrays["descriptors"] = table.descriptors.values
    return content, arrays


def parts_of(fields: Fields, arrays: Arrays) -> dict[str, Any]:
    """Give the arguments that make a table, from what :func:`table_parts` gave.

    Raises
    ------
    ModelError
        If a value is not as it should be, or features are of another version.
    ParameterError
        If there are no such settings.
    """
    columns, items = fields.texts("columns"), fields.listed("items", item_of_json)
    if len(set(columns)) < len(columns):
        raise ModelError("columns: a name is there twice")
    _check_once(items)
    folder = fields.optional("folder", fields.text)
    _check_places(items, folder)
    return {
        "columns": columns,
        "items": items,
        "errors": fields.listed("errors", error_of_json),
        "settings": settings_of_json(fields.take("settings"), "settings"),
        "sr": fields.optional("sr", lambda name: fields.integer(name, 1)),
        "version": fields.text("version"),
        "folder": folder,
        "left_out": fields.listed("left_out", left_out_of_json),
        "values": arrays.finite("values", "float32", (len(items), len(columns))),
        "descriptors": _descriptors_of(fields, arrays, len(items)),
    }


def _check_once(items: tuple[Item, ...]) -> None:
    """Raise a ModelError if an item is there twice."""
    if len(set(items)) < len(items):
        (item, count), *_ = Counter(items).most_common(1)
        raise ModelError(f"items: {item.path!r:.120} is there {count} times: expected once")


def _check_places(items: tuple[Item, ...], folder: str | None) -> None:
    """Raise a ModelError for a path that no file can have; sounds in memory have names."""
    wrong = [item.path for item in items if "\0" in item.path]
    if folder is not None and (wrong or "\0" in folder):
        path = wrong[0] if wrong else folder
        raise ModelError(f"items: {path!r:.120} has a NUL in it, which no file's name has")


def _descriptors_of(fields: Fields, arrays: Arrays, n: int) -> Descriptors | None:
    names = fields.optional("descriptors", fields.texts)
    if names is None:
        return None
    if len(set(names)) < len(names) or not set(names) <= set(DESCRIPTOR_NAMES):
        known = ", ".join(DESCRIPTOR_NAMES)
        raise ModelError(f"descriptors are {list(names)!r:.80}: expected some of {known}")
    # They are NaN where they are not defined.
    return Descriptors(arrays.take("descriptors", "float32", (n, len(names))), names)
