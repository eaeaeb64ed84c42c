"""Files to the system's own player, by a playlist."""

from __future__ import annotations

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator

from audioclust.audio.spans import Item
from audioclust.errors import ParameterError, PlaybackError
from audioclust.utils.arguments import check_int, check_path
from audioclust.utils.text import on_one_line
from audioclust.utils.types import Path

PLAYER = "AUDIOCLUST_PLAYER"
"""The environment variable that names a player, as a command line."""


def play_items(items: Iterable[Item]) -> str:
    """Write a playlist of the items' files and open it with a player.

    Returns
    -------
    playlist : str
        Where it is, in the system's folder for temporary files.

    Raises
    ------
    PlaybackError
        If none of the files is there, or there is no player, or it fails.
    """
    listed = list(items)
    there = [item for item in listed if os.path.isfile(item.path)]
    if not there:
        first = on_one_line(listed[0].path) if listed else "-"
        raise PlaybackError(
            f"none of {len(listed)} files is there, the first being {first}: sounds in memory"
            " cannot be played, and relative paths are looked for from the current folder"
        )
    handle, path = tempfile.mkstemp(prefix="audioclust-", suffix=".m3u8")
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write("".join(f"{line}\n" for line in playlist_lines(there)))
    _open(path)
    return path


def playlist_lines(items: Iterable[Item]) -> Iterator[str]:
    """Give the lines of an M3U8 playlist: each file once, as a whole, by its full path."""
    seen: set[str] = set()
    yield "#EXTM3U"
    for item in items:
        path = os.path.abspath(item.path)
        if path in seen:
            continue
        seen.add(path)
        # A length of -1 is one that is not known: an item may be a part of its file.
        yield f"#EXTINF:-1,{on_one_line(os.path.basename(path))}"
        # What would break a line, or is no UTF-8, is told as a URI, which escapes it.
        plain = path.isprintable() and path == path.strip()
        yield path if plain else pathlib.Path(path).as_uri()


def _open(playlist: str) -> None:
    """Open a playlist and wait for the player, or for what hands over to it."""
    command = player()
    left = f"the playlist is {playlist}"
    if command is None:
        raise PlaybackError(
            f"there is no player: set {PLAYER} to the command of one, such as mpv; {left}"
        )
    if not command:
        os.startfile(playlist)  # type: ignore[attr-defined] # noqa: S606 - only Windows has it
        return
    try:
        status = subprocess.run([*command, playlist], check=False).returncode  # noqa: S603
    except OSError as why:
        reason = f"{on_one_line(command[0])}: {why.strerror or why}"
    else:
        if status == 0:
            return
        reason = f"{on_one_line(command[0])} ended with status {status}"
    raise PlaybackError(f"{reason}: set {PLAYER} to the command of a player; {left}")


def player() -> list[str] | None:
    """Give the player's command, an empty one for Windows' own, None if there is none."""
    own = os.environ.get(PLAYER, "").strip()
    if own:
        try:
            return shlex.split(own, posix=os.name != "nt")
        except ValueError as why:
            raise ParameterError(f"{PLAYER}={own!r}: expected a command ({why})") from None
    if sys.platform == "win32":
        return []
    name = "open" if sys.platform == "darwin" else "xdg-open"
    return [name] if shutil.which(name) else None


def items_of(path: Path, cluster: int) -> list[Item]:
    """Read the items of a cluster from a file that ``to_json`` wrote, nearest first.

    Raises
    ------
    ParameterError
        If it is another file, or has no such cluster.
    """
    name = os.path.expanduser(check_path("path", path))
    expected = "a file that 'audioclust cluster --json FILE' wrote"
    try:
        with open(name, encoding="utf-8") as file:
            document = json.load(file)
        entries = document["items"]
        found = [
            (float(e["distance"]), Item(str(e["path"]), float(e["start"]), float(e["end"])))
            for e in entries
            if e["label"] == cluster
        ]
        k = int(document["k"])
    except (ValueError, KeyError, TypeError) as why:
        raise ParameterError(f"path={name!r}: expected {expected}") from why
    check_int("cluster", cluster, 0, k - 1)
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]
