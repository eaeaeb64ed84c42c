"""A plan undone by its log.

Nothing is removed that is not elsewhere too, and nothing is replaced. What has changed since is
left where it is. It may be stopped and done again.
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass

from audioclust.export.organizing.files import Identity, move_file, same_contents
from audioclust.export.organizing.log import Log, LoggedStep, read_log
from audioclust.export.organizing.plan import NotPlaced, Step
from audioclust.utils import html
from audioclust.utils.arguments import check_path
from audioclust.utils.files import full_path
from audioclust.utils.types import Path

_SHOWN = 3
"""Number of files that were kept that ``repr()`` lists."""


@dataclass(frozen=True)
class Undone:
    """What was undone.

    Attributes
    ----------
    undone : tuple of Step
        The steps that were undone.
    kept : tuple of NotPlaced
        What was left as it is, and why. The log is removed only if there is nothing.
    """

    undone: tuple[Step, ...]
    kept: tuple[NotPlaced, ...]

    def __repr__(self) -> str:
        kept = ", ".join(f"{path!r} ({why})" for path, why in self.kept[:_SHOWN])
        more = f" and {len(self.kept) - _SHOWN} more" if len(self.kept) > _SHOWN else ""
        told = f": {kept}{more}" if kept else ""
        return f"<Undone: {len(self.undone)} undone, {len(self.kept)} kept{told}>"

    def _repr_html_(self) -> str:
        """Give a table of what was undone as a notebook shows it."""
        rows = [
            *((step.target, step.source, "undone") for step in self.undone),
            *((path, "", f"kept: {message}") for path, message in self.kept),
        ]
        caption = f"Undone: {len(self.undone)} undone, {len(self.kept)} kept"
        return html.table(caption, ("file", "is again", "what became of it"), rows)


Undone.__module__ = "audioclust"  # Pickles name it so, wherever it is defined.


class _KeptError(Exception):
    """Something has to stay as it is, and why."""


def undo(log: Path) -> Undone:
    """Undo what :meth:`audioclust.Clustering.organize` did.

    Links and copies are removed, if they are what was made and the original is still there,
    unchanged. Moved files are moved back, unless something else has taken their place. Folders
    that were made are removed if they are empty, and so is the log if nothing was kept.

    Parameters
    ----------
    log : str or os.PathLike
        The file ``audioclust-organized-1.jsonl`` in the folder; also that of a run that was
        stopped or killed.

    Returns
    -------
    Undone
        What was undone, and what was kept.

    Raises
    ------
    ParameterError
        If the file is not such a log.
    OSError
        If it cannot be read.
    """
    known = read_log(full_path(os.path.expanduser(check_path("log", log))))
    undone: list[Step] = []
    kept = [NotPlaced(known.path, f"line {n} cannot be read") for n in known.unreadable]
    for logged in reversed(known.steps):
        try:
            if _undo(logged, known):
                undone.append(logged.step)
        except _KeptError as why:
            kept.append(NotPlaced(logged.step.target, str(why)))
        except OSError as why:
            kept.append(NotPlaced(logged.step.target, str(why.strerror or why)))
    if not kept:
        os.unlink(known.path)
    for folder in reversed(known.new_folders):
        with contextlib.suppress(OSError):
            os.rmdir(folder)  # Fails if it is not empty.
    return Undone(tuple(undone), tuple(kept))


def _undo(logged: LoggedStep, log: Log) -> bool:
    """Undo a step, and tell whether there was anything to undo."""
    source, target, mode = logged.step
    for place in (target, source):
        with contextlib.suppress(OSError):
            os.unlink(log.temporary(logged.number, place))
    if mode == "move":
        return _undo_move(logged, log)
    try:
        status = os.lstat(target)
    except (FileNotFoundError, NotADirectoryError):
        return False
    is_ours = _is_link(logged, status) if mode == "link" else _is_copy(logged, status)
    if is_ours:
        os.unlink(target)
    return is_ours


def _is_link(logged: LoggedStep, status: os.stat_result) -> bool:
    """Tell whether a link is the one that was made; raise an error if it was and is no more."""
    source, target, _ = logged.step
    if stat.S_ISLNK(status.st_mode):
        is_ours = os.readlink(target) == source
    else:
        # With one name only, both paths would be of that one.
        is_same = os.path.lexists(source) and os.path.samestat(os.lstat(source), status)
        is_ours = is_same and status.st_nlink > 1
    if not is_ours and logged.placed:
        raise _KeptError("it is not the link that was made")
    return is_ours


def _is_copy(logged: LoggedStep, status: os.stat_result) -> bool:
    """Tell whether a file is the copy that was made; raise an error if it must stay."""
    source, target, _ = logged.step
    now = Identity.of(status)
    with contextlib.suppress(OSError):
        if os.path.samefile(source, target):
            raise _KeptError("it is the original itself")
    if logged.after is None:
        # It was not logged whether the copy was made. Another file may have taken its place.
        if not now.is_like(logged.before):
            return False
    elif now != logged.after:
        raise _KeptError("the copy was changed")
    try:
        is_there = Identity.of(os.stat(source)).is_like(logged.before)
    except OSError:
        is_there = False
    if not is_there:
        raise _KeptError(f"the original is gone or was changed: {source}")
    return logged.after is not None or same_contents(source, target)


def _undo_move(logged: LoggedStep, log: Log) -> bool:
    source, target, _ = logged.step
    try:
        status = os.lstat(target)
    except (FileNotFoundError, NotADirectoryError):
        if os.path.lexists(source):
            return False
        raise _KeptError(f"it is neither there nor at {source}") from None
    if os.path.lexists(source):
        return _undo_half_a_move(logged, status)
    now = Identity.of(status)
    if not stat.S_ISREG(status.st_mode) or not (logged.placed or now.is_like(logged.before)):
        raise _KeptError("it is not the file that was moved")
    os.makedirs(os.path.dirname(source), exist_ok=True)
    move_file(target, source, log.temporary(logged.number, source))
    return True


def _undo_half_a_move(logged: LoggedStep, status: os.stat_result) -> bool:
    """Remove a file from its target if it also is at its source, and tell whether it was."""
    source, target, _ = logged.step
    there = os.lstat(source)
    is_same = os.path.samestat(there, status)
    if is_same and status.st_nlink < 2:
        return False  # Both paths are of its one name.
    if not is_same and stat.S_ISREG(there.st_mode) and stat.S_ISREG(status.st_mode):
        is_same = Identity.of(there).is_like(Identity.of(status)) and same_contents(
            source, target
        )
    if is_same:
        os.unlink(target)
        return True
    if logged.placed:
        raise _KeptError(f"another file has taken its place: {source}")
    return False
