"""The extra [ffmpeg] reads what no other decoder here does."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from support.encodes import encode, ffmpeg_decoded

import audioclust as ac
from audioclust.audio.decoding import ffmpeg as our_ffmpeg
from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.decoding.ffmpeg import open_ffmpeg
from audioclust.audio.decoding.stream import Request
from audioclust.audio.recording import Recording
from audioclust.errors import DecodeError

ENCODES: dict[str, tuple[str, ...]] = {
    "a.wv": ("-c:a", "wavpack"),
    "24.wv": ("-c:a", "wavpack", "-sample_fmt", "s32p"),
    "float.wv": ("-c:a", "wavpack", "-sample_fmt", "fltp"),
    "a.tta": ("-c:a", "tta"),
    "a.wma": ("-c:a", "wmav2", "-b:a", "192k"),
    "a.ac3": ("-c:a", "ac3", "-b:a", "192k"),
}


@pytest.fixture(scope="module")
def source(minutes: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some seconds of music, of an odd number of samples."""
    path = tmp_path_factory.mktemp("source") / "source.wav"
    return encode(minutes[0], path, "-af", "atrim=start_sample=900000:end_sample=1200001")


def read(path: Path, offset: float = 0.0, duration: float | None = None) -> np.ndarray:
    recording = Recording(str(path))
    with open_stream(recording, offset=offset, duration=duration) as stream:
        assert stream.decoder == "FFmpeg"
        y = np.concatenate(list(stream.blocks))
        assert stream.warnings == []
        return y


@pytest.mark.parametrize("name", ENCODES)
def test_samples_are_those_of_the_program(name: str, source: Path, tmp_path: Path) -> None:
    path = encode(source, tmp_path / name, *ENCODES[name])
    judged = ffmpeg_decoded(path)
    assert judged is not None
    y = read(path)
    # Two builds of one library; the rounding of single precision, where the format is lossy.
    np.testing.assert_allclose(y, judged[0], rtol=0, atol=1e-6)
    if path.suffix in (".wv", ".tta"):
        np.testing.assert_array_equal(y, judged[0])
    part = read(path, 1.0001, 3.3)
    first, n = int(1.0001 * 44100), int(3.3 * 44100)
    np.testing.assert_array_equal(part, y[first : first + n])


def test_monkeys_audio_is_read(data: Path, ffmpeg: None) -> None:
    paths = sorted((data / "odd" / "quodlibet+mutagen").glob("*mac-39[69].ape"))
    assert len(paths) == 2
    for path in paths:
        judged = ffmpeg_decoded(path)
        assert judged is not None
        np.testing.assert_array_equal(read(path), judged[0])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ffconcat", "ffconcat version 1.0\nfile other.wav\n"),
        ("a.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nother.wav\n#EXT-X-ENDLIST\n"),
        ("a.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n"),
    ],
)
def test_no_other_file_is_opened(
    name: str, text: str, library: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.wav").write_bytes(Path(library[0]).read_bytes())
    (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DecodeError) as failed:
        open_ffmpeg(Request(name, "other"))
    assert failed.value.kind == "unsupported"


def test_what_has_no_sound_is_unsupported(tmp_path: Path) -> None:
    import matplotlib.pyplot as plt

    plt.imsave(tmp_path / "a.png", np.zeros((4, 4)))
    for name in ("a.png", "a.txt"):
        if name == "a.txt":
            (tmp_path / name).write_text("no sound")
        with pytest.raises(DecodeError) as failed:
            open_stream(Recording(str(tmp_path / name)))
        assert failed.value.kind == "unsupported"
        assert "pip install" not in str(failed.value)


class _Demuxed:
    """A container of which every third packet cannot be decoded."""

    def __init__(self, container: Any) -> None:
        self._container = container
        self.streams = container.streams
        self.close = container.close

    def demux(self, stream: Any) -> Iterator[Any]:
        for number, packet in enumerate(self._container.demux(stream)):
            yield _Damaged() if number % 3 == 2 and packet.size else packet


class _Damaged:
    def decode(self) -> list[Any]:
        raise av.error.InvalidDataError(1, "Invalid data found when processing input")


def test_damaged_packets_are_left_out_and_told(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = encode(source, tmp_path / "a.wv")
    whole = read(path)
    opened = av.open
    monkeypatch.setattr(av, "open", lambda *a, **k: _Demuxed(opened(*a, **k)))
    (item,) = ac.extract(path, n_jobs=1).items
    assert item.decoder == "FFmpeg"
    (warning,) = item.warnings
    assert warning.kind == "partial"
    assert "packets are damaged and left out" in warning.message
    assert 0.5 < item.end / (len(whole) / 44100) < 0.8


@pytest.mark.parametrize("packets", ["none", "broken"])
def test_a_container_without_a_first_frame_is_closed(
    packets: str, library: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []
    opened = av.open

    class Empty(_Demuxed):
        def __init__(self, container: Any) -> None:
            super().__init__(container)
            self.close = lambda: closed.append(container.close())

        def demux(self, _: Any) -> Iterator[Any]:
            if packets == "broken":
                raise av.error.InvalidDataError(1, "Invalid data found")
            return iter(())

    monkeypatch.setattr(av, "open", lambda *a, **k: Empty(opened(*a, **k)))
    path = next(path for path in library if path.endswith(".wav"))
    with pytest.raises(DecodeError):
        open_ffmpeg(Request(path, "WAV"))
    assert closed == [None]


def test_nothing_is_written_to_standard_error(
    source: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    sound = encode(source, tmp_path / "a.wv").read_bytes()
    (tmp_path / "cut.wv").write_bytes(sound[: len(sound) // 2])
    (tmp_path / "damaged.wv").write_bytes(sound[:60_000] + bytes(500) + sound[60_500:])
    table = ac.extract([tmp_path / "cut.wv", tmp_path / "damaged.wv"], n_jobs=1)
    assert len(table.items) == 2
    assert capfd.readouterr().err == ""


def test_nothing_of_it_is_needed(tmp_path: Path, library: list[str]) -> None:
    (tmp_path / "a.wv").write_bytes(b"wvpk" + bytes(100))
    code = (
        "import sys; sys.modules['av'] = None; import audioclust as ac;"
        " print(ac.extract(sys.argv[1:], n_jobs=1).errors[0].message)"
    )
    command = [sys.executable, "-c", code, library[0], str(tmp_path / "a.wv")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    expected = "its format is WavPack; pip install 'audioclust[ffmpeg]' may help\n"
    assert done.stdout == expected


class Failing(io.FileIO):
    """A file on a disk that fails after 30,000 bytes."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 30_000:
            raise OSError(5, "Input/output error")
        return super().read(size)


def test_a_file_that_cannot_be_read_to_its_end_is_an_error(
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    path = encode(source, tmp_path / "a.wv")
    monkeypatch.setattr(io, "FileIO", Failing)
    monkeypatch.setattr(our_ffmpeg, "_BUFFER", 4096)
    request = Request(str(path), "WavPack")
    with pytest.raises(DecodeError, match="Input/output error") as failed:
        read_all(request)
    assert failed.value.kind == "unreadable"
    assert capfd.readouterr().err == ""


def read_all(request: Request) -> None:
    with open_ffmpeg(request) as stream:
        for _ in stream.blocks:
            pass


def test_a_codec_that_is_not_known_is_unsupported(library: list[str], tmp_path: Path) -> None:
    sound = bytearray(Path(next(p for p in library if p.endswith(".wav"))).read_bytes())
    sound[20:22] = b"\xcd\xab"  # The kind of samples, of which there is none with this number.
    (tmp_path / "a.wav").write_bytes(sound)
    with pytest.raises(DecodeError, match="its codec is not known") as failed:
        open_ffmpeg(Request(str(tmp_path / "a.wav"), "WAV"))
    assert failed.value.kind == "unsupported"
