"""What fits on a screen: the width of text, and tables and names that are brought to it."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

import click

from audioclust.utils.terminal import is_plain, is_terminal, width_of

GAP = "  "
"""What is between two columns of a table."""

LEAST = 12
"""Cells that a column is not made narrower than, however narrow the screen is."""


def cells(text: str) -> int:
    """Give the number of cells that text takes on a screen: Chinese, say, takes two a letter.

    Terminals do not agree on emoji with a variation selector. Here they count as the widest.
    """
    if text.isascii():
        return len(text)
    from rich.cells import get_character_cell_size

    return sum(get_character_cell_size(c) for c in text) + text.count("\ufe0f")


def elided(name: str, width: int) -> str:
    """Shorten a name in its middle to a number of cells: the start and the suffix are left."""
    if cells(name) <= width:
        return name
    end = name[len(name) - _fitting(name[::-1], (width - 1) * 3 // 5) :]
    return f"{name[: _fitting(name, width - 1 - cells(end))]}…{end}"


def _fitting(text: str, width: int) -> int:
    """Give the number of characters from the start of a text that fit into some cells."""
    n = used = 0
    for character in text:
        used += cells(character)
        if used > width:
            break
        n += 1
    return n


def cut(text: str, width: int) -> str:
    """Shorten text at its end, between two words."""
    if cells(text) <= width:
        return text
    words = text[: _fitting(text, width - 2)].rpartition(" ")[0] or text[: width - 2]
    return f"{words} …"


def filled(words: Iterable[str], stream: TextIO | None, indent: str) -> str:
    """Join words to lines that fit a terminal, or to one line for what is no terminal.

    No word is ever broken: one that is too long has a line of its own. All lines but the first
    are indented more.
    """
    width = width_of(stream)
    if width is None:
        return indent + " ".join(words)
    lines = [indent]
    for word in words:
        line = lines[-1]
        begun = bool(line.strip())
        if begun and cells(line) + 1 + cells(word) > width:
            lines.append(f"{indent}  {word}")
        else:
            lines[-1] = f"{line} {word}" if begun else line + word
    return "\n".join(lines)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name : str
        Its heading.
    right : bool
        Whether it is aligned on the right, as numbers are.
    shortened : callable or None
        Gives a cell's text brought to a width, if the screen is too narrow for the table; None
        leaves the text as it is. One column of a table should have this, or two beside a
        wrapped one.
    wrapped : bool
        Whether text that the screen is too narrow for goes on below, in the same column. One
        column of a table may have this.
    """

    name: str
    right: bool = False
    shortened: Callable[[str, int], str] | None = None
    wrapped: bool = False


def numbers(*names: str) -> list[Column]:
    """Give columns of numbers."""
    return [Column(name, right=True) for name in names]


def room_beside(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> int | None:
    """Give the cells that a terminal has left for one more column; None if it is none."""
    width = width_of(sys.stdout)
    return None if width is None else width - sum(_widths(columns, rows)) - 2 * len(columns)


def print_table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Print a table, one line for each row, or several where a column is wrapped.

    On a terminal the headings are in bold type and no line is longer than the screen is wide.
    Elsewhere nothing is shortened. No colours are used, so that all can be read on any
    background.
    """
    for number, line in enumerate(_lines(columns, rows, width_of(sys.stdout))):
        bold = number == 0 and _bold_is_welcome()
        click.echo(click.style(line, bold=True) if bold else line)


def _bold_is_welcome() -> bool:
    return is_terminal(sys.stdout) and not is_plain() and not os.environ.get("NO_COLOR")


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    return [
        max(cells(text) for text in (column.name, *(row[i] for row in rows)))
        for i, column in enumerate(columns)
    ]


def _lines(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], screen: int | None
) -> Iterator[str]:
    """Give the lines of a table, the headings first, to be shown in so many cells."""
    widths = _widths(columns, rows)
    if screen is not None:
        _fit(columns, widths, screen)
    for row in ([column.name for column in columns], *rows):
        texts = [
            _wrapped(text, width) if column.wrapped else [text]
            for column, text, width in zip(columns, row, widths, strict=True)
        ]
        for cells_of_line in itertools.zip_longest(*texts, fillvalue=""):
            yield GAP.join(map(_cell, columns, cells_of_line, widths)).rstrip()


def _fit(columns: Sequence[Column], widths: list[int], screen: int) -> None:
    """Make columns narrower, in place, until a table fits so many cells or none can give more.

    If a wrapped column cannot have all that it wants beside those that are shortened, these
    have two fifths of what there is for all of them.
    """
    excess = sum(widths) + len(GAP) * (len(widths) - 1) - screen
    shortened = [i for i, column in enumerate(columns) if column.shortened is not None]
    wrapped = [i for i, column in enumerate(columns) if column.wrapped]
    room = sum(widths[i] for i in shortened + wrapped) - excess
    for place in shortened:
        kept = room * 2 // 5 // len(shortened) if wrapped else 0
        excess -= _narrow(columns, widths, place, min(excess, widths[place] - kept))
    for place in wrapped:
        excess -= _narrow(columns, widths, place, excess)
    # A wrapped column keeps a least width: on a very narrow screen names give way once more.
    for place in shortened:
        excess -= _narrow(columns, widths, place, excess)


def _narrow(columns: Sequence[Column], widths: list[int], place: int, by: int) -> int:
    """Make a column narrower by so many cells, as far as that goes; give by how many."""
    heading = 0 if columns[place].wrapped else cells(columns[place].name)
    least = max(LEAST, heading)
    taken = max(0, min(by, widths[place] - least))
    widths[place] -= taken
    return taken


def _wrapped(text: str, width: int) -> list[str]:
    """Break text between words into lines of so many cells."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and cells(lines[-1]) + 1 + cells(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines


def _cell(column: Column, text: str, width: int) -> str:
    """Give the text of a cell, shortened if it must be, and aligned."""
    if column.shortened is not None:
        text = column.shortened(text, width)
    space = " " * (width - cells(text))
    return space + text if column.right else text + space
