"""The group of commands, and how errors become one line and an exit status."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterator
from typing import Any

import click

from audioclust.cli.commands.every import COMMANDS
from audioclust.cli.output import print_error, print_nothing_used
from audioclust.errors import (
    AudioclustError,
    ModelError,
    NoAudioError,
    NoOnsetsError,
    NothingExtractedError,
    PlaybackError,
    SchedulerError,
)
from audioclust.extraction.progress import followed_runs, following_runs

FILES_AT_FAULT = (
    *(OSError, ModelError, NoAudioError, NoOnsetsError),
    *(PlaybackError, SchedulerError),
)
"""Errors that end with status 1, beside those about all sounds.

Other errors of ours are about arguments and end with status 2.
"""


class CommandGroup(click.Group):
    """Commands of which `cluster` is the default, run if the first argument is a path.

    An error ends with one line and an exit status instead of a traceback.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name of the default command before a path that begins the arguments."""
        own = {name for option in self.get_params(ctx) for name in option.opts}
        if args and args[0] not in self.commands and args[0] not in own and _is_source(args[0]):
            args = ["cluster", *args]
        return super().parse_args(ctx, args)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the arguments."""
        with _interrupts_said():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        for stream in (sys.stdout, sys.stderr):
            # A name that the terminal's encoding lacks must not end the run.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            with following_runs(), _interrupts_said():
                return super().invoke(ctx)
        except NothingExtractedError as why:
            print_nothing_used(why.errors)
            ctx.exit(1)
        except (AudioclustError, OSError) as why:
            if isinstance(why, OSError) and why.errno == errno.EPIPE:
                raise  # Whoever read the output has closed it, which click ends quietly.
            print_error(why)
            ctx.exit(1 if isinstance(why, FILES_AT_FAULT) else 2)


@contextlib.contextmanager
def _interrupts_said() -> Iterator[None]:
    """Let Ctrl-C end with one line and its own status; click would end with status 1.

    The line says how many files the cache keeps, so that nobody fears that all was in vain.
    """
    try:
        yield
    except (KeyboardInterrupt, click.Abort):
        kept = filter(None, (run.words_of_end() for run in followed_runs()))
        click.echo(" ".join(["\nInterrupted.", *(f"{words}." for words in kept)]), err=True)
        raise click.exceptions.Exit(130) from None


def _is_source(argument: str) -> bool:
    """Tell a path, a pattern or an option of `cluster` from a misspelt command."""
    return not argument.isidentifier() or os.path.exists(argument)


@click.group(
    cls=CommandGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Try it without sounds of your own: audioclust demo",
)
@click.version_option(package_name="audioclust")
def main() -> None:
    """Sort sounds into groups you can hear, look at and export.

    'audioclust PATH...' is short for 'audioclust cluster PATH...'. A folder that has the name
    of a command is given as './demo'.
    """


for _command in COMMANDS:
    main.add_command(_command)
