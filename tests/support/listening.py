"""Sounds in clusters, to listen to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import soundfile
from numpy.typing import NDArray

import audioclust as ac


def clustered(
    folder: Path, sounds: dict[str, tuple[NDArray[Any], int]], k: int = 1
) -> ac.Clustering:
    """Write sounds to a folder and cluster them by level and timbre."""
    for name, (y, sr) in sounds.items():
        soundfile.write(folder / name, y, sr, subtype="FLOAT")
    return ac.cluster([folder / name for name in sounds], k, features=["rms", "mfcc"])
