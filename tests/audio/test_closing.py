"""Whatever reads a recording closes it, if it can be decoded or not."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from support.sounds import alternating

import audioclust as ac
from audioclust.audio.decoding import decoders
from audioclust.audio.decoding.formats import FORMATS
from audioclust.audio.decoding.stream import Decoder, Request, Stream
from audioclust.audio.reading import blocks_of, read, read_as_it_is
from audioclust.audio.recording import Recording
from audioclust.errors import AudioclustError
from audioclust.listening.excerpts import write_preview

SR = 22050


def first_block(path: str) -> None:
    blocks = blocks_of(Recording(path))
    next(blocks)
    next(blocks)
    blocks.close()  # type: ignore[attr-defined]


READERS: dict[str, Callable[[str], object]] = {
    "read": lambda path: read(Recording(path), 8000),
    "read_as_it_is": lambda path: read_as_it_is(Recording(path)),
    "blocks_of": lambda path: list(blocks_of(Recording(path))),
    "the first block": first_block,
    "extract": ac.extract,
    "segment": lambda path: ac.segment(path, 2, window=0.5, min_duration=0.5),
    "onsets": lambda path: ac.onsets(path, 1),
    "preview": lambda path: write_preview(
        [ac.Item(path, 0.0, 9.0)], path + ".preview.wav", n=1, seconds=1.0
    ),
    "plot_pitch": ac.plot_pitch,
}


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The number of streams that were opened, and of those that were closed."""
    decoder = next(one for one in decoders.DECODERS if one.name == "libsndfile")
    every = tuple(one.name for one in FORMATS)
    count = {"opened": 0, "closed": 0}

    def opened(request: Request) -> Stream:
        stream = decoder.open(request)
        count["opened"] += 1
        closed = False

        def close() -> None:
            nonlocal closed
            count["closed"] += not closed
            closed = True
            stream.close()

        return dataclasses.replace(stream, close=close)

    monkeypatch.setattr(decoders, "DECODERS", (Decoder("counted", every, opened),))
    return count


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("wrong", [None, "not finite", "cut", "rate"])
def test_what_is_opened_is_closed(
    tmp_path: Path, counted: dict[str, int], reader: str, wrong: str | None
) -> None:
    y: Any = alternating([0, 1, 0, 1], 1.0)
    if wrong == "not finite":
        y[-100] = np.nan
    path = tmp_path / ("a.flac" if wrong == "cut" else "a.wav")
    kinds = {"subtype": "FLOAT"} if path.suffix == ".wav" else {}
    soundfile.write(path, y, 50 if wrong == "rate" else SR, **kinds)
    if wrong == "cut":
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2] + bytes(500))
    with contextlib.suppress(AudioclustError):
        READERS[reader](str(path))
    assert counted["opened"] == counted["closed"] > 0
