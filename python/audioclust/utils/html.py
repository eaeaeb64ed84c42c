"""HTML for notebooks: compact, escaped, readable on light and on dark backgrounds."""

from __future__ import annotations

import html
import itertools
from collections.abc import Iterable, Sequence

from audioclust.utils.text import on_one_line

MAX_ROWS = 30
"""Largest number of rows that a table shows; the others are only counted."""


def text(value: object) -> str:
    """Give a value as HTML text on one line, with nothing in it taken for markup."""
    return html.escape(on_one_line(str(value)))


def table(
    caption: str,
    head: Sequence[str],
    rows: Iterable[Sequence[object]],
    n_rows: int | None = None,
) -> str:
    """Give a table with a caption.

    It sets no colours, so that those of the notebook's theme are used.

    Parameters
    ----------
    caption : str
    head : sequence of str
        The names of the columns.
    rows : iterable of sequences
        The values of each row. Only the first :data:`MAX_ROWS` rows are shown.
    n_rows : int or None
        How many rows there are, so that no others than the first need to be made; None if all
        are given.

    Returns
    -------
    html : str
    """
    listed = list(rows if n_rows is None else itertools.islice(rows, MAX_ROWS))
    cells = ["".join(f"<td>{text(cell)}</td>" for cell in row) for row in listed[:MAX_ROWS]]
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    top = "".join(f"<th>{text(name)}</th>" for name in head)
    more = (len(listed) if n_rows is None else n_rows) - len(cells)
    rest = f"<p>and {more} more</p>" if more > 0 else ""
    return (
        f"<div><p><b>{text(caption)}</b></p><table><thead><tr>{top}</tr></thead>"
        f"<tbody>{body}</tbody></table>{rest}</div>"
    )
