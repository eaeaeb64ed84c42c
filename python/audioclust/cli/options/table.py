"""The one table of options; a command names those it takes.

A new option is an entry in the module of its kind, its name at the commands that take it, and a
test. ``audioclust --help`` reads these files, so that they must not import NumPy.
"""

from __future__ import annotations

from collections.abc import Callable

from audioclust.cli.options.groups import GROUPS
from audioclust.cli.options.option import Command
from audioclust.cli.options.outputs import OUTPUTS
from audioclust.cli.options.parts import PARTS
from audioclust.cli.options.sounds import SOUNDS
from audioclust.cli.options.uses import USES

OPTIONS = {option.name: option for option in (*SOUNDS, *GROUPS, *PARTS, *OUTPUTS, *USES)}
"""The options by name."""


def takes(*names: str, **defaults: object) -> Callable[[Command], Command]:
    """Give a command options of the table, some of them with a default of its own."""

    def decorate(command: Command) -> Command:
        # The last one to be added is the first one in --help.
        for option in reversed([OPTIONS[name] for name in names]):
            command = option.added_to(command, defaults.get(option.name, option.default))
        return command

    return decorate
