"""What is asked of the database, and written to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from audioclust.audio.recording import FileStatus
from audioclust.extraction.cache.keys import is_present
from audioclust.extraction.cache.records import Origin, Record
from audioclust.extraction.cache.storage.database import Database, unusable

BLOCK = 4096
"""How many files are looked up at once. Points looked up one by one take ten times as long."""

_COLUMNS = "start, end, seconds, is_all, sr, decoder, reader, notes, layout, data, crc"

_ASKED = """
CREATE TEMP TABLE IF NOT EXISTS asked (
    n INTEGER PRIMARY KEY, path BLOB, size INTEGER, mtime_ns INTEGER
)
"""

_KNOWN = f"""
SELECT asked.n, file.hash, {", ".join(f"row.{name}" for name in _COLUMNS.split(", "))}
FROM temp.asked AS asked
CROSS JOIN file ON file.path = asked.path
    AND file.size = asked.size AND file.mtime_ns = asked.mtime_ns
CROSS JOIN row ON row.file_id = file.id AND row.settings_id = ?
"""  # noqa: S608 - names of ours alone

_ALIKE = """
SELECT file.id, file.path, file.size, file.hash FROM file
WHERE file.size IN (SELECT size FROM temp.asked)
AND EXISTS (SELECT 1 FROM row WHERE row.file_id = file.id AND row.settings_id = ?)
"""

_ONE = f"SELECT {_COLUMNS} FROM row WHERE file_id = ? AND settings_id = ?"  # noqa: S608

_PUT = f"""
INSERT OR REPLACE INTO row (file_id, settings_id, {_COLUMNS}, written)
VALUES (?, ?, {", ".join("?" * 11)}, ?)
"""  # noqa: S608


class Asked(NamedTuple):
    """A file that is looked up.

    Attributes
    ----------
    n : int
        Its number.
    path : bytes
        Its absolute path.
    status : FileStatus
        Its size and time.
    """

    n: int
    path: bytes
    status: FileStatus


class Alike(NamedTuple):
    """A file in the cache that has the size of one that is looked up.

    Attributes
    ----------
    file_id : int
        Its number in the database.
    path : bytes
        Its path.
    """

    file_id: int
    path: bytes


class Entry(NamedTuple):
    """A record that is to be written.

    Attributes
    ----------
    origin : Origin
        The file and the settings.
    mtime_ns : int or None
        The time of the file; None if a later change might leave it as it is.
    record : Record
        What is known of it.
    """

    origin: Origin
    mtime_ns: int | None
    record: Record


@dataclass(frozen=True)
class Store:
    """The records of one kind of settings.

    Attributes
    ----------
    database : Database
        Where they are.
    key : bytes
        The key of the settings.
    """

    database: Database
    key: bytes
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def known(self, asked: Sequence[Asked]) -> list[tuple[int, bytes, Record]]:
        """Look up files by path, size and time, at most :data:`BLOCK` of them.

        Returns
        -------
        found : list
            Of each file that is known: its number, the hash of its contents, and its record.

        Raises
        ------
        Unusable
            If the database cannot be read.
        """
        rows = [(one.n, one.path, one.status.size, one.status.mtime_ns) for one in asked]
        with self._lock, unusable():
            number = self._settings_id()
            if number is None:
                return []
            self._ask(rows)
            found = self.database.connection.execute(_KNOWN, (number,)).fetchall()
        return [(row[0], row[1], Record._make(row[2:])) for row in found]

    def alike(self, sizes: Iterable[int]) -> dict[tuple[int, bytes], list[Alike]]:
        """Give the files that have one of these sizes, by their size and hash.

        Raises
        ------
        Unusable
            If the database cannot be read.
        """
        rows = [(n, None, size, None) for n, size in enumerate(set(sizes))]
        found: dict[tuple[int, bytes], list[Alike]] = {}
        with self._lock, unusable():
            number = self._settings_id()
            self._ask(rows)
            for row in self.database.connection.execute(_ALIKE, (number,)):
                file_id, path, size, digest = row
                found.setdefault((size, digest), []).append(Alike(file_id, path))
        return found

    def one(self, file_id: int) -> Record | None:
        """Give the record of a file by its number; None if it is gone.

        Raises
        ------
        Unusable
            If the database cannot be read.
        """
        with self._lock, unusable():
            numbers = (file_id, self._settings_id())
            row = self.database.connection.execute(_ONE, numbers).fetchone()
        return None if row is None else Record(*row)

    def write(self, entries: Sequence[Entry]) -> None:
        """Write records, all or none.

        A file whose contents have changed loses what was known of it, with other settings too.
        Otherwise a record is joined with the one that there is.

        Raises
        ------
        Unusable
            If the database cannot be written.
        """
        with self.database.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO settings (key) VALUES (?)", (self.key,))
            number = self._settings_id()
            now = int(time.time())
            for entry in entries:
                file_id = self._file_id(entry)
                older = connection.execute(_ONE, (file_id, number)).fetchone()
                record = entry.record if older is None else _joined(entry, Record(*older))
                connection.execute(_PUT, (file_id, number, *record, now))

    def _ask(self, rows: Sequence[tuple[object, ...]]) -> None:
        """Put files into the temporary table that look-ups are joined with."""
        connection = self.database.connection
        connection.execute(_ASKED)
        connection.execute("BEGIN")
        try:
            connection.execute("DELETE FROM temp.asked")
            connection.executemany("INSERT INTO temp.asked VALUES (?, ?, ?, ?)", rows)
        finally:
            connection.execute("COMMIT")

    def _settings_id(self) -> int | None:
        statement = "SELECT id FROM settings WHERE key = ?"
        row = self.database.connection.execute(statement, (self.key,)).fetchone()
        return None if row is None else row[0]

    def _file_id(self, entry: Entry) -> int:
        """Give the number of a file, of which the database now knows what it is."""
        connection = self.database.connection
        origin = entry.origin
        now = (origin.size, entry.mtime_ns, origin.digest)
        statement = "SELECT id, size, hash FROM file WHERE path = ?"
        row = connection.execute(statement, (origin.path,)).fetchone()
        if row is None:
            statement = "INSERT INTO file (path, size, mtime_ns, hash) VALUES (?, ?, ?, ?)"
            made = connection.execute(statement, (origin.path, *now)).lastrowid
            assert made is not None  # noqa: S101 - it has a row now
            return made
        file_id, size, digest = row
        if (size, digest) != (origin.size, origin.digest):
            connection.execute("DELETE FROM row WHERE file_id = ?", (file_id,))
        statement = "UPDATE file SET size = ?, mtime_ns = ?, hash = ? WHERE id = ?"
        connection.execute(statement, (*now, file_id))
        return int(file_id)


def _joined(entry: Entry, older: Record) -> Record:
    """Give what is to be written where there is a record of the same file and settings."""
    if not older.is_sound(entry.origin) or not is_present(older.reader):
        return entry.record
    return entry.record.joined(older).sealed(entry.origin)
