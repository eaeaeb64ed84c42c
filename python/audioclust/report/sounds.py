"""Where a page finds its sounds."""

from __future__ import annotations

import os
import urllib.parse
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal

from audioclust.audio.decoding.formats import FORMATS
from audioclust.errors import ItemError
from audioclust.report.folders import Folders
from audioclust.utils.urls.names import base_name, is_url, parent_of, protocol_of

if TYPE_CHECKING:
    from audioclust.audio.spans import Item
    from audioclust.report.content import Audio, Content

_PLAYED = {
    *("WAV", "FLAC", "Ogg FLAC", "Ogg Vorbis", "Ogg Opus"),
    *("MP3", "MP4", "Matroska", "ADTS"),
}
"""The formats that browsers play, or most of what is in them."""

UNPLAYABLE = {
    **{s: one.name for one in FORMATS if one.name not in _PLAYED for s in one.suffixes},
    ".alac": "ALAC",
    ".spx": "Speex",
}
"""The names of formats that most browsers do not play, by the suffixes of their files."""

_NAMED = 3
"""So many formats are named in a sentence, at most."""


def sounds_of(content: Content, audio: Audio | Literal["serve"], beside: str) -> dict[str, Any]:
    """Give what a page knows of its sounds, as JSON values.

    Parameters
    ----------
    content : Content
    audio : {"link", "representatives", "embed", "none", "serve"}
        Where they are; "serve" is at ``sound/<place of the item>``, relative to the page.
    beside : str
        The folder that the page lies in, which links are relative to.

    Returns
    -------
    sounds : dict
        ``mode``; ``note``, what a reader must know of the sounds, in sentences, or nothing;
        ``folders``, each with ``name`` (as :class:`Folders` gives it) and ``url`` (or null if
        there are no links);
        ``folder``, the folder of each item; ``files``, the percent-encoded file names of items
        whose shown name is not their file's name, by item; ``unplayable``, names of formats by
        suffix; ``clips``, by item, each with ``from`` and ``seconds`` in the recording and
        ``data``, a URI that holds the sound; ``missing``, why there is no clip, by item;
        ``inMemory``, whether the sounds were given in memory.
    """
    named = Folders(content.items, content.folder)
    folders: dict[str, int] = {}
    spelled: dict[str, int] = {}
    folder_of: list[int] = []
    files: dict[str, str] = {}
    for place, item in enumerate(content.items):
        folder, name = parent_of(item.path), base_name(item.path)
        if folder not in spelled:
            # A folder may be spelled in several ways, such as "a" and "./a".
            spelled[folder] = folders.setdefault(named.full(folder), len(folders))
        folder_of.append(spelled[folder])
        # What is printable is shown as it is; so on_one_line() is not called 100,000 times.
        if not name.isprintable():
            files[str(place)] = quoted(name)
    linked = audio == "link" and content.folder is not None
    clips, missing = _clips(content, audio, named)
    unplayable = _unplayable(content.items) if linked else Counter()
    return {
        "mode": audio,
        "note": " ".join(_note(content, audio, unplayable, len(missing))),
        "folders": [
            {"name": named.name(full), "url": _url(full, beside) if linked else None}
            for full in folders
        ],
        "folder": folder_of,
        "files": files if linked else {},
        "unplayable": {suffix: UNPLAYABLE[suffix] for suffix in unplayable},
        "clips": clips,
        "missing": missing,
        "inMemory": content.folder is None,
    }


def apart(sounds: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Take the clips themselves out of what :func:`sounds_of` gives.

    They stand at the end of a page: it shows itself before they have arrived, and none is
    looked at before it is played.

    Returns
    -------
    sounds : dict
        The same without the ``data`` of clips.
    clips : dict of str
        Their data by item.
    """
    clips = {item: clip["data"] for item, clip in sounds["clips"].items()}
    places = {
        item: {key: value for key, value in clip.items() if key != "data"}
        for item, clip in sounds["clips"].items()
    }
    return {**sounds, "clips": places}, clips


def quoted(name: str) -> str:
    """Percent-encode a name for a URL, whatever its bytes are.

    Colons are encoded too, so that no name is taken for a scheme such as ``javascript:``.
    """
    return urllib.parse.quote(os.fsencode(name), safe="/")


def _url(full: str, beside: str) -> str | None:
    """Give the URL of a folder: relative to the page, or absolute if there is no such way.

    None if it is elsewhere, in a place that browsers cannot look into.
    """
    if is_url(full):
        return f"{full}/" if protocol_of(full) in ("http", "https") else None
    try:
        place = os.path.relpath(full, beside)
    except ValueError:
        # It is on another drive or another machine.
        return PurePath(full).as_uri().removesuffix("/") + "/"
    return "" if place == os.curdir else quoted(place.replace(os.sep, "/")) + "/"


def _clips(
    content: Content, audio: str, named: Folders
) -> tuple[dict[str, Any], dict[str, str]]:
    """Give the clips that the page holds, and why others are missing, by item."""
    places = _heard(content, audio)
    if not places or content.folder is None:
        return {}, {}
    # Only pages that hold sounds decode any.
    from audioclust.report.clips import clips_of

    outcomes = clips_of([content.items[place].within(content.folder) for place in places])
    clips: dict[str, Any] = {}
    missing: dict[str, str] = {}
    for place, one in zip(places, outcomes, strict=True):
        if isinstance(one, ItemError):
            missing[str(place)] = named.words(f"{one.kind}: {one.message}", one.path)
        else:
            clips[str(place)] = {
                "from": round(one.start, 6),
                "seconds": round(one.seconds, 6),
                "data": one.uri,
            }
    return clips, missing


def _heard(content: Content, audio: str) -> Sequence[int]:
    """Give the places of the items that the page holds clips of."""
    if audio == "embed":
        return range(len(content.items))
    if audio == "representatives":
        typical = (int(place) for group in content.groups for place in group.representatives)
        return sorted(set(typical))
    return ()


def _unplayable(items: Iterable[Item]) -> Counter[str]:
    """Count the items that most browsers do not play, by the suffix of their file."""
    suffixes = Counter(os.path.splitext(item.path)[1].lower() for item in items)
    return Counter({one: n for one, n in sorted(suffixes.items()) if one in UNPLAYABLE})


def _note(
    content: Content, audio: str, unplayable: Counter[str], n_missing: int
) -> Iterable[str]:
    """Give what a reader must know of the sounds, in sentences."""
    if audio == "none":
        return
    total = len(content.items)
    if content.folder is None:
        yield "Nothing can be played: the sounds were in memory, and only numbers are kept."
        return
    if audio == "representatives":
        yield "This page holds only the most typical sounds of each group."
    if n_missing:
        yield f"{n_missing} of {total} sounds could not be read again."
    if unplayable:
        names = list(dict.fromkeys(UNPLAYABLE[suffix] for suffix in unplayable))
        if len(names) > _NAMED:
            names[_NAMED:] = ["others"]
        listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
        yield (
            f"{unplayable.total()} of {total} sounds are {listed}, which most browsers do not"
            ' play: write the page with audio="embed", or use audioclust serve.'
        )
