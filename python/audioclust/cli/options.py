"""The one table of options; a command names those it takes.

A new option is a line in :data:`OPTIONS`, its name at the commands that take it, and a test.
``audioclust --help`` reads this file, so that it must not import NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import click

from audioclust.audio.preparation.settings import ChannelWord, Normalize
from audioclust.cli.inputs.option import Command
from audioclust.cli.inputs.option import Option as Option
from audioclust.cli.parsing import (
    channel,
    integer,
    names,
    number_or_auto,
    numbers_of_clusters,
    quantity,
)
from audioclust.cli.uses.likeness_options import LIKENESS
from audioclust.clustering.algorithms import ALGORITHMS
from audioclust.export.formats import formats_for
from audioclust.export.organizing.plan import PlacingMode
from audioclust.export.tables import ItemTable, SpanTable
from audioclust.extraction.preset import PresetName
from audioclust.utils.types import Scaling


def takes(*names: str, **defaults: object) -> Callable[[Command], Command]:
    """Give a command options of the table, some of them with a default of its own."""

    def decorate(command: Command) -> Command:
        # The last one to be added is the first one in --help.
        for option in reversed([OPTIONS[name] for name in names]):
            command = option.added_to(command, defaults.get(option.name, option.default))
        return command

    return decorate


def _to(name: str, takes: type[ItemTable] | type[SpanTable]) -> Option:
    """Give the option --to with the formats of one kind of table."""
    formats = [one.name for one in formats_for(takes)]
    return Option(
        name=name,
        help=f"Write the result to FILE as {', '.join(formats[:-1])} or {formats[-1]}; - is"
        " standard output. May be repeated.",
        flag="--to",
        type=(click.Choice(formats), _FILE),
        metavar="FORMAT FILE",
        multiple=True,
    )


_FILE = click.Path(dir_okay=False, allow_dash=True)

_TABLE = (
    Option(
        name="features",
        help="Features, separated by commas; 'audioclust features' lists them.  [default:"
        " default, or what the preset has]",
        parse=names,
        metavar="NAMES",
    ),
    Option(
        name="descriptors",
        help="Find out what sounds are like as well, in words that people have: length,"
        " loudness, tempo, key and others. The groups do not depend on it.",
        is_flag=True,
    ),
    Option(
        name="preset",
        help="Settings for one kind of recordings; 'audioclust presets' lists them. Other"
        " options win.",
        type=click.Choice(get_args(PresetName)),
    ),
    Option(
        name="offset",
        help="Where the part of each file to use starts, in s.",
        parse=quantity("seconds", least=0),
        metavar="SECONDS",
    ),
    Option(
        name="duration",
        help="How long that part is, in s.  [default: to the end]",
        parse=quantity("seconds", least=0),
        metavar="SECONDS",
    ),
    Option(
        name="channels",
        help="Which channel is used: the mean of all, the left, the right, the one with the"
        " most energy, or the one of a number, from 0.  [default: mix]",
        parse=channel,
        metavar=f"{'|'.join(get_args(ChannelWord))}|N",
    ),
    Option(
        name="highpass",
        help="Attenuate what lies below this frequency, such as rumble, in Hz.",
        parse=quantity("Hz"),
        metavar="HZ",
    ),
    Option(
        name="trim",
        help="Leave out what is this much quieter than the loudest moment at the beginning and"
        " at the end, in dB.",
        parse=quantity("dB"),
        metavar="DB",
    ),
    Option(
        name="excerpt",
        help="Use no more than this of the middle, in s.",
        parse=quantity("seconds"),
        metavar="SECONDS",
    ),
    Option(
        name="normalize",
        help="Bring all files to one level: their largest sample, the root of the mean square,"
        " or the loudness of EBU R 128.",
        type=click.Choice(get_args(Normalize)),
    ),
    Option(
        name="scaling",
        help="How features of different units are brought to one scale; auto is neighbors for"
        " the default features of 60 files or more, else standard.",
        type=click.Choice(("auto", *get_args(Scaling))),
        default="auto",
    ),
    Option(
        name="scaling_of_hits",
        help="How features of different units are brought to one scale.",
        flag="--scaling",
        type=click.Choice(get_args(Scaling)),
        default="minmax",
    ),
    Option(
        name="k",
        help="Number of clusters; auto finds out how many there are.",
        flag="-k",
        parse=number_or_auto,
        metavar="N|auto",
        default="auto",
    ),
    Option(
        name="k_of_labels",
        help="Number of labels; auto finds out how many there are.",
        flag="-k",
        parse=number_or_auto,
        metavar="N|auto",
        default="2",
    ),
    Option(
        name="k_range",
        help="Numbers of clusters to choose from, both ends included, or a list such as 2,4,8.",
        parse=numbers_of_clusters,
        metavar="FIRST:LAST",
    ),
    Option(
        name="k_range_of_labels",
        help="Numbers of labels to choose from besides 1, both ends included, or a list such as"
        " 2,4,8.",
        flag="--k-range",
        parse=numbers_of_clusters,
        metavar="FIRST:LAST",
        default="2:8",
    ),
    Option(
        name="algorithm",
        help="What groups the sounds; affinity and hdbscan choose the number of clusters.",
        type=click.Choice(ALGORITHMS),
        default="kmeans",
    ),
    Option(
        name="algorithm_of_hits",
        help="What groups the hits; affinity chooses the number of clusters.",
        flag="--algorithm",
        type=click.Choice([one.name for one in ALGORITHMS.values() if not one.leaves_noise]),
        default="kmeans",
    ),
    Option(
        name="random_state",
        help="Seed: the same one gives the same result.",
        parse=integer(0, 2**64 - 1),
        default="0",
        metavar="N",
    ),
    Option(
        name="n_jobs",
        help="Files to work on at once.  [default: one for each core]",
        parse=integer(1, otherwise="; left out, it is one for each core"),
        metavar="N",
    ),
    Option(
        name="table",
        help="Instead of PATH..., take features from FILE, which 'audioclust extract' wrote, or"
        " from any Parquet file with paths and numbers.",
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
        name="include",
        help="Use only files that fit this pattern of gitignore, such as '*.flac' or 'live/'."
        " May be repeated.",
        multiple=True,
        metavar="PATTERN",
    ),
    Option(
        name="exclude",
        help="Leave out files and folders that fit this pattern. May be repeated.",
        multiple=True,
        metavar="PATTERN",
    ),
    Option(
        name="min_file_duration",
        help="Leave out files that are shorter, in s.",
        flag="--min-duration",
        parse=quantity("seconds"),
        metavar="SECONDS",
    ),
    Option(
        name="max_file_duration",
        help="Leave out files that are longer, in s.",
        flag="--max-duration",
        parse=quantity("seconds"),
        metavar="SECONDS",
    ),
    Option(
        name="hidden",
        help="Search files and folders whose name begins with a dot, too.",
        is_flag=True,
    ),
    Option(
        name="no_ignore",
        help="Do not obey files named .audioclustignore.",
        is_flag=True,
    ),
    Option(
        name="null",
        help="Paths from standard input end with a zero byte, as find -print0 writes them.",
        short="-0",
        is_flag=True,
    ),
    Option(name="quiet", help="Print errors only.", is_flag=True),
    Option(name="strict", help="Exit with 1 if any file cannot be used.", is_flag=True),
    _to("to_items", ItemTable),
    _to("to_spans", SpanTable),
    Option(name="csv", help="Short for --to csv FILE.", type=_FILE, metavar="FILE"),
    Option(name="json", help="Short for --to json FILE.", type=_FILE, metavar="FILE"),
    Option(
        name="previous",
        help="Go on from MODEL, which --save wrote: groups keep their numbers and names, and"
        " what was corrected is obeyed. Features, scaling and the number of groups are those of"
        " MODEL unless others are given.",
        type=click.Path(dir_okay=False),
        metavar="MODEL",
    ),
    Option(
        name="save",
        help="Save the result to FILE, such as m.audioclust, for 'audioclust predict'.",
        type=click.Path(dir_okay=False),
        metavar="FILE",
    ),
    *LIKENESS,
    Option(name="window", help="Length of a window, in s.", type=float, default=2.5),
    Option(name="hop", help="From one window to the next, in s.", type=float, default=0.25),
    Option(
        name="min_duration",
        help="Length of the shortest span, in s.",
        type=float,
        default=2.0,
    ),
    Option(
        name="silence",
        help="Give silence, pauses and background noise a label of their own.",
        is_flag=True,
    ),
    Option(
        name="until_next",
        help="Let a hit last until the next onset instead of one window.",
        is_flag=True,
    ),
    Option(
        name="delta",
        help="How far an onset exceeds its surroundings, from 0 to 1.",
        type=float,
        default=0.04,
    ),
    Option(
        name="wait",
        help="Frames after an onset in which there is no other.",
        parse=integer(0),
        default="4",
        metavar="N",
    ),
    Option(
        name="backtrack",
        help="Move each onset back to the minimum before it.",
        is_flag=True,
    ),
    Option(
        name="sonify",
        help="Write the recording with clicks on it, each cluster at its own pitch.",
        type=_FILE,
        metavar="FILE",
    ),
    Option(
        name="hits",
        help="Cut all hits out and write them to DIR as CLUSTER_NUMBER.wav.",
        type=click.Path(file_okay=False),
        metavar="DIR",
    ),
    Option(
        name="playlists",
        help="Write a playlist (M3U8) of each group to DIR, in an order in which neighbours are"
        " alike.",
        type=click.Path(file_okay=False),
        metavar="DIR",
    ),
    Option(
        name="into",
        help="Where the folders of groups are made.",
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
    Option(name="yes", help="Move files without asking.", is_flag=True),
    Option(
        name="undo",
        help="Undo what this log tells of.",
        type=click.Path(dir_okay=False),
        metavar="LOG",
    ),
    Option(
        name="preview",
        help="Write ten one-second excerpts, one after the other, and play nothing.",
        type=_FILE,
        metavar="FILE",
    ),
)

OPTIONS = {option.name: option for option in _TABLE}
"""The options by name."""
