"""Items and spans as data frames. pandas or polars is imported when the first one is made."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from audioclust.audio.spans import Item, Span
from audioclust.errors import MissingExtraError
from audioclust.export.tabular.columns import item_columns
from audioclust.utils.arguments import check_choice

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Library: TypeAlias = Literal["pandas", "polars"]
"""The libraries that data frames may be of; the first one that is installed is the default."""


def data_frame(
    items: Sequence[Item] | Sequence[Span],
    columns: Mapping[str, ArrayLike],
    library: Library | None = None,
) -> Any:
    """Give a row for each item, found by its path, start and end.

    Frames of the same items can be joined by these.

    Parameters
    ----------
    items : sequence of Item or Span
        What the rows are of.
    columns : mapping of str to array-like of shape (n_items,)
        The columns by their names. They are copied.
    library : {"pandas", "polars"} or None
        Whose frame it is; None for pandas, or for polars if pandas is not installed.

    Returns
    -------
    pandas.DataFrame or polars.DataFrame
        In pandas "path", as text, and "start" and "end", in seconds, are levels of the index,
        as audformat and openSMILE have them, except that these call the path "file". A name
        that is not UTF-8 is kept as it is. In polars they are columns, and such a name is as
        :mod:`audioclust.export.tabular.columns` says.

    Raises
    ------
    MissingExtraError
        If the library is not installed.
    ParameterError
        If there is no such library, or in polars a column has the name of one of an item's.
    """
    chosen = _chosen(library)
    module = importlib.import_module(chosen)
    if chosen == "polars":
        return module.DataFrame({**item_columns(items, columns), **columns})
    # The type object keeps names of files that are not UTF-8 as they are.
    paths = module.Index([item.path for item in items], dtype=object)
    times = ([item.start for item in items], [item.end for item in items])
    index = module.MultiIndex.from_arrays([paths, *times], names=["path", "start", "end"])
    return module.DataFrame(dict(columns), index=index, copy=True)


def plain_data_frame(columns: Mapping[str, ArrayLike], library: Library | None = None) -> Any:
    """Give columns as a data frame that is not of items; see :func:`data_frame`."""
    return importlib.import_module(_chosen(library)).DataFrame(dict(columns))


def _chosen(library: Library | None) -> str:
    """Give the name of the library to use, or raise the error that says what to install."""
    known = get_args(Library)
    if library is not None:
        check_choice("library", library, known)
    wanted = known if library is None else (library,)
    for name in wanted:
        if importlib.util.find_spec(name) is not None:
            return str(name)
    extras = " or ".join(f"pip install 'audioclust[{name}]'" for name in wanted)
    raise MissingExtraError(f"a data frame needs {' or '.join(wanted)}: {extras}")
