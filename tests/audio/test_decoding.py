"""Decoding: librosa's samples, in blocks, and no surprise from any file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile
from support.sounds import tone

import audioclust as ac
from audioclust.audio.decoding import libsndfile
from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.decoding.stream import BLOCK_FRAMES
from audioclust.audio.preparation.mixing import to_mono
from audioclust.audio.preparation.resampling import Resampler
from audioclust.audio.recording import Recording


def load(path: object, offset: float = 0.0, duration: float | None = None) -> np.ndarray:
    """Our samples at 22,050 Hz."""
    stream = open_stream(Recording(str(path)), offset=offset, duration=duration)
    resampler = Resampler(stream.sr, 22050)
    blocks = [piece for block in stream.blocks for piece in resampler.push(to_mono(block))]
    stream.close()
    return np.concatenate([*blocks, *resampler.finish()])


def assert_librosas(ours: np.ndarray, theirs: np.ndarray, suffix: str) -> None:
    """Compare samples, bit by bit but for Vorbis, which librosa has another decoder for."""
    assert len(ours) == len(theirs)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-6 if suffix == ".ogg" else 0)


@pytest.mark.parametrize(
    "sr", [100, 8000, 11025, 16000, 22050, 24000, 44100, 44101, 48000, 192000]
)
@pytest.mark.parametrize("channels", [1, 2, 3, 8])
def test_any_rate_and_channels_become_librosas_samples(
    tmp_path: Path, rng: np.random.Generator, sr: int, channels: int
) -> None:
    path = tmp_path / "noise.wav"
    frames = 200_003 if sr > 100 else 3001
    soundfile.write(path, rng.uniform(-1, 1, (frames, channels)), sr)
    theirs, _ = librosa.load(path)
    ours = load(path)
    assert ours.dtype == np.float32
    if channels < 3:
        assert np.array_equal(ours, theirs)
    else:
        # The channels may be added in another order.
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
        assert len(ours) == len(theirs)


def test_real_recordings_become_librosas_samples(data: Path) -> None:
    paths = [
        p for d in ("music", "speech", "drums") for p in sorted(data.glob(f"{d}/*.[owm]*"))
    ]
    for path in paths:
        assert_librosas(load(path), librosa.load(path)[0], path.suffix)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".ogg"])
def test_offset_and_duration_read_the_part_that_librosa_reads(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"y{suffix}"
    y = np.random.default_rng(0).uniform(-0.5, 0.5, 300_000)
    with soundfile.SoundFile(path, "w", 44100, 1) as file:
        for start in range(0, len(y), 4096):
            file.write(y[start : start + 4096])
    for offset, duration in [(0.0, 1.0), (2.0003, None), (1.5, 3.3), (5.0, 99.0)]:
        theirs, _ = librosa.load(path, offset=offset, duration=duration)
        assert_librosas(load(path, offset, duration), theirs, suffix)


@pytest.mark.parametrize("error", [RuntimeError, soundfile.LibsndfileError(39)])
def test_a_part_is_the_same_if_seeking_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    y = np.random.default_rng(0).uniform(-0.5, 0.5, 3 * BLOCK_FRAMES + 5).astype(np.float32)
    soundfile.write(tmp_path / "y.wav", y, 1000, subtype="FLOAT")

    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(libsndfile._Reader, "seek", fail)
    recording = Recording(str(tmp_path / "y.wav"))
    for start in (1, 30_000, BLOCK_FRAMES - 1, BLOCK_FRAMES, BLOCK_FRAMES + 7, len(y) - 2):
        for n in (None, 1, 5000, 2 * BLOCK_FRAMES):
            # Half a frame more, so that rounding down never costs one.
            duration = None if n is None else (n + 0.5) / 1000
            with open_stream(
                recording, offset=(start + 0.5) / 1000, duration=duration
            ) as stream:
                found = np.concatenate(list(stream.blocks))[:, 0]
            end = len(y) if n is None else start + n
            np.testing.assert_array_equal(found, y[start:end])


def test_a_part_that_lies_outside_is_empty(tmp_path: Path, library: list[str]) -> None:
    for path in library[:5]:
        whole = ac.extract(path).items[0].end
        parts: list[tuple[float, float | None]] = [
            (1000.0, None), (1e18, None), (whole, None), (0.0, 0.0), (0.0, 1e-6), (1e18, 1e18),
        ]  # fmt: skip
        for offset, duration in parts:
            with pytest.raises(ac.NothingExtractedError) as failed:
                ac.extract(path, offset=offset, duration=duration)
            assert failed.value.errors[0].kind == "empty"


def test_a_file_that_only_promises_sound_is_found_out(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", tone(2.0), 22050)
    data = (tmp_path / "a.flac").read_bytes()
    first_frame = data.index(b"\xff\xf8")
    (tmp_path / "head.flac").write_bytes(data[:first_frame])
    (error,) = ac.extract([tmp_path / "head.flac", tmp_path / "a.flac"]).errors
    assert error.kind == "corrupt"


def kind_of(path: object) -> str:
    with pytest.raises(ac.NothingExtractedError) as failed:
        ac.extract(str(path))
    (error,) = failed.value.errors
    assert error.path == str(path)
    return error.kind


def test_a_file_that_is_no_sound_has_a_kind_of_its_own(tmp_path: Path) -> None:
    def write(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    soundfile.write(tmp_path / "good.wav", tone(), 22050)
    soundfile.write(tmp_path / "none.wav", tone()[:0], 22050)
    good = (tmp_path / "good.wav").read_bytes()
    assert kind_of(write("empty.wav", b"")) == "empty"
    assert kind_of(tmp_path / "none.wav") == "empty"
    assert kind_of(write("text.wav", b"I am no sound at all, just some text.")) == "unsupported"
    assert kind_of(write("text.raw", b"I am no sound at all, just some text.")) == "unsupported"
    assert kind_of(write("head.wav", good[:20])) == "corrupt"


CUT = " s of the 2.00 s that its header promises could be decoded: it ends early"


@pytest.mark.parametrize(
    ("suffix", "subtype", "size"),
    [
        (".wav", "PCM_16", 2),
        (".wav", "PCM_24", 3),
        (".wav", "FLOAT", 4),
        (".aiff", "PCM_16", 2),
        (".aiff", "PCM_24", 3),
    ],
)
def test_a_truncated_file_gives_what_is_there_and_says_so(
    tmp_path: Path, suffix: str, subtype: str, size: int
) -> None:
    soundfile.write(tmp_path / f"whole{suffix}", tone(2.0), 22050, subtype=subtype)
    data = (tmp_path / f"whole{suffix}").read_bytes()
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(data[: -22050 * size])
    whole, part = ac.extract([tmp_path / f"whole{suffix}", cut]).items
    assert (whole.end, whole.warnings) == (2.0, ())
    assert part.end == pytest.approx(1.0, abs=0.01)
    assert [warning.kind for warning in part.warnings] == ["partial"]
    assert part.warnings[0].message.endswith(CUT)
    # Of a part that is there nothing is missing.
    assert ac.extract(cut, duration=0.5).items[0].warnings == ()


def test_a_size_that_was_not_yet_known_is_no_promise(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(2.0), 22050)
    data = (tmp_path / "a.wav").read_bytes()
    at = data.index(b"data") + 4
    for size in (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\xff\x7f"):
        (tmp_path / "a.wav").write_bytes(data[:at] + size + data[at + 4 :])
        (item,) = ac.extract(tmp_path / "a.wav").items
        assert (item.end, item.warnings) == (2.0, ())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no FIFOs")
def test_a_fifo_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    assert kind_of(tmp_path / "pipe.wav") == "unreadable"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' names are Unicode")
def test_names_that_are_not_utf_8_are_read(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.wav"
    soundfile.write(name, tone(), 22050)
    assert ac.extract(tmp_path).items[0].path == os.fsdecode(name)


def test_no_odd_file_aborts_or_lies(data: Path) -> None:
    paths = sorted(p for p in (data / "odd").rglob("*") if p.is_file() and p.suffix != ".tsv")
    assert len(paths) == 269
    table = ac.extract(paths)
    assert len(table.items) + len(table.errors) == 269
    assert np.all(np.isfinite(table.values))
    assert not [error for error in table.errors if error.kind == "internal"]
    # What libsndfile decoded when the files were collected, without an error on the way.
    decoded = set()
    for line in (data / "odd" / "baseline.tsv").read_text().splitlines()[1:]:
        name, _, _, found, *_ = line.split("\t")
        if found.startswith("ok") and "midstream" not in found and "frames=0" not in found:
            decoded.add(str(data / "odd" / name))
    assert decoded <= {item.path for item in table.items}
