"""The page that a command is asked to write."""

from __future__ import annotations

import sys
from collections.abc import Sized
from typing import TYPE_CHECKING, Protocol

import click

from audioclust.cli.exports import STDOUT
from audioclust.cli.screen import filled
from audioclust.report.sentences import counted
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.report.content import Audio

REPORT = ("report", "report_audio")
"""The options of every command whose result can be a page."""


class Reportable(Protocol):
    """A result that writes itself as a page."""

    def report(self, path: str, *, audio: Audio) -> None:
        """Write the page."""


def check_report(report: str | None, audio: Audio | None) -> Audio:
    """Give where the page's sounds are, before the work starts.

    Parameters
    ----------
    report : str or None
        The file; None if no page was asked for.
    audio : {"link", "representatives", "embed", "none"} or None
        Where its sounds are, if that was asked for.

    Raises
    ------
    click.UsageError
        If the page would go to standard output, or there is none that `audio` could be of.
    """
    if report == STDOUT:
        why = "a page finds its sounds from the folder that it is in"
        raise click.UsageError(f"--report -: expected a file, since {why}")
    if report is None and audio is not None:
        raise click.UsageError("--report-audio: expected --report FILE as well")
    return audio or "link"


def write_report(
    result: Reportable, items: Sized, report: str | None, audio: Audio, *, quiet: bool
) -> None:
    """Write the page, if one was asked for, and say where it is on standard error.

    Parameters
    ----------
    result : Reportable
    items : sized
        What can be heard on it.
    report : str or None
        The file; None if no page was asked for.
    audio : {"link", "representatives", "embed", "none"}
        Where its sounds are.
    quiet : bool
        Whether nothing is said.
    """
    if report is None:
        return
    result.report(report, audio=audio)
    if not quiet:
        sounds = counted(len(items), "sound")
        line = f"Wrote a page with {sounds} to {on_one_line(report)}: open it in a browser."
        click.echo(filled(line.split(), sys.stderr, indent=""), err=True)
