"""Large tags in front of a sound cost no memory and change no sample."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.sounds import tone

import audioclust as ac
from audioclust.audio.decoding import libsndfile, tags
from audioclust.audio.decoding.formats import sniffed
from audioclust.audio.decoding.tags import WithoutTags, without_large_tags
from audioclust.audio.reading import read_as_it_is
from audioclust.audio.recording import Recording
from audioclust.errors import DecodeError

MOST = 2**28 - 1
"""The largest size of a tag, in bytes: seven bits each of four bytes."""


def header(size: int, version: int = 3, flags: int = 0) -> bytes:
    sizes = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3" + bytes([version, 0, flags]) + sizes


def frame(name: bytes, content: bytes, size: int) -> bytes:
    """The beginning of the one frame of a tag of `size` bytes."""
    return name + (size - 10).to_bytes(4, "big") + bytes(2) + content


def put(path: Path, fronts: list[tuple[bytes, int]], sound: bytes) -> Path:
    """Write pieces, each filled up with holes to a number of bytes, and a sound after them."""
    with open(path, "wb") as file:
        at = 0
        for front, size in fronts:
            file.seek(at)
            file.write(front)
            at += size
        file.truncate(at)
        file.seek(at)
        file.write(sound)
    return path


def encoded(folder: Path, suffix: str) -> bytes:
    path = folder / f"plain{suffix}"
    soundfile.write(path, tone(1.5), 22050)
    return path.read_bytes()


def samples(path: Path) -> np.ndarray:
    return read_as_it_is(Recording(str(path)))[0]


GROWTH = """
import re, sys, audioclust as ac
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
ac.extract(sys.argv[1], n_jobs=1)
before = peak()
ac.extract(sys.argv[2], n_jobs=1)
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize(
    "start",
    [
        header(MOST) + frame(b"PRIV", b"", MOST),
        header(MOST) + frame(b"TIT2", b"\0x", MOST),
        header(MOST) + frame(b"COMM", b"\1eng\xff\xfea\0", MOST),
        header(MOST, 4, 0x80) + frame(b"TXXX", b"\3x", MOST),
    ],
    ids=["private", "title", "comment", "unsynchronised"],
)
def test_the_largest_tag_costs_no_memory(tmp_path: Path, start: bytes) -> None:
    mp3 = encoded(tmp_path, ".mp3")
    path = put(tmp_path / "tagged.mp3", [(start, 10 + MOST)], mp3)
    command = [sys.executable, "-c", GROWTH, str(tmp_path / "plain.mp3"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 8192, "kB more than without the tag"
    np.testing.assert_array_equal(samples(path), samples(tmp_path / "plain.mp3"))


SIZE = tags.LARGE
LARGE = (header(SIZE), 10 + SIZE)
WITH_FOOTER = (header(SIZE, 4, 0x10), 20 + SIZE)


@pytest.mark.parametrize("suffix", [".mp3", ".wav", ".flac", ".aiff", ".au", ".ogg"])
@pytest.mark.parametrize(
    "fronts",
    [
        [LARGE],
        [(header(1000), 1010)] * 2 + [LARGE, LARGE],
        [WITH_FOOTER, (header(SIZE, 2), 10 + SIZE)],
        [LARGE, (b"", 1500)],
    ],
    ids=["one", "several", "with footer", "padded"],
)
def test_a_sound_after_large_tags_has_the_samples_it_has_without(
    tmp_path: Path, suffix: str, fronts: list[tuple[bytes, int]]
) -> None:
    sound = encoded(tmp_path, suffix)
    plain = samples(tmp_path / f"plain{suffix}")
    path = put(tmp_path / f"tagged{suffix}", fronts, sound)
    np.testing.assert_array_equal(samples(path), plain)
    tagged, plain = (
        ac.extract(tmp_path / f"{name}{suffix}", offset=0.75, duration=0.5).values
        for name in ("tagged", "plain")
    )
    np.testing.assert_array_equal(tagged, plain)


def test_a_small_tag_is_left_to_the_decoder(tmp_path: Path) -> None:
    for name, fronts in [
        ("none.mp3", []),
        ("small.mp3", [(header(1000), 1010)]),
        ("nearly.mp3", [(header(SIZE - 11), SIZE - 1)]),
        ("no size.mp3", [(b"ID3\3\0\0\xff\xff\xff\xff", SIZE)]),
    ]:
        path = put(tmp_path / name, fronts, encoded(tmp_path, ".mp3"))
        assert without_large_tags(str(path), sniffed(str(path))[1]) is None


def test_a_tag_that_is_longer_than_its_file_is_no_sound(tmp_path: Path) -> None:
    for size in (SIZE, MOST):
        path = put(tmp_path / "long.mp3", [(header(size), 20)], encoded(tmp_path, ".mp3"))
        with pytest.raises(DecodeError) as failed:
            samples(path)
        assert failed.value.kind == "unsupported"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' names are Unicode")
def test_a_name_that_is_not_utf_8_may_have_large_tags(tmp_path: Path) -> None:
    path = put(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mp3")), [LARGE], b"")
    path.write_bytes(path.read_bytes() + encoded(tmp_path, ".mp3"))
    np.testing.assert_array_equal(samples(path), samples(tmp_path / "plain.mp3"))


class Failing(io.FileIO):
    """A file on a disk that fails after 20,000 bytes."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 20_000:
            raise OSError(5, "Input/output error")
        return super().read(size)


def test_a_file_that_cannot_be_read_to_its_end_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(3.0), 22050)
    monkeypatch.setattr(
        libsndfile, "without_large_tags", lambda path, _: WithoutTags(Failing(path), 0)
    )
    with pytest.raises(DecodeError, match="Input/output error") as failed:
        samples(path)
    assert failed.value.kind == "unreadable"
    assert capfd.readouterr().err == ""


def test_positions_count_from_the_end_of_the_tags(tmp_path: Path) -> None:
    path = put(tmp_path / "a", [LARGE], b"0123456789")
    file = without_large_tags(str(path), sniffed(str(path))[1])
    assert file is not None
    with file:
        assert file.seek(-3, os.SEEK_END) == 7
        assert file.read() == b"789"
        assert file.seek(-99, os.SEEK_CUR) == 0
        assert file.read(4) == b"0123"
        assert file.seek(1, os.SEEK_CUR) == file.tell() == 5
        assert file.read(1) == b"5"
