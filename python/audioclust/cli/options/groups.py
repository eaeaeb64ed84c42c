"""The options that say how sounds are grouped."""

from __future__ import annotations

from typing import get_args

import click

from audioclust.cli.inputs.parsing import (
    integer,
    number_or_auto,
    numbers_of_clusters,
    rows_and_columns,
)
from audioclust.cli.options.option import Option
from audioclust.clustering.algorithms import ALGORITHMS
from audioclust.utils.types import Scaling

GROUPS = (
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
        name="shape",
        help="Rows and columns of the map.",
        parse=rows_and_columns,
        default="8x12",
        metavar="ROWSxCOLUMNS",
    ),
    Option(
        name="topology",
        help="Whether units of the map have eight neighbours, or six.",
        type=click.Choice(("rectangular", "hexagonal")),
        default="rectangular",
    ),
    Option(
        name="random_state",
        help="Seed: the same one gives the same result.",
        parse=integer(0, 2**64 - 1),
        default="0",
        metavar="N",
    ),
    Option(
        name="previous",
        help="Go on from MODEL, which --save wrote: groups keep their numbers and names, and"
        " what was corrected is obeyed. Features, scaling and the number of groups are those of"
        " MODEL unless others are given.",
        type=click.Path(dir_okay=False),
        metavar="MODEL",
    ),
)
