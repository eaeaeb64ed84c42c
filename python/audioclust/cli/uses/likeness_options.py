"""The options of the commands `similar` and `duplicates` alone."""

from __future__ import annotations

import click

from audioclust.cli.inputs.option import Option
from audioclust.cli.parsing import integer, quantity

_FILE = click.Path(dir_okay=False, allow_dash=True)

LIKENESS = (
    Option(
        name="csv_list",
        help="Write the result to FILE as CSV; - is standard output.",
        flag="--csv",
        type=_FILE,
        metavar="FILE",
    ),
    Option(
        name="json_list",
        help="Write the result to FILE as JSON; - is standard output.",
        flag="--json",
        type=_FILE,
        metavar="FILE",
    ),
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
)
