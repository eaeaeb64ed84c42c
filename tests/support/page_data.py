"""What a page holds, read as a browser reads it."""

from __future__ import annotations

import html.parser
import json
from pathlib import Path
from typing import Any


class _Data(html.parser.HTMLParser):
    """Finds the script element with the page's data."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = False
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag == "script" and ("id", "data") in attrs

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.text += data

    def handle_endtag(self, _: str) -> None:
        self.inside = False


def data_in(page: Path) -> dict[str, Any]:
    """The data of a page."""
    parser = _Data()
    parser.feed(page.read_text(encoding="utf-8"))
    return dict(json.loads(parser.text))
