"""The commands that make tables of features: `extract`, and `merge` for tables of shards."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from audioclust.cli.exports import check_outputs
from audioclust.cli.inputs.caching import CACHE
from audioclust.cli.inputs.clusters import CLUSTER, check_cluster, on_cluster
from audioclust.cli.inputs.preparing import PREPARATION
from audioclust.cli.inputs.sources import asked_source, check_source_kept
from audioclust.cli.inputs.which_files import FILES, print_left_out
from audioclust.cli.options.table import takes
from audioclust.cli.output import print_errors, print_partial, shown
from audioclust.cli.stderr import noise_contained
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.extraction.table import FeatureTable

SUFFIXES = {".parquet": "to_parquet", ".features": "save", ".csv": "to_csv"}
"""The suffixes that a table can be written with, and the methods that do it."""


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@takes("output", "preset", "features", "descriptors", *PREPARATION, *FILES)
@takes("n_jobs", "shard", *CACHE, *CLUSTER, "strict", "quiet")
def extract(
    paths: tuple[str, ...],
    output: str,
    strict: bool,
    quiet: bool,
    shard: tuple[int, int] | None,
    **settings: Any,
) -> None:
    """Write features of the sounds at PATH... to a table.

    The suffix of the table says its format: .parquet for other programs, .features for
    audioclust alone, .csv for spreadsheets. 'audioclust cluster --table FILE' clusters the
    first two without decoding anything again. A PATH is a folder, which is searched with its
    subfolders, a file, a pattern, or an address such as s3://bucket/folder; - stands for paths
    from standard input.

    With --shard, several machines share the work without knowing of each other: each is given
    the same PATH... and options, and another shard.
    """
    check_cluster("cache", "n_jobs")
    write = _writer(output, of_shard=shard is not None)
    source = asked_source(paths, None, settings)
    check_source_kept([output], source, settings, table=None)
    with noise_contained(quiet=quiet), on_cluster(settings):
        if shard is None:
            from audioclust.api import extracting

            table = extracting.extract(source, progress=shown(quiet), **settings)
            getattr(table, write)(output)
        else:
            table = _shard_extracted(source, shard, output, shown(quiet), settings)
    which = "" if shard is None else f"shard {shard[0]} of {shard[1]} with "
    _print_written(table, which, output, quiet)
    if strict and table.errors:
        click.get_current_context().exit(1)


@click.command()
@click.argument("shards", nargs=-1, required=True, metavar="SHARD...")
@takes("output", "strict", "quiet")
def merge(shards: tuple[str, ...], output: str, strict: bool, quiet: bool) -> None:
    """Put the tables of shards together.

    Shards are what 'audioclust extract --shard' writes. The table is the same as if one machine
    had computed all of it. A SHARD is a file, or a folder of such files. A shard that is
    missing, or is there twice, is named, and nothing is written.
    """
    write = _writer(output)
    from audioclust.extraction.partitions.sharding import merge_shards

    files = _files_of(shards)
    _check_kept(output, files)
    table = merge_shards(files)
    getattr(table, write)(output)
    _print_written(table, "", output, quiet)
    if strict and table.errors:
        click.get_current_context().exit(1)


def _shard_extracted(
    source: Any, shard: tuple[int, int], output: str, progress: Any, given: dict[str, Any]
) -> FeatureTable:
    """Compute and write one shard, with the arguments of :func:`audioclust.extract`."""
    from audioclust.extraction.batch import BatchSettings
    from audioclust.extraction.cache.settings import CacheSettings
    from audioclust.extraction.partitions.sharding import extract_shard
    from audioclust.extraction.settings import ExtractionSettings

    files, batch = given.pop("files"), BatchSettings.checked(given.pop("n_jobs"), progress)
    cache = CacheSettings.checked(given.pop("cache"), given.pop("retry"))
    settings = ExtractionSettings.checked(**given)
    return extract_shard(
        source, *shard, output, settings=settings, files=files, batch=batch, cache=cache
    )


def _files_of(shards: Sequence[str]) -> list[str]:
    """Give files, and in the place of each folder the Parquet files in it."""
    files: list[str] = []
    for shard in shards:
        path = os.path.expanduser(shard)
        if os.path.isdir(path):
            names = sorted(name for name in os.listdir(path) if name.endswith(".parquet"))
            files += [os.path.join(path, name) for name in names]
        else:
            files.append(path)
    if not files:
        raise click.UsageError(f"{on_one_line(shards[0])}: there are no Parquet files in it")
    return files


def _check_kept(output: str, shards: Sequence[str]) -> None:
    """Check, before the work starts, that a file can be written and is none of the shards."""
    place = os.path.realpath(os.path.expanduser(output))
    for shard in shards:
        if os.path.realpath(shard) == place:
            expected = f"another file than {on_one_line(shard)}, which is one of the shards"
            raise click.UsageError(f"--output {on_one_line(output)}: expected {expected}")
    check_outputs([output], sources=(), inputs=shards)


def _print_written(table: FeatureTable, which: str, output: str, quiet: bool) -> None:
    """Say what was written, and which files could not be used."""
    if not quiet:
        size = f"{len(table)} files and {len(table.columns)} columns"
        click.echo(f"Wrote {which}{size} to {on_one_line(output)}")
        print_left_out(table.left_out)
    print_errors(table.errors, len(table))
    print_partial(table.items)


def _writer(output: str, *, of_shard: bool = False) -> str:
    """Give the name of the method that writes a file, and check that it can."""
    suffix = os.path.splitext(output)[1].lower()
    if of_shard and suffix != ".parquet":
        raise click.UsageError(
            f"--output {on_one_line(output)}: expected the suffix .parquet for a shard"
        )
    if suffix not in SUFFIXES:
        raise click.UsageError(
            f"--output {on_one_line(output)}: expected a suffix that is one of"
            f" {' '.join(SUFFIXES)}"
        )
    if suffix == ".parquet":
        from audioclust.export.tabular.parquet import import_arrow

        import_arrow()
    return SUFFIXES[suffix]
