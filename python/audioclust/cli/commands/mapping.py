"""The command that lays sounds out on a map: `som`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from audioclust.cli.exports import asked_exports, uses_stdout, write_exports
from audioclust.cli.inputs.caching import CACHE
from audioclust.cli.inputs.preparing import PREPARATION
from audioclust.cli.inputs.saved import is_saved
from audioclust.cli.inputs.sources import asked_source, check_source_kept
from audioclust.cli.inputs.which_files import FILES, print_left_out
from audioclust.cli.options.table import takes
from audioclust.cli.output import ShownNames, print_errors, print_partial, shown
from audioclust.cli.reports import REPORT, check_report, write_report
from audioclust.cli.screen import Column, cut, filled, numbers, print_table
from audioclust.cli.stderr import noise_contained
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.audio.spans import Item
    from audioclust.report.content import Audio
    from audioclust.results.maps.sound_map import SoundMap

MAX_UNITS = 20
"""Number of units that are listed; the others are counted."""

MAX_NAMES = 5
"""Number of files that are named of each unit, at most."""


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@takes("shape", "topology", "preset", "features", "descriptors", *PREPARATION)
@takes("scaling", "random_state", "n_jobs", *CACHE, *FILES, "table")
@takes("to_items", "csv", "json", *REPORT, "strict", "quiet")
def som(
    paths: tuple[str, ...],
    to: tuple[tuple[str, str], ...],
    csv: str | None,
    json: str | None,
    table: str | None,
    report: str | None,
    report_audio: Audio | None,
    strict: bool,
    quiet: bool,
    **settings: Any,
) -> None:
    """Lay the sounds at PATH... out on a self-organizing map.

    It is a self-organizing map: a grid of units, each of which has the sounds that are most
    like it. The quantization error is the mean distance of sounds to their units; the
    topographic error is the share of sounds whose two nearest units are not neighbours. A PATH
    is a folder, which is searched with its subfolders, a file, a pattern, or an address such as
    s3://bucket/folder; - stands for paths from standard input. The files that --csv, --json and
    --to write have the row and the column of each sound.
    """
    if is_saved(paths):
        why = "is a saved result; som takes sounds"
        raise click.UsageError(f"{on_one_line(paths[0])} {why}")
    exports = asked_exports(to, csv, json)
    sounds_at = check_report(report, report_audio)
    source = asked_source(paths, table, settings)
    outputs = [report, *(export.path for export in exports)]
    check_source_kept(outputs, source, settings, table)
    from audioclust.results.maps import mapping

    with noise_contained(quiet=quiet):
        found = mapping.som_map(source, progress=shown(quiet), **settings)
    if not (quiet or uses_stdout(exports)):
        print_map(found)
        print_left_out(found.table.left_out)
    print_errors(found.errors, len(found.items), more_in="--json FILE")
    print_partial(found.items, more_in="--json FILE")
    write_exports(found, exports)
    write_report(found, found.items, report, sounds_at, kind="map", quiet=quiet)
    if strict and found.errors:
        click.get_current_context().exit(1)


def print_map(found: SoundMap) -> None:
    """Print how well a map fits its sounds, and a line for each of its largest units."""
    name = ShownNames(item.path for item in found.items)
    sizes = Counter(found.units.tolist())
    largest = sorted(sizes, key=lambda unit: (-sizes[unit], unit))
    rows = []
    for unit in largest[:MAX_UNITS]:
        row, col = divmod(unit, found.shape[1])
        items = found.items_at(row, col)
        rows.append((str(row), str(col), str(len(items)), _named(items, name)))
    print_table([*numbers("row", "column", "files"), Column("which", shortened=cut)], rows)
    if len(largest) > MAX_UNITS:
        click.echo(f"and {len(largest) - MAX_UNITS} other units with files")
    name.print_folder()
    rows_and_columns = " × ".join(map(str, found.shape))
    about = [
        f"{len(found.items)} files on {len(sizes)} of {rows_and_columns} units;"
        f" quantization error {found.quantization_error:.3g},"
        f" topographic error {found.topographic_error:.3g}.",
        *(f"{line[0].upper()}{line[1:]}." for line in found.notes("file")),
    ]
    for line in about:
        click.echo(filled(line.split(), sys.stdout, indent=""))


def _named(items: Sequence[Item], name: ShownNames) -> str:
    """Give the names of a unit's files, those that are nearest to it first."""
    named = ", ".join(name(item.path) for item in items[:MAX_NAMES])
    return f"{named}, …" if len(items) > MAX_NAMES else named
