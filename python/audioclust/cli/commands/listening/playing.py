"""The command that plays a cluster: `play`."""

from __future__ import annotations

import os

import click

from audioclust.cli.exports import check_outputs
from audioclust.cli.inputs.saved import kept_cluster
from audioclust.cli.options.table import takes
from audioclust.cli.output import print_errors
from audioclust.cli.stderr import noise_contained
from audioclust.utils.text import on_one_line


@click.command()
@click.argument("result", metavar="RESULT", type=click.Path(dir_okay=False))
@click.argument("cluster", metavar="CLUSTER")
@takes("preview")
def play(result: str, cluster: str, preview: str | None) -> None:
    """Play the files of a cluster with the system's own player.

    RESULT is the file that 'audioclust cluster PATH... --save RESULT' wrote, or the one that
    --json wrote. CLUSTER is the number of one of its clusters, or its name. Files are played
    from the nearest to the centre on. The player is what the system opens playlists with, or
    the command that the environment variable AUDIOCLUST_PLAYER names.
    """
    from audioclust.listening.player import play_items

    items, sounds, folder = kept_cluster(os.path.expanduser(result), cluster)
    if preview is None:
        click.echo(f"Playing {len(items)} files: {on_one_line(play_items(items, folder))}")
        return
    from audioclust.listening.excerpts import write_preview

    check_outputs([preview], sources=[], inputs=[result, *sounds])
    with noise_contained():
        made = write_preview(items, preview, n=10, seconds=1.0, folder=folder, inputs=sounds)
    print_errors(made.errors, len(made.excerpts))
    click.echo(f"Wrote {len(made.excerpts)} excerpts to {on_one_line(preview)}")
