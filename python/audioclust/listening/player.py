"""Files opened with the system's own player, by a playlist."""

from __future__ import annotations

import json
import math
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from audioclust.audio.spans import Item
from audioclust.errors import ParameterError, PlaybackError
from audioclust.export.playlists.entries import Entry, Playlist
from audioclust.export.playlists.m3u8 import m3u8_lines
from audioclust.export.tables import located
from audioclust.utils.arguments import check_cluster, check_path
from audioclust.utils.files import full_path
from audioclust.utils.text import on_one_line
from audioclust.utils.types import Path
from audioclust.utils.urls.names import is_url, protocol_of
from audioclust.utils.urls.redaction import HIDDEN

PLAYER_VARIABLE = "AUDIOCLUST_PLAYER"
"""The environment variable that names a player, as a command line."""


MAX_DIGITS = 10
"""More digits are not those of the number of a cluster."""


def play_items(items: Iterable[Item], folder: str | None = "") -> str:
    """Write a playlist of the items' files and open it with a player.

    Parameters
    ----------
    items : iterable of Item
        In the order in which their files are to be played.
    folder : str or None
        The folder that relative paths belong to; None if the sounds were in memory.

    Returns
    -------
    playlist : str
        The path of the playlist, in the system's folder for temporary files.

    Raises
    ------
    PlaybackError
        If none of the files exists, if there is no player, or if it fails.
    """
    if folder is None:
        raise PlaybackError("sounds that were given in memory cannot be played")
    listed = [item.within(folder) for item in items]
    existing = [item for item in listed if _can_be_opened(item.path)]
    if not existing and listed and all(is_url(item.path) for item in listed):
        first = on_one_line(listed[0].path)
        raise PlaybackError(f"players cannot open files elsewhere, such as {first}")
    if not existing:
        first = on_one_line(os.path.normpath(listed[0].path)) if listed else "-"
        raise PlaybackError(f"none of {len(listed)} files is there, the first being {first}")
    handle, playlist = tempfile.mkstemp(prefix="audioclust-", suffix=".m3u8")
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in m3u8_lines(playlist_of(existing)))
    _open_with_player(playlist)
    return playlist


def _can_be_opened(path: str) -> bool:
    """Tell whether players can open a file: of those elsewhere they know what browsers do."""
    if not is_url(path):
        return os.path.isfile(path)
    return protocol_of(path) in ("http", "https") and HIDDEN not in path


def playlist_of(items: Iterable[Item]) -> Playlist:
    """Give the files of items as a playlist: each file once, as a whole, by its full path.

    Parts of files are not named, as players do not agree on how to do that. An item may be a
    part of its file, whose length is therefore not known.
    """
    paths = dict.fromkeys(full_path(item.path) for item in items)
    return Playlist([Entry(path) for path in paths])


def _open_with_player(playlist: str) -> None:
    """Open a playlist, and wait for the command that does it to end."""
    command = player_command()
    left = f"the playlist is {playlist}"
    if command is None:
        raise PlaybackError(
            f"there is no player: set {PLAYER_VARIABLE} to the command of one, such as mpv;"
            f" {left}"
        )
    if not command:
        os.startfile(playlist)  # type: ignore[attr-defined] # noqa: S606 - only Windows has it
        return
    failure = _failure([*command, playlist])
    if failure is not None:
        hint = f"set {PLAYER_VARIABLE} to the command of a player"
        raise PlaybackError(f"{failure}: {hint}; {left}")


def _failure(command: list[str]) -> str | None:
    """Run a command, and say what went wrong, if anything did."""
    name = on_one_line(command[0])
    try:
        status = subprocess.run(command, check=False).returncode  # noqa: S603 - the user's own
    except OSError as why:
        return f"{name}: {why.strerror or why}"
    return f"{name} ended with status {status}" if status else None


def player_command() -> list[str] | None:
    """Give the command of the player to use.

    Returns
    -------
    list of str or None
        The one that the user has set, else the system's: an empty list for Windows, which
        opens files without a command; None if there is no player.

    Raises
    ------
    ParameterError
        If the environment variable cannot be read as a command.
    """
    own = os.environ.get(PLAYER_VARIABLE, "").strip()
    if own:
        try:
            return shlex.split(own, posix=os.name != "nt")
        except ValueError as why:
            raise ParameterError(
                f"{PLAYER_VARIABLE}={own!r}: expected a command ({why})"
            ) from None
    if sys.platform == "win32":
        return []
    name = "open" if sys.platform == "darwin" else "xdg-open"
    return [name] if shutil.which(name) else None


class SavedCluster(NamedTuple):
    """A cluster, as a file that ``to_json`` wrote has it.

    Attributes
    ----------
    items : tuple of Item
        Its items, nearest its centre first.
    inputs : tuple of str
        The files of all sounds of the result, those that could not be used included.
    folder : str or None
        The folder that relative paths belong to; None if the sounds were in memory.
    """

    items: tuple[Item, ...]
    inputs: tuple[str, ...]
    folder: str | None


def saved_cluster(path: Path, cluster: int | str) -> SavedCluster:
    """Read a cluster from a file that ``to_json`` wrote.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    cluster : int or str
        The number of the cluster, or what was typed for it; see :func:`typed_cluster`.

    Raises
    ------
    ParameterError
        If the file is not one that ``to_json`` wrote, or there is no such cluster.
    OSError
        If the file cannot be read.
    """
    name = os.path.expanduser(check_path("path", path))
    try:
        with open(name, encoding="utf-8") as file:
            document = json.load(file)
        found = [
            (float(entry["distance"]), int(entry["label"]), _item(entry))
            for entry in document["items"]
        ]
        known = [*document["items"], *document["errors"], *document.get("left_out", ())]
        paths = [str(entry["path"]) for entry in known]
        folder = folder_left(document.get("folder", ""))
        inputs = located(paths, folder)
        k = int(document["k"])
        names = {int(number): str(name) for number, name in document.get("names", {}).items()}
    except (ValueError, KeyError, TypeError, AttributeError) as why:
        expected = "a file that 'audioclust cluster --json FILE' wrote"
        raise ParameterError(f"path={name!r}: expected {expected}") from why
    number = typed_cluster(cluster, names, k)
    nearest_first = sorted(found, key=lambda one: one[0])
    items = tuple(item for _, label, item in nearest_first if label == number)
    return SavedCluster(items, inputs, folder)


def typed_cluster(typed: int | str, names: Mapping[int, str], k: int) -> int:
    """Give the number of one of k clusters by what was typed: its number or its name.

    Digits are a number if there is a cluster of that number, or none that has them as its name.

    Raises
    ------
    ParameterError
        If there is no such cluster.
    """
    if isinstance(typed, str) and typed.isdecimal() and len(typed) < MAX_DIGITS:
        number = int(typed)
        typed = number if number < k or typed not in names.values() else typed
    return check_cluster(typed, names, k)


def folder_left(saved: object) -> str | None:
    """Give the folder of relative paths as it was saved, or the current one if it is gone."""
    if saved is None or os.path.isdir(str(saved)):
        return None if saved is None else str(saved)
    return ""


def _item(entry: Mapping[str, Any]) -> Item:
    end = math.inf if entry["end"] is None else float(entry["end"])
    return Item(str(entry["path"]), float(entry["start"]), end)
