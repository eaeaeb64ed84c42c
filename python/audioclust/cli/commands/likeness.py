"""The commands that compare sounds with each other: which are similar, which are the same."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from audioclust.cli.exports import asked_exports, check_outputs, uses_stdout, write_exports
from audioclust.cli.inputs.caching import CACHE, cache_of
from audioclust.cli.inputs.preparing import PREPARATION
from audioclust.cli.inputs.saved import is_saved, loaded_instead
from audioclust.cli.inputs.sources import asked_source, check_source_kept
from audioclust.cli.inputs.which_files import FILES, filter_of, named_paths, print_left_out
from audioclust.cli.options.table import takes
from audioclust.cli.output import ShownNames, print_errors, print_partial, shown
from audioclust.cli.screen import Column, elided, filled, numbers, print_table
from audioclust.cli.stderr import noise_contained

if TYPE_CHECKING:
    from audioclust.results.uses.duplicate_groups import Duplicates
    from audioclust.results.uses.similarity import Similar

HOW_EXTRACTED = ("preset", "features", *PREPARATION, "scaling")
"""The options that say what is compared."""

FOR_MODELS = ("track", "paths", "n", "n_jobs", *CACHE, "csv", "json", "quiet")
"""The parameters of `similar` that a saved result leaves open."""


@click.command()
@click.argument("track", metavar="TRACK")
@click.argument("paths", nargs=-1, metavar="PATH...")
@takes("n", *HOW_EXTRACTED, "n_jobs", *CACHE, *FILES, "table")
@takes("csv_list", "json_list", "quiet")
def similar(
    track: str,
    paths: tuple[str, ...],
    n: int,
    csv: str | None,
    json: str | None,
    table: str | None,
    quiet: bool,
    **settings: Any,
) -> None:
    """List the sounds at PATH... that are most like TRACK.

    The most similar come first. The distance is that of the scaled features, in which copies
    are at 0. TRACK may be one of the sounds at PATH... and is left out then. A single PATH may
    be a result that was saved: its sounds are compared as they were clustered, and none of them
    is decoded. Any other PATH is a folder, a file, a pattern, or an address such as
    s3://bucket/folder.
    """
    exports = asked_exports((), csv, json)
    outputs = [export.path for export in exports]
    if is_saved(paths):
        from audioclust.extraction.storing.tables import inputs_of

        settings["cache"] = cache_of(settings)
        with noise_contained():
            result = loaded_instead(paths[0], FOR_MODELS)
        typed = map(os.path.expanduser, (track, *paths))
        check_outputs(outputs, sources=[], inputs=[*typed, *inputs_of(result.table)])
    else:
        # The cache is that of TRACK if all others are in a table.
        source = asked_source(paths, table, settings, still_open=CACHE)
        check_source_kept(outputs, source, settings, table, others=[os.path.expanduser(track)])
        from audioclust.api import grouping

        with noise_contained(quiet=quiet):
            # The features are scaled as for any number of clusters.
            result = grouping.cluster(source, 1, progress=shown(quiet), **settings)
        print_errors(result.errors, len(result.items))
        print_partial(result.items)
    kept = {name: settings[name] for name in ("n_jobs", "cache", "retry")}
    with noise_contained():
        found = result.similar(track, n, **kept)
    if not (quiet or uses_stdout(exports)):
        print_similar(found)
        print_left_out(result.table.left_out)
    write_exports(found, exports)


def print_similar(found: Similar) -> None:
    """Print a line for each similar sound."""
    name = ShownNames(item.path for item in found.items)
    rows = [(f"{distance:.3f}", name(item.path)) for item, distance in found]
    print_table([*numbers("distance"), Column("sound", shortened=elided)], rows)
    name.print_folder()


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@takes("seconds", *FILES, "n_jobs", *CACHE, "csv_list", "json_list", "quiet", "strict")
def duplicates(
    paths: tuple[str, ...],
    seconds: float,
    n_jobs: int | None,
    csv: str | None,
    json: str | None,
    quiet: bool,
    strict: bool,
    **which: Any,
) -> None:
    """List the sounds at PATH... that are the same recording.

    Those of one recording are a group. They may be in other formats, have other ends, and be
    louder or quieter. A score of 1 means that nothing else differs from the one of the group
    that agrees best; unrelated sounds are near 0. Nothing is deleted. A PATH is a folder, a
    file, a pattern, or an address such as s3://bucket/folder.
    """
    from audioclust.results.uses import same_recordings

    exports = asked_exports((), csv, json)
    named = named_paths(paths, which.pop("null"))
    files = filter_of(which)
    check_outputs((export.path for export in exports), sources=named, files=files)
    kept = {"cache": cache_of(which), "retry": which.pop("retry")}
    how: dict[str, Any] = {"files": files, "progress": shown(quiet), **kept}
    with noise_contained(quiet=quiet):
        found = same_recordings.duplicates(named, seconds=seconds, n_jobs=n_jobs, **how)
    if not (quiet or uses_stdout(exports)):
        print_duplicates(found)
        print_left_out(found.left_out)
    print_errors(found.errors, found.n_compared, more_in="--json FILE")
    write_exports(found, exports)
    if strict and found.errors:
        click.get_current_context().exit(1)


def print_duplicates(found: Duplicates) -> None:
    """Print a line for each sound that has a duplicate."""
    scores = found.scores
    rows = [(n, item) for n, group in enumerate(found) for item in group]
    if rows:
        name = ShownNames(item.path for _, item in rows)
        lines = [(str(n), f"{scores[item]:.2f}", name(item.path)) for n, item in rows]
        print_table([*numbers("group", "score"), Column("sound", shortened=elided)], lines)
        name.print_folder()
    else:
        click.echo(f"No duplicates among {found.n_compared} sounds.")
    if found.too_short:
        hint = "; --json FILE names them"
        n = len(found.too_short)
        change = "1 sound changes" if n == 1 else f"{n} sounds change"
        line = f"{change} too little to be told from others{hint}."
        click.echo(filled(line.split(), sys.stdout, indent=""))
