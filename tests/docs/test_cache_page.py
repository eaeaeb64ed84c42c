"""docs/cache.md says what tables and columns the cache has."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path

from support.data import ROOT

import audioclust as ac

PAGE = (ROOT / "docs" / "cache.md").read_text(encoding="utf-8")


def test_the_page_names_all_columns(library: list[str], tmp_path: Path) -> None:
    cache = tmp_path / "cache.sqlite"
    ac.extract(library[:2], features="rms", cache=cache, n_jobs=1)
    (listed,) = re.findall(r"```sql\n(.*?)```", PAGE, re.S)
    said = dict(re.findall(r"^(\w+) \((.*?)\)", listed, re.M))
    with contextlib.closing(sqlite3.connect(cache)) as database:
        names = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        made = {
            table: [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            for (table,) in names.fetchall()
        }
    assert {table: columns.split(", ") for table, columns in said.items()} == made
