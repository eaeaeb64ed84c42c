"""The pieces of music that the tests of formats encode."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.encodes import encode, need_ffmpeg

MINUTE = ("-t", "60", "-ar", "44100", "-ac", "2", "-c:a", "pcm_s16le")


@pytest.fixture(scope="session")
def ffmpeg() -> None:
    need_ffmpeg()


@pytest.fixture(scope="session")
def minutes(data: Path, ffmpeg: None, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The first minute of each piece of music, as WAV of 44,100 Hz and two channels."""
    folder = tmp_path_factory.mktemp("minutes")
    pieces = sorted((data / "music").glob("*.ogg"))
    return [encode(piece, folder / f"{piece.stem}.wav", *MINUTE) for piece in pieces]
