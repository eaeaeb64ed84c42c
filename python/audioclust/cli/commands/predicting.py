"""The command that puts sounds into saved groups: `predict`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from audioclust.cli.exports import asked_exports, check_outputs, uses_stdout, write_exports
from audioclust.cli.inputs.caching import CACHE, cache_of
from audioclust.cli.inputs.saved import loaded
from audioclust.cli.inputs.which_files import FILES, filter_of, named_paths, print_left_out
from audioclust.cli.options.table import takes
from audioclust.cli.output import ShownNames, print_errors, print_partial, shown
from audioclust.cli.screen import Column, elided, numbers, print_table
from audioclust.cli.stderr import noise_contained
from audioclust.errors import NothingExtractedError
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.results.clustering import Clustering
    from audioclust.results.prediction import Predicted


@click.command()
@click.argument("model", metavar="MODEL", type=click.Path(dir_okay=False))
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@takes("n_jobs", *CACHE, *FILES, "to_items", "csv", "json", "strict", "quiet")
def predict(
    model: str,
    paths: tuple[str, ...],
    to: tuple[tuple[str, str], ...],
    csv: str | None,
    json: str | None,
    n_jobs: int | None,
    null: bool,
    strict: bool,
    quiet: bool,
    **settings: Any,
) -> None:
    """Put the sounds at PATH... into the groups of MODEL.

    MODEL is the file that 'audioclust cluster PATH... --save MODEL' wrote. The distance of a
    file is that to the nearest centre of a group. A file is marked as far if it is farther from
    all of them than 99 of 100 sounds that were grouped are from theirs: perhaps it belongs to
    none. A PATH is a folder, a file, a pattern, or an address such as s3://bucket/folder;
    - stands for paths from standard input, one on each line.
    """
    exports = asked_exports(to, csv, json)
    paths = named_paths(paths, null)
    settings["cache"] = cache_of(settings)
    settings["files"] = files = filter_of(settings)
    outputs = [export.path for export in exports]
    check_outputs(outputs, sources=paths, inputs=[os.path.expanduser(model)], files=files)
    from audioclust.extraction.storing.tables import inputs_of

    with noise_contained(quiet=quiet):
        result = loaded(model)
        check_outputs(outputs, sources=[], inputs=inputs_of(result.table))
        predicted = result.predict(paths, n_jobs=n_jobs, progress=shown(quiet), **settings)
    if not predicted.items:
        raise NothingExtractedError(predicted.errors)
    if not (quiet or uses_stdout(exports)):
        print_predicted(predicted, result)
        print_left_out(predicted.table.left_out)
    print_errors(predicted.errors, len(predicted.items), more_in="--json FILE")
    print_partial(predicted.items, more_in="--json FILE")
    write_exports(predicted, exports)
    if strict and predicted.errors:
        click.get_current_context().exit(1)


def print_predicted(predicted: Predicted, result: Clustering) -> None:
    """Print a line for each file that could be used, and how many are far."""
    shown = ShownNames(item.path for item in predicted.items)
    n_far = int(predicted.is_far.sum())
    table = predicted.item_table()
    rows: list[tuple[str, ...]] = [
        (
            str(label),
            *([on_one_line(result.names.get(label, ""))] if result.names else []),
            f"{distance:.2f}",
            *(["far" if far else ""] if n_far else []),
            shown(item.path),
        )
        for item, label, distance, far in zip(
            table.items, table.labels, table.distances, table.more["far"], strict=True
        )
    ]
    columns = [
        *numbers("cluster"),
        *([Column("name")] if result.names else []),
        *numbers("distance"),
        *([Column("")] if n_far else []),
        Column("file", shortened=elided),
    ]
    print_table(columns, rows)
    shown.print_folder()
    if n_far:
        beyond = f"farther from every cluster than {predicted.far_from:.2f}"
        click.echo(f"{n_far} of {len(rows)} {'is' if n_far == 1 else 'are'} {beyond}.")
