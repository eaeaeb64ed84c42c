"""What the command line shows: tables, errors and a progress bar."""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

import click

from audioclust.errors import ItemError
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod
    from rich.table import Table

    from audioclust.clustering.selection.k_selection import KSelection
    from audioclust.events.onset_clusters import OnsetClusters
    from audioclust.results.clustering import Clustering
    from audioclust.segmentation.result import Segmentation


BAR_LENGTH = 30
"""Number of characters that stand for a silhouette of 1."""

MAX_ERRORS = 20
"""Number of unreadable files that are listed; the others are counted."""


def print_choice(selection: KSelection | None) -> None:
    """Print, on one line, the k that was chosen and why; nothing if k was given."""
    if selection is not None:
        click.echo(selection.choice())


def print_selection(selection: KSelection) -> None:
    """Print a line for each k that was tried, and the k that was chosen."""
    columns = ("k", "silhouette", "without groups", "stability", "inertia", "", "verdict")
    table = new_table(*columns)
    for row in selection.table():
        silhouette, null = float(row["silhouette"]), float(row["null_high"])
        table.add_row(
            str(row["k"]),
            f"{silhouette:.2f}",
            f"{null:.2f}",
            f"{row['stability']:.2f}",
            f"{row['inertia']:.4g}",
            _bar(silhouette, null),
            str(row["verdict"]),
        )
    if len(selection.k):
        show(table)
    if selection.sampled:
        click.echo("Silhouettes are of a sample of 5,000 sounds.")
    print_choice(selection)


def _bar(silhouette: float, null: float) -> str:
    """Draw a silhouette as a bar, with = up to what is expected without groups, then with #.

    A value that is below 0 or not defined has no length.
    """
    length, expected = (
        max(0, round(BAR_LENGTH * x)) if math.isfinite(x) else 0 for x in (silhouette, null)
    )
    return "=" * min(length, expected) + "#" * (length - expected)


def print_clusters(result: Clustering) -> None:
    """Print a line for each cluster."""
    from rich.text import Text

    table = new_table("cluster", "files", "nearest its centre")
    clusters = zip(result, result.representatives(), strict=True)
    for cluster, (members, nearest) in enumerate(clusters):
        name = on_one_line(nearest[0].path) if nearest else ""
        table.add_row(str(cluster), str(len(members)), Text(name, overflow="fold"))
    show(table)


def print_spans(result: Segmentation) -> None:
    """Print a line for each span."""
    from rich.text import Text

    from audioclust.audio.spans import name_of

    several = len(result.recordings) > 1
    table = new_table("start", "end", "label", *(["file"] if several else []))
    for span in result.spans:
        name = [Text(on_one_line(span.path), overflow="fold")] if several else []
        times = _minutes(span.start), _minutes(span.end)
        table.add_row(*times, name_of(span.label), *name)
    show(table)


def _minutes(seconds: float) -> str:
    tenths = round(10 * seconds)
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"


def print_hits(result: OnsetClusters) -> None:
    """Print a line for each cluster of hits."""
    table = new_table("cluster", "hits", "clicks (Hz)", "at (s)")
    for label, (members, pitch) in enumerate(zip(result, result.pitches, strict=True)):
        times = ", ".join(f"{item.start:.2f}" for item in members)
        table.add_row(str(label), str(len(members)), f"{pitch:.0f}", times)
    show(table)


def print_errors(errors: Sequence[ItemError], used: int, more_in: str | None = None) -> None:
    """Print to stderr how many recordings could not be used, and the first of them by name."""
    if not errors:
        return
    click.echo(f"{len(errors)} of {used + len(errors)} could not be used:", err=True)
    for error in errors[:MAX_ERRORS]:
        click.echo(
            f"  {on_one_line(error.path)}: {error.kind}: {on_one_line(error.message)}", err=True
        )
    if len(errors) > MAX_ERRORS:
        more = len(errors) - MAX_ERRORS
        hint = "" if more_in is None else f"; {more_in} writes all of them"
        click.echo(f"  and {more} more{hint}", err=True)


def _is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a stream is a terminal; it is None if the process was started without."""
    return stream is not None and stream.isatty()


def _console(stderr: bool = False) -> Console:
    from rich.console import Console

    # What is not shown on a terminal has lines as long as they need to be.
    stream = sys.stderr if stderr else sys.stdout
    width = None if _is_terminal(stream) else 10_000
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)


def show(table: Table) -> None:
    """Print a table."""
    console = _console()
    with console.capture() as capture:
        console.print(table)
    for line in capture.get().splitlines():
        click.echo(line.rstrip(), color=_is_terminal(sys.stdout))


_NUMBERS = frozenset(
    [
        *("cluster", "files", "columns", "k", "silhouette", "without groups", "stability"),
        *("inertia", "hits", "clicks (Hz)"),
    ]
)
"""The columns of numbers, which are aligned on the right."""


def new_table(*columns: str) -> Table:
    """Begin a table."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD if _is_terminal(sys.stdout) else None, pad_edge=False)
    for column in columns:
        justify: JustifyMethod = "right" if column in _NUMBERS else "left"
        table.add_column(column, justify=justify, overflow="fold")
    return table


@contextlib.contextmanager
def progress_bar(quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar with the rate and the time left on a terminal; elsewhere give None."""
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

        def advance(done: int, total: int) -> None:
            speed = bar.tasks[0].speed
            rate = f"{speed:.0f} files/s" if speed else ""
            bar.update(task, completed=done, total=total, rate=rate)

        yield advance
