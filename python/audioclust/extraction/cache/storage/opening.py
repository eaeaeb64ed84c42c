"""The cache of one run: opened, and replaced by a new one as soon as damage is found."""

from __future__ import annotations

import os
import threading

from audioclust.extraction.cache.settings import CacheSettings
from audioclust.extraction.cache.storage.database import (
    Database,
    Unusable,
    open_database,
    set_aside,
)


class Opener:
    """Opens the cache of a run, for each of its threads.

    Parameters
    ----------
    settings : CacheSettings
        Which cache it is.

    Attributes
    ----------
    aside : str
        Where a damaged or older file was put; empty if there was none.
    damage : Unusable or None
        The damage that was found while the file was in use.
    """

    def __init__(self, settings: CacheSettings) -> None:
        self.aside: str = ""
        self.damage: Unusable | None = None
        self._settings = settings
        self._old: os.stat_result | None = None
        self._lock = threading.Lock()

    def opened(self) -> Database:
        """Open the cache.

        Raises
        ------
        Unusable
            If it cannot be opened or made.
        """
        with self._lock:
            database, aside = open_database(self._settings)
            self.aside = aside or self.aside
            return database

    def replaced(self, database: Database, why: Unusable) -> bool:
        """Set a file aside if it is damaged, at most once a run, and close it.

        Parameters
        ----------
        database : Database
            What is open.
        why : Unusable
            What was wrong when it was used.

        Returns
        -------
        is_replaced : bool
            Whether it was set aside, now or by another thread, so that :meth:`opened` gives a
            new one.
        """
        with self._lock:
            if why.is_damage and self._old is None:
                database.close()  # Some systems do not rename what is open.
                try:
                    self.aside = set_aside(self._settings, database.file, str(why))
                except Unusable:
                    return False
                self.damage, self._old = why, database.file
            return self._old is not None and os.path.samestat(self._old, database.file)
