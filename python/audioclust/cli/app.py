"""The command line: options in, the pipeline, tables out."""

from __future__ import annotations

import errno
import io
import os
import shlex
import shutil
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from audioclust.cli.output import (
    choice,
    new_table,
    print_classes,
    print_clusters,
    print_errors,
    print_selection,
    print_spans,
    progress_bar,
    show,
)
from audioclust.cli.stderr import decoders_silenced, noise_contained
from audioclust.errors import (
    AudioclustError,
    NoAudioError,
    NoOnsetsError,
    NothingExtractedError,
    PlaybackError,
)
from audioclust.utils.text import on_one_line

SCALINGS = ("standard", "quantile", "minmax", "none")


ALGORITHMS = ("kmeans", "som", "gmm", "ward", "affinity")


_NOTHING = (
    FileNotFoundError, NoAudioError, NoOnsetsError, NothingExtractedError, PlaybackError,
)  # fmt: skip
"""What is wrong with what there is, and not with what was asked for."""


class _Commands(click.Group):
    """Runs `cluster` on what is a source of sounds and no command.

    Ends with one line and an exit status where Python would print a traceback.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {name for option in self.get_params(ctx) for name in option.opts}
        if args and args[0] not in self.commands and args[0] not in own and _is_source(args[0]):
            args = ["cluster", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            # A name that the terminal's encoding lacks must not end the run.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort):
            click.echo("\nInterrupted.", err=True)
            ctx.exit(130)
        except _NOTHING as why:
            _fail(ctx, why, 1)
        except AudioclustError as why:
            _fail(ctx, why, 2)
        except OSError as why:
            if why.errno == errno.EPIPE:
                raise  # Whoever read the output has had enough, which click ends quietly.
            _fail(ctx, why, 1)


def _is_source(argument: str) -> bool:
    """Tell a path, a pattern or an option of `cluster` from a command that is misspelt."""
    return not argument.isidentifier() or os.path.exists(argument)


def _fail(ctx: click.Context, why: Exception, status: int) -> None:
    text = str(why)
    if isinstance(why, OSError) and why.filename is not None:
        text = f"{why.filename}: {why.strerror}"
    click.echo(f"Error: {on_one_line(text)}", err=True)
    ctx.exit(status)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Try it without sounds of your own: audioclust demo",
)
@click.version_option(package_name="audioclust")
def main() -> None:
    """Sort sounds into groups you can hear, look at and export.

    'audioclust PATH...' is short for 'audioclust cluster PATH...'; a folder that is named as a
    command is './demo'.
    """


def _number_or_auto(ctx: click.Context, param: click.Parameter, value: str) -> int | str:
    if value == "auto":
        return value
    number: int = click.IntRange(1)(value, param, ctx)
    return number


_SHARED = (
    click.argument("paths", nargs=-1, required=True, metavar="PATH..."),
    click.option(
        "--features",
        default="default",
        show_default=True,
        metavar="NAMES",
        help="Features, separated by commas; 'audioclust features' lists them.",
    ),
    click.option(
        "--scaling",
        type=click.Choice(SCALINGS),
        default="standard",
        show_default=True,
        help="How features of different units are brought to one scale.",
    ),
    click.option(
        "--random-state",
        type=click.IntRange(0, 2**64 - 1),
        default=0,
        show_default=True,
        metavar="N",
        help="Seed: the same one gives the same clusters.",
    ),
    click.option(
        "--n-jobs",
        type=click.IntRange(1),
        metavar="N",
        help="Files to work on at once.  [default: one a core]",
    ),
    click.option("--quiet", is_flag=True, help="Print errors only."),
)
"""What all commands take that compute features of sounds."""


_SHARED_BY_NAME = dict(
    zip(
        ("paths", "features", "scaling", "random_state", "n_jobs", "quiet"),
        _SHARED,
        strict=True,
    )
)


Command = TypeVar("Command", bound=Callable[..., None])


def _takes_sounds(command: Command) -> Command:
    for option in reversed(_SHARED):
        command = option(command)
    return command


@main.command()
@_takes_sounds
@click.option(
    "-k",
    "k",
    callback=_number_or_auto,
    default="auto",
    show_default=True,
    metavar="N",
    help="Number of clusters; auto finds out whether there are any, and how many.",
)
@click.option(
    "--algorithm",
    type=click.Choice(ALGORITHMS),
    default="kmeans",
    show_default=True,
    help="What groups the sounds; affinity chooses their number itself.",
)
@click.option(
    "--csv",
    "csv_path",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write path, start, end, label and distance of each file.",
)
@click.option(
    "--json",
    "json_path",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write the same with errors and settings.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 if any file cannot be used.")
@click.pass_context
def cluster(
    ctx: click.Context,
    paths: tuple[str, ...],
    k: Any,
    algorithm: str,
    features: str,
    scaling: Any,
    random_state: int,
    n_jobs: int | None,
    csv_path: str | None,
    json_path: str | None,
    strict: bool,
    quiet: bool,
) -> None:
    """Sort the sounds at PATH... into groups.

    Without -k their number is chosen, as choose-k shows, and is 1 if there is no clear
    structure. A PATH is a folder, which is searched with its subfolders, a file, or a pattern.
    Files that cannot be used are listed at the end and stop nothing.
    """
    from audioclust import api

    for path in (csv_path, json_path):
        if path is not None:
            _check_writable(path)
    with noise_contained(), progress_bar(quiet) as progress:
        result = api.cluster(
            paths,
            k,
            features=_names(features),
            scaling=scaling,
            algorithm=algorithm,
            random_state=random_state,
            n_jobs=n_jobs,
            progress=progress,
        )
    if csv_path is not None:
        result.to_csv(csv_path)
    if json_path is not None:
        result.to_json(json_path)
    if not quiet:
        print_clusters(result)
        if result.selection is not None:
            click.echo(choice(result.selection))
    print_errors(result.errors, len(result.items))
    if strict and result.errors:
        ctx.exit(1)


def _option(
    name: str, default: object, text: str, kind: Any = None, **more: Any
) -> Callable[[Command], Command]:
    """Give an option whose default is shown."""
    return click.option(name, type=kind, default=default, show_default=True, help=text, **more)


def _writes(name: str, what: str) -> Callable[[Command], Command]:
    """Give an option that names a file to write."""
    return click.option(
        name, type=click.Path(dir_okay=False), metavar="FILE", help=f"Write {what}"
    )


@main.command("choose-k")
@_takes_sounds
def choose_k(
    paths: tuple[str, ...],
    features: str,
    scaling: Any,
    random_state: int,
    n_jobs: int | None,
    quiet: bool,
) -> None:
    """Show how many groups the sounds at PATH... make, if any.

    For each k from 2 to 15: the silhouette, which is larger for clearer groups; the 95th
    percentile of silhouettes of sounds without groups; and how much refits to parts agree. The
    bar is the silhouette, drawn = as far as it is no more than without groups.
    """
    from audioclust import api
    from audioclust.extraction.recordings import extract

    with decoders_silenced(), progress_bar(quiet) as progress:
        table = extract(paths, features=_names(features), n_jobs=n_jobs, progress=progress)
        found = api.choose_k(table, scaling=scaling, random_state=random_state, n_jobs=n_jobs)
    if not quiet:
        print_selection(found)
    print_errors(table.errors, len(table))


@main.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "-k",
    "k",
    callback=_number_or_auto,
    default="2",
    show_default=True,
    metavar="N",
    help="Number of labels; auto chooses it.",
)
@_SHARED_BY_NAME["features"]
@click.option("--window", default=2.5, show_default=True, help="Length of a window, in s.")
@click.option(
    "--hop", default=0.25, show_default=True, help="From one window to the next, in s."
)
@click.option(
    "--min-duration", default=2.0, show_default=True, help="Length of the shortest span, in s."
)
@click.option("--silence", is_flag=True, help="Give silence a label of its own.")
@click.option("--min-clusters", type=click.IntRange(1), help="Fewest labels for -k auto.")
@click.option("--max-clusters", type=click.IntRange(1), help="Most labels for -k auto.")
@_SHARED_BY_NAME["random_state"]
@_SHARED_BY_NAME["n_jobs"]
@click.option(
    "--to",
    "targets",
    type=(click.Choice(["csv", "json", "audacity", "rttm", "raven", "textgrid"]), str),
    multiple=True,
    metavar="FORMAT FILE",
    help="Write the spans: csv, json, audacity, rttm, raven or textgrid. May be repeated.",
)
@_SHARED_BY_NAME["quiet"]
def segment(
    files: tuple[str, ...],
    features: str,
    targets: tuple[tuple[str, str], ...],
    quiet: bool,
    **settings: Any,
) -> None:
    """Part FILE... into spans that sound alike, such as speakers, or speech and music.

    Several files share their labels. Times are printed as minutes and seconds.
    """
    from audioclust.segmentation import segmenting

    for _, path in targets:
        _check_writable(path)
    with noise_contained(), progress_bar(quiet) as progress:
        result = segmenting.segment(
            files, features=_names(features), progress=progress, **settings
        )
    for name, path in targets:
        getattr(result, f"to_{name}")(path)
    if not quiet:
        print_spans(result)
    print_errors(result.errors, len(result.recordings))


@main.command()
@click.argument("file", metavar="FILE")
@click.option(
    "-k",
    "k",
    callback=_number_or_auto,
    default="2",
    show_default=True,
    metavar="N",
    help="Number of classes; auto finds out how many.",
)
@_option("--features", "zero_crossings,l2_norm", "What is measured of a hit.", metavar="NAMES")
@_option("--window", 0.09, "Length of a hit in seconds.")
@click.option("--until-next", is_flag=True, help="A hit goes on to the next onset instead.")
@_option("--scaling", "minmax", "How features come to one scale.", click.Choice(SCALINGS))
@_option("--delta", 0.04, "How far an onset exceeds its surroundings.")
@_option("--wait", 4, "Least distance of onsets, in frames.", click.IntRange(0))
@click.option("--backtrack", is_flag=True, help="Move onsets back to the minimum before them.")
@_option("--algorithm", "kmeans", "What groups the hits.", click.Choice(ALGORITHMS))
@_option("--random-state", 0, "Seed.", click.IntRange(0, 2**64 - 1))
@_writes("--sonify", "the recording with clicks on it, each class at its own pitch.")
@click.option(
    "--hits",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Cut all hits out and write them to DIR as CLASS_NUMBER.wav.",
)
@_writes("--csv", "path, start, end and label of each hit.")
@_writes("--json", "the same with features and settings.")
@_writes("--audacity", "a label track for Audacity.")
@_writes("--raven", "a selection table for Raven.")
@_writes("--textgrid", "a TextGrid for Praat.")
@_writes("--rttm", "NIST's RTTM.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
def onsets(
    file: str,
    features: str,
    hits: str | None,
    sonify: str | None,
    quiet: bool,
    **settings: Any,
) -> None:
    """Find the onsets in FILE and sort the hits into classes."""
    from audioclust.events import detection
    from audioclust.export.formats import formats_for, write_table
    from audioclust.export.tables import SpanTable

    names = [one.name for one in formats_for(SpanTable)]
    exports = {name: path for name in names if (path := settings.pop(name)) is not None}
    for path in filter(None, (sonify, *exports.values())):
        _check_writable(path)
    with noise_contained():
        result = detection.onsets(file, features=_names(features), **settings)
        if hits is not None:
            result.write_hits(None, hits)
        made = None if sonify is None else result.sonify(path=sonify)
    for name, path in exports.items():
        write_table(result.span_table(), path, name)
    if quiet:
        return
    print_classes(result)
    if made is not None and made.gain < 1:
        click.echo(f"{sonify} is scaled by {made.gain:.3f} so that nothing clips.")


@main.command()
@click.argument("result", metavar="RESULT", type=click.Path(dir_okay=False))
@click.argument("cluster", metavar="CLUSTER", type=click.IntRange(0))
@_writes("--preview", "ten one-second excerpts, one after the other, and play nothing.")
def play(result: str, cluster: int, preview: str | None) -> None:
    """Play the files of a cluster with the system's own player.

    RESULT is what 'audioclust cluster PATH... --json RESULT' wrote, CLUSTER the number of one
    of its clusters. Files are played from the nearest to the centre on; relative paths are
    looked for from the current folder. The player is what the system opens playlists with, or
    the command that the environment variable AUDIOCLUST_PLAYER names.
    """
    from audioclust.listening.player import items_of, play_items

    items = items_of(result, cluster)
    if preview is None:
        click.echo(f"Playing {len(items)} files: {on_one_line(play_items(items))}")
        return
    from audioclust.listening.excerpts import write_preview

    _check_writable(preview)
    with noise_contained():
        made = write_preview(items, preview, n=10, seconds=1.0)
    print_errors(made.errors, len(made.excerpts))
    click.echo(f"Wrote {len(made.excerpts)} excerpts to {on_one_line(preview)}")


@main.command()
@click.argument("folder", default="demo", metavar="[DIR]", type=click.Path(file_okay=False))
def demo(folder: str) -> None:
    """Write 60 synthetic sounds of six kinds to DIR (default: demo) and cluster them."""
    from audioclust import api
    from audioclust.demo import KINDS, kind_of, synthesize

    folder = os.path.expanduser(folder)
    kinds_named = ", ".join(KINDS)
    click.echo(
        f"Writing {10 * len(KINDS)} sounds to {on_one_line(folder)}: ten each of {kinds_named}."
    )
    paths = synthesize(folder)
    with decoders_silenced(), progress_bar(quiet=False) as progress:
        result = api.cluster(sorted(paths), len(KINDS), progress=progress)
    print_clusters(result)
    print_errors(result.errors, len(result.items))
    kinds = [[kind_of(item.path) for item in members] for members in result]
    together = sum(max(map(members.count, set(members))) for members in kinds)
    click.echo(f"{together} of {len(result.items)} are with others of their kind.")
    command = "audioclust" if shutil.which("audioclust") else sys.argv[0]
    click.echo(
        f"The same again: {command} cluster {shlex.quote(on_one_line(folder))} -k {len(KINDS)}"
    )


@main.command()
def features() -> None:
    """List the features that --features takes."""
    from audioclust.extraction.registry import registry

    table = new_table("feature", "columns", "unit", "what it is")
    for info in registry():
        name = info.name + ("*" if info.default else "")
        table.add_row(name, str(len(info.columns)), info.unit, info.source)
    show(table)
    click.echo("* used by default")


def _names(features: str) -> list[str]:
    return [name.strip() for name in features.split(",")]


def _check_writable(path: str) -> None:
    """Raise an OSError now rather than after all the work."""
    folder = os.path.dirname(os.path.abspath(path))
    if not path or not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    if not os.access(path if os.path.exists(path) else folder, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
