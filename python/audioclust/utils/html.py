"""HTML for notebooks: compact, escaped, readable on light and on dark backgrounds."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterable, Sequence

from audioclust.utils.text import on_one_line

_NUMBER = re.compile(r"[-+−]?[\d,]*\.?\d+(e[-+]?\d+)?|nan|-?inf", re.ASCII)

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

    It sets no colours, so that those of the notebook's theme are used. Columns of numbers are
    aligned at the right, all others at the left, and their heads alike.

    Parameters
    ----------
    caption : str
        What follows the first semicolon is a note below the heading.
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
    cells = [[text(cell) for cell in row] for row in listed[:MAX_ROWS]]
    sides = [_side([row[at] for row in cells]) for at in range(len(head))]
    body = "".join(f"<tr>{_cells('td', row, sides)}</tr>" for row in cells)
    top = _cells("th", [text(name) for name in head], sides)
    heading, _, notes = caption.partition("; ")
    below = f"<p>{text(notes)}</p>" if notes else ""
    more = (len(listed) if n_rows is None else n_rows) - len(cells)
    rest = f"<p>and {more} more</p>" if more > 0 else ""
    return (
        f"<div><p><b>{text(heading)}</b></p>{below}<table><thead><tr>{top}</tr></thead>"
        f"<tbody>{body}</tbody></table>{rest}</div>"
    )


def _cells(tag: str, texts: Sequence[str], sides: Sequence[str]) -> str:
    return "".join(
        f'<{tag} style="text-align:{side}">{cell}</{tag}>'
        for cell, side in zip(texts, sides, strict=True)
    )


def _side(cells: Sequence[str]) -> str:
    """Tell at which side a column is aligned: numbers at the right, to be compared."""
    given = [cell for cell in cells if cell not in ("", "-")]
    return "right" if given and all(_NUMBER.fullmatch(cell) for cell in given) else "left"
