"""The commands that group sounds: `cluster` and `choose-k`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from audioclust.cli.exports import (
    asked_exports,
    check_folder,
    check_outputs,
    uses_stdout,
    write_exports,
)
from audioclust.cli.inputs.caching import CACHE
from audioclust.cli.inputs.clusters import CLUSTER, check_cluster, on_cluster
from audioclust.cli.inputs.preparing import PREPARATION
from audioclust.cli.inputs.saved import is_saved, loaded, loaded_instead
from audioclust.cli.inputs.sources import asked_source, check_source_kept
from audioclust.cli.inputs.which_files import FILES, print_left_out
from audioclust.cli.options.table import takes
from audioclust.cli.output import (
    print_choice,
    print_clusters,
    print_errors,
    print_levels,
    print_partial,
    print_playlists,
    print_selection,
    print_warnings,
    shown,
)
from audioclust.cli.reports import REPORT, check_report, write_report
from audioclust.cli.stderr import noise_contained

if TYPE_CHECKING:
    from audioclust.extraction.table import FeatureTable
    from audioclust.report.content import Audio
    from audioclust.results.clustering import Clustering

FOR_MODELS = (
    *("paths", "to", "csv", "json", "save", "playlists", "report", "report_audio"),
    *("strict", "quiet"),
)
"""The parameters of `cluster` that a saved result leaves open."""


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@takes("k", "k_range", "algorithm", "preset", "features", "descriptors", *PREPARATION)
@takes("scaling", "random_state", "n_jobs", *CACHE, *CLUSTER, *FILES, "table", "previous")
@takes("to_items", "csv", "json", "save", "playlists", *REPORT, "strict", "quiet")
def cluster(
    paths: tuple[str, ...],
    to: tuple[tuple[str, str], ...],
    csv: str | None,
    json: str | None,
    previous: str | None,
    save: str | None,
    table: str | None,
    playlists: str | None,
    report: str | None,
    report_audio: Audio | None,
    strict: bool,
    quiet: bool,
    **settings: Any,
) -> None:
    """Sort the sounds at PATH... into groups.

    Without -k their number is chosen, as choose-k shows, and is 1 if there is no clear
    structure. Of fewer than 20 sounds the likeliest number is taken, and nothing is claimed.
    Numbers from 2 to 15 are tried, or up to 50 for many sounds. A PATH is a folder,
    which is searched with its subfolders, a file, a pattern, or an address such as
    s3://bucket/folder; - stands for paths from standard input, one on each line. Patterns
    are those of gitignore, and are about what a search finds. Files that cannot be used are
    listed at the end and stop nothing.

    A single PATH may be a result that --save wrote. It is shown and written as it is, and
    nothing is grouped again.
    """
    check_cluster("cache")  # Threads do what is left to this process.
    exports = asked_exports(to, csv, json)
    sounds_at = check_report(report, report_audio)
    outputs = [export.path for export in exports] + ([] if report is None else [report])
    if playlists is not None:
        check_folder(playlists)
    if is_saved(paths):
        result = _kept(paths[0], [save, *outputs])
    else:
        source = asked_source(paths, table, settings)
        check_source_kept([save, *outputs], source, settings, table)
        result = _grouped(source, previous, outputs, settings, quiet=quiet)
    if not (quiet or uses_stdout(exports)):
        _print_grouped(result)
    print_errors(result.errors, len(result.items), more_in="--json FILE")
    print_partial(result.items, more_in="--json FILE")
    write_exports(result, exports)
    if save is not None:
        result.save(save)
    if playlists is not None:
        written = result.to_playlists(playlists)
        if not quiet:
            print_playlists(written, playlists)
    write_report(result, result.items, report, sounds_at, kind="clustering", quiet=quiet)
    if strict and result.errors:
        click.get_current_context().exit(1)


def _kept(path: str, outputs: Sequence[str | None]) -> Clustering:
    """Load a saved result, and check that outputs can be written and replace nothing of it."""
    with noise_contained():
        result = loaded_instead(path, FOR_MODELS)
        inputs = [os.path.expanduser(path), *result.item_table().inputs]
    check_outputs(outputs, sources=[], inputs=inputs)
    return result


def _grouped(
    source: tuple[str, ...] | FeatureTable,
    previous: str | None,
    tables: Sequence[str],
    settings: dict[str, Any],
    *,
    quiet: bool,
) -> Clustering:
    """Group sounds, and go on from an earlier result if there is one."""
    from audioclust.api import grouping
    from audioclust.results.parted.clustering import PartedClustering

    if previous is not None:
        # It may be replaced by the result that goes on from it, but by no table.
        check_outputs(tables, sources=[], inputs=[previous])
    with noise_contained(quiet=quiet), on_cluster(settings):
        settings["previous"] = None if previous is None else loaded(previous)
        made: Clustering | PartedClustering = grouping.cluster(
            source, progress=shown(quiet), **settings
        )
        # The files that are asked for are of all sounds together.
        return made.gather() if isinstance(made, PartedClustering) else made


def _print_grouped(result: Clustering) -> None:
    print_clusters(result)
    print_choice(result.selection)
    if result.selection is not None:
        print_levels(result.levels())
    print_warnings(result)
    print_left_out(result.table.left_out)


@click.command("choose-k")
@click.argument("paths", nargs=-1, metavar="PATH...")
@takes("k_range", "preset", "features", *PREPARATION)
@takes("scaling", "random_state", "n_jobs", *CACHE, *FILES, "table", "quiet")
def choose_k(
    paths: tuple[str, ...],
    table: str | None,
    n_jobs: int | None,
    quiet: bool,
    **settings: Any,
) -> None:
    """Show how many groups the sounds at PATH... make, if any.

    For each k: the silhouette, which is larger for clearer groups; null_mean and
    null_high, which are the mean and the 95th percentile of the silhouettes of sounds without
    groups; and stability, which is how much
    the groups of parts of the sounds agree. The bar shows the silhouette; it is drawn with = up
    to what sounds without groups reach, and with # above. Of more than 600 sounds a sample is
    compared with sounds without groups, and the column of its silhouettes is named compared.
    KSelection, the result in Python, gives the same names to these numbers. A PATH is a folder,
    a file, a pattern, or an address such as s3://bucket/folder.
    """
    from audioclust.api import choosing_k, extracting

    given: dict[str, Any] = {"n_jobs": n_jobs, "progress": shown(quiet)}
    source = asked_source(paths, table, settings)
    names = ("preset", "features", "preparation", "files", "cache", "retry")
    computed = {name: settings.pop(name) for name in names}
    with noise_contained(quiet=quiet):
        rows = (
            extracting.extract(source, **computed, **given)
            if isinstance(source, tuple)
            else source
        )
        found = choosing_k.choose_k(rows, **given, **settings)
    if not quiet:
        print_selection(found)
        print_left_out(rows.left_out)
    print_errors(rows.errors, len(rows))
    print_partial(rows.items)
