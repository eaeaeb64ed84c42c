"""The files of a result, for what can only be done with whole files."""

from __future__ import annotations

from collections import Counter

from audioclust.errors import ParameterError
from audioclust.export.tables import ItemTable
from audioclust.utils.files import full_path
from audioclust.utils.text import on_one_line


def whole_files(table: ItemTable) -> list[str]:
    """Give the full path of each item's file.

    Raises
    ------
    ParameterError
        If the sounds were in memory, or a file has several items, such as windows.
    """
    if table.folder is None:
        raise ParameterError("sounds that were given in memory: expected files")
    files = [full_path(item.within(table.folder).path) for item in table.items]
    for file, count in Counter(files).items():
        if count > 1:
            name = on_one_line(file)
            raise ParameterError(f"{name} has {count} items: expected one, the whole file")
    return files
