"""The options of commands that use sounds and results in other ways."""

from __future__ import annotations

from typing import get_args

import click

from audioclust.cli.inputs.parsing import integer, quantity
from audioclust.cli.options.option import Option
from audioclust.export.organizing.plan import PlacingMode

USES = (
    Option(
        name="n",
        help="How many sounds are listed.",
        flag="-n",
        parse=integer(1),
        default="10",
        metavar="N",
    ),
    Option(
        name="seconds",
        help="How much of each file is compared, from its beginning, in s.",
        parse=quantity("seconds"),
        default="60",
        metavar="SECONDS",
    ),
    Option(
        name="into",
        help="Where the folders of groups are made.  [required, except with --undo]",
        type=click.Path(file_okay=False),
        metavar="DIR",
    ),
    Option(
        name="mode",
        help="Whether links to files, copies of them or the files themselves are put there.",
        type=click.Choice(get_args(PlacingMode)),
        default="link",
    ),
    Option(
        name="unassigned",
        help="What becomes of files in no group: they are left, or put into a folder too.",
        type=click.Choice(("leave", "folder")),
        default="leave",
    ),
    Option(name="dry_run", help="Show what would be put where, and do nothing.", is_flag=True),
    Option(name="yes", help="Do not ask.", is_flag=True),
    Option(
        name="undo",
        help="Undo what LOG, which an earlier run left, tells of.",
        type=click.Path(dir_okay=False),
        metavar="LOG",
    ),
    Option(
        name="older_than",
        help="Also remove what was computed more than this many days ago.",
        parse=quantity("days", least=0),
        metavar="DAYS",
    ),
    Option(
        name="port",
        help="The port to listen at; 0 is any that is free.",
        parse=integer(0, 65_535),
        default="0",
        metavar="N",
    ),
    Option(name="no_browser", help="Print the address, and open no browser.", is_flag=True),
)
