"""The commands: options in, a call of the public functions, tables and files out."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from typing import Any

import click

from audioclust.cli.exports import (
    asked_exports,
    check_folder,
    check_outputs,
    uses_stdout,
    write_exports,
)
from audioclust.cli.inputs.tables import asked_source, check_source_kept, extract
from audioclust.cli.inputs.which_files import FILES, print_left_out
from audioclust.cli.model_commands import kept_cluster, kept_result, predict
from audioclust.cli.options import takes
from audioclust.cli.organizing import organize
from audioclust.cli.output import (
    print_choice,
    print_clusters,
    print_errors,
    print_hits,
    print_levels,
    print_partial,
    print_playlists,
    print_selection,
    print_spans,
    print_warnings,
)
from audioclust.cli.parsing import integer, parsed_by
from audioclust.cli.preparing import PREPARATION
from audioclust.cli.screen import Column, cut, numbers, print_table
from audioclust.cli.stderr import noise_contained
from audioclust.cli.uses.likeness import duplicates, similar
from audioclust.utils.text import on_one_line


def shown(quiet: bool) -> bool | None:
    """Give the value of `progress` for a run: shown on a terminal unless it is to be quiet."""
    return False if quiet else None


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@takes("k", "k_range", "algorithm", "preset", "features", "descriptors", *PREPARATION)
@takes("scaling", "random_state", "n_jobs", *FILES, "table", "previous")
@takes("to_items", "csv", "json", "save", "playlists", "strict", "quiet")
def cluster(
    paths: tuple[str, ...],
    to: tuple[tuple[str, str], ...],
    csv: str | None,
    json: str | None,
    previous: str | None,
    save: str | None,
    table: str | None,
    playlists: str | None,
    strict: bool,
    quiet: bool,
    **settings: Any,
) -> None:
    """Sort the sounds at PATH... into groups.

    Without -k their number is chosen, as choose-k shows, and is 1 if there is no clear
    structure. Of fewer than 20 sounds the likeliest number is taken, and nothing is claimed.
    Numbers from 2 to 15 are tried, or up to 50 for many sounds. A PATH is a folder,
    which is searched with its subfolders, a file, or a pattern; - stands for paths from
    standard input, one on each line. Patterns are those of gitignore, and are about what a
    search finds. Files that cannot be used are listed at the end and stop nothing.
    """
    from audioclust import api

    exports = asked_exports(to, csv, json)
    source = asked_source(paths, table, settings)
    tables = [export.path for export in exports]
    check_source_kept([save, *tables], source, settings, table)
    if playlists is not None:
        check_folder(playlists)
    if previous is not None:
        # It may be replaced by the result that goes on from it, but by no table.
        check_outputs(tables, sources=[], inputs=[previous])
    with noise_contained():
        settings["previous"] = kept_result(previous)
        result = api.cluster(source, progress=shown(quiet), **settings)
    if not (quiet or uses_stdout(exports)):
        print_clusters(result)
        print_choice(result.selection)
        if result.selection is not None:
            print_levels(result.levels())
        print_warnings(result)
        print_left_out(result.table.left_out)
    print_errors(result.errors, len(result.items), more_in="--json FILE")
    print_partial(result.items, more_in="--json FILE")
    write_exports(result, exports)
    if save is not None:
        result.save(save)
    if playlists is not None:
        written = result.to_playlists(playlists)
        if not quiet:
            print_playlists(written, playlists)
    if strict and result.errors:
        click.get_current_context().exit(1)


@click.command("choose-k")
@click.argument("paths", nargs=-1, metavar="PATH...")
@takes("k_range", "preset", "features", *PREPARATION)
@takes("scaling", "random_state", "n_jobs", *FILES, "table", "quiet")
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
    KSelection, the result in Python, gives the same names to these numbers.
    """
    from audioclust import api
    from audioclust.extraction import recordings

    given: dict[str, Any] = {"n_jobs": n_jobs, "progress": shown(quiet)}
    source = asked_source(paths, table, settings)
    computed = {
        name: settings.pop(name) for name in ("preset", "features", "preparation", "files")
    }
    with noise_contained():
        rows = (
            recordings.extract(source, **computed, **given)
            if isinstance(source, tuple)
            else source
        )
        found = api.choose_k(rows, **given, **settings)
    if not quiet:
        print_selection(found)
        print_left_out(rows.left_out)
    print_errors(rows.errors, len(rows))
    print_partial(rows.items)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@takes("k_of_labels", "k_range_of_labels", "features", features="article")
@takes("window", "hop", "min_duration", "silence", "random_state", "n_jobs")
@takes("to_spans", "csv", "json", "quiet")
def segment(
    files: tuple[str, ...],
    to: tuple[tuple[str, str], ...],
    csv: str | None,
    json: str | None,
    quiet: bool,
    **settings: Any,
) -> None:
    """Part FILE... into spans that sound alike, such as speakers, or speech and music.

    Several files share their labels. Times are printed as minutes and seconds.
    """
    from audioclust.segmentation import segmenting

    exports = asked_exports(to, csv, json)
    check_outputs((export.path for export in exports), sources=files)
    with noise_contained():
        result = segmenting.segment(files, progress=shown(quiet), **settings)
    if not (quiet or uses_stdout(exports)):
        print_spans(result)
        print_choice(result.selection)
    print_errors(result.errors, len(result.recordings), more_in="--json FILE")
    print_partial(result.recordings, more_in="--json FILE")
    write_exports(result, exports)


@click.command()
@click.argument("file", metavar="FILE")
@takes("k", "k_range", k_range="2:15")
@takes("features", "window", features="zero_crossings,l2_norm", window=0.09)
@takes("until_next", "scaling_of_hits", "delta", "wait", "backtrack")
@takes(
    "algorithm_of_hits", "random_state", "sonify", "hits", "to_spans", "csv", "json", "quiet"
)
def onsets(
    file: str,
    sonify: str | None,
    hits: str | None,
    to: tuple[tuple[str, str], ...],
    csv: str | None,
    json: str | None,
    quiet: bool,
    **settings: Any,
) -> None:
    """Find the onsets in FILE and sort the hits into clusters.

    A hit is the window that starts at an onset. Beside the features that 'audioclust features'
    lists there are two of the hit as a whole: zero_crossings, how often the signal crosses
    zero, and l2_norm, the root of the sum of its squared samples.
    """
    from audioclust.events import detection
    from audioclust.events.hit_sounds import check_hits_folder

    exports = asked_exports(to, csv, json)
    outputs = [sonify, *(export.path for export in exports)]
    check_outputs(outputs, sources=[file])
    if hits is not None:
        check_hits_folder(hits, outputs=filter(None, outputs))
    with noise_contained():
        result = detection.onsets(file, progress=shown(quiet), **settings)
        if hits is not None:
            result.write_hits(None, hits)
        made = None if sonify is None else result.sonify(path=sonify)
    if not (quiet or uses_stdout(exports)):
        print_hits(result)
        print_choice(result.selection)
        if sonify is not None and made is not None and made.gain < 1:
            name = on_one_line(sonify)
            click.echo(f"{name} is scaled by {made.gain:.3f} so that nothing clips.")
    print_partial(result.items, more_in="--json FILE")
    write_exports(result, exports)


@click.command()
@click.argument("result", metavar="RESULT", type=click.Path(dir_okay=False))
@click.argument("cluster", metavar="CLUSTER", callback=parsed_by(integer(0)))
@takes("preview")
def play(result: str, cluster: int, preview: str | None) -> None:
    """Play the files of a cluster with the system's own player.

    RESULT is the file that 'audioclust cluster PATH... --save RESULT' wrote, or the one that
    --json wrote. CLUSTER is the number of one of its clusters. Files are played from the
    nearest to the centre on. The player is what the system opens playlists with, or the command
    that the environment variable AUDIOCLUST_PLAYER names.
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


@click.command()
@click.argument("folder", default="demo", metavar="[DIR]", type=click.Path(file_okay=False))
def demo(folder: str) -> None:
    """Write 60 synthetic sounds of six kinds to DIR (default: demo) and cluster them."""
    from audioclust import api
    from audioclust.demo import KINDS, kind_of, synthesize

    folder = os.path.expanduser(folder)
    named = ", ".join(KINDS)
    click.echo(
        f"Writing {10 * len(KINDS)} sounds to {on_one_line(folder)}: ten each of {named}."
    )
    paths = synthesize(folder)
    with noise_contained():
        result = api.cluster(sorted(paths), len(KINDS))
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


COMMANDS = (
    *(cluster, predict, choose_k, extract, similar, duplicates, segment, onsets, play),
    *(organize, demo, features, list_presets),
)
"""The commands, in any order: --help sorts them by name."""
