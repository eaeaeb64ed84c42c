"""What a command works on: the paths that were typed, or a table of features."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, Any

import click

from audioclust.cli.exports import check_outputs
from audioclust.cli.inputs.caching import CACHE, cache_of
from audioclust.cli.inputs.clusters import CLUSTER
from audioclust.cli.inputs.parsing import typed_flags
from audioclust.cli.inputs.preparing import PREPARATION, preparation_of
from audioclust.cli.inputs.which_files import OF_FILTER, filter_of, named_paths
from audioclust.errors import ModelError
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.extraction.table import FeatureTable

OF_EXTRACTION = (
    *("preset", "features", "descriptors"),
    *(*PREPARATION, *OF_FILTER, *CACHE, *CLUSTER),
)
"""The parameters that say which files are read, and what is computed of them, and where."""

_PARQUET = b"PAR1"
"""What Parquet files begin with."""


def asked_source(
    paths: tuple[str, ...],
    table: str | None,
    settings: dict[str, Any],
    *,
    still_open: Container[str] = (),
) -> tuple[str, ...] | FeatureTable:
    """Give what a command works on: the table that was typed, or the paths.

    Parameters
    ----------
    paths : tuple of str
        What was typed; see :func:`named_paths`.
    table : str or None
        The file of a table.
    settings : dict
        The command's settings, in which the options of files become ``files``, those of the
        preparation ``preparation``, and those of the cache ``cache``.
    still_open : container of str
        Parameters about the extraction that mean something beside a table, too.

    Raises
    ------
    click.UsageError
        If both were typed, or neither; or if options were typed that a table has decided
        already.
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
        _refuse_decided(still_open)
        named = read_table(table)
    settings["files"] = filter_of(settings)
    settings["preparation"] = preparation_of(settings, settings["preset"])
    settings["cache"] = cache_of(settings)
    return named


def _refuse_decided(still_open: Container[str]) -> None:
    """Raise a UsageError if options were typed that say what a table has decided already."""
    typed = typed_flags()
    decided = [
        typed[name] for name in OF_EXTRACTION if name in typed and name not in still_open
    ]
    if decided:
        why = "--table FILE is a table, which has its own sounds and settings"
        raise click.UsageError(f"{', '.join(decided)}: {why}")


def check_source_kept(
    outputs: Iterable[str | None],
    source: tuple[str, ...] | FeatureTable,
    settings: dict[str, Any],
    table: str | None,
    others: Iterable[str] = (),
) -> None:
    """Check, before the work starts, that outputs can be written and replace no input.

    Parameters
    ----------
    outputs : iterable of str or None
    source : tuple of str or FeatureTable
        What :func:`asked_source` gave. Of a table the sounds are inputs as well.
    settings : dict
        The command's settings, with ``files``.
    table : str or None
        The file of the table.
    others : iterable of str
        Further files that are inputs.
    """
    inputs = [*others] if table is None else [*others, os.path.expanduser(table)]
    if isinstance(source, tuple):
        check_outputs(outputs, sources=source, inputs=inputs, files=settings["files"])
    else:
        from audioclust.extraction.storing.tables import inputs_of

        check_outputs(outputs, sources=(), inputs=[*inputs, *inputs_of(source)])


def read_table(path: str) -> FeatureTable:
    """Read a table from a file of Parquet, or one that :meth:`FeatureTable.save` wrote.

    Raises
    ------
    click.UsageError
        If it is CSV, which has no settings.
    ModelError
        If it has no rows, as a shard may.
    """
    if path.lower().endswith(".csv"):
        expected = "expected .parquet or .features, which 'audioclust extract' writes as well"
        raise click.UsageError(f"{on_one_line(path)}: CSV cannot be read back: {expected}")
    from audioclust.extraction.table import FeatureTable

    with open(os.path.expanduser(path), "rb") as file:
        is_parquet = file.read(len(_PARQUET)) == _PARQUET
    table = FeatureTable.from_parquet(path) if is_parquet else FeatureTable.load(path)
    if not len(table):
        hint = "'audioclust merge' puts the shards of a run together"
        raise ModelError(f"{on_one_line(path)}: it has no rows; {hint}")
    return table
