"""Data frames of any library as columns."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from audioclust.errors import ParameterError
from audioclust.export.tabular.parquet import import_arrow


def columns_of(frame: object) -> dict[str, Any]:
    """Give the columns of a data frame by their names, and in pandas the levels of its index.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame, pyarrow.Table, or another one
        Another one has the method ``__arrow_c_stream__`` or ``__dataframe__``, and needs
        pyarrow.

    Returns
    -------
    columns : dict of str to ndarray or list
        A column of numbers is an array of these, with NaN for a number that is missing. One of
        lists of numbers, all as long as each other, is an array of two dimensions. Any other is
        a list of Python's values.

    Raises
    ------
    ParameterError
        If it is no data frame, or two columns have the same name.
    MissingExtraError
        If pyarrow is needed and missing.
    """
    library = type(frame).__module__.partition(".")[0]
    if library == "pandas" and hasattr(frame, "index"):
        names, values = _of_pandas(frame)
    elif library == "polars" and hasattr(frame, "get_columns"):
        names, values = _of_polars(frame)
    elif hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "__dataframe__"):
        names, values = _of_arrow(frame)
    else:
        expected = "a data frame of pandas, polars or pyarrow, or one that Arrow can read"
        raise ParameterError(f"frame={frame!r:.80}: expected {expected}")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ParameterError(f"frame: column {twice[0]!r:.80} is there twice: expected once")
    return dict(zip(names, map(_with_vectors, values), strict=True))


def _with_vectors(values: Any) -> Any:
    """Give lists of numbers as rows of an array, if they are that."""
    if not isinstance(values, list) or not values:
        return values
    if not all(isinstance(one, (list, tuple, np.ndarray)) and len(one) for one in values):
        return values
    try:
        array = np.array(values)
    except (TypeError, ValueError):
        return values  # They are not as long as each other.
    return array if array.ndim == 2 and array.dtype.kind in "iuf" else values


def _of_pandas(frame: Any) -> tuple[list[str], list[Any]]:
    index = frame.index
    levels = [(name, index.get_level_values(name)) for name in index.names if name is not None]
    series = [(name, frame.iloc[:, place]) for place, name in enumerate(frame.columns)]
    pairs = [*levels, *series]
    return [str(name) for name, _ in pairs], [_pandas_values(values) for _, values in pairs]


def _pandas_values(values: Any) -> Any:
    kind = getattr(values.dtype, "kind", "O")  # Other libraries' types may have none.
    if kind in "iuf":
        is_numpy = isinstance(values.dtype, np.dtype)
        return values.to_numpy() if is_numpy else values.to_numpy("float64", na_value=np.nan)
    if kind == "m":
        # audformat has times as such; a time that is missing becomes NaN.
        return values.to_numpy() / np.timedelta64(1, "s")
    return list(values)


def _of_polars(frame: Any) -> tuple[list[str], list[Any]]:
    columns = frame.get_columns()
    values = [one.to_numpy() if one.dtype.is_numeric() else one.to_list() for one in columns]
    return [one.name for one in columns], values


def _of_arrow(frame: Any) -> tuple[list[str], list[Any]]:
    arrow = import_arrow()
    if isinstance(frame, arrow.Table):
        table = frame
    elif hasattr(frame, "__arrow_c_stream__"):
        table = arrow.table(frame)
    else:
        from pyarrow.interchange import from_dataframe

        table = from_dataframe(frame)
    kinds = arrow.types
    return list(table.column_names), [
        one.to_numpy()
        if kinds.is_integer(one.type) or kinds.is_floating(one.type)
        else one.to_pylist()
        for one in table.columns
    ]
