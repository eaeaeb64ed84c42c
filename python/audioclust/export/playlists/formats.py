"""The table of the formats of playlists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from audioclust.export.playlists.entries import Playlist
from audioclust.export.playlists.m3u8 import write_m3u8
from audioclust.export.playlists.xspf import write_xspf

PlaylistFormat = Literal["m3u8", "xspf"]
"""The formats, each named like the suffix of its files."""

PLAYLIST_FORMATS: Mapping[str, Callable[[Playlist, str], None]] = {
    "m3u8": write_m3u8,
    "xspf": write_xspf,
}
"""What writes each format to a path."""
