"""Playlists as XSPF 1: XML in which each file is a URI.

See https://www.xspf.org/spec. A location may be relative to that of the playlist, and any byte
of a name can be escaped, so that no name needs its full path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from audioclust.export.playlists.entries import (
    Entry,
    Places,
    Playlist,
    file_uri,
    relative_uri,
)
from audioclust.utils.text import printable
from audioclust.utils.urls.names import base_name

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot contain, not even escaped."""


def xspf_lines(playlist: Playlist, folder: str) -> Iterator[str]:
    """Give the lines of a playlist that is in a folder."""
    places = Places(folder, playlist.paths)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<playlist version="1" xmlns="http://xspf.org/ns/0/">'
    if playlist.title:
        yield f"  <title>{_text(playlist.title)}</title>"
    yield "  <trackList>"
    for entry in playlist.entries:
        yield from _track(entry, places)
    yield "  </trackList>"
    yield "</playlist>"


def _track(entry: Entry, places: Places) -> Iterator[str]:
    relative = places.relative(entry.path)
    location = file_uri(entry.path) if relative is None else relative_uri(relative)
    yield "    <track>"
    yield f"      <location>{_text(location)}</location>"
    yield f"      <title>{_text(entry.title or base_name(entry.path))}</title>"
    if entry.artist:
        yield f"      <creator>{_text(entry.artist)}</creator>"
    if entry.seconds is not None:
        yield f"      <duration>{round(1000 * entry.seconds)}</duration>"
    yield "    </track>"


def _text(text: str) -> str:
    """Give text as XML; a character that XML cannot contain is U+FFFD."""
    return escape(_NOT_IN_XML.sub("\ufffd", printable(text)))
