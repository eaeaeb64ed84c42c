"""The sounds that benchmarks run on: the shared music, encoded as MP3."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from support.data import DATA

N_SHORT = 1000


def write_mp3(path: Path, y: np.ndarray, sr: int) -> None:
    """Encode in blocks, since libsndfile's encoders crash on long ones."""
    with soundfile.SoundFile(path, "w", sr, y.shape[1]) as file:
        for start in range(0, len(y), 4096):
            file.write(y[start : start + 4096])


@pytest.fixture(scope="session")
def music() -> list[Path]:
    """The pieces, as they are in the shared data."""
    pieces = sorted((DATA / "music").glob("*.ogg"))
    if not pieces:
        pytest.skip(f"no music in {DATA}")
    return pieces


@pytest.fixture(scope="session")
def long_files(music: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Each piece as an MP3."""
    folder = tmp_path_factory.mktemp("long")
    paths: list[str] = []
    for piece in music:
        y, sr = soundfile.read(piece, dtype="float32", always_2d=True)
        path = folder / f"{len(paths):02}.mp3"
        write_mp3(path, y, sr)
        paths.append(str(path))
    return paths


@pytest.fixture(scope="session")
def flac_files(music: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Each piece as FLAC of 16 bits."""
    folder = tmp_path_factory.mktemp("flac")
    paths = [str(folder / f"{piece.stem}.flac") for piece in music]
    for piece, path in zip(music, paths, strict=True):
        soundfile.write(path, *soundfile.read(piece, dtype="float32"), subtype="PCM_16")
    return paths


@pytest.fixture(scope="session")
def wav_files(music: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Each piece as WAV of 16 bits at 48 kHz."""
    folder = tmp_path_factory.mktemp("wav")
    paths = [str(folder / f"{piece.stem}.wav") for piece in music]
    for piece, path in zip(music, paths, strict=True):
        y, sr = soundfile.read(piece, dtype="float32")
        soundfile.write(path, soxr.resample(y, sr, 48_000), 48_000, subtype="PCM_16")
    return paths


@pytest.fixture(scope="session")
def m4a_files(music: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Each piece as M4A, AAC of 128 kbit/s."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg, which encodes AAC, is not installed")
    folder = tmp_path_factory.mktemp("m4a")
    paths = [str(folder / f"{piece.stem}.m4a") for piece in music]
    for piece, path in zip(music, paths, strict=True):
        command = ["ffmpeg", "-v", "error", "-i", str(piece), "-b:a", "128k", "-vn", path]
        subprocess.run(command, check=True)
    return paths


@pytest.fixture(scope="session")
def short_files(music: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """1,000 MP3s of one to two seconds, cut from the pieces."""
    folder = tmp_path_factory.mktemp("short")
    rng = np.random.default_rng(0)
    pieces = [soundfile.read(piece, dtype="float32", always_2d=True) for piece in music]
    paths: list[str] = []
    for i in range(N_SHORT):
        y, sr = pieces[i % len(pieces)]
        length = int(rng.uniform(1, 2) * sr)
        start = rng.integers(0, len(y) - length)
        path = folder / f"{i:04}.mp3"
        write_mp3(path, y[start : start + length], sr)
        paths.append(str(path))
    return paths
