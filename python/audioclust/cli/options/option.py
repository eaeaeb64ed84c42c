"""`Option`: an option of the command line, as the table of options has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from audioclust.cli.inputs.parsing import parsed_by

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(dir_okay=False, allow_dash=True)
"""The type of a file to write; ``-`` is standard output."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """An option of the command line.

    Attributes
    ----------
    name : str
        What commands call it by.
    help : str
        What ``--help`` says of it.
    flag : str or None
        How it is typed; None is ``--`` and the name.
    short : str or None
        Another way to type it, of one dash and one character.
    type : click.ParamType, type or None
        The type of its value; None is the type of the default, or else text.
    parse : callable or None
        Gives the value that a command gets for the text that was typed, and raises a
        :class:`click.BadParameter` if it is invalid; None leaves it as its type has it.
    default : object
        Its value if it is not typed. A command may have another; see :func:`takes`.
    metavar : str or None
        What stands for its value in ``--help``; None is the name of the type.
    is_flag : bool
        Whether it has no value.
    multiple : bool
        Whether it may be repeated.
    required : bool
        Whether it must be typed.
    """

    name: str
    help: str
    flag: str | None = None
    short: str | None = None
    type: Any = None
    parse: Callable[[str], object] | None = None
    default: object = None
    metavar: str | None = None
    is_flag: bool = False
    multiple: bool = False
    required: bool = False

    def added_to(self, command: Command, default: object) -> Command:
        """Give a command with this option, whose value is the parameter of the flag's name."""
        flag = self.flag or f"--{self.name.replace('_', '-')}"
        more: dict[str, Any] = {} if default is None else {"default": default}
        if self.parse is not None:
            more["callback"] = parsed_by(self.parse)
        return click.option(
            *filter(None, (self.short, flag)),
            type=self.type,
            help=self.help,
            metavar=self.metavar,
            is_flag=self.is_flag or None,
            multiple=self.multiple,
            required=self.required,
            show_default=not self.is_flag and default is not None,
            **more,
        )(command)
