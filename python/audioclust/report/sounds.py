"""Where a page finds its sounds."""

from __future__ import annotations

import os
import urllib.parse
from typing import TYPE_CHECKING, Any

from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.report.content import Audio, Content


def sounds_of(content: Content, audio: Audio, beside: str) -> dict[str, Any]:
    """Give what a page knows of its sounds, as JSON values.

    Parameters
    ----------
    content : Content
    audio : {"link", "representatives", "embed", "none"}
    beside : str
        The folder that the page lies in, which links are relative to.

    Returns
    -------
    sounds : dict
        ``mode``; ``folders``, each with ``name`` (text) and ``url`` (or null); ``folder``, the
        folder of each item; ``files``, the percent-encoded file names of items whose shown name
        is not their file's name, by item; ``clips``, by item.
    """
    folders: dict[str, int] = {}
    folder_of: list[int] = []
    files: dict[str, str] = {}
    for place, item in enumerate(content.items):
        folder, name = os.path.split(item.path)
        folder_of.append(folders.setdefault(folder, len(folders)))
        if on_one_line(name) != name:
            files[str(place)] = quoted(name)
    return {
        "mode": audio,
        "folders": [
            {"name": on_one_line(name), "url": _url(content, name, beside)} for name in folders
        ],
        "folder": folder_of,
        "files": files,
        "clips": {},
    }


def quoted(name: str) -> str:
    """Percent-encode a name for a URL, whatever its bytes are."""
    return urllib.parse.quote(os.fsencode(name), safe="/")


def _url(content: Content, folder: str, beside: str) -> str | None:
    if content.folder is None:
        return None
    place = os.path.relpath(os.path.join(content.folder or os.getcwd(), folder), beside)
    return "" if place == os.curdir else quoted(place.replace(os.sep, "/")) + "/"
