"""The table of the formats of playlists, and what writes any of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from audioclust.export.playlists.entries import Playlist
from audioclust.export.playlists.m3u8 import m3u8_lines
from audioclust.export.playlists.xspf import xspf_lines
from audioclust.utils.files import write_text

PlaylistFormat = Literal["m3u8", "xspf"]
"""The formats, each named like the suffix of its files."""

PLAYLIST_FORMATS: Mapping[str, Callable[[Playlist, str], Iterator[str]]] = {
    "m3u8": m3u8_lines,
    "xspf": xspf_lines,
}
"""What gives the lines of each format, for a playlist and the folder that it is in."""


def write_playlist(playlist: Playlist, path: str, format: PlaylistFormat) -> None:  # noqa: A002
    """Write a playlist.

    Parameters
    ----------
    playlist : Playlist
    path : str
        The file to write.
    format : {"m3u8", "xspf"}
        Its format.

    Raises
    ------
    ParameterError
        If the file is one of the playlist's inputs.
    OSError
        If the file cannot be written.
    """
    lines = PLAYLIST_FORMATS[format](playlist, os.path.dirname(path))
    write_text(path, "".join(f"{line}\n" for line in lines), inputs=playlist.inputs)
