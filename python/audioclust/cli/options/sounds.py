"""The options that say which sounds are used, and what is computed of them."""

from __future__ import annotations

from typing import get_args

import click

from audioclust.audio.preparation.settings import ChannelWord, Normalize
from audioclust.cli.inputs.parsing import channel, integer, names, quantity
from audioclust.cli.options.option import Option
from audioclust.extraction.preset import PresetName

SOUNDS = (
    Option(
        name="features",
        help="Features, separated by commas; 'audioclust features' lists them.  [default:"
        " default, or what the preset has]",
        parse=names,
        metavar="NAMES",
    ),
    Option(
        name="features_of_parts",
        help="Features, separated by commas; 'audioclust features' lists them.",
        flag="--features",
        parse=names,
        metavar="NAMES",
    ),
    Option(
        name="descriptors",
        help="Find out what sounds are like as well, in words that people have: length,"
        " loudness, tempo, key and others. Groups and maps do not depend on it.",
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
        name="table",
        help="Instead of PATH..., take features from FILE, which 'audioclust extract' wrote, or"
        " from any Parquet file with paths and numbers.",
        type=click.Path(dir_okay=False),
        metavar="FILE",
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
    Option(
        name="cache",
        help="Keep what is computed of files in FILE.  [default: in the user's cache folder;"
        " 'audioclust cache path' tells]",
        type=click.Path(dir_okay=False),
        metavar="FILE",
    ),
    Option(
        name="cache_file",
        help="The cache that is meant.  [default: the one that 'audioclust cache path' tells]",
        flag="--cache",
        type=click.Path(dir_okay=False),
        metavar="FILE",
    ),
    Option(
        name="no_cache",
        help="Compute all anew, and keep nothing.",
        is_flag=True,
    ),
    Option(
        name="retry",
        help="Try files again that could not be used before.",
        is_flag=True,
    ),
    Option(
        name="scheduler",
        help="Let the workers of a Dask cluster do the work, whose scheduler has this address,"
        " such as tcp://host:8786. The cache is not used then.",
        metavar="ADDRESS",
    ),
    Option(
        name="store",
        help="With --scheduler, keep the features of each part of the files in this folder,"
        " which may be an address such as s3://bucket/run. Another run goes on from there.",
        metavar="FOLDER",
    ),
    Option(
        name="n_jobs",
        help="Files to work on at once.  [default: one for each core]",
        parse=integer(1, otherwise="; left out, it is one for each core"),
        metavar="N",
    ),
)
