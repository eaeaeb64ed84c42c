"""Sets of recordings whose classes are known by their folders or names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def folder(path: Path) -> str:
    return path.parent.name


def word(place: int) -> Callable[[Path], str]:
    return lambda path: path.stem.split("_")[place]


SETS: dict[str, tuple[str, Callable[[Path], str]]] = {
    "drums": ("drums/*_*_*.mp3", word(1)),
    "digits": ("digits/*.wav", word(0)),
    "speakers": ("digits/*.wav", word(1)),
    "instruments": ("instruments/*/*.mp3", folder),
    "samples": ("samples/*/*.wav", folder),
}
"""For each set, where it is in the folder of recordings, and what gives the class of a file."""
