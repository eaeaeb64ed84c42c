"""docs/cache.md says what the file of the cache has in it."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from support.data import ROOT

from audioclust.extraction.cache.settings import CacheSettings
from audioclust.extraction.cache.storage.database import open_database


def test_the_page_names_all_columns_of_all_tables(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "cache.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    tables = re.findall(r"^(\w+) \(([^)]*)\)", block, re.MULTILINE)
    said = {name: re.split(r",\s*", columns) for name, columns in tables}
    place = tmp_path / "rows.sqlite"
    open_database(CacheSettings.checked(place))[0].close()
    with closing(sqlite3.connect(place)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        assert said == {
            name: [column for _, column, *_ in connection.execute(f"PRAGMA table_info({name})")]
            for (name,) in names.fetchall()
        }
