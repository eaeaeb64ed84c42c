"""HTML that notebooks show: compact, escaped, readable on light and on dark."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from audioclust.utils.text import on_one_line

MAX_ROWS = 30
"""Rows that a table shows; the others are counted."""


def text(value: object) -> str:
    """Give text that shows as it is, on one line, whatever it holds."""
    return html.escape(on_one_line(str(value)))


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Give a table with a caption; it has no colours of its own, so that it suits any theme."""
    listed = list(rows)
    cells = ["".join(f"<td>{text(cell)}</td>" for cell in row) for row in listed[:MAX_ROWS]]
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    top = "".join(f"<th>{text(name)}</th>" for name in head)
    more = len(listed) - len(cells)
    rest = f"<p>and {more} more</p>" if more > 0 else ""
    return (
        f"<div><p><b>{text(caption)}</b></p><table><thead><tr>{top}</tr></thead>"
        f"<tbody>{body}</tbody></table>{rest}</div>"
    )
