"""Tables of features: in the place of paths, and written by a command of their own."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from audioclust.cli.exports import check_outputs
from audioclust.cli.inputs.which_files import FILES, filter_of, named_paths, print_left_out
from audioclust.cli.options import takes
from audioclust.cli.output import print_errors, print_partial
from audioclust.cli.preparing import PREPARATION, preparation_of
from audioclust.cli.stderr import noise_contained
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.extraction.table import FeatureTable

SUFFIXES = {".parquet": "to_parquet", ".features": "save", ".csv": "to_csv"}
"""The suffixes that a table can be written with, and the methods that do it."""

_PARQUET = b"PAR1"
"""What Parquet files begin with."""


def asked_source(
    paths: tuple[str, ...], table: str | None, settings: dict[str, Any]
) -> tuple[str, ...] | FeatureTable:
    """Give what a command works on: the table that was typed, or the paths.

    Parameters
    ----------
    paths : tuple of str
        What was typed; see :func:`named_paths`.
    table : str or None
        The file of a table.
    settings : dict
        The command's settings, in which the options of files become ``files``, and those of the
        preparation ``preparation``.

    Raises
    ------
    click.UsageError
        If both were typed, or neither.
    """
    null = settings.pop("null")
    if table is None:
        if not paths:
            raise click.UsageError("Missing argument 'PATH...'.")
        named: tuple[str, ...] | FeatureTable = named_paths(paths, null)
    else:
        if paths or null:
            raise click.UsageError(
                "--table FILE takes the place of PATH...: expected one of them"
            )
        named = read_table(table)
    settings["files"] = filter_of(settings)
    settings["preparation"] = preparation_of(settings, settings["preset"])
    return named


def check_source_kept(
    outputs: Iterable[str | None],
    source: tuple[str, ...] | FeatureTable,
    settings: dict[str, Any],
    table: str | None,
) -> None:
    """Check, before the work starts, that outputs can be written and replace no input."""
    if isinstance(source, tuple):
        check_outputs(outputs, sources=source, files=settings["files"])
    else:
        inputs = [] if table is None else [os.path.expanduser(table)]
        check_outputs(outputs, sources=(), inputs=inputs)


def read_table(path: str) -> FeatureTable:
    """Read a table from a file of Parquet, or one that :meth:`FeatureTable.save` wrote."""
    from audioclust.extraction.table import FeatureTable

    with open(os.path.expanduser(path), "rb") as file:
        is_parquet = file.read(len(_PARQUET)) == _PARQUET
    return FeatureTable.from_parquet(path) if is_parquet else FeatureTable.load(path)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@takes("output", "preset", "features", *PREPARATION, *FILES)
@takes("n_jobs", "strict", "quiet")
def extract(
    paths: tuple[str, ...], output: str, strict: bool, quiet: bool, **settings: Any
) -> None:
    """Compute features of the sounds at PATH... and write them to a table.

    The suffix of the table says its format: .parquet for other programs, .features for
    audioclust alone, .csv for spreadsheets. 'audioclust cluster --table FILE' clusters the
    first two without decoding anything again. A PATH is a folder, which is searched with its
    subfolders, a file, or a pattern; - stands for paths from standard input.
    """
    write = _writer(output)
    source = asked_source(paths, None, settings)
    check_source_kept([output], source, settings, table=None)
    from audioclust.extraction import recordings

    with noise_contained():
        table = recordings.extract(source, progress=False if quiet else None, **settings)
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
