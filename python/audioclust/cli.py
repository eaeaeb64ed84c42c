"""The command line: options in, the pipeline, tables out."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shlex
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from audioclust.errors import (
    AudioclustError,
    ConvergenceWarning,
    ItemError,
    NoAudioError,
    NoOnsetsError,
    NothingExtractedError,
    PlaybackError,
)
from audioclust.text import on_one_line

if TYPE_CHECKING:
    from rich.console import Console

    from audioclust.onset_clusters import OnsetClusters
    from audioclust.result import Clustering
    from audioclust.segmentation import Segmentation
    from audioclust.selection import KSelection

BAR = 30
"""Characters that a silhouette of 1 is drawn with."""

SCALINGS = ("standard", "quantile", "minmax", "none")
ALGORITHMS = ("kmeans", "som", "gmm", "ward", "affinity")

MAX_ERRORS = 20
"""Unreadable files that are listed; the others are counted."""


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
    from audioclust import pipeline

    for path in (csv_path, json_path):
        if path is not None:
            _check_writable(path)
    with _noise_contained(), _progress(quiet) as progress:
        result = pipeline.cluster(
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
        _print_clusters(result)
        if result.selection is not None:
            click.echo(_choice(result.selection))
    _print_errors(result.errors, len(result.items))
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
    from audioclust import pipeline
    from audioclust.extraction import extract

    with _decoders_silenced(), _progress(quiet) as progress:
        table = extract(paths, features=_names(features), n_jobs=n_jobs, progress=progress)
        found = pipeline.choose_k(
            table, scaling=scaling, random_state=random_state, n_jobs=n_jobs
        )
    if not quiet:
        _print_selection(found)
    _print_errors(table.errors, len(table))


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
    from audioclust import segmenting

    for _, path in targets:
        _check_writable(path)
    with _noise_contained(), _progress(quiet) as progress:
        result = segmenting.segment(
            files, features=_names(features), progress=progress, **settings
        )
    for name, path in targets:
        getattr(result, f"to_{name}")(path)
    if not quiet:
        _print_spans(result)
    _print_errors(result.errors, len(result.recordings))


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
    from audioclust import pipeline
    from audioclust.spans import WRITERS

    exports = {name: path for name in WRITERS if (path := settings.pop(name)) is not None}
    for path in filter(None, (sonify, *exports.values())):
        _check_writable(path)
    with _noise_contained():
        result = pipeline.onsets(file, features=_names(features), **settings)
        if hits is not None:
            result.write_hits(None, hits)
        made = None if sonify is None else result.sonify(path=sonify)
    for name, path in exports.items():
        WRITERS[name](result.span_table(), path)
    if quiet:
        return
    _print_classes(result)
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
    from audioclust.playback import items_of, play_items

    items = items_of(result, cluster)
    if preview is None:
        click.echo(f"Playing {len(items)} files: {on_one_line(play_items(items))}")
        return
    from audioclust.excerpts import write_preview

    _check_writable(preview)
    with _noise_contained():
        made = write_preview(items, preview, n=10, seconds=1.0)
    _print_errors(made.errors, len(made.excerpts))
    click.echo(f"Wrote {len(made.excerpts)} excerpts to {on_one_line(preview)}")


@main.command()
@click.argument("folder", default="demo", metavar="[DIR]", type=click.Path(file_okay=False))
def demo(folder: str) -> None:
    """Write 60 synthetic sounds of six kinds to DIR (default: demo) and cluster them."""
    from audioclust import pipeline
    from audioclust.demo import KINDS, kind_of, synthesize

    folder = os.path.expanduser(folder)
    kinds_named = ", ".join(KINDS)
    click.echo(
        f"Writing {10 * len(KINDS)} sounds to {on_one_line(folder)}: ten each of {kinds_named}."
    )
    paths = synthesize(folder)
    with _decoders_silenced(), _progress(quiet=False) as progress:
        result = pipeline.cluster(sorted(paths), len(KINDS), progress=progress)
    _print_clusters(result)
    _print_errors(result.errors, len(result.items))
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
    from audioclust.catalogue import registry

    table = _table("feature", "columns", "unit", "what it is")
    for info in registry():
        name = info.name + ("*" if info.default else "")
        table.add_row(name, str(len(info.columns)), info.unit, info.source)
    _show(table)
    click.echo("* used by default")


def _names(features: str) -> list[str]:
    return [name.strip() for name in features.split(",")]


def _choice(selection: KSelection) -> str:
    """Give the k that was chosen, and why, in a line."""
    return f"k={selection.best_k} was chosen: {selection.reason}"


def _print_selection(selection: KSelection) -> None:
    columns = ("k", "silhouette", "without groups", "stability", "inertia", "", "verdict")
    table = _table(*columns)
    for row in selection.table():
        share, null = float(row["silhouette"]), float(row["null_high"])
        table.add_row(
            str(row["k"]),
            f"{share:.2f}",
            f"{null:.2f}",
            f"{row['stability']:.2f}",
            f"{row['inertia']:.4g}",
            _bar(share, null),
            str(row["verdict"]),
        )
    if len(selection.k):
        _show(table)
    if selection.sampled:
        click.echo("Silhouettes are of a sample of 5,000 sounds.")
    click.echo(_choice(selection))


def _bar(share: float, null: float) -> str:
    """Draw a share of 1 as a bar, and differently as far as it is expected without groups."""
    filled, expected = (max(0, round(BAR * x)) if x == x else 0 for x in (share, null))
    return "=" * min(filled, expected) + "#" * (filled - expected)


def _print_clusters(result: Clustering) -> None:
    from rich.text import Text

    table = _table("cluster", "files", "nearest its centre")
    sizes = [len(members) for members in result]
    for cluster, (size, nearest) in enumerate(
        zip(sizes, result.representatives(), strict=True)
    ):
        name = on_one_line(nearest[0].path) if nearest else ""
        table.add_row(str(cluster), str(size), Text(name, overflow="fold"))
    _show(table)


def _print_spans(result: Segmentation) -> None:
    from rich.text import Text

    from audioclust.spans import name_of

    several = len(result.recordings) > 1
    table = _table("start", "end", "label", *(["file"] if several else []))
    for span in result.spans:
        name = [Text(on_one_line(span.path), overflow="fold")] if several else []
        times = _minutes(span.start), _minutes(span.end)
        table.add_row(*times, name_of(span.label), *name)
    _show(table)


def _minutes(seconds: float) -> str:
    tenths = round(10 * seconds)
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"


def _print_classes(result: OnsetClusters) -> None:
    table = _table("class", "hits", "clicks (Hz)", "at (s)")
    for label, (members, pitch) in enumerate(zip(result, result.pitches, strict=True)):
        times = ", ".join(f"{item.start:.2f}" for item in members)
        table.add_row(str(label), str(len(members)), f"{pitch:.0f}", times)
    _show(table)


def _print_errors(errors: Sequence[ItemError], used: int) -> None:
    if not errors:
        return
    click.echo(f"{len(errors)} of {used + len(errors)} could not be used:", err=True)
    for error in errors[:MAX_ERRORS]:
        click.echo(
            f"  {on_one_line(error.path)}: {error.kind}: {on_one_line(error.message)}", err=True
        )
    if len(errors) > MAX_ERRORS:
        more = len(errors) - MAX_ERRORS
        click.echo(f"  and {more} more; --json FILE writes all of them", err=True)


def _check_writable(path: str) -> None:
    """Raise an OSError now rather than after all the work."""
    folder = os.path.dirname(os.path.abspath(path))
    if not path or not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    if not os.access(path if os.path.exists(path) else folder, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)


def _is_terminal(stream: TextIO | None) -> bool:
    """Tell whether somebody looks; there may not even be a stream."""
    return stream is not None and stream.isatty()


def _console(stderr: bool = False) -> Console:
    from rich.console import Console

    # Piped, a line is as long as it needs to be.
    stream = sys.stderr if stderr else sys.stdout
    width = None if _is_terminal(stream) else 10_000
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)


def _show(table: Any) -> None:
    console = _console()
    with console.capture() as capture:
        console.print(table)
    for line in capture.get().splitlines():
        click.echo(line.rstrip(), color=_is_terminal(sys.stdout))


_COUNTS = frozenset(
    [
        *("cluster", "files", "columns", "k", "silhouette", "without groups", "stability"),
        *("inertia", "class", "hits", "clicks (Hz)"),
    ]
)
"""The columns of numbers, which are set flush right."""


def _table(*columns: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD if _is_terminal(sys.stdout) else None, pad_edge=False)
    for column in columns:
        count = column in _COUNTS
        table.add_column(column, justify="right" if count else "left", overflow="fold")
    return table


@contextlib.contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar with rate and time left on a terminal, nothing otherwise."""
    if quiet or not _is_terminal(sys.stderr):
        yield None
        return
    from rich import progress as bars

    columns = (
        bars.TextColumn("{task.completed}/{task.total} files"),
        bars.BarColumn(),
        bars.TextColumn("{task.fields[rate]}"),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=_console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, rate="")

        def show(done: int, total: int) -> None:
            speed = bar.tasks[0].speed
            rate = f"{speed:.0f} files/s" if speed else ""
            bar.update(task, completed=done, total=total, rate=rate)

        yield show


@contextlib.contextmanager
def _noise_contained() -> Iterator[None]:
    """Keep decoders silent, and print our own warnings as a line each, without the code."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", ConvergenceWarning)
        with _decoders_silenced():
            yield
    for warning in caught:
        click.echo(f"Warning: {on_one_line(str(warning.message))}", err=True)


@contextlib.contextmanager
def _decoders_silenced() -> Iterator[None]:
    """Keep what C libraries write to file descriptor 2 off the screen.

    libmpg123 warns there of every oddity that it gets over. Python's own stderr goes on to
    where it went before.
    """
    try:
        descriptor = sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        yield  # Somebody has put a stream of their own there, as tests do.
        return
    if descriptor != 2:
        yield
        return
    before = sys.stderr
    before.flush()
    kept = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)
    screen: TextIO = os.fdopen(kept, "w", buffering=1, encoding=before.encoding,
                               errors="backslashreplace")  # fmt: skip
    sys.stderr = screen
    try:
        yield
    finally:
        screen.flush()
        os.dup2(screen.fileno(), 2)
        sys.stderr = before
        screen.close()
