"""What is typed for options, as values."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import get_args

import click
from click.core import ParameterSource

from audioclust.audio.preparation.settings import ChannelWord

MAX_K = 100_000
"""The largest number of clusters in a range."""


def number_or_auto(value: str) -> int | str:
    """Give an integer from 1, or the word auto."""
    if value == "auto":
        return value
    number = _integer(value)
    if number < 1:
        hint = "; --k-range takes several to choose from" if set(value) & set(":,") else ""
        raise click.BadParameter(f"{value!r}: expected an integer from 1, or auto{hint}")
    return number


def integer(low: int, high: int | None = None, otherwise: str = "") -> Callable[[str], int]:
    """Give a function that gives an integer of a range.

    It says in plain words what is expected instead of other text; `otherwise` is added to that.
    """
    expected = f"an integer from {low}" + ("" if high is None else f" to {high}") + otherwise

    def parse(value: str) -> int:
        try:
            number = int(value)
        except ValueError:
            number = low - 1
        if number < low or (high is not None and number > high):
            raise click.BadParameter(f"{value!r}: expected {expected}")
        return number

    return parse


def _integer(text: str) -> int:
    """Give an integer, 0 for text that is none."""
    try:
        return int(text)
    except ValueError:
        return 0


def numbers_of_clusters(value: str) -> tuple[int, ...]:
    """Give the integers of a range with both ends included, or of a list."""
    first, colon, last = value.partition(":")
    parts = (first, last) if colon else first.split(",")
    numbers = [_integer(part) for part in parts]
    if min(numbers) < 2 or max(numbers) > MAX_K or (colon and numbers[0] > numbers[1]):
        expected = f"integers from 2 to {MAX_K}, as in 2:15 or 2,4,8"
        hint = "; -k auto chooses one of them" if value == "auto" else ""
        raise click.BadParameter(f"{value!r}: expected {expected}{hint}")
    return tuple(range(numbers[0], numbers[1] + 1)) if colon else tuple(numbers)


def rows_and_columns(value: str) -> tuple[int, int]:
    """Give the two integers of a shape such as 8x12."""
    rows, _, columns = value.lower().partition("x")
    shape = _integer(rows), _integer(columns)
    if min(shape) < 1:
        raise click.BadParameter(f"{value!r}: expected rows and columns, as in 8x12")
    return shape


def shard(value: str) -> tuple[int, int]:
    """Give the two integers of a shard such as 3/40: its number, and how many there are."""
    first, _, last = value.partition("/")
    number, of = _integer(first), _integer(last)
    if not 1 <= number <= of:
        expected = "a number from 1, and how many shards there are, as in 3/40"
        raise click.BadParameter(f"{value!r}: expected {expected}")
    return number, of


def names(value: str) -> tuple[str, ...]:
    """Give names that are separated by commas."""
    return tuple(name.strip() for name in value.split(","))


def quantity(unit: str, least: float | None = None) -> Callable[[str], float]:
    """Give a function that gives a finite number, above 0 or from `least`."""
    expected = f"a number of {unit} " + ("above 0" if least is None else f"from {least:g}")

    def parse(value: str) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or (number <= 0 if least is None else number < least):
            raise click.BadParameter(f"{value!r}: expected {expected}")
        return number

    return parse


def channel(value: str) -> str | int:
    """Give a word for a channel, or its number."""
    words = get_args(ChannelWord)
    if value in words:
        return value
    try:
        return integer(0)(value)
    except click.BadParameter:
        expected = f"one of {', '.join(words)}, or the number of a channel, from 0"
        raise click.BadParameter(f"{value!r}: expected {expected}") from None


def parsed_by(
    parse: Callable[[str], object],
) -> Callable[[click.Context, click.Parameter, str | None], object]:
    """Give what click calls with the text that was typed, or with None."""
    return lambda _ctx, _parameter, value: None if value is None else parse(value)


def typed_flags() -> dict[str, str]:
    """Give the flags that were typed for the current command, by the names of parameters."""
    context = click.get_current_context()
    return {
        one.name: one.opts[-1]
        for one in context.command.params
        if one.name is not None
        and context.get_parameter_source(one.name) is ParameterSource.COMMANDLINE
    }
