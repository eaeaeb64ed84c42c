"""What users ask about the cache, and what they remove from it."""

from __future__ import annotations

import contextlib
import glob
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from typing import NamedTuple

from audioclust.errors import ItemError
from audioclust.extraction.cache.keys import READING_VERSION
from audioclust.extraction.cache.records import Record
from audioclust.extraction.cache.settings import CacheSettings
from audioclust.extraction.cache.storage.database import (
    Database,
    Unusable,
    is_ours,
    open_database,
    place_of,
    unusable,
)
from audioclust.extraction.registry import FEATURES_VERSION

_DAY = 86_400


class Info(NamedTuple):
    """What is in a cache.

    Attributes
    ----------
    n_bytes : int
        Its size on disk.
    n_files, n_rows, n_failures, n_settings : int
        How many files, rows or fingerprints, failures and kinds of settings it has.
    aside : tuple of str
        Files beside it: damaged or older ones that were renamed.
    """

    n_bytes: int
    n_files: int
    n_rows: int
    n_failures: int
    n_settings: int
    aside: tuple[str, ...]


def info(settings: CacheSettings) -> Info:
    """Count what is in a cache.

    Raises
    ------
    Unusable
        If there is none, or it cannot be read.
    """
    with _opened(settings) as database, unusable():
        connection = database.connection
        return Info(
            _size(settings),
            _count(connection, "file"),
            _count(connection, "row WHERE layout <> x''"),
            _count(connection, "row WHERE layout = x''"),
            _count(connection, "settings"),
            tuple(set_aside_before(settings)),
        )


def failures(settings: CacheSettings) -> list[ItemError]:
    """Give the failures that are remembered, sorted by path.

    Raises
    ------
    Unusable
        If there is no cache, or it cannot be read.
    """
    statement = (
        "SELECT file.path, row.notes FROM row JOIN file ON file.id = row.file_id"
        " WHERE row.layout = x'' ORDER BY file.path, row.settings_id"
    )
    found: dict[ItemError, None] = {}
    with _opened(settings) as database, unusable():
        for path, notes in database.connection.execute(statement):
            record = Record(0, 0, 0, 0, 0, b"", b"", notes, b"", b"")
            with contextlib.suppress(ValueError, TypeError):  # It is damaged.
                found[record.failure(os.fsdecode(path))] = None
    return list(found)


def prune(settings: CacheSettings, days: float | None = None) -> tuple[int, int]:
    """Remove what no run would look up any more.

    That is what is known of files that are gone, and what older versions of features were. A
    file on a drive that is not connected is gone, too.

    Parameters
    ----------
    settings : CacheSettings
        Which cache.
    days : float or None
        Also remove what was written more than so many days ago.

    Returns
    -------
    n_rows : int
        How many rows and failures were removed.
    n_bytes : int
        How much smaller the file is.

    Raises
    ------
    Unusable
        If there is no cache, or it cannot be written.
    """
    before = _size(settings)
    with _opened(settings) as database:
        with unusable():
            files = database.connection.execute("SELECT id, path FROM file").fetchall()
            kinds = database.connection.execute("SELECT id, key FROM settings").fetchall()
        gone = [(number,) for number, path in files if not os.path.lexists(path)]
        older = [(number,) for number, key in kinds if not _is_current(key)]
        with database.transaction() as connection:
            n_rows = _count(connection, "row")
            connection.executemany("DELETE FROM row WHERE file_id = ?", gone)
            connection.executemany("DELETE FROM row WHERE settings_id = ?", older)
            if days is not None:
                last = time.time() - days * _DAY
                connection.execute("DELETE FROM row WHERE written < ?", (last,))
            n_rows -= _count(connection, "row")
            for what in ("file", "settings"):
                used = f"SELECT {what}_id FROM row"  # noqa: S608
                connection.execute(f"DELETE FROM {what} WHERE id NOT IN ({used})")  # noqa: S608
        with unusable():
            database.connection.execute("VACUUM")
    return n_rows, max(0, before - _size(settings))


def clear(settings: CacheSettings) -> int:
    """Delete a cache, and what was set aside beside it, damaged or not.

    Returns
    -------
    n_bytes : int
        How much was deleted.

    Raises
    ------
    Unusable
        If no cache was ever written to the file, or it cannot be deleted.
    """
    place = place_of(settings)
    files = [place, f"{place}-journal"]
    existing = [file for file in files if os.path.lexists(file)]
    with unusable():
        if existing and not is_ours(settings):
            raise Unusable("no cache was ever written to it")
        removed = [*existing, *set_aside_before(settings)]
        n_bytes = sum(os.path.getsize(file) for file in removed)
        for file in removed:
            with contextlib.suppress(FileNotFoundError):
                os.remove(file)
    return n_bytes


def set_aside_before(settings: CacheSettings) -> list[str]:
    """Give the files that were set aside beside a cache."""
    start = glob.escape(place_of(settings))
    patterns = (f"{start}.{kind}-[0-9]*" for kind in ("damaged", "old"))
    return sorted(file for pattern in patterns for file in glob.glob(pattern))


@contextlib.contextmanager
def _opened(settings: CacheSettings) -> Iterator[Database]:
    database, _ = open_database(settings, create=False)
    try:
        yield database
    finally:
        database.close()


def _count(connection: sqlite3.Connection, what: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0])  # noqa: S608


def _size(settings: CacheSettings) -> int:
    try:
        return os.path.getsize(place_of(settings))
    except OSError:
        return 0


def _is_current(key: bytes) -> bool:
    """Tell whether this version of audioclust would still look for rows with such settings."""
    try:
        facts = json.loads(key)
        return bool(
            facts["version"] == FEATURES_VERSION and facts["reading"] == READING_VERSION
        )
    except (ValueError, KeyError, TypeError):
        return False
