"""The table of features that extraction gives and clustering takes."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from audioclust._core import __version__
from audioclust.audio.choosing.file_filter import LeftOut
from audioclust.audio.recording import current_folder
from audioclust.audio.spans import by_warning
from audioclust.errors import ItemError, ParameterError
from audioclust.extraction.analysis import Analysis
from audioclust.extraction.embeddings.given import given_columns, given_items, given_values
from audioclust.extraction.rows.combining import CombinedTables
from audioclust.extraction.rows.exchange import ExchangedTable
from audioclust.extraction.settings import ExtractionSettings
from audioclust.utils import html
from audioclust.utils.arguments import check_names
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from audioclust.audio.spans import Item
    from audioclust.errors import WarningKind
    from audioclust.extraction.descriptors.values import Descriptors
    from audioclust.utils.types import Path


SHOWN_COLUMNS = 6
"""Columns of features that a notebook shows."""


@dataclass(frozen=True, eq=False)
class FeatureTable(ByValue, CombinedTables, ExchangedTable):
    """One row of features for each item.

    ``len(table)`` is the number of items. ``table["rms"]`` is one column as an array, and
    ``table[["rms", "mfcc_1"]]`` a table of these columns only. As with pandas, iteration goes
    over the names of the columns, and ``"rms" in table`` looks among them.

    A table is an array for NumPy's functions and scikit-learn's estimators. Functions that
    choose rows, such as ``train_test_split``, need ``np.asarray(table)``. Two tables are equal
    if all they hold is equal. A table can be pickled.

    Attributes
    ----------
    values : ndarray of shape (n_items, n_columns), float32
        The features in their own units, not scaled.
    columns : tuple of str
        The name of each column.
    items : tuple of Item
        The item of each row.
    errors : tuple of ItemError
        The items that have no row, and why.
    settings : ExtractionSettings
        What the features were computed with; see :meth:`from_array` for a table without any.
    sr : int or None
        The recordings' own sampling rate in Hz if features were computed at it, else None.
    version : str
        The version of audioclust that made the table.
    folder : str or None
        The folder that relative paths belong to; None if the sounds were in memory.
    left_out : tuple of LeftOut
        The recordings that are too short or too long for the :class:`FileFilter`.
    descriptors : Descriptors or None
        What each item is like, for words and sorting; None unless it was asked for. It is not
        among the `columns`, and no distance is computed of it.
    """

    values: NDArray[np.float32]
    columns: tuple[str, ...]
    items: tuple[Item, ...]
    errors: tuple[ItemError, ...]
    settings: ExtractionSettings
    sr: int | None = None
    version: str = field(default=__version__)
    folder: str | None = field(default_factory=current_folder)
    left_out: tuple[LeftOut, ...] = ()
    descriptors: Descriptors | None = None

    @classmethod
    def from_array(
        cls,
        values: ArrayLike,
        items: Iterable[Path | tuple[Path, float, float | None] | Item],
        columns: str | Iterable[str],
    ) -> FeatureTable:
        """Make a table of what was computed elsewhere.

        It can be clustered, drawn and exported like any other. How its values were computed is
        not known, so `settings` has neither features nor embeddings, and a result's
        ``predict()`` takes another such table, not sounds.

        Parameters
        ----------
        values : array of shape (n_items, n_columns)
            A row for each item, of integers or floats of 16 to 64 bits. They are copied, and
            become float32.
        items : iterable of str, os.PathLike, (path, start, end) or Item
            What each row is of: a file, or a part of one in seconds; None as `end` for up to
            its end. Files are not looked at. A relative path belongs to the current folder. The
            end of a whole file is not known: it is infinity.
        columns : str or iterable of str
            The name of each column; or one name, which is numbered: ``"clap"`` stands for
            clap_1, clap_2 and so on.

        Returns
        -------
        FeatureTable

        Raises
        ------
        ParameterError
            If values are not finite, an item or a column is there twice, or numbers differ.

        Examples
        --------
        >>> import audioclust as ac
        >>> rows = [[0.1, 3.0], [0.2, 2.0], [9.0, 0.5]]
        >>> ac.FeatureTable.from_array(rows, ["a.wav", "b.wav", "c.wav"], "mine")
        <FeatureTable: 3 items × 2 columns (mine_1, mine_2)>
        """
        rows = given_values(values)
        return cls(
            values=rows,
            columns=given_columns(columns, rows.shape[1]),
            items=given_items(items, len(rows)),
            errors=(),
            settings=ExtractionSettings.of_array(),
        )

    @property
    def analysis(self) -> Analysis:
        """The analysis of the features that have none of their own."""
        return self.settings.analysis

    @property
    def warnings(self) -> dict[WarningKind, tuple[Item, ...]]:
        """The items that may have something wrong, by the kind of it; see their `warnings`.

        Kinds that more items have come first. An item may be there under several.
        """
        return by_warning(self.items)

    @property
    def is_default(self) -> bool:
        """Whether the columns are all those of ``features="default"``, and no others."""
        return self.settings.is_default and self.columns == self.settings.plans.columns

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of items and of columns, as scikit-learn asks an array for them."""
        return len(self.items), len(self.columns)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[str]:
        """Go over the names of the columns, as pandas does."""
        return iter(self.columns)

    @overload
    def __getitem__(self, column: str) -> NDArray[np.float32]: ...

    @overload
    def __getitem__(self, column: list[str] | tuple[str, ...]) -> FeatureTable: ...

    def __getitem__(
        self, column: str | list[str] | tuple[str, ...]
    ) -> NDArray[np.float32] | FeatureTable:
        """Give one column by its name, or a table of some columns by theirs.

        Parameters
        ----------
        column : str, or list or tuple of str
            A name, or names in the order that the new table has; none of them twice.

        Returns
        -------
        ndarray of shape (n_items,), float32, or FeatureTable
            A column is a view of `values`. The values of a table are a copy.

        Raises
        ------
        ParameterError
            If there is no such column, or a list of names is empty or names one twice.
        """
        if isinstance(column, str):
            return self.values[:, self._place(column)]
        names = check_names("columns", column)
        if not all(isinstance(name, str) for name in names):
            expected = "expected names of columns; rows are those of np.asarray(table)"
            raise ParameterError(f"columns={column!r:.80}: {expected}")
        if not names or len(set(names)) < len(names):
            raise ParameterError(
                f"columns={list(names)}: expected one or more names, each once"
            )
        places = [self._place(name) for name in names]
        chosen = tuple(self.columns[place] for place in places)
        return replace(self, values=self.values[:, places], columns=chosen)

    def _place(self, column: object) -> int:
        """Give the number of a column."""
        if column in self.columns:
            return self.columns.index(str(column))
        near = difflib.get_close_matches(str(column), self.columns)
        hint = f"; near it are {', '.join(near)}" if near else ""
        expected = f"expected one of {', '.join(self.columns)}{hint}"
        raise ParameterError(f"column={column!r}: {expected}")

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> NDArray[Any]:
        """Give the values as NumPy asks for them.

        ``np.asarray(table)`` copies nothing. It is a view of `values` that cannot be written
        to, so that a function that works in place does not change the table.
        ``np.array(table)`` is a copy, which can be written to.

        Parameters
        ----------
        dtype : data-type or None
            None is float32.
        copy : bool or None
            True for a copy; False for a view, which another dtype does not have; None for a
            copy only if it takes one.

        Returns
        -------
        ndarray of shape (n_items, n_columns)

        Raises
        ------
        ValueError
            If `copy` is False and it takes a copy.
        """
        values = np.array(self.values, dtype=dtype, copy=copy)
        if np.may_share_memory(values, self.values):
            values = values.view()
            values.flags.writeable = False
        return values

    def __repr__(self) -> str:
        shown = ", ".join(self.columns[:4]) + (", …" if len(self.columns) > 4 else "")
        return f"<FeatureTable: {self._size()} ({shown}){self._failed()}>"

    def _repr_html_(self) -> str:
        """Give the first rows and columns as a notebook shows them."""
        more = ("…",) if len(self.columns) > SHOWN_COLUMNS else ()
        head = ("path", "start in s", "end in s", *self.columns[:SHOWN_COLUMNS], *more)
        rows = (
            (
                item.path,
                f"{item.start:.2f}",
                f"{item.end:.2f}" if math.isfinite(item.end) else "?",
                *(f"{x:.4g}" for x in row),
                *more,
            )
            for item, row in zip(
                self.items, self.values[: html.MAX_ROWS, :SHOWN_COLUMNS].tolist(), strict=False
            )
        )
        caption = f"FeatureTable: {self._size()}{self._failed()}"
        return html.table(caption, head, rows, len(self))

    def _size(self) -> str:
        return f"{len(self)} items × {len(self.columns)} columns"

    def _failed(self) -> str:
        return f", {len(self.errors)} could not be used" if self.errors else ""


# Pickles name it by where users find it, and so survive a move to another module.
FeatureTable.__module__ = "audioclust"
