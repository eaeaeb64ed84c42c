"""The options that say what is written and printed."""

from __future__ import annotations

from typing import get_args

import click

from audioclust.cli.inputs.parsing import shard
from audioclust.cli.options.option import FILE, Option
from audioclust.export.formats import formats_for
from audioclust.export.tables import ItemTable, SpanTable
from audioclust.report.content import Audio


def _to(name: str, takes: type[ItemTable] | type[SpanTable]) -> Option:
    """Give the option --to with the formats of one kind of table."""
    formats = [one.name for one in formats_for(takes)]
    return Option(
        name=name,
        help=f"Write the result to FILE as {', '.join(formats[:-1])} or {formats[-1]}; - is"
        " standard output. May be repeated.",
        flag="--to",
        type=(click.Choice(formats), FILE),
        metavar="FORMAT FILE",
        multiple=True,
    )


OUTPUTS = (
    Option(name="quiet", help="Print errors only.", is_flag=True),
    Option(name="strict", help="Exit with 1 if any file cannot be used.", is_flag=True),
    _to("to_items", ItemTable),
    _to("to_spans", SpanTable),
    Option(name="csv", help="Short for --to csv FILE.", type=FILE, metavar="FILE"),
    Option(name="json", help="Short for --to json FILE.", type=FILE, metavar="FILE"),
    Option(
        name="csv_list",
        help="Write the result to FILE as CSV; - is standard output.",
        flag="--csv",
        type=FILE,
        metavar="FILE",
    ),
    Option(
        name="json_list",
        help="Write the result to FILE as JSON; - is standard output.",
        flag="--json",
        type=FILE,
        metavar="FILE",
    ),
    Option(
        name="save",
        help="Save the result to FILE, such as m.audioclust, which 'audioclust predict',"
        " similar, organize, play and cluster take.",
        type=click.Path(dir_okay=False),
        metavar="FILE",
    ),
    Option(
        name="output",
        help="The table to write: FILE.parquet, FILE.features or FILE.csv.",
        short="-o",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        required=True,
    ),
    Option(
        name="shard",
        help="Compute one shard of the files only, such as 3/40, the third of 40."
        " 'audioclust merge' puts all shards together.",
        parse=shard,
        metavar="N/OF",
    ),
    Option(
        name="playlists",
        help="Write a playlist (M3U8) of each group to DIR, in an order in which neighbours are"
        " alike.",
        type=click.Path(file_okay=False),
        metavar="DIR",
    ),
    Option(
        name="report",
        help="Write the result to FILE, such as map.html, as a page to look at and listen to.",
        type=click.Path(dir_okay=False),
        metavar="FILE",
    ),
    Option(
        name="report_audio",
        help="Where the page has its sounds: link plays the files where they lie,"
        " representatives and embed put clips of typical or of all sounds into the page. Left"
        " out, it is link.",
        type=click.Choice(get_args(Audio)),
    ),
    Option(
        name="preview",
        help="Play nothing; write one second of each of ten files to FILE, one after the"
        " other.",
        type=FILE,
        metavar="FILE",
    ),
)
