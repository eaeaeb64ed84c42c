"""The commands that show what there is: `demo`, `features` and `presets`."""

from __future__ import annotations

import os
import shlex
import shutil
import sys

import click

from audioclust.cli.output import print_clusters, print_errors
from audioclust.cli.screen import Column, cut, numbers, print_table
from audioclust.cli.stderr import noise_contained
from audioclust.utils.text import on_one_line


@click.command()
@click.argument("folder", default="demo", metavar="[DIR]", type=click.Path(file_okay=False))
def demo(folder: str) -> None:
    """Write 60 synthetic sounds to DIR and cluster them.

    There are ten of each of six kinds. DIR is 'demo' if it is left out.
    """
    from audioclust.api import grouping
    from audioclust.demo import KINDS, kind_of, synthesize

    folder = os.path.expanduser(folder)
    named = ", ".join(KINDS)
    click.echo(
        f"Writing {10 * len(KINDS)} sounds to {on_one_line(folder)}: ten each of {named}."
    )
    paths = synthesize(folder)
    with noise_contained():
        result = grouping.cluster(sorted(paths), len(KINDS))
    print_clusters(result)
    print_errors(result.errors, len(result.items))
    kinds = [[kind_of(item.path) for item in members] for members in result]
    together = sum(max(map(members.count, set(members))) for members in kinds)
    click.echo(f"{together} of {len(result.items)} are with others of their kind.")
    command = "audioclust" if shutil.which("audioclust") else sys.argv[0]
    click.echo(
        f"The same again: {command} cluster {shlex.quote(on_one_line(folder))} -k {len(KINDS)}"
    )


@click.command()
def features() -> None:
    """List the features that --features takes."""
    from audioclust.extraction.registry import registry

    columns = [Column("feature"), *numbers("columns"), Column("sets"), Column("unit")]
    rows = [
        (
            info.name,
            str(len(info.columns)),
            ", ".join(info.sets),
            info.unit,
            info.source,
        )
        for info in registry()
    ]
    print_table([*columns, Column("what it is", shortened=cut)], rows)
    click.echo("A set stands for all its features, such as --features article.")


@click.command("presets")
def list_presets() -> None:
    """List the presets that --preset takes."""
    from audioclust.extraction.preset import presets

    rows = [(preset.name, preset.summary) for preset in presets().values()]
    print_table([Column("preset"), Column("what it is for", shortened=cut)], rows)
    click.echo("audioclust.presets() in Python has their settings, and what they are based on.")
