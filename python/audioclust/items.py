"""From what the user names to recordings, and what an item of the result is."""

from __future__ import annotations

import errno
import glob
import operator
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from audioclust.errors import ItemError, NoAudioError, ParameterError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Path: TypeAlias = "str | os.PathLike[str]"
Audio: TypeAlias = "tuple[NDArray[np.floating[Any]], int]"
Source: TypeAlias = "Path | Iterable[Path] | Mapping[str, Audio]"

AUDIO_SUFFIXES = frozenset(
    [
        ".wav",
        ".wave",
        ".w64",
        ".rf64",
        ".aif",
        ".aiff",
        ".aifc",
        ".caf",
        ".au",
        ".snd",
        ".flac",
        ".ogg",
        ".oga",
        ".opus",
        ".mp3",
        ".mp2",
        ".m4a",
        ".m4b",
        ".mp4",
        ".aac",
        ".wma",
        ".wv",
        ".ape",
        ".mka",
        ".webm",
    ]
)
"""Suffixes that a folder is searched for. That a format is listed does not mean that it can be
decoded: a file in one that cannot be is reported, not passed over."""


class Item(NamedTuple):
    """A stretch of sound, the unit of everything: a whole file, a window, a drum hit.

    Attributes
    ----------
    path : str
        The file, or the name of audio in memory.
    start, end : float
        Where it starts and ends in the recording, in seconds.
    """

    path: str
    start: float
    end: float


@dataclass(frozen=True)
class Recording:
    """Something to decode: a file, or audio that is in memory already."""

    path: str
    audio: Audio | None = None


@dataclass
class Scan:
    """What was found: recordings in a definite order, and what could not be looked at."""

    recordings: list[Recording] = field(default_factory=list)
    errors: list[ItemError] = field(default_factory=list)


def scan(source: Source) -> Scan:
    """Find the recordings that a source stands for.

    Parameters
    ----------
    source : str, os.PathLike, iterable of these, or mapping
        A folder is searched with its subfolders for files with one of
        :data:`AUDIO_SUFFIXES`; hidden ones and what is not a regular file are left out, and
        a folder that links lead to again is searched once. A file is taken whatever its
        suffix, and so is each match of a glob pattern. ``~`` is the home folder. A mapping
        has names as keys and ``(y, sr)`` as values, `y` of shape (n,) or (channels, n).

    Returns
    -------
    Scan
        Each recording once, in the order given, those of a folder sorted by path.

    Raises
    ------
    FileNotFoundError
        If a path does not exist.
    NoAudioError
        If there is nothing to decode.
    ParameterError
        If `source` is none of the above.
    """
    found = Scan()
    if isinstance(source, Mapping):
        found.recordings = [_in_memory(name, audio) for name, audio in source.items()]
        if len({recording.path for recording in found.recordings}) < len(source):
            raise ParameterError(f"source={list(source)!r:.80}: expected names that differ")
        places = ["the mapping"]
    else:
        places = [_place(path) for path in _as_paths(source)]
        seen: set[str] = set()
        for place in places:
            _look_at(place, found, seen)
    if not found.recordings and not found.errors:
        where = ", ".join(places[:3]) + (", …" if len(places) > 3 else "")
        suffixes = " ".join(sorted(AUDIO_SUFFIXES))
        raise NoAudioError(
            f"no sounds found in {where or 'an empty list'}; looked for {suffixes}"
        )
    return found


def _as_paths(source: object) -> list[object]:
    if isinstance(source, (str, os.PathLike)):
        return [source]
    if isinstance(source, Iterable) and not isinstance(source, bytes):
        return list(source)
    expected = "a path, an iterable of paths, a mapping of names to (y, sr), or a FeatureTable"
    raise ParameterError(f"source={source!r:.80}: expected {expected}")


def _place(path: object) -> str:
    if isinstance(path, (str, os.PathLike)):
        place = os.fspath(path)
        if isinstance(place, str) and place and "\0" not in place:
            return os.path.expanduser(place)
    raise ParameterError(f"path={path!r:.80}: expected a str or os.PathLike of str")


def _look_at(place: str, found: Scan, seen: set[str]) -> None:
    """Add what is at `place`, unless it was `seen`."""
    if glob.has_magic(place) and not os.path.lexists(place):
        paths = sorted(glob.glob(place, recursive=True))
    else:
        paths = [place]
        try:
            os.stat(place)
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), place) from None
        except OSError:
            pass  # It is there but closed to us: opening it will say why.
    for path in paths:
        files = _files_below(path, found.errors) if os.path.isdir(path) else [path]
        for file in files:
            identity = os.path.abspath(file)
            if identity not in seen:
                seen.add(identity)
                found.recordings.append(Recording(file))


def _files_below(folder: str, errors: list[ItemError]) -> list[str]:
    """Give the audio files in a folder and its subfolders, sorted."""

    def closed(why: OSError) -> None:
        message = f"the folder cannot be read: {why.strerror}"
        errors.append(ItemError(str(why.filename), "unreadable", message))

    files: list[str] = []
    visited: set[tuple[int, int]] = set()
    for parent, folders, names in os.walk(folder, followlinks=True, onerror=closed):
        status = os.stat(parent)
        identity = (status.st_dev, status.st_ino)
        if identity in visited:
            folders.clear()
            continue
        visited.add(identity)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files.extend(_audio_files(parent, names))
    return sorted(files)


def _audio_files(parent: str, names: list[str]) -> Iterator[str]:
    for name in names:
        suffix = os.path.splitext(name)[1].lower()
        path = os.path.join(parent, name)
        if not name.startswith(".") and suffix in AUDIO_SUFFIXES and os.path.isfile(path):
            yield path


def _in_memory(name: object, audio: object) -> Recording:
    import numpy as np

    def refuse(got: str) -> ParameterError:
        expected = "(y, sr), y of float32 or float64 and shape (n,) or (channels, n), sr an int"
        return ParameterError(f"source[{name!r}]={got}: expected {expected}")

    if not isinstance(audio, (tuple, list)) or len(audio) != 2:
        raise refuse(type(audio).__name__)
    y, sr = np.asarray(audio[0]), audio[1]
    if y.dtype not in (np.float32, np.float64) or y.ndim not in (1, 2) or y.shape[:-1] == (0,):
        raise refuse(f"(array of {y.dtype} and shape {y.shape}, …)")
    try:
        rate = operator.index(int(sr) if sr == int(sr) else sr)
    except (TypeError, ValueError, OverflowError):
        raise refuse(f"(…, {sr!r})") from None
    return Recording(str(name), (y, rate))
