"""A plan carried out, with a log."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from audioclust.export.organizing.files import Placed, copy_file, link_file, move_file
from audioclust.export.organizing.log import LogWriter
from audioclust.export.organizing.plan import NotPlaced, Plan, Step
from audioclust.utils import html


@dataclass(frozen=True)
class Organized:
    """What became of a plan.

    Attributes
    ----------
    plan : Plan
        What was planned.
    placed : tuple of Step
        What was done. After a move, each ``target`` is where the file of ``source`` is now.
    errors : tuple of NotPlaced
        Files with which nothing was done, and why.
    log : str or None
        The file to give to :func:`audioclust.undo`; None if there was nothing to do, or
        nothing but the plan was asked for.
    """

    plan: Plan
    placed: tuple[Step, ...] = ()
    errors: tuple[NotPlaced, ...] = ()
    log: str | None = None

    def __repr__(self) -> str:
        """Say how many files were placed. All of them would fill a notebook."""
        if self.log is None:
            return f"<Organized: nothing was done; {self.plan!r}>"
        counted = f"{len(self.placed)} of {len(self.plan)} files placed"
        errors = f", {len(self.errors)} could not be" if self.errors else ""
        return f"<Organized: {counted}{errors}, log={self.log!r}>"

    def _repr_html_(self) -> str:
        """Give a table of what was done as a notebook shows it."""
        rows = [*self.placed, *((path, "", message) for path, message in self.errors)]
        return html.table(repr(self)[1:-1], ("file", "went to", "how"), rows)


Organized.__module__ = "audioclust"  # Pickles name it so, wherever it is defined.


def carry_out(plan: Plan) -> Organized:
    """Put files where a plan has them. A file that cannot be put there stops nothing.

    Raises
    ------
    OSError
        If the folder or the log cannot be written; nothing was done then.
    """
    if not plan.steps:
        return Organized(plan, errors=plan.errors)
    placed = []
    folders = (plan.folder, *(os.path.dirname(step.target) for step in plan))
    with LogWriter(plan.folder, plan.steps, _new_folders(folders)) as writer:
        errors = [NotPlaced(step.source, _words(why)) for step, why in writer.missing.items()]
        for logged in writer.log.steps:
            step = logged.step
            try:
                os.makedirs(os.path.dirname(step.target), exist_ok=True)
                kind = _take(step, writer.log.temporary(logged.number, step.target))
                status = os.lstat(step.target)
            except OSError as why:
                errors.append(NotPlaced(step.source, _words(why)))
            else:
                writer.done(logged.number, kind, status)
                placed.append(step)
    return Organized(plan, tuple(placed), (*plan.errors, *errors), writer.log.path)


def _take(step: Step, temporary: str) -> Placed:
    """Take a step, and tell what is at its target."""
    if step.mode == "link":
        return link_file(step.source, step.target)
    act = copy_file if step.mode == "copy" else move_file
    return act(step.source, step.target, temporary)


def _new_folders(folders: Iterable[str]) -> list[str]:
    """Give those that are not there, and those above them, outer ones first."""
    found: set[str] = set()
    for folder in folders:
        above = folder
        while above not in found and not os.path.lexists(above):
            found.add(above)
            above = os.path.dirname(above)
    return sorted(found)


def _words(why: OSError) -> str:
    return str(why.strerror or why)
