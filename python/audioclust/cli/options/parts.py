"""The options of windows, spans and hits: parts of recordings."""

from __future__ import annotations

import click

from audioclust.cli.inputs.parsing import integer
from audioclust.cli.options.option import FILE, Option

PARTS = (
    Option(
        name="window",
        help="Length of a window.",
        type=float,
        default=2.5,
        metavar="SECONDS",
    ),
    Option(
        name="hop",
        help="From one window to the next.",
        type=float,
        default=0.25,
        metavar="SECONDS",
    ),
    Option(
        name="min_duration",
        help="Length of the shortest span.",
        type=float,
        default=2.0,
        metavar="SECONDS",
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
        metavar="NUMBER",
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
        type=FILE,
        metavar="FILE",
    ),
    Option(
        name="hits",
        help="Cut all hits out and write them to DIR as CLUSTER_NUMBER.wav.",
        type=click.Path(file_okay=False),
        metavar="DIR",
    ),
)
