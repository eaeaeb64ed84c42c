r"""The columns that say what each row is of: path, start and end.

Text of Arrow, Parquet and polars is UTF-8, and names of files need not be. Where one is not,
``path`` has its printable form, with ``\xNN`` for a byte that is not UTF-8, and the column
``path_bytes`` beside it has the bytes themselves. It is null for other names, and is not there
if all names are UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from audioclust.errors import ParameterError
from audioclust.utils.text import printable

if TYPE_CHECKING:
    from audioclust.audio.spans import Item, Span

PATH, PATH_BYTES, START, END = "path", "path_bytes", "start", "end"
"""The names of these columns. Times are in seconds; an end that is not known is infinity."""


def item_columns(
    items: Sequence[Item] | Sequence[Span], taken: Iterable[str]
) -> dict[str, list[Any]]:
    """Give what the rows are of as columns.

    Parameters
    ----------
    items : sequence of Item or Span
    taken : iterable of str
        The names of the columns that come after them.

    Raises
    ------
    ParameterError
        If one of those has a name that is needed here.
    """
    paths = [item.path for item in items]
    columns: dict[str, list[Any]] = {PATH: [printable(path) for path in paths]}
    exact = [path_bytes(path) for path in paths]
    if any(one is not None for one in exact):
        columns[PATH_BYTES] = exact
    columns[START] = [float(item.start) for item in items]
    columns[END] = [float(item.end) for item in items]
    for name in taken:
        if name in (*columns, PATH_BYTES):
            expected = "another name, since that of an item's own is the same"
            raise ParameterError(f"column={name!r}: expected {expected}")
    return columns


def text_columns(columns: Mapping[str, Any]) -> list[str]:
    """Give the names of those columns of which all values are missing: of names, for example.

    They are text, and have to be told so, or their type is that of nothing. Then no table
    could be put below one in which there are values.
    """
    lists = {name: values for name, values in columns.items() if isinstance(values, list)}
    return [
        name
        for name, values in lists.items()
        if values and all(value is None for value in values)
    ]


_NO_FILE, _MARK = "\0", b"\0"
"""What the name of no file begins with: it marks bytes that are not those of a file's name."""


def path_bytes(path: str) -> bytes | None:
    """Give a path as the system has it if that is not UTF-8, else None.

    A name that no file on Unix can have is marked by a zero byte in front.
    """
    try:
        path.encode()
    except UnicodeEncodeError:
        pass
    else:
        return None
    if not path.startswith(_NO_FILE):
        try:
            return path.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            pass  # Half of a surrogate pair, which a name on Windows may have.
    return _MARK + path.encode("utf-8", "surrogatepass")


def path_of_bytes(name: bytes) -> str:
    """Give the path that bytes of :func:`path_bytes` stand for."""
    if name.startswith(_MARK):
        return name.removeprefix(_MARK).decode("utf-8", "surrogatepass")
    return name.decode("utf-8", "surrogateescape")


def exact_paths(columns: Mapping[str, Any]) -> list[Any]:
    """Give the paths of columns as they were before they were printable."""
    paths = list(columns[PATH])
    for place, name in enumerate(columns.get(PATH_BYTES, ())):
        if isinstance(name, bytes):
            paths[place] = path_of_bytes(name)
    return paths
