"""Tables that were computed with a cache: what was decoded for them, and all that they say."""

from __future__ import annotations

import functools
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import audioclust as ac
from audioclust.audio.recording import Recording
from audioclust.errors import CacheWarning
from audioclust.extraction.cache.making import Maker
from audioclust.extraction.one_recording import OneRecording

OLD = 1_000_000_000
"""A time long past, in seconds: what was written then does not count as just written."""


class Sounds:
    """A folder of short sounds, one of which ends early and one of which is none.

    Parameters
    ----------
    folder : Path
        Where they are written.
    n : int
        How many there are besides.
    """

    def __init__(self, folder: Path, n: int = 6) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(n)
        for number in range(n):
            self.write(f"{number:03}.wav", rng.uniform(-0.5, 0.5, 4000 + 100 * number))
        self.write("cut.wav", rng.uniform(-0.5, 0.5, 9000))
        whole = (folder / "cut.wav").read_bytes()
        self.write_bytes("cut.wav", whole[: len(whole) * 2 // 3])
        self.write_bytes("none.wav", b"RIFF\x20\0\0\0WAVEnothing of it is sound")
        self.n = n + 2

    def write(self, name: str, y: np.ndarray) -> Path:
        """Write a sound, long ago."""
        path = self.folder / name
        soundfile.write(path, y, 8000)
        return settled(path)

    def write_bytes(self, name: str, contents: bytes) -> Path:
        """Write a file, long ago."""
        path = self.folder / name
        path.write_bytes(contents)
        return settled(path)


def settled(path: Path, seconds: int = OLD) -> Path:
    """Give a file a time long past."""
    os.utime(path, (seconds, seconds))
    return path


def told(table: ac.FeatureTable, folder: Path | None = None) -> tuple[object, ...]:
    """Give all that a table says, down to the bit; without the folder, if there is one."""

    def name(path: str) -> str:
        return path if folder is None else os.path.relpath(path, folder)

    return (
        table.values.tobytes(),
        table.values.shape,
        table.columns,
        [(name(i.path), i.start, i.end, i.decoder, i.warnings) for i in table.items],
        [(name(e.path), e.kind, e.message) for e in table.errors],
        table.settings,
        table.sr,
    )


class Decoded(list[str]):
    """The names of the files that were computed, in any order."""

    def taken(self) -> list[str]:
        """Give them, sorted, and forget them."""
        names = sorted(self)
        self.clear()
        return names


def counting(patch: pytest.MonkeyPatch, kind: type[Maker[Any]] = OneRecording) -> Decoded:
    """Count of which files something is computed from now on."""
    decoded = Decoded()
    compute = kind.compute

    def counted(self: Maker[Any], recording: Recording, stop: Any) -> Any:
        decoded.append(os.path.basename(recording.path))
        return compute(self, recording, stop)

    patch.setattr(kind, "compute", counted)
    return decoded


def warned(source: object, cache: object, **more: Any) -> tuple[ac.FeatureTable, list[str]]:
    """Extract features, and give the table and what was warned of the cache."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        table = ac.extract(source, cache=cache, n_jobs=1, **more)  # type: ignore[arg-type]
    return table, [str(w.message) for w in caught if issubclass(w.category, CacheWarning)]


def each_of(folder: Path) -> Iterator[Path]:
    """Give the files of a folder, sorted."""
    yield from sorted(path for path in folder.iterdir() if path.is_file())


extract = functools.partial(ac.extract, n_jobs=1)
