"""The command that computes a table of features: `extract`."""

from __future__ import annotations

import os
from typing import Any

import click

from audioclust.cli.inputs.caching import CACHE
from audioclust.cli.inputs.clusters import CLUSTER, on_cluster
from audioclust.cli.inputs.preparing import PREPARATION
from audioclust.cli.inputs.sources import asked_source, check_source_kept
from audioclust.cli.inputs.which_files import FILES, print_left_out
from audioclust.cli.options.table import takes
from audioclust.cli.output import print_errors, print_partial, shown
from audioclust.cli.stderr import noise_contained
from audioclust.utils.text import on_one_line

SUFFIXES = {".parquet": "to_parquet", ".features": "save", ".csv": "to_csv"}
"""The suffixes that a table can be written with, and the methods that do it."""


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@takes("output", "preset", "features", "descriptors", *PREPARATION, *FILES)
@takes("n_jobs", *CACHE, *CLUSTER, "strict", "quiet")
def extract(
    paths: tuple[str, ...], output: str, strict: bool, quiet: bool, **settings: Any
) -> None:
    """Write features of the sounds at PATH... to a table.

    The suffix of the table says its format: .parquet for other programs, .features for
    audioclust alone, .csv for spreadsheets. 'audioclust cluster --table FILE' clusters the
    first two without decoding anything again. A PATH is a folder, which is searched with its
    subfolders, a file, or a pattern; - stands for paths from standard input.
    """
    write = _writer(output)
    source = asked_source(paths, None, settings)
    check_source_kept([output], source, settings, table=None)
    from audioclust.api import extracting

    with noise_contained(quiet=quiet), on_cluster(settings):
        table = extracting.extract(source, progress=shown(quiet), **settings)
    getattr(table, write)(output)
    if not quiet:
        size = f"{len(table)} files and {len(table.columns)} columns"
        click.echo(f"Wrote {size} to {on_one_line(output)}")
        print_left_out(table.left_out)
    print_errors(table.errors, len(table))
    print_partial(table.items)
    if strict and table.errors:
        click.get_current_context().exit(1)


def _writer(output: str) -> str:
    """Give the name of the method that writes a file, and check that it can."""
    suffix = os.path.splitext(output)[1].lower()
    if suffix not in SUFFIXES:
        raise click.UsageError(
            f"--output {on_one_line(output)}: expected a suffix that is one of"
            f" {' '.join(SUFFIXES)}"
        )
    if suffix == ".parquet":
        from audioclust.export.tabular.parquet import import_arrow

        import_arrow()
    return SUFFIXES[suffix]
