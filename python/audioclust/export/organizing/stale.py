"""Links and copies of earlier runs whose files belong to other folders now."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator, Mapping

from audioclust.errors import ParameterError
from audioclust.export.organizing.files import Identity
from audioclust.export.organizing.log import LOG_NAME, Log, LoggedStep, read_log
from audioclust.export.organizing.plan import Stale


def stale_in(folder: str, rooms: Mapping[str, str | None]) -> tuple[Stale, ...]:
    """Find what earlier runs put into a folder, and would put elsewhere today.

    The logs of these runs tell. One that cannot be read tells nothing.

    Parameters
    ----------
    folder : str
        The full path of the folder that everything is put in.
    rooms : mapping of str to str or None
        The name of the folder that each file belongs to, by its full path; None for one that is
        not put anywhere. Nothing is said of other files.

    Returns
    -------
    tuple of Stale
        The links and copies that are still what was made, each once.
    """
    belongs = {
        path: None if room is None else os.path.join(folder, room)
        for path, room in rooms.items()
    }
    found: dict[str, Stale] = {}
    for log in _logs_in(folder):
        for logged in log.steps:
            source, target, mode = logged.step
            if mode == "move" or source not in belongs:
                continue
            if os.path.dirname(target) != belongs[source] and _is_as_made(logged):
                found.setdefault(target, Stale(target, log.path))
    return tuple(found.values())


def _logs_in(folder: str) -> Iterator[Log]:
    """Give the logs that can be read."""
    for path in sorted(glob.glob(LOG_NAME.format("*"), root_dir=folder)):
        try:
            yield read_log(os.path.join(folder, path))
        except (OSError, ParameterError):
            continue


def _is_as_made(logged: LoggedStep) -> bool:
    """Tell whether a link or a copy is there, and the one that was made."""
    source, target, mode = logged.step
    try:
        status = os.lstat(target)
        if mode == "copy":
            return logged.after == Identity.of(status)
        if stat.S_ISLNK(status.st_mode):
            return os.readlink(target) == source
        return os.path.samestat(os.stat(source), status)
    except OSError:
        return False
