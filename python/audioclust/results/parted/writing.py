"""Items of many parts as Parquet, a file for each part."""

from __future__ import annotations

import os
from collections.abc import Iterable

from audioclust.errors import ParameterError
from audioclust.export.tables import ItemTable
from audioclust.export.tabular.parquet import import_arrow, write_parquet
from audioclust.utils.files import local_place
from audioclust.utils.types import Path

SUFFIX = ".parquet"
"""The end of the names of files that are read as one table when a folder is."""


def write_parts(tables: Iterable[ItemTable], folder: Path, n_parts: int) -> None:
    """Write the items of each part to a file in a folder, each complete or not at all.

    Parameters
    ----------
    tables : iterable of ItemTable
        The items of each part, made one after the other.
    folder : str or os.PathLike
        Where the files go; see :meth:`audioclust.PartedClustering.to_parquet`.
    n_parts : int
        The number of parts.
    """
    import_arrow()
    name = local_place("folder", folder)
    os.makedirs(name, exist_ok=True)
    others = sorted(one for one in os.listdir(name) if one.endswith(SUFFIX))
    if others:
        raise ParameterError(
            f"folder={name!r}: expected none with {SUFFIX} files, such as {others[0]!r}, which"
            " would be taken for a part"
        )
    digits = max(5, len(str(n_parts - 1)))
    for number, table in enumerate(tables):
        if len(table.items):
            write_parquet(table, os.path.join(name, f"part-{number:0{digits}}{SUFFIX}"))
