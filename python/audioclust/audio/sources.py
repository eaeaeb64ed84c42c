"""Finding the recordings that paths, folders, patterns and arrays stand for."""

from __future__ import annotations

import errno
import glob
import numbers
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from audioclust.audio.choosing.file_filter import IGNORE_FILE, FileFilter
from audioclust.audio.choosing.searching import Chooser
from audioclust.audio.decoding.formats import FORMATS
from audioclust.audio.decoding.limits import Limits
from audioclust.audio.folders import Identity, walk
from audioclust.audio.recording import Audio, FileStatus, Recording, current_folder
from audioclust.errors import ItemError, NoAudioError, ParameterError
from audioclust.utils.arguments import RATES, check_path, check_rate, check_unmasked
from audioclust.utils.types import Path
from audioclust.utils.urls.names import is_url, local_path_of, local_spelling, split_archive
from audioclust.utils.urls.redaction import identity_of, numbered, redacted, shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Source: TypeAlias = "Path | Iterable[Path] | Mapping[str, Audio]"
"""What users name their sounds by; see :func:`scan`."""


AUDIO_SUFFIXES = frozenset(suffix for one in FORMATS for suffix in one.suffixes)
"""All suffixes that folders are searched for. Some are of formats that only an extra decodes,
so that such files are reported instead of silently passed over."""

_SLASHES = re.escape(os.sep + (os.altsep or ""))
_ANY_DEPTH = re.compile(rf"(?<![^{_SLASHES}])\*\*(?:[{_SLASHES}]+|$)")
"""The part ``**`` of a pattern, and the slashes after it."""


@dataclass(frozen=True)
class Scan:
    """What a source stands for.

    Attributes
    ----------
    recordings : list of Recording
        The recordings, each once, in a definite order.
    errors : list of ItemError
        Folders and ignore files that could not be read, links that lead to nothing, and why.
    files : FileFilter
        Which files were asked for. How long they are is known only when they are decoded.
    """

    recordings: list[Recording] = field(default_factory=list)
    errors: list[ItemError] = field(default_factory=list)
    files: FileFilter = FileFilter()  # noqa: RUF009 - it is frozen


def scan(
    source: Source,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
    files: FileFilter = FileFilter(),  # noqa: B008 - it is frozen
) -> Scan:
    """Find the recordings that a source stands for.

    Parameters
    ----------
    source : str, os.PathLike, iterable of these, or mapping
        A folder is searched with its subfolders for files with one of
        :data:`AUDIO_SUFFIXES`. Hidden files and folders are left out unless `files` has them,
        and so is what is not a regular file. A folder that is reached again through a link is
        searched once, and a link that leads to nothing is an error of its own. A file is taken
        whatever its suffix, and so is each match of a glob pattern. ``~`` is the home folder.
        Addresses that fsspec knows, such as ``s3://bucket/folder``, stand for files elsewhere;
        of these only ``*`` and ``**`` are patterns, and one over HTTP is that of a file. A
        mapping has names as keys and ``(y, sr)`` as values, `y` of shape (n,) or (channels, n).
    limits : Limits
        How much decoding each file may take.
    files : FileFilter
        Which files are used of those that a search finds.

    Returns
    -------
    Scan
        Each recording once, in the order given, those of a folder sorted by path.

    Raises
    ------
    FileNotFoundError
        If a path does not exist. A link that leads to nothing does, if it is one of several
        paths: it is an error of its own then.
    NoAudioError
        If there is nothing to decode.
    ParameterError
        If `source` is none of the above.
    """
    if isinstance(source, Mapping):
        found = Scan([_in_memory(*named) for named in source.items()], files=files)
        places = ["the mapping"]
    else:
        places = [_place(check_path("path", path)) for path in _as_paths(source)]
        found = _Search(Scan(files=files), limits=limits).of(places)
    if not found.recordings and not found.errors:
        without = FileFilter(hidden=files.hidden, ignore_files=False)
        is_mapping = isinstance(source, Mapping)
        others = [] if is_mapping else _Search(Scan(files=without)).of(places).recordings
        raise _nothing_in(places, len(others))
    return found


def _place(path: str) -> str:
    """Give a path of this machine, or an address of a file elsewhere, as it is searched.

    Raises
    ------
    FileNotFoundError
        If it is the address of a file of this machine that does not exist.
    """
    if is_url(path.lstrip()) and not os.path.lexists(path):
        path = path.lstrip()  # Lists that were typed may have spaces there.
    local = local_path_of(path)
    if local is not None:
        return _literal(local_spelling(local))
    if is_url(path) and os.path.lexists(path):
        return local_spelling(path)
    parts = split_archive(path)
    if parts is not None and not is_url(parts[1]):
        # The archive is on this machine, and may be read from another folder.
        return f"{parts[0]}::{os.path.abspath(os.path.expanduser(parts[1]))}"
    return path if is_url(path) else os.path.expanduser(path)


def _literal(path: str) -> str:
    """Give a path in which stars alone mean something, as in all addresses."""
    if not glob.has_magic(path) or os.path.lexists(path):
        return path
    if "*" not in path:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    return re.sub(r"[?[]", r"[\g<0>]", path)


def _nothing_in(places: list[str], n_others: int) -> NoAudioError:
    """Give the error that says where was searched for which suffixes.

    Parameters
    ----------
    places : list of str
        Where was searched.
    n_others : int
        How many sounds are there that patterns or ignore files leave out.
    """
    where = ", ".join(map(redacted, places[:3])) + (", …" if len(places) > 3 else "")
    if n_others:
        why = f"include, exclude or {IGNORE_FILE} leave out all {n_others} sounds there"
        hint = "patterns are matched against paths below the searched folder"
        return NoAudioError(f"no sounds are left in {where}: {why}; {hint}")
    suffixes = " ".join(sorted(AUDIO_SUFFIXES))
    looked = f"{where or 'an empty list'}; folders were searched for {suffixes}"
    return NoAudioError(f"no sounds found in {looked}")


def _as_paths(source: object) -> list[object]:
    if isinstance(source, (str, os.PathLike)):
        return [source]
    if isinstance(source, Iterable) and not isinstance(source, bytes):
        return list(source)
    expected = "a path, an iterable of paths, a mapping of names to (y, sr), or a FeatureTable"
    raise ParameterError(f"source={shown(source)}: expected {expected}")


@dataclass(frozen=True)
class _Search:
    """A search of several places, in which each file and each folder counts once.

    Attributes
    ----------
    found : Scan
        What was found so far.
    paths : set of str
        The absolute paths of the files and errors in it; of files elsewhere their addresses.
    folders : set of Identity
        The folders that were searched.
    folder : str
        The folder that relative paths belong to.
    limits : Limits
        How much decoding each file may take.
    """

    found: Scan = field(default_factory=Scan)
    paths: set[str] = field(default_factory=set)
    folders: set[Identity] = field(default_factory=set)
    folder: str = field(default_factory=current_folder)
    limits: Limits = Limits()  # noqa: RUF009 - it is frozen

    def of(self, places: list[str]) -> Scan:
        """Search files, folders and patterns."""
        for place in places:
            if is_url(place):
                self._add_remote(place, is_only=len(places) == 1)
                continue
            for path in self._matches(place, is_only=len(places) == 1):
                if os.path.isdir(path):
                    self._add_folder(path)
                else:
                    self._add(path)
        return self.found

    def _add(self, file: str, status: FileStatus | None = None) -> None:
        """Add a file, or the error of a link that cannot be followed, unless it is known."""
        identity = os.path.abspath(file)
        if identity in self.paths:
            return
        self.paths.add(identity)
        if status is None and os.path.islink(file):
            try:
                os.stat(file)
            except OSError as why:
                self._fail(file, f"the link cannot be followed: {why.strerror}")
                return
        self.found.recordings.append(
            Recording(file, folder=self.folder, limits=self.limits, status=status)
        )

    def _add_remote(self, url: str, *, is_only: bool) -> None:
        """Add what an address stands for: files that only their signatures tell apart once."""
        from audioclust.audio.remote.searching import RemoteSearch

        search = RemoteSearch(self.found.files, AUDIO_SUFFIXES, self._fail)
        for one in search.of(url, is_only=is_only):
            identity = identity_of(one.url)
            if identity in self.paths:
                continue
            self.paths.add(identity)
            first = path = redacted(one.url)
            number = 1
            while path in self.paths and path != identity:
                number += 1
                path = numbered(first, number)
            self.paths.add(path)
            self.found.recordings.append(
                Recording(path, None, self.folder, self.limits, one.status, one.url)
            )

    def _add_folder(self, folder: str) -> None:
        """Add the audio files in a folder and its subfolders, sorted."""
        choose = Chooser(self.found.files, self._fail)
        files = {
            os.path.join(parent, entry.name): _status_of(entry)
            for parent, entries in walk(folder, self.folders, self._unreadable, choose)
            for entry in entries
            if _is_sound(entry) or _is_lost(entry)
        }
        for file in sorted(files):
            self._add(file, files[file])

    def _matches(self, place: str, *, is_only: bool) -> list[str]:
        """Give the paths that match a pattern, sorted, or the one path that a place is.

        Raises
        ------
        FileNotFoundError
            If it is not a pattern and does not exist. Among others, a link that leads to
            nothing is not missing, but an error like that of any other file.
        """
        if glob.has_magic(place) and not os.path.lexists(place):
            return sorted({path for path in self._expanded("", place, {}) if path})
        try:
            os.stat(place)
        except (FileNotFoundError, NotADirectoryError):
            if is_only or not os.path.islink(place):
                message = os.strerror(errno.ENOENT)
                raise FileNotFoundError(errno.ENOENT, message, place) from None
        except OSError:
            pass  # It exists but is not accessible: opening it will say why.
        return [place]

    def _expanded(
        self, root: str, pattern: str, searched: dict[str, set[Identity]]
    ) -> Iterator[str]:
        """Give what matches a pattern below a folder; ``**`` is any number of folders.

        :func:`glob.glob` would give up where folders are deeper than Python can recurse, would
        follow a link that leads back up many times, and would search folders again for each
        further ``**``. `searched` has the folders that were searched for each rest of it.
        """
        any_depth = _ANY_DEPTH.search(pattern)
        if any_depth is None:
            for match in self._glob(pattern, root):
                yield os.path.join(root, match)
            return
        head, tail = pattern[: any_depth.start()], pattern[any_depth.end() :]
        tops = self._glob(head, root) if glob.has_magic(head) else [head]
        seen = searched.setdefault(tail, set())
        for top in sorted(os.path.join(root, top) for top in tops):
            if not os.path.isdir(top or os.curdir):
                continue
            for folder, entries in walk(
                top, seen, self._unreadable, self._chooser_of_pattern()
            ):
                if tail:
                    yield from self._expanded(folder, tail, searched)
                    continue
                yield folder
                # A slash at the end means that only folders match.
                if not pattern.endswith(("/", os.sep)):
                    yield from (os.path.join(folder, entry.name) for entry in entries)

    def _glob(self, pattern: str, root: str) -> list[str]:
        hidden = self.found.files.hidden
        return glob.glob(pattern, root_dir=root or None, include_hidden=hidden)

    def _chooser_of_pattern(self) -> Chooser:
        """Give what chooses by hidden names alone: a pattern names its files itself."""
        hidden = self.found.files.hidden
        return Chooser(FileFilter(hidden=hidden, ignore_files=False), self._fail)

    def _fail(self, path: str, message: str) -> None:
        self.found.errors.append(ItemError(path, "unreadable", message))

    def _unreadable(self, folder: str, why: OSError) -> None:
        """Add the error of a folder, once: patterns reach a folder more than once."""
        path = folder or os.curdir
        identity = os.path.abspath(path)
        if identity not in self.paths:
            self.paths.add(identity)
            self._fail(path, f"the folder cannot be read: {why.strerror}")


def _is_sound(entry: os.DirEntry[str]) -> bool:
    """Tell whether something in a folder is a regular file with a suffix of sounds."""
    if os.path.splitext(entry.name)[1].lower() not in AUDIO_SUFFIXES:
        return False
    try:
        return entry.is_file()
    except OSError:
        return True  # Opening it will say why.


def _status_of(entry: os.DirEntry[str]) -> FileStatus | None:
    """Give what the search of a folder tells of a file; None for a link, and if it is lost."""
    try:
        return None if entry.is_symlink() else FileStatus.of(entry.stat())
    except OSError:
        return None  # Opening it will say why.


def _is_lost(entry: os.DirEntry[str]) -> bool:
    """Tell whether a link in a folder leads to nothing, and its name could be that of sounds.

    A name without a suffix could be that of a folder of sounds.
    """
    suffix = os.path.splitext(entry.name)[1].lower()
    could_be = not suffix or suffix in AUDIO_SUFFIXES
    return could_be and entry.is_symlink() and not os.path.exists(entry.path)


def _in_memory(name: object, audio: object) -> Recording:
    """Give the recording that an entry of a mapping stands for."""
    if not isinstance(audio, (tuple, list)) or len(audio) != 2:
        raise _no_audio(name, type(audio).__name__)
    if not isinstance(name, str):
        raise ParameterError(f"source has the name {name!r}: expected a str")
    return Recording(name, (_samples(name, audio[0]), _rate(name, audio[1])))


def _samples(name: str, value: object) -> NDArray[np.floating]:
    import numpy as np

    check_unmasked(f"source {name!r}", value)
    y = np.asarray(value)
    is_float = y.dtype.kind == "f" and y.dtype.itemsize in (4, 8)
    if not is_float or y.ndim not in (1, 2) or y.shape[:-1] == (0,):
        raise _no_audio(name, f"(array of {y.dtype} and shape {y.shape}, …)")
    if y.ndim == 2 and y.shape[0] > max(y.shape[1], 32):
        got = f"(array of shape {y.shape}, which may want to be transposed, …)"
        raise _no_audio(name, got)
    return y


def _rate(name: str, value: object) -> int:
    rate = value
    # Other libraries give rates as floats, such as 22050.0.
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        number = float(value)
        rate = int(number) if number.is_integer() else value
    try:
        return check_rate("sr", rate)
    except ParameterError:
        raise _no_audio(name, f"(…, {value!r})") from None


def _no_audio(name: object, got: str) -> ParameterError:
    expected = (
        "(y, sr), y of float32 or float64 and shape (n,) or (channels, n), "
        f"sr an int from {RATES[0]} to {RATES[1]}"
    )
    return ParameterError(f"source[{name!r}]={got}: expected {expected}")
