"""What the commands print: tables, the k that was chosen, and errors."""

from __future__ import annotations

import itertools
import math
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from audioclust.cli.screen import (
    GAP,
    Column,
    cut,
    elided,
    filled,
    numbers,
    print_table,
    room_beside,
)
from audioclust.errors import ItemError
from audioclust.utils.terminal import width_of
from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import parent_of

if TYPE_CHECKING:
    from audioclust.audio.spans import Extent, Item
    from audioclust.clustering.selection.k_selection import KSelection
    from audioclust.events.onset_clusters import OnsetClusters
    from audioclust.results.clustering import Clustering
    from audioclust.results.levels import Level
    from audioclust.segmentation.labelling.label_selection import LabelSelection
    from audioclust.segmentation.result import Segmentation


BAR_LENGTH = 30
"""Number of characters that stand for a silhouette of 1, on a screen that is wide enough."""

MAX_ERRORS = 20
"""Number of unreadable files that are listed; the others are counted."""

MAX_PLAYLISTS = 5
"""Number of other playlists that are listed; the others are counted."""

MAX_WARNINGS = 5
"""Number of files that may not be as they should be that are listed."""


def shown(quiet: bool) -> bool | None:
    """Give the value of `progress` for a run: shown on a terminal unless it is to be quiet."""
    return False if quiet else None


class ShownNames:
    """Names of files as they are shown: below the folder that all of them are in.

    Parameters
    ----------
    paths : iterable of str
        All files. The folder of a single one stays part of its name.

    Attributes
    ----------
    folder : str
        The folder as it is shown; empty if the files have none in common.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        files = set(paths)
        shared = _shared_folder(files) if len(files) > 1 else ""
        self._shared = shared
        self.folder: str = on_one_line(shared)

    def __call__(self, path: str) -> str:
        """Give a file's name on one line, without control characters."""
        below = path[len(self._shared) :].lstrip(os.sep) if self._shared else path
        return on_one_line(below)

    def print_folder(self) -> None:
        """Say, after a table, where its files are."""
        if self.folder:
            words = ["The", "files", "are", "in", self.folder]
            click.echo(filled(words, sys.stdout, indent=""))


def _shared_folder(files: Iterable[str]) -> str:
    """Give the deepest folder that all files are in, written as in their paths."""
    folders = [parent_of(path).split(os.sep) for path in files]
    # All others are between these two, and so share what these share.
    pairs = zip(min(folders), max(folders), strict=False)
    return os.sep.join(
        a for a, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)
    )


def print_choice(selection: KSelection | LabelSelection | None) -> None:
    """Print, on one line if it fits, the k that was chosen and why; nothing if k was given."""
    if selection is not None:
        click.echo(filled(selection.choice().split(), sys.stdout, indent=""))


def print_levels(levels: Sequence[Level]) -> None:
    """Print what each plausible number of clusters separates, the coarsest first."""
    if levels:
        click.echo("What each number of groups separates:")
    for level in levels:
        click.echo(filled([f"{level.k:>4}:", *level.words.split()], sys.stdout, indent=""))


def print_selection(selection: KSelection) -> None:
    """Print a line for each k that was tried, and the k that was chosen.

    Columns have the names that :class:`audioclust.KSelection` gives them.
    """
    measure = selection.measure
    left = numbers("k", measure, "null_mean", "null_high", "stability", "inertia")
    table = selection.table()
    rows = [
        (
            str(row["k"]),
            f"{row[measure]:.2f}",
            f"{row['null_mean']:.2f}",
            f"{row['null_high']:.2f}",
            f"{row['stability']:.2f}",
            f"{row['inertia']:.4g}",
            str(row["verdict"]),
        )
        for row in table
    ]
    room = room_beside([*left, Column("verdict")], rows)
    pairs = [(float(row[measure]), float(row["null_high"])) for row in table]
    bars = _bars(pairs, BAR_LENGTH if room is None else min(BAR_LENGTH, room))
    if rows:
        drawn = [(*row[:-1], bar, row[-1]) for row, bar in zip(rows, bars, strict=True)]
        print_table([*left, Column(""), Column("verdict")], drawn)
        legend = "= up to null_high (95 % without groups are below), # above"
        click.echo(f"Bars of {measure}: {legend}.")
    if measure == "compared":
        click.echo("They are of a sample of the sounds, as large as those without groups are.")
    print_choice(selection)


def _bars(pairs: Sequence[tuple[float, float]], room: int) -> list[str]:
    """Draw silhouettes as bars, with = up to what is expected without groups, then with #.

    The longest has at most `room` characters, and a silhouette of 1 at most BAR_LENGTH. A value
    that is below 0 or not defined has no length.
    """
    largest = max((value for value, _ in pairs if math.isfinite(value)), default=0.0)
    scale = min(BAR_LENGTH, max(room, 1) / largest) if largest > 0 else BAR_LENGTH
    bars = []
    for pair in pairs:
        length, null = (max(0, round(scale * x)) if math.isfinite(x) else 0 for x in pair)
        bars.append("=" * min(length, null) + "#" * (length - null))
    return bars


def print_clusters(result: Clustering) -> None:
    """Print a line for each cluster, and one for the files that are in none."""
    name = ShownNames(item.path for item in result.items)
    summary = result.summary()
    rows: list[tuple[str, ...]] = [
        (
            str(own.number),
            str(own.size),
            own.length,
            on_one_line(own.words),
            name(own.medoid.path) if own.medoid is not None else "",
        )
        for own in summary
    ]
    if result.n_unassigned:
        rows.append(("-1", str(result.n_unassigned), "", "", f"({result.unassigned})"))
    columns = [
        *numbers("cluster", "files", "length"),
        Column("what sets it apart", wrapped=True),
        Column("most typical", shortened=elided),
    ]
    if any(own.name is not None for own in summary):
        named = [on_one_line(own.name or "") for own in summary] + [""]
        columns.insert(1, Column("name", shortened=cut))
        rows = [(first, own, *rest) for (first, *rest), own in zip(rows, named, strict=False)]
    print_table(columns, rows)
    name.print_folder()


def print_warnings(result: Clustering) -> None:
    """Print how many files may have something wrong, and what clusters follow."""
    hint = "; --json FILE names them"
    for line in result.warning_words("file"):
        click.echo(filled(f"{line}{hint}.".split(), sys.stdout, indent=""))
        hint = ""


def print_spans(result: Segmentation) -> None:
    """Print a line for each span."""
    from audioclust.audio.spans import name_of

    name = ShownNames(recording.path for recording in result.recordings)
    columns = [Column("start"), Column("end"), Column("label")]
    rows = [
        (_minutes(span.start), _minutes(span.end), name_of(span.label), name(span.path))
        for span in result.spans
    ]
    if len(result.recordings) > 1:
        print_table([*columns, Column("file", shortened=elided)], rows)
        name.print_folder()
    else:
        print_table(columns, [row[:-1] for row in rows])


def _minutes(seconds: float) -> str:
    tenths = round(10 * seconds)
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"


def print_hits(result: OnsetClusters) -> None:
    """Print a line for each cluster of hits."""
    rows = [
        (
            str(label),
            str(len(members)),
            f"{pitch:.0f}",
            ", ".join(f"{item.start:.2f}" for item in members),
        )
        for label, (members, pitch) in enumerate(zip(result, result.pitches, strict=True))
    ]
    print_table(
        [*numbers("cluster", "hits", "clicks (Hz)"), Column("at (s)", shortened=cut)], rows
    )


def print_error(why: Exception) -> None:
    """Print to stderr why a command failed."""
    if isinstance(why, OSError) and why.filename is not None:
        words = [
            f"{on_one_line(str(why.filename))}:",
            *on_one_line(str(why.strerror)).split(" "),
        ]
    else:
        words = on_one_line(str(why)).split(" ")
    click.echo(filled(["Error:", *words], sys.stderr, indent=""), err=True)


def print_errors(errors: Sequence[ItemError], used: int, more_in: str | None = None) -> None:
    """Print to stderr how many recordings could not be used, and the first of them by name."""
    if errors:
        click.echo(f"{len(errors)} of {used + len(errors)} could not be used:", err=True)
        _list_errors(errors, more_in)


def print_nothing_used(errors: Sequence[ItemError]) -> None:
    """Print to stderr that no recording could be used, and the first of them by name."""
    click.echo(f"Error: none of {len(errors)} sounds could be used:", err=True)
    _list_errors(errors, more_in=None)


def print_partial(read: Sequence[Item] | Sequence[Extent], more_in: str | None = None) -> None:
    """Print to stderr how many recordings were decoded in part only, and the first by name."""
    by_path = {part.path: part.warnings for part in read}
    partial = [
        (path, warning.kind, warning.message)
        for path, warnings in by_path.items()
        for warning in warnings
        if warning.kind == "partial"
    ]
    if partial:
        n_files = len({path for path, _, _ in partial})
        click.echo(f"{n_files} of {len(by_path)} could be decoded in part only:", err=True)
        _list_errors(partial, more_in, MAX_WARNINGS)


def _list_errors(
    errors: Sequence[tuple[str, str, str]], more_in: str | None, most: int = MAX_ERRORS
) -> None:
    """Print the name of each recording, never broken, and what is wrong with it.

    Parameters
    ----------
    errors : sequence of (str, str, str)
        Path, kind and message of each error or warning.
    more_in : str or None
        The option that writes all of them.
    most : int
        How many are listed at most.
    """
    width = width_of(sys.stderr)
    name = ShownNames(path for path, _, _ in errors)
    if name.folder:
        click.echo(f"{GAP}in {name.folder}:", err=True)
    for path, kind, message in errors[:most]:
        shown = name(path)
        if width is not None:
            shown = elided(shown, width - len(GAP) - 1)
        words = [f"{shown}:", f"{kind}:", *on_one_line(message).split()]
        click.echo(filled(words, sys.stderr, GAP), err=True)
    if len(errors) > most:
        more = len(errors) - most
        hint = "" if more_in is None else f"; {more_in} writes all of them"
        click.echo(f"{GAP}and {more} more{hint}", err=True)


def print_playlists(written: Mapping[int, str], folder: str) -> None:
    """Say on standard error how many playlists were written, and which others are there."""
    kept = {os.path.basename(path) for path in written.values()}
    others = sorted(
        name
        for name in os.listdir(os.path.expanduser(folder))
        if name.endswith(".m3u8") and name not in kept
    )
    lists = "playlist" if len(written) == 1 else "playlists"
    click.echo(f"Wrote {len(written)} {lists} to {on_one_line(folder)}.", err=True)
    if others:
        listed = ", ".join(map(on_one_line, others[:MAX_PLAYLISTS]))
        more = f" and {len(others) - MAX_PLAYLISTS} more" if len(others) > MAX_PLAYLISTS else ""
        click.echo(f"Left there, not of this run: {listed}{more}", err=True)
