"""Finding recordings that are elsewhere, by addresses, folders and patterns.

One listing gives all that is in a folder, with sizes and times: nothing is asked for each file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from audioclust.audio.choosing.file_filter import FileFilter
from audioclust.audio.choosing.searching import MAX_BYTES, Chooser
from audioclust.audio.recording import FileStatus, Recording
from audioclust.audio.remote.failures import MISSING, MissingError, UnreachedError, attempt
from audioclust.audio.remote.places import Place, place_of, require
from audioclust.errors import DecodeError
from audioclust.utils.urls.names import protocol_of, split_archive, suffix_of
from audioclust.utils.urls.redaction import redacted

OnError: TypeAlias = Callable[[str, str], None]
"""Called with an address without its secrets, and what is wrong with it."""


class FoundObject(NamedTuple):
    """A file that is elsewhere.

    Attributes
    ----------
    url : str
        Its address.
    status : FileStatus or None
        Its size and when it was written, as far as a listing has told.
    """

    url: str
    status: FileStatus | None = None


@dataclass(frozen=True)
class RemoteSearch:
    """A search of addresses.

    Attributes
    ----------
    files : FileFilter
        Which files are used of those that a search finds.
    suffixes : collection of str
        The suffixes that folders are searched for.
    on_error : callable
        Told what cannot be read.
    """

    files: FileFilter
    suffixes: frozenset[str]
    on_error: OnError

    def of(self, url: str, *, is_only: bool) -> list[FoundObject]:
        """Give what an address stands for, sorted: a file, all in a folder, or what matches.

        Over HTTP it is always a file. What has the suffix of sounds is taken for one without
        asking, unless nothing else is searched.

        Raises
        ------
        FileNotFoundError
            If there is nothing, and nothing else is searched; it is an error of its own
            otherwise.
        MissingExtraError, ParameterError
            See :func:`audioclust.audio.remote.places.require`.
        """
        require(url)
        is_http = protocol_of(url) in ("http", "https")
        is_named = suffix_of(url) in self.suffixes and not _has_star(url)
        if not is_only and (is_http or is_named):
            return [FoundObject(url)]
        try:
            return self._asked(url, is_http)
        except MissingError:
            pass
        except DecodeError as why:
            if is_http and isinstance(why, UnreachedError):
                return [FoundObject(url)]  # It is asked again when it is read.
            self.on_error(redacted(url), str(why))
            return []
        if is_only:
            raise FileNotFoundError(2, os.strerror(2), redacted(url))
        self.on_error(redacted(url), MISSING)
        return []

    def _asked(self, url: str, is_http: bool) -> list[FoundObject]:
        place = attempt(lambda: place_of(url))
        if not is_http:
            attempt(place.files.invalidate_cache)  # What an earlier search has seen is old.
        folder = _Folder(url, place)
        if not is_http and (split_archive(url) or (url,))[0].endswith("/"):
            tree = _tree_of(folder.listing())
            if tree:  # An object may be called as the folder is.
                return list(self._below(folder, tree))
        about = _about(place)
        if about is None and not is_http and _has_star(url):
            return list(self._matches(folder))
        if about is None:
            raise MissingError("unreadable", MISSING)
        if about.get("type") == "directory" and not is_http:
            return list(self._below(folder, _tree_of(folder.listing())))
        return [FoundObject(url, _status_of(about))]

    def _below(self, folder: _Folder, tree: _Tree, top: str = "") -> Iterator[FoundObject]:
        """Give the sounds in a folder and all below it, sorted."""
        chooser = Chooser(self.files, self._told_of(folder), folder.beginning)
        found = []
        waiting = [top]
        while waiting:
            parent = waiting.pop()
            for entry in chooser(parent, list(tree.get(parent, {}).values())):
                path = _joined(parent, entry.name)
                if entry.is_dir():
                    waiting.append(path)
                elif suffix_of(f"x://{path}") in self.suffixes:
                    found.append((path, entry.status))
        for path, status in sorted(found, key=lambda pair: pair[0]):
            yield FoundObject(folder.url_of(path), status)

    def _matches(self, pattern: _Folder) -> Iterator[FoundObject]:
        """Give the files that match a pattern, and the sounds in folders that do, sorted."""
        folder, rest = pattern.split_at_star()
        any_depth = "**" in rest.split("/")
        depth = None if any_depth else rest.count("/") + 1
        tree = _tree_of(folder.listing(depth))
        if not tree and _about(folder.place) is None:
            raise MissingError("unreadable", MISSING)
        regex = re.compile(_translated(rest, hidden=self.files.hidden), re.DOTALL)
        matching = [
            (_joined(parent, entry.name), entry)
            for parent, entries in tree.items()
            for entry in entries.values()
            if regex.fullmatch(_joined(parent, entry.name))
        ]
        if regex.fullmatch(""):
            matching.append(("", _Entry("", True)))
        for path, entry in sorted(matching, key=lambda pair: pair[0]):
            if not entry.is_dir():
                yield FoundObject(folder.url_of(path), entry.status)
            elif any_depth:
                yield from self._below(folder, tree, path)
            else:
                below = folder.sub(path)
                yield from self._below(below, _tree_of(below.listing()))

    def _told_of(self, folder: _Folder) -> OnError:
        return lambda path, words: self.on_error(redacted(folder.url_of(path)), words)


@dataclass(frozen=True)
class _Entry:
    """What is in a folder, with what is asked of an entry of a folder of this machine."""

    name: str
    below: bool
    status: FileStatus | None = None

    def is_dir(self) -> bool:
        """Tell whether it is a folder."""
        return self.below


_Tree: TypeAlias = dict[str, dict[str, _Entry]]
"""What is in each folder, by the folder's path and by name; those of folders end with a slash,
since an object may be called as a folder is."""


@dataclass(frozen=True)
class _Folder:
    """A folder elsewhere, which is searched.

    Attributes
    ----------
    url : str
        Its address.
    place : Place
        What reads it.
    """

    url: str
    place: Place
    _parts: tuple[str, str] = field(init=False)

    def __post_init__(self) -> None:
        parts = split_archive(self.url)
        base, rest = (self.url, "") if parts is None else (parts[0], f"::{parts[1]}")
        if not base.endswith("://"):
            base = base.rstrip("/")
        object.__setattr__(self, "_parts", (base, rest))

    def url_of(self, path: str) -> str:
        """Give the address of what has a path below this folder."""
        base, rest = self._parts
        return f"{base}{'' if base.endswith('://') or not path else '/'}{path}{rest}"

    def sub(self, path: str) -> _Folder:
        """Give a folder below this one."""
        if not path:
            return self
        place = Place(self.place.protocol, self.place.files, self._full(path))
        return _Folder(self.url_of(path), place)

    def split_at_star(self) -> tuple[_Folder, str]:
        """Give the deepest folder that is named before the first star, and the rest."""
        base, rest = self._parts
        start = base.index("://") + 3
        head = base[: base.index("*")]
        cut = max(start, head.rfind("/") + 1)
        above = base[:start] if cut == start else base[: cut - 1]
        url = above + rest
        path = self.place.path
        lead = path[: path.index("*")].rpartition("/")[0]
        return _Folder(url, Place(self.place.protocol, self.place.files, lead)), base[cut:]

    def listing(self, depth: int | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give all below this folder, down to a depth: path below it, and what is known."""
        files, root = self.place.files, self.place.path
        # Folders are known by the files in them, but not where a listing ends above these.
        found: dict[str, dict[str, Any]] = attempt(
            lambda: files.find(root, maxdepth=depth, withdirs=depth is not None, detail=True)
        )
        before = root.strip("/")
        for name, about in found.items():
            path = name.removeprefix("/")
            if before:
                path = path[len(before) :].removeprefix("/")
            if path.rstrip("/"):
                yield path, about

    def beginning(self, path: str) -> bytes:
        """Read the beginning of a file below this folder, as much as ignore files may have."""
        where = self._full(path)

        def read() -> bytes:
            with self.place.files.open(where, "rb") as file:
                return bytes(file.read(MAX_BYTES + 1))

        return attempt(read)

    def _full(self, path: str) -> str:
        root = self.place.path.rstrip("/")
        return f"{root}/{path}" if root else path


def _tree_of(listing: Iterable[tuple[str, dict[str, Any]]]) -> _Tree:
    """Put a list of paths into folders."""
    tree: _Tree = {}
    for path, about in listing:
        is_folder = about.get("type") == "directory" or path.endswith("/")
        parent, _, name = path.rstrip("/").rpartition("/")
        own = f"{name}/" if is_folder else name
        tree.setdefault(parent, {})[own] = _Entry(name, is_folder, _status_of(about))
        while parent:
            above, _, name = parent.rpartition("/")
            entries = tree.setdefault(above, {})
            if f"{name}/" in entries:
                break
            entries[f"{name}/"] = _Entry(name, True)
            parent = above
    return tree


def _joined(parent: str, name: str) -> str:
    return f"{parent}/{name}" if parent else name


def _about(place: Place) -> dict[str, Any] | None:
    """Ask what there is under the very name of an address; None if there is nothing."""
    try:
        return attempt(lambda: dict(place.files.info(place.path)))
    except MissingError:
        return None


def remote_status(recording: Recording) -> FileStatus | None:
    """Give what tells whether a file that is elsewhere is still the same.

    What a search has told is not asked for again.

    Returns
    -------
    status : FileStatus or None
        None if its server does not tell.
    """
    url = recording.url
    if recording.status is not None or url is None:
        return recording.status
    try:
        return _status_of(attempt(lambda: _info(place_of(url))))
    except DecodeError:
        return None


def with_statuses(recordings: list[Recording]) -> list[Recording]:
    """Give recordings with the states of those elsewhere, which are asked for at once.

    Those of this machine stay as they are: asking the system for them is quick.
    """
    waiting = [at for at, one in enumerate(recordings) if one.url and one.status is None]
    known = list(recordings)
    with ThreadPoolExecutor(max_workers=min(_AT_ONCE, len(waiting) or 1)) as pool:
        told = pool.map(remote_status, (recordings[at] for at in waiting))
        for at, status in zip(waiting, told, strict=True):
            known[at] = replace(recordings[at], status=status)
    return known


def _info(place: Place) -> dict[str, Any]:
    """Ask a file system about an object anew."""
    if place.protocol not in ("http", "https"):
        place.files.invalidate_cache(place.files._parent(place.path))
    return dict(place.files.info(place.path))


_AT_ONCE = 16
"""How many objects are asked about at a time: what takes long is to wait for answers."""

_WRITTEN = ("LastModified", "last_modified", "updated", "mtime", "created")
"""What file systems call the time at which an object was written."""

_MARKS = ("ETag", "Content-MD5", "Digest", "Last-Modified")
"""What web servers give that is another for another content, the surest first."""


def _status_of(about: dict[str, Any]) -> FileStatus | None:
    """Give the size of an object and when it was written.

    A web server tells a mark of the content instead: a number made of that is as good.
    It is 0 if neither is told.
    """
    size = about.get("size")
    if not isinstance(size, int):
        return None
    told = (about.get(name) for name in _WRITTEN)
    marks = (about[name] for name in _MARKS if about.get(name))
    return FileStatus(
        size, next(filter(None, (*map(_nanoseconds, told), *map(_number, marks))), 0)
    )


def _number(mark: object) -> int:
    return int.from_bytes(hashlib.blake2b(str(mark).encode(), digest_size=7).digest(), "big")


def _nanoseconds(time: object) -> int | None:
    """Give a time in nanoseconds since 1970; None if it is none."""
    if isinstance(time, str):
        with contextlib.suppress(ValueError):
            return _nanoseconds(datetime.fromisoformat(time))
    if isinstance(time, datetime):
        time = time.timestamp()
    return int(time * 1e9) if isinstance(time, (int, float)) else None


def _has_star(url: str) -> bool:
    """Tell whether an address is a pattern; in that of an archive, what is in it counts."""
    parts = split_archive(url)
    return "*" in (url if parts is None else parts[0])


def _translated(pattern: str, *, hidden: bool) -> str:
    """Give a pattern of which only ``*`` and ``**`` mean something as a regular expression.

    As in patterns of this machine's paths, a star fits no slash, and nothing hidden unless that
    is asked for; the part ``**`` is any number of folders.
    """
    seen = "" if hidden else r"(?!\.)"
    parts = pattern.split("/")
    made = ""
    for number, part in enumerate(parts):
        is_last = number == len(parts) - 1
        if part == "**":
            name = rf"{seen}[^/]+"
            made += rf"(?:{name}(?:/{name})*)?" if is_last else rf"(?:{name}/)*"
            continue
        pieces = [re.escape(piece) for piece in re.split(r"\*+", part)]
        made += (seen if part.startswith("*") else "") + "[^/]*".join(pieces)
        made += "" if is_last else "/"
    return made
