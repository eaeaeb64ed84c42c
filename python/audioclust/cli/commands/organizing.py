"""The command that sorts files into folders, and undoes it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import click

from audioclust.cli.exports import check_folder
from audioclust.cli.inputs.caching import CACHE
from audioclust.cli.inputs.preparing import PREPARATION
from audioclust.cli.inputs.saved import is_saved, loaded_instead
from audioclust.cli.inputs.sources import asked_source
from audioclust.cli.inputs.which_files import FILES
from audioclust.cli.options.table import takes
from audioclust.cli.output import MAX_ERRORS, print_clusters, print_errors, shown
from audioclust.cli.stderr import noise_contained
from audioclust.errors import ParameterError
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.export.organizing.carrying_out import Organized
    from audioclust.export.organizing.plan import NotPlaced, PlacingMode, Plan
    from audioclust.results.uses.organizing import Unassigned

FOR_MODELS = ("paths", "into", "mode", "unassigned", "dry_run", "yes", "undo", "quiet")
"""The parameters that a saved result leaves open."""

_DONE = {"link": "Linked", "copy": "Copied", "move": "Moved"}


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@takes("into", "mode", "unassigned", "dry_run", "yes", "undo")
@takes("k", "k_range", "algorithm", "preset", "features", *PREPARATION)
@takes("scaling", "random_state", "n_jobs", *CACHE, *FILES, "quiet")
def organize(
    paths: tuple[str, ...],
    into: str | None,
    mode: PlacingMode,
    unassigned: Unassigned,
    dry_run: bool,
    yes: bool,
    undo: str | None,
    quiet: bool,
    **settings: Any,
) -> None:
    """Sort the sounds at PATH... into a folder for each group.

    The folders are made in DIR. PATH... is what 'audioclust cluster' takes, or one result that
    it saved. Files are linked unless --mode says otherwise. Nothing is ever replaced: a file
    whose name is taken gets a number. A log of all that is done is left in DIR, and 'audioclust
    organize --undo LOG' undoes it. Moving asks first; if nobody can be asked, it needs --yes.
    So do links and copies inside PATH..., where the next search finds them too.
    """
    if undo is not None:
        if paths or into is not None:
            raise click.UsageError("--undo takes no PATH and no --into")
        _print_undone(undo)
        return
    if not paths or into is None:
        raise click.UsageError("expected PATH... and --into DIR, or --undo LOG")
    from audioclust.api import grouping

    check_folder(into)
    if mode == "move" and not (yes or dry_run or sys.stdin.isatty()):
        raise ParameterError("--mode move moves files: expected --yes, as nobody can be asked")
    with noise_contained(quiet=quiet):
        if is_saved(paths):
            result = loaded_instead(paths[0], FOR_MODELS)
        else:
            source = asked_source(paths, None, settings)
            if mode != "move" and not (yes or dry_run):
                _check_not_found_twice(source, into)
            result = grouping.cluster(source, progress=shown(quiet), **settings)
    if not quiet:
        print_clusters(result)
    print_errors(result.errors, len(result.items))
    with noise_contained():
        planned = result.organize(into, mode, unassigned=unassigned, dry_run=True)
    if dry_run:
        _print_plan(planned, mode)
        return
    if mode == "move" and planned.plan.steps and not yes:
        _ask(len(planned.plan), into)
    _carry_out(planned.plan, mode, model=paths[0] if is_saved(paths) else None, quiet=quiet)


def _check_not_found_twice(source: Iterable[str], into: str) -> None:
    """Refuse a folder inside one that is searched, before the work starts."""
    folder = os.path.realpath(os.path.expanduser(into))
    for path in source:
        searched = os.path.realpath(os.path.expanduser(path))
        # Paths of two drives have nothing in common, which os.path.commonpath() refuses.
        above = (folder, *map(str, PurePath(folder).parents))
        if os.path.isdir(searched) and searched in above:
            raise ParameterError(
                f"--into {into!r}: links and copies there are found too when {path!r} is"
                " searched again: expected a folder outside it, or --yes"
            )


def _ask(n: int, into: str) -> None:
    """End the command unless the user at the terminal agrees."""
    click.confirm(f"Move {_files(n)} to {on_one_line(into)}?", abort=True, err=True)


def _print_plan(planned: Organized, mode: PlacingMode) -> None:
    for step in planned.plan:
        click.echo(f"{on_one_line(step.source)} -> {on_one_line(step.target)}")
    _print_in_place(planned)
    _print_stale(planned.plan)
    _print_not_placed(planned.errors, "cannot be put there")
    click.echo(f"{_files(len(planned.plan))} to {mode}; nothing was done.")


def _carry_out(plan: Plan, mode: PlacingMode, *, model: str | None, quiet: bool) -> None:
    from audioclust.export.organizing.carrying_out import carry_out

    done = carry_out(plan)
    _print_not_placed(done.errors, "could not be put there")
    if not quiet:
        _print_in_place(done)
        _print_stale(plan)
        n, folder = len(done.placed), on_one_line(done.plan.folder)
        click.echo(f"{_DONE[mode]} {_files(n)} to {folder}.")
        if done.log is not None:
            click.echo(f"To undo it: audioclust organize --undo {_quoted(done.log)}")
        if model is not None and mode == "move" and done.placed:
            _print_paths_gone(model, done.plan.folder)
    if done.errors:
        click.get_current_context().exit(1)


def _print_paths_gone(model: str, folder: str) -> None:
    """Say that a saved result has the paths before a move, and how to get the new ones."""
    command = f"cluster {_quoted(folder)} --previous {_quoted(model)} --save new.audioclust"
    click.echo(
        f"{on_one_line(model)} still has the paths from before. To save a result with the new"
        f" ones: audioclust {command}"
    )


def _print_undone(log: str) -> None:
    from audioclust.export.organizing.undoing import undo

    done = undo(log)
    _print_not_placed(done.kept, "left as it is" if len(done.kept) == 1 else "left as they are")
    click.echo(f"Undid it for {_files(len(done.undone))}.")
    if done.kept:
        click.get_current_context().exit(1)


def _print_in_place(done: Organized) -> None:
    if done.plan.in_place:
        click.echo(f"{_files(len(done.plan.in_place))} already in place.")


def _print_stale(plan: Plan) -> None:
    """Name links and copies of earlier runs that are in wrong folders now, and the remedy."""
    if not plan.stale:
        return
    n = len(plan.stale)
    what = "link or copy" if n == 1 else "links or copies"
    click.echo(f"{n} {what} of earlier runs, where the file does not belong any more:")
    for one in plan.stale[:MAX_ERRORS]:
        click.echo(f"  {on_one_line(one.path)}")
    if n > MAX_ERRORS:
        click.echo(f"  and {n - MAX_ERRORS} more")
    click.echo("To remove all of an earlier run, before organizing again:")
    for log in dict.fromkeys(one.log for one in plan.stale):
        click.echo(f"  audioclust organize --undo {_quoted(log)}")


def _print_not_placed(left: Iterable[NotPlaced], what: str) -> None:
    """Print the first files that were not placed on standard error, and how many there are."""
    left = tuple(left)
    if not left:
        return
    click.echo(f"{_files(len(left))} {what}:", err=True)
    for path, message in left[:MAX_ERRORS]:
        click.echo(f"  {on_one_line(path)}: {on_one_line(message)}", err=True)
    if len(left) > MAX_ERRORS:
        click.echo(f"  and {len(left) - MAX_ERRORS} more", err=True)


def _files(n: int) -> str:
    return f"{n} file" if n == 1 else f"{n} files"


def _quoted(path: str) -> str:
    """Give a path as it is typed in a shell."""
    import shlex

    return shlex.quote(on_one_line(path))
