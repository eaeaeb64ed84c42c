"""The file of the cache: opened, made, and set aside if it is damaged.

Nothing here is worth an error: whatever is wrong becomes :class:`Unusable`, and work goes on
without a cache. What is damaged, or of an older version, is renamed, never deleted. A file that
no cache was written to is left alone, since a path may be mistyped.

SQLite keeps a rollback journal that stays beside the file (``PERSIST``), and waits for the disk
at each commit (``FULL``). Its other journal, WAL, has a bug in versions that many systems still
have, which can damage the file when several processes write (https://www.sqlite.org/wal.html).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass

from audioclust.extraction.cache.settings import SCHEMA, CacheSettings

BUSY_SECONDS = 10.0
"""How long others that write are waited for."""

APPLICATION = 0x41434C55
"""What SQLite calls the application that a file belongs to: "ACLU"."""

_MOST_OF_JOURNAL = 4 * 2**20
_PAGES_IN_MEMORY = 4000  # Of 4 KiB each.
_DAMAGE = (
    sqlite3.SQLITE_ERROR,  # Our statements are right, so a table lacks what it had.
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_FORMAT,
)

_TABLES = f"""
BEGIN IMMEDIATE;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {SCHEMA};
CREATE TABLE IF NOT EXISTS settings (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS file (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    mtime_ns INTEGER,
    hash BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS file_by_size ON file (size);
CREATE TABLE IF NOT EXISTS row (
    file_id INTEGER NOT NULL,
    settings_id INTEGER NOT NULL,
    start REAL NOT NULL,
    end REAL NOT NULL,
    seconds REAL NOT NULL,
    is_all INTEGER NOT NULL,
    sr INTEGER NOT NULL,
    decoder BLOB NOT NULL,
    reader BLOB NOT NULL,
    notes BLOB NOT NULL,
    layout BLOB NOT NULL,
    data BLOB NOT NULL,
    crc INTEGER NOT NULL,
    written INTEGER NOT NULL,
    PRIMARY KEY (file_id, settings_id)
) WITHOUT ROWID;
COMMIT;
"""


class Unusable(Exception):  # noqa: N818 - it is not an error of the work
    """The cache cannot be used.

    Attributes
    ----------
    is_damage : bool
        Whether the file is damaged.
    """

    def __init__(self, reason: str, *, is_damage: bool = False) -> None:
        super().__init__(reason)
        self.is_damage = is_damage


@contextlib.contextmanager
def unusable() -> Iterator[None]:
    """Make all that SQLite and the system have to say an :class:`Unusable`."""
    try:
        yield
    except sqlite3.Error as why:
        code = getattr(why, "sqlite_errorcode", 0) & 0xFF
        raise Unusable(str(why), is_damage=code in _DAMAGE) from why
    except OSError as why:
        raise Unusable(why.strerror or str(why)) from why


@dataclass(frozen=True)
class Database:
    """An open cache.

    Attributes
    ----------
    connection : sqlite3.Connection
        It commits each statement by itself, unless a transaction is begun.
    settings : CacheSettings
        Which file it is.
    file : os.stat_result
        What the system said of the file when it was opened.
    """

    connection: sqlite3.Connection
    settings: CacheSettings
    file: os.stat_result

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all of what is done here, or nothing.

        Raises
        ------
        Unusable
            If it cannot be written, or another file is in the place of this one.
        """
        with unusable():
            if not os.path.samestat(self.file, os.stat(place_of(self.settings))):
                raise Unusable("another file was put in its place")
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(sqlite3.Error):
            self.connection.close()


def open_database(settings: CacheSettings, *, create: bool = True) -> tuple[Database, str]:
    """Open a cache.

    Parameters
    ----------
    settings : CacheSettings
        Which file it is.
    create : bool
        Whether one is made if there is none, and a damaged one set aside.

    Returns
    -------
    database : Database
    aside : str
        Where a damaged or older one was put; empty if there was none.

    Raises
    ------
    Unusable
        If it cannot be opened or made, or the file is none of ours.
    """
    aside, seen = "", None
    for _ in range(2):
        with contextlib.suppress(OSError):
            seen = os.stat(place_of(settings))
        try:
            return _opened(settings, create), aside
        except Unusable as why:
            if not (why.is_damage and create) or aside or seen is None:
                raise
            aside = set_aside(settings, seen, str(why))
    raise Unusable("it cannot be made")


def _opened(settings: CacheSettings, create: bool) -> Database:
    place = place_of(settings)
    with unusable():
        if create:
            # The names of somebody's files are not for others.
            os.makedirs(os.path.dirname(place), 0o700, exist_ok=True)
        elif not os.path.exists(place):
            raise Unusable("there is none yet")
        connection = sqlite3.connect(
            place, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
    # Damage can make text of a value, which need not be UTF-8 then.
    connection.text_factory = bytes
    try:
        with unusable():
            _prepare(connection, settings)
            return Database(connection, settings, os.stat(place))
    except BaseException:
        connection.close()
        raise


def _prepare(connection: sqlite3.Connection, settings: CacheSettings) -> None:
    """Make the tables of a new file; raise :class:`Unusable` for a file that is not ours."""
    owner = _number(connection, "PRAGMA application_id")
    if owner == 0:
        if _number(connection, "SELECT count(*) FROM sqlite_master") == 0:
            _make_tables(connection)
        # Also if there were tables: another process may just have made them.
        owner = _number(connection, "PRAGMA application_id")
    version = _number(connection, "PRAGMA user_version")
    if owner != APPLICATION:
        words = "it is a database of something else"
        raise Unusable(words, is_damage=settings.is_usual)
    if version < SCHEMA or (version > SCHEMA and settings.is_usual):
        raise Unusable(f"it is of version {version}", is_damage=True)
    if version > SCHEMA:
        raise Unusable(f"it is of version {version}, and this audioclust knows {SCHEMA}")
    connection.execute("PRAGMA journal_mode = PERSIST")
    connection.execute(f"PRAGMA journal_size_limit = {_MOST_OF_JOURNAL}")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA cache_size = {_PAGES_IN_MEMORY}")


def _make_tables(connection: sqlite3.Connection) -> None:
    """Make the tables, unless another process has just done it."""
    try:
        connection.executescript(_TABLES)
    except sqlite3.Error:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _number(connection: sqlite3.Connection, statement: str) -> int:
    (value,) = connection.execute(statement).fetchone()
    return int(value)


def set_aside(settings: CacheSettings, seen: os.stat_result, why: str) -> str:
    """Rename a file that is damaged or of an older version, and give its new path.

    Parameters
    ----------
    settings : CacheSettings
        Which file it is.
    seen : os.stat_result
        The file that was found to be damaged: another process may have put a new one in its
        place meanwhile.
    why : str
        What is wrong with it.

    Raises
    ------
    Unusable
        If it is none of ours, is gone, or cannot be renamed.
    """
    place = place_of(settings)
    with unusable():
        if not os.path.samestat(seen, os.stat(place)):
            raise Unusable("another file was put in its place")
        if not is_ours(settings):
            raise Unusable(f"{why}; no cache was ever written to it")
        kind = "old" if why.startswith("it is of version") else "damaged"
        name = new = f"{place}.{kind}-{time.strftime('%Y%m%d-%H%M%S')}"
        n = 1
        while os.path.lexists(new):
            n += 1
            new = f"{name}-{n}"
        # The journal first: it must not be taken for that of a new file.
        with contextlib.suppress(FileNotFoundError):
            os.rename(f"{place}-journal", f"{new}-journal")
        os.rename(place, new)
    return new


def is_ours(settings: CacheSettings) -> bool:
    """Tell whether a file is one that a cache was written to, as far as a damaged one tells.

    Databases have the number of their application at byte 68; see section 1.3 of
    https://www.sqlite.org/fileformat.html.
    """
    if settings.is_usual:
        return True
    with open(place_of(settings), "rb") as file:
        return file.read(72)[68:] == APPLICATION.to_bytes(4, "big")


def place_of(settings: CacheSettings) -> str:
    """Give the path of a cache that is not off."""
    assert settings.place is not None  # noqa: S101 - nobody opens what is off
    return settings.place
