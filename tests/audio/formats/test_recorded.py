"""What browsers record: loud Opus, WebM that was written as it came; and what files state."""

from __future__ import annotations

import os
import pickle
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support.encodes import encode, ffmpeg_decoded

from audioclust import _core
from audioclust.errors import DecodeError

SECONDS = 10.1
OPUS = ("-c:a", "libopus", "-b:a", "96k")


@pytest.fixture(scope="module")
def loud(data: Path, ffmpeg: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Music 12 dB louder than it was, in floats."""
    piece = min((data / "music").glob("Hungarian*.ogg"))
    louder = ("-t", str(SECONDS), "-ar", "48000", "-af", "volume=12dB", "-c:a", "pcm_f32le")
    return encode(piece, tmp_path_factory.mktemp("loud") / "loud.wav", *louder)


def decoded(path: Path) -> tuple[NDArray[np.float32], list[str]]:
    decoder = _core.Decoder(os.fsencode(path))
    samples = decoder.read(10**9)
    decoder.read(1)
    return samples, decoder.warnings()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.webm", ()),
        ("a.mkv", ()),
        ("a.mp4", ("-strict", "-2")),
        ("mono.webm", ("-ac", "1")),
        ("60 ms.webm", ("-frame_duration", "60")),
        ("120 ms.webm", ("-frame_duration", "120")),
        ("2.5 ms.webm", ("-frame_duration", "2.5", "-b:a", "160k")),
    ],
)
def test_opus_beyond_full_scale_is_not_clipped(
    loud: Path, tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    path = encode(loud, tmp_path / name, *OPUS, *options)
    ours, warnings = decoded(path)
    judged = ffmpeg_decoded(path)
    assert judged is not None
    theirs = judged[0]
    assert np.abs(theirs).max() > 1.5
    assert warnings == []
    n = min(len(ours), len(theirs))
    assert abs(len(ours) - len(theirs)) < 1000
    # ropus computes with integers also before it rounds to 16 bits. Their errors grow with the
    # samples: up to 2.7e-4 of the peak were measured.
    assert np.abs(ours[:n] - theirs[:n]).max() < 4e-4 * np.abs(theirs).max()


def piped(source: Path, target: Path, *options: str) -> Path:
    """Encode to WebM in a pipe, where no size can be filled in afterwards."""
    command = ["ffmpeg", "-v", "error", "-i", str(source), *options, "-f", "webm", "pipe:1"]
    target.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    return target


LIVE = {"a pipe": (), "a live stream": ("-live", "1"), "dash": ("-dash", "1")}


@pytest.mark.parametrize("options", LIVE.values(), ids=LIVE)
def test_webm_that_was_written_as_it_came_is_whole(
    loud: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    filed = encode(loud, tmp_path / "filed.webm", *OPUS)
    live = piped(loud, tmp_path / "live.webm", *OPUS, *options)
    assert b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" in live.read_bytes()
    samples, warnings = decoded(live)
    assert warnings == []
    assert len(samples) == round(SECONDS * 48_000)
    np.testing.assert_array_equal(samples, decoded(filed)[0])


@pytest.mark.parametrize("options", LIVE.values(), ids=LIVE)
def test_webm_that_was_cut_inside_a_block_is_not(
    loud: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    live = piped(loud, tmp_path / "live.webm", *OPUS, *options)
    whole = live.read_bytes()
    live.write_bytes(whole[: len(whole) // 2])
    samples, warnings = decoded(live)
    assert 0.4 < len(samples) / (SECONDS * 48_000) < 0.6
    assert warnings == ["it ends too early"]


def test_the_frames_that_a_file_states_are_those_it_has(loud: Path, tmp_path: Path) -> None:
    n = round(SECONDS * 48_000)
    for name in ("a.wav", "a.flac", "a.m4a", "alac.m4a", "a.aiff", "a.caf", "a.mp3"):
        codec = ("-c:a", "alac") if name == "alac.m4a" else ()
        path = encode(loud, tmp_path / name, *codec)
        assert _core.Decoder(os.fsencode(path)).frames == n == len(decoded(path)[0]), name
    cut = tmp_path / "cut.flac"
    content = (tmp_path / "a.flac").read_bytes()
    cut.write_bytes(content[: len(content) // 2])
    assert _core.Decoder(os.fsencode(cut)).frames == n
    # Nothing in them says so, or not until their end.
    for name in ("a.ogg", "a.opus", "a.webm", "a.aac"):
        path = encode(loud, tmp_path / name)
        assert _core.Decoder(os.fsencode(path)).frames is None, name


def test_a_limit_is_told_from_damage_also_after_pickling(loud: Path, tmp_path: Path) -> None:
    path = encode(loud, tmp_path / "a.flac")
    limited = _core.Decoder(os.fsencode(path), max_seconds=2.0)
    assert len(limited.read(10**9)) > 80_000
    with pytest.raises(DecodeError) as caught:
        limited.read(1)
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
        assert (error.kind, error.is_limit) == ("corrupt", True)
        assert "longer than 2 seconds" in str(error)
    path.write_bytes(path.read_bytes()[:8])
    with pytest.raises(DecodeError) as caught:
        _core.Decoder(os.fsencode(path))
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
        assert (error.kind, error.is_limit) == ("corrupt", False)
    assert not DecodeError("empty", "it has no samples").is_limit
