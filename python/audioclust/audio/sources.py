"""From what the user names to recordings, and what an item of the result is."""

from __future__ import annotations

import errno
import glob
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from audioclust.audio.recording import Audio, Recording
from audioclust.errors import ItemError, NoAudioError, ParameterError
from audioclust.utils.arguments import RATES, check_path
from audioclust.utils.types import Path

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
        places = ["the mapping"]
    else:
        paths = [check_path("path", path) for path in _as_paths(source)]
        places = [os.path.expanduser(path) for path in paths]
        seen: set[str] = set()
        visited: set[tuple[int, int]] = set()
        for place in places:
            _look_at(place, found, seen, visited)
    if not found.recordings and not found.errors:
        where = ", ".join(places[:3]) + (", …" if len(places) > 3 else "")
        suffixes = " ".join(sorted(AUDIO_SUFFIXES))
        looked = f"{where or 'an empty list'}; folders were searched for {suffixes}"
        raise NoAudioError(f"no sounds found in {looked}")
    return found


def _as_paths(source: object) -> list[object]:
    if isinstance(source, (str, os.PathLike)):
        return [source]
    if isinstance(source, Iterable) and not isinstance(source, bytes):
        return list(source)
    expected = "a path, an iterable of paths, a mapping of names to (y, sr), or a FeatureTable"
    raise ParameterError(f"source={source!r:.80}: expected {expected}")


def _look_at(place: str, found: Scan, seen: set[str], visited: set[tuple[int, int]]) -> None:
    """Add what is at `place`, but no path that was `seen`, no folder that was `visited`."""
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
        files = [path]
        if os.path.isdir(path):
            files = _files_below(path, found.errors, visited)
        for file in files:
            identity = os.path.abspath(file)
            if identity not in seen:
                seen.add(identity)
                found.recordings.append(Recording(file))


def _files_below(
    folder: str, errors: list[ItemError], visited: set[tuple[int, int]]
) -> list[str]:
    """Give the audio files in a folder and its subfolders, sorted."""

    def closed(why: OSError) -> None:
        message = f"the folder cannot be read: {why.strerror}"
        errors.append(ItemError(str(why.filename), "unreadable", message))

    files: list[str] = []
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
        expected = (
            "(y, sr), y of float32 or float64 and shape (n,) or (channels, n), "
            f"sr an int from {RATES[0]} to {RATES[1]}"
        )
        return ParameterError(f"source[{name!r}]={got}: expected {expected}")

    if not isinstance(audio, (tuple, list)) or len(audio) != 2:
        raise refuse(type(audio).__name__)
    if not isinstance(name, str):
        raise ParameterError(f"source has the name {name!r}: expected a str")
    y = np.asarray(audio[0])
    floats = y.dtype.kind == "f" and y.dtype.itemsize in (4, 8)
    if not floats or y.ndim not in (1, 2) or y.shape[:-1] == (0,):
        raise refuse(f"(array of {y.dtype} and shape {y.shape}, …)")
    if y.ndim == 2 and y.shape[0] > max(y.shape[1], 32):
        raise refuse(f"(array of shape {y.shape}, which may want to be transposed, …)")
    sr = audio[1]
    try:
        rate = int(sr) if not isinstance(sr, bool) and sr == int(sr) else 0
    except (TypeError, ValueError, OverflowError):
        rate = 0
    if not RATES[0] <= rate <= RATES[1]:
        raise refuse(f"(…, {sr!r})")
    return Recording(name, (y, rate))
