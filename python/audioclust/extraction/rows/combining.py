"""The methods that choose rows of tables of features, and put tables together."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, cast

import numpy as np

from audioclust._core import __version__
from audioclust.audio.spans import Item
from audioclust.errors import ParameterError
from audioclust.extraction.descriptors.values import Descriptors
from audioclust.extraction.settings import ExtractionSettings
from audioclust.extraction.storing.tables import StoredTable
from audioclust.utils.arguments import check_choice, check_path
from audioclust.utils.by_path import ByPath
from audioclust.utils.urls.names import absolute, in_folder

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from audioclust.utils.types import Path

T = TypeVar("T", bound=StoredTable)


class CombinedTables(StoredTable):
    """The methods that choose rows of a table, and put tables together."""

    @classmethod
    def concat(cls, tables: Iterable[Self], *, keep: Literal["first"] | None = None) -> Self:
        """Put the rows of tables one after the other.

        Parameters
        ----------
        tables : iterable of FeatureTable
            One or more with the same columns, computed alike; of tables that were computed
            elsewhere only the columns can be compared. Paths stay as they are if all tables
            have the same folder, and otherwise become absolute.
        keep : "first" or None, default=None
            Which row is used of an item that several tables have; None refuses that.

        Returns
        -------
        FeatureTable
            Its errors are those of all tables, each once, without those of files that have a
            row. So is what was left out. It has descriptors if one of the tables has: those
            that another lacks are NaN in its rows.

        Raises
        ------
        ParameterError
            If there is no table, tables do not compare, or an item is there twice.
        """
        given = list(tables)
        if not given or not all(isinstance(table, cls) for table in given):
            raise ParameterError(f"tables={given!r:.80}: expected one or more FeatureTables")
        if keep is not None:
            check_choice("keep", keep, ("first",))
        for table in given[1:]:
            _check_comparable(given[0], table)
        placed = _in_one_folder(given)
        items = [item for table in placed for item in table.items]
        rows = _first_of_each([_place(item, placed[0].folder) for item in items], keep)
        versions = {table.version for table in given}
        used = {item.path for item in items}
        errors = (error for table in placed for error in table.errors)
        left_out = (one for table in placed for one in table.left_out)
        described = _described(placed)
        settings = placed[0].settings
        joined = replace(
            cast("Any", placed[0]),
            descriptors=described,
            settings=replace(settings, descriptors=described is not None),
            values=np.concatenate([table.values for table in placed]),
            items=tuple(items),
            errors=tuple(dict.fromkeys(e for e in errors if e.path not in used)),
            version=versions.pop() if len(versions) == 1 else __version__,
            left_out=tuple(dict.fromkeys(one for one in left_out if one.path not in used)),
        )
        return cast("Self", rows_taken(joined, rows) if len(rows) < len(items) else joined)

    def filter(self, keep: ArrayLike | Callable[[Item], bool] | Iterable[Path]) -> Self:
        """Give a table of some of the rows, in the order that they have.

        Parameters
        ----------
        keep : array of bool of shape (n_items,), callable, or iterable of str or os.PathLike
            Which rows; or a function that is True for the items to keep; or the paths of these,
            which may be spelt in another way.

        Returns
        -------
        FeatureTable
            With the same errors.

        Raises
        ------
        ParameterError
            If `keep` is none of these, a path has no row, or no row is left.

        Examples
        --------
        >>> table.filter(lambda item: item.end < 60)  # doctest: +SKIP
        """
        rows = np.flatnonzero(_mask(self, keep))
        if not len(rows):
            raise ParameterError("keep: expected at least one of the rows, but none is left")
        return rows_taken(self, rows)

    def join(self, other: Self) -> Self:
        """Put the columns of another table beside those of this one, for items of both.

        Items are the same if path, start and end are. If each file has one row in both tables,
        the path is enough, since the end of a file is not known to every table.

        Parameters
        ----------
        other : FeatureTable
            With columns of other names.

        Returns
        -------
        FeatureTable
            The items that both have, in the order of this table. How values were computed is
            not kept, as in a table of :meth:`from_array`: a result's ``predict()`` takes
            another such table, not sounds. The errors are those of both tables, without those
            of files that have a row. Descriptors are those of this table, or of the other one
            if this one has none.

        Raises
        ------
        ParameterError
            If a column is in both, or no item is.
        """
        if not isinstance(other, type(self)):
            raise ParameterError(f"other={other!r:.80}: expected a FeatureTable")
        shared = [name for name in other.columns if name in self.columns]
        if shared:
            expected = "other names, since those of self are the same"
            raise ParameterError(f"columns of other={shared!r:.80}: expected {expected}")
        ours, theirs = _in_one_folder([self, other])
        by_path = _is_by_path(ours) and _is_by_path(theirs)
        places = {_key(item, theirs, by_path): row for row, item in enumerate(theirs.items)}
        pairs = [
            (row, places[key])
            for row, item in enumerate(ours.items)
            if (key := _key(item, ours, by_path)) in places
        ]
        if not pairs:
            raise ParameterError("other: expected a table with some of the same items")
        left, right = (np.array(rows) for rows in zip(*pairs, strict=True))
        joined = rows_taken(ours, left)
        described = joined.descriptors or rows_taken(theirs, right).descriptors
        used = {item.path for item in joined.items}
        errors = (e for e in (*ours.errors, *theirs.errors) if e.path not in used)
        left_out = (one for one in (*ours.left_out, *theirs.left_out) if one.path not in used)
        return cast(
            "Self",
            replace(
                cast("Any", joined),
                values=np.hstack([joined.values, theirs.values[right]]),
                columns=(*ours.columns, *theirs.columns),
                errors=tuple(dict.fromkeys(errors)),
                settings=replace(
                    ExtractionSettings.of_array(), descriptors=described is not None
                ),
                descriptors=described,
                sr=None,
                version=__version__,
                left_out=tuple(dict.fromkeys(left_out)),
            ),
        )


def rows_taken(table: T, rows: NDArray[np.intp]) -> T:
    """Give a table of some of the rows: all that it has for each row goes with them."""
    described = table.descriptors
    if described is not None:
        described = replace(described, values=described.values[rows])
    changed = replace(
        cast("Any", table),
        values=table.values[rows],
        items=tuple(table.items[row] for row in rows.tolist()),
        descriptors=described,
    )
    return cast("T", changed)


def _described(tables: Sequence[StoredTable]) -> Descriptors | None:
    """Put descriptors one after the other, NaN where one is lacking; None if there are none."""
    given = [table.descriptors for table in tables if table.descriptors is not None]
    names = tuple(dict.fromkeys(name for one in given for name in one.columns))
    if not names:
        return None
    values = np.full(
        (sum(len(table.items) for table in tables), len(names)), np.nan, np.float32
    )
    start = 0
    for table in tables:
        rows = slice(start, start + len(table.items))
        own = table.descriptors
        if own is not None:
            values[rows, [names.index(name) for name in own.columns]] = own.values
        start = rows.stop
    return Descriptors(values, names)


def _mask(table: StoredTable, keep: object) -> NDArray[np.bool_]:
    """Tell for each row whether it is kept."""
    if callable(keep):
        return np.array([bool(keep(item)) for item in table.items], np.bool_)
    if isinstance(keep, (str, os.PathLike)):
        keep = [keep]
    listed = list(keep) if isinstance(keep, Iterable) else keep
    array = np.asarray(listed) if not isinstance(listed, list) or listed else np.array([])
    if array.dtype == np.bool_:
        if array.shape != (len(table.items),):
            raise ParameterError(
                f"keep has shape {array.shape}: expected ({len(table.items)},), a value a row"
            )
        return array
    if not isinstance(listed, list) or not all(map(_is_path, listed)):
        expected = "an array of bool, a function of an Item, or paths"
        raise ParameterError(f"keep={keep!r:.80}: expected {expected}")
    rows = ByPath({item.path: item.path for item in table.items}, table.folder)
    kept = set()
    for value in listed:
        path = check_path("keep", value)
        if path not in rows:
            raise ParameterError(f"keep={path!r:.120}: expected the path of a row")
        kept.add(rows[path])
    return np.array([item.path in kept for item in table.items], np.bool_)


def _is_path(value: object) -> bool:
    return isinstance(value, (str, os.PathLike))


def _check_comparable(first: StoredTable, other: StoredTable) -> None:
    """Raise a ParameterError unless the values of two tables compare."""
    if other.columns != first.columns or not other.settings.comparable(first.settings):
        expected = f"the {len(first.columns)} columns of the first one, computed alike"
        raise ParameterError(f"tables: {other!r} has others: expected {expected}")
    if other.sr != first.sr:
        raise ParameterError(f"tables at {first.sr} and {other.sr} Hz: expected one rate")


def _in_one_folder(tables: Sequence[T]) -> list[T]:
    """Give tables whose relative paths belong to one folder: paths become absolute if need be.

    Raises
    ------
    ParameterError
        If some are of files and others of sounds in memory, which have names and no paths.
    """
    folders = {table.folder for table in tables}
    if len(folders) == 1:
        return list(tables)
    if None in folders:
        expected = "files only, or sounds that were given in memory only"
        raise ParameterError(f"tables are of both: expected {expected}")
    return [_absolute(table, str(table.folder)) for table in tables]


def _absolute(table: T, folder: str) -> T:
    def moved(parts: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(one._replace(path=in_folder(folder, one.path)) for one in parts)

    changed = replace(
        cast("Any", table),
        items=moved(table.items),
        errors=moved(table.errors),
        left_out=moved(table.left_out),
        folder="",
    )
    return cast("T", changed)


def _place(item: Item, folder: str | None) -> tuple[str, float, float]:
    """Give what makes an item the same as another one, however its path is spelt."""
    path = item.path if folder is None else absolute(item.path, folder)
    return path, item.start, item.end


def _key(item: Item, table: StoredTable, by_path: bool) -> tuple[str, float, float]:
    path, start, end = _place(item, table.folder)
    return (path, 0.0, 0.0) if by_path else (path, start, end)


def _is_by_path(table: StoredTable) -> bool:
    """Tell whether each file has one row only."""
    paths = {_place(item, table.folder)[0] for item in table.items}
    return len(paths) == len(table.items)


def _first_of_each(
    keys: list[tuple[str, float, float]], keep: Literal["first"] | None
) -> NDArray[np.intp]:
    """Give the first row of each item."""
    first: dict[tuple[str, float, float], int] = {}
    for row, key in enumerate(keys):
        first.setdefault(key, row)
    if len(first) < len(keys) and keep is None:
        (key, count), *_ = Counter(keys).most_common(1)
        hint = "expected once, or keep='first'"
        raise ParameterError(f"tables: {key[0]!r:.120} is there {count} times: {hint}")
    return np.array(list(first.values()), np.intp)
