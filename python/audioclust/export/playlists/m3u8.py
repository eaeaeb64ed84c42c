"""Playlists as extended M3U in UTF-8.

The format has no way to escape a character, and players read a line in one of two ways: mpv and
most others take it for a path, letter by letter; VLC takes it for a reference as in RFC 3986,
in which ``%41`` is an A, what follows ``?`` or ``#`` is no part of the path, and brackets are
not allowed. Both strip spaces around a line, take a line that begins with ``#`` for a comment
and one with ``://`` for a URL, and both read a ``file://`` URI in the same way. So a path is
written as it is only where both read it alike, and as such a URI elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from audioclust.export.playlists.entries import Entry, Places, Playlist, file_uri
from audioclust.utils.files import full_path
from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import base_name, is_url

_READ_DIFFERENTLY = frozenset("%?#[]" if os.sep == "\\" else "%?#[]\\")
"""Characters that some players take for themselves, and others for something else."""


def m3u8_lines(playlist: Playlist, folder: str = "") -> Iterator[str]:
    """Give the lines of a playlist that is in a folder."""
    places = Places(folder, playlist.paths)
    yield "#EXTM3U"
    if playlist.title:
        yield f"#PLAYLIST:{on_one_line(playlist.title)}"
    for entry in playlist.entries:
        # -1 is the format's word for a length that is not known.
        seconds = -1 if entry.seconds is None else round(entry.seconds)
        yield f"#EXTINF:{seconds},{_shown(entry)}"
        yield _line(entry.path, places)


def _shown(entry: Entry) -> str:
    """Give what a player shows for a file."""
    title = entry.title or base_name(entry.path)
    return on_one_line(f"{entry.artist} - {title}" if entry.artist else title)


def _line(path: str, places: Places) -> str:
    """Give the line that names a file."""
    if is_url(path):
        return file_uri(path)
    relative = places.relative(path)
    if relative is None:
        plain = full_path(path)
    elif relative.startswith("../"):
        plain = relative
    else:
        # So it is no URL, whatever it begins with: the first part of one ends at its colon.
        plain = f"./{relative}"
    return plain if _is_read_alike(plain) else file_uri(path)


def _is_read_alike(line: str) -> bool:
    """Tell whether all players take a line for the same path."""
    shown = line.isprintable() and line == line.strip()
    # Two slashes at the beginning are a computer's name to VLC.
    return shown and not _READ_DIFFERENTLY & set(line) and not line.startswith("//")
