"""The table and the lists of a page, as who looks at it reads them."""

from __future__ import annotations

import dataclasses
import os
import unicodedata
from pathlib import Path
from typing import Any

from audioclust.audio.spans import Item
from audioclust.report.content import Audio, Content
from audioclust.report.page import rendered
from audioclust.report.sounds import sounds_of
from support.browser import Opened
from support.pages import synthetic_content

ROWS = "document.querySelectorAll('table.all tbody tr:not(.gap)')"


def written(path: Path, content: Content, audio: Audio = "link") -> Path:
    """Write a page of a content, and give its path."""
    html = rendered(content, sounds_of(content, audio, str(path.parent)))
    path.write_text(html, encoding="utf-8")
    return path


def named(names: list[str], **changes: Any) -> Content:
    """Give a content whose items have names, folders included, and lie anywhere."""
    content = synthetic_content(len(names), k=3)
    items = [Item(name, 0.0, 0.5 + place / 8) for place, name in enumerate(names)]
    return dataclasses.replace(content, **{"items": items, **changes})


def of_library(library: list[str]) -> Content:
    """Give a content whose items are the sounds of a folder."""
    return named(
        [os.path.basename(path) for path in library], folder=os.path.dirname(library[0])
    )


def rows(found: Opened) -> list[list[str]]:
    """Give the text of all rows of the table. All 2,000 are there only on paper."""
    found.page.emulate_media(media="print")
    count = f"{ROWS}.length === Math.min(2000, document.querySelector('.all').ariaRowCount - 1)"
    found.wait(count)
    texts: list[list[str]] = found.page.evaluate(
        f"[...{ROWS}].map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    found.page.emulate_media(media="screen")
    found.wait(f"{ROWS}.length < 100")
    return texts


def names(found: Opened) -> list[str]:
    """Give the first column of the table, row by row."""
    return [row[0] for row in rows(found)]


def plain(text: str) -> str:
    """Give text without capitals and accents: a twin of what the page does."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parts if not unicodedata.category(c).startswith("M")).lower()
