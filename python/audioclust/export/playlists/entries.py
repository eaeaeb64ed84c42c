"""What writers of playlists take, and how they name a file."""

from __future__ import annotations

import functools
import os
import pathlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from urllib.parse import quote_from_bytes

from audioclust.utils.files import full_path
from audioclust.utils.urls.names import is_url

PathKind = Literal["relative", "absolute"]
"""How a playlist names files: as they lie from its folder, or by their full paths."""


_IN_URIS = "%:/?#[]@!$&'()*+,;=~"
"""What may be in a URI besides letters and digits."""


class Entry(NamedTuple):
    """A file in a playlist.

    Attributes
    ----------
    path : str
        The file.
    seconds : float or None
        Its length; None if it is not known.
    title, artist : str
        What it is called; empty if that is not known.
    """

    path: str
    seconds: float | None = None
    title: str = ""
    artist: str = ""


@dataclass(frozen=True)
class Playlist:
    """Files in an order.

    Attributes
    ----------
    entries : sequence of Entry
        The files.
    title : str
        What the playlist is called.
    paths : {"relative", "absolute"}
        How files are named.
    inputs : sequence of str
        Files that no playlist may replace.
    """

    entries: Sequence[Entry]
    title: str = ""
    paths: PathKind = "absolute"
    inputs: Sequence[str] = ()


class Places:
    """How the files of a playlist are named from its folder.

    Parameters
    ----------
    folder : str
        The folder of the playlist.
    paths : {"relative", "absolute"}
        How files are named. From a drive of Windows to another there are only full paths.
    """

    def __init__(self, folder: str, paths: PathKind) -> None:
        self._given = os.path.abspath(folder)
        self._real = os.path.realpath(folder)
        self._is_relative = paths == "relative"
        self._folders = functools.cache(os.path.realpath)

    def relative(self, path: str) -> str | None:
        """Give a path from the playlist's folder, with slashes; None if there is none.

        The system goes up from where the folder really is, while some players only cut the
        last name off the path they know. Where links make a difference there is no path that
        both understand.
        """
        if not self._is_relative or is_url(path):
            return None
        parent, name = os.path.split(full_path(path))
        try:
            found = os.path.relpath(os.path.join(self._folders(parent), name), self._real)
        except ValueError:
            return None
        if self._given != self._real and found.startswith(os.pardir):
            cut = os.path.normpath(os.path.join(self._given, found))
            if self._folders(os.path.dirname(cut)) != self._folders(parent):
                return None
        return found.replace(os.sep, "/")


def file_uri(path: str) -> str:
    """Give the absolute URI of a file, which can name any file in plain ASCII.

    An address of a file elsewhere is one already, but for characters that no URI has.
    """
    if is_url(path):
        return quote_from_bytes(os.fsencode(path), safe=_IN_URIS)
    return pathlib.Path(full_path(path)).as_uri()


def relative_uri(path: str) -> str:
    """Give a relative path as a relative URI; a colon in it is no scheme's."""
    return quote_from_bytes(os.fsencode(path), safe="/")
