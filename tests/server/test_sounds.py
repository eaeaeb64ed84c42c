"""Sounds as the server sends them: the file's own bytes, or the same samples as FLAC."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from support.encodes import encode, need_ffmpeg
from support.served import SECRET, asked
from support.sounds import tone
from support.web import web

import audioclust as ac
from audioclust.report.content import Content
from audioclust.server.encoding import Encoder
from audioclust.server.playable import media_type
from audioclust.server.serving import Server, serve

SR = 22_050
TYPES = {".wav": "audio/wav", ".flac": "audio/flac", ".ogg": "audio/ogg", ".mp3": "audio/mpeg"}


class Shown:
    """A result that has a page of these files, whatever they are."""

    def __init__(self, *paths: Path | str, folder: str | None = "") -> None:
        items = tuple(ac.Item(os.fspath(path), 0.0, 1.0) for path in paths)
        labels = np.zeros(len(items), np.int32)
        self.content = Content("clustering", "sounds", [], items, labels, (), folder=folder)

    def _content(self, title: str | None) -> Content:
        return replace(self.content, title=title or self.content.title)


def written(path: Path, y: np.ndarray | None = None, **settings: str) -> Path:
    soundfile.write(path, tone(0.5) if y is None else y, SR, **settings)
    return path


def test_sounds_that_browsers_play_are_sent_byte_by_byte(
    server: Server, sounds: ac.Clustering
) -> None:
    seen = set()
    for number, path in enumerate(sounds.paths):
        suffix = os.path.splitext(path)[1]
        answer = asked(server.url, f"sound/{number}")
        if suffix in TYPES:
            assert answer.status == 200
            assert answer.body == Path(path).read_bytes()
            assert answer.fields["content-type"] == TYPES[suffix]
            assert answer.fields["content-length"] == str(len(answer.body))
            seen.add(suffix)
    assert seen == set(TYPES)


def test_head_gives_what_get_gives_without_the_sound(server: Server) -> None:
    for path in ("", "sound/0", "sound/4"):
        of_get, of_head = asked(server.url, path), asked(server.url, path, "HEAD")
        assert of_head.body == b""
        assert {**of_head.fields, "date": ""} == {**of_get.fields, "date": ""}


@settings(max_examples=60)
@given(st.data())
def test_parts_are_the_files_own_bytes(
    server: Server, sounds: ac.Clustering, data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(sounds.paths) - 1))
    whole = asked(server.url, f"sound/{number}")
    size = len(whole.body)
    first = data.draw(st.integers(0, size - 1))
    last = data.draw(st.integers(first, size + 10))
    n = data.draw(st.integers(1, size + 10))
    for text, start, end in (
        (f"bytes={first}-{last}", first, min(size, last + 1)),
        (f"bytes={first}-", first, size),
        (f"bytes=-{n}", max(0, size - n), size),
    ):
        answer = asked(server.url, f"sound/{number}", Range=text, If_Range=whole.fields["etag"])
        assert answer.status == 206
        assert answer.body == whole.body[start:end]
        assert answer.fields["content-range"] == f"bytes {start}-{end - 1}/{size}"


def test_a_file_that_has_changed_is_sent_as_a_whole(tmp_path: Path) -> None:
    file = written(tmp_path / "a.wav")
    with serve(Shown(file)) as server:
        etag = asked(server.url, "sound/0").fields["etag"]
        written(file, tone(0.7))
        answer = asked(server.url, "sound/0", Range="bytes=0-9", If_Range=etag)
    assert (answer.status, answer.body) == (200, file.read_bytes())


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("a.aiff", {}),
        ("a.aifc", {"format": "AIFF", "subtype": "ULAW"}),
        ("a.caf", {}),
        ("a.caf", {"subtype": "ALAC_16"}),
        ("a.w64", {}),
        ("a.au", {}),
        ("a.rf64", {}),
        ("a.wav", {"subtype": "IMA_ADPCM"}),
        ("a.wav", {"subtype": "DOUBLE"}),
    ],
)
def test_what_browsers_do_not_play_has_the_same_samples_as_flac(
    name: str, settings: dict[str, str], tmp_path: Path, rng: np.random.Generator
) -> None:
    y = rng.uniform(-0.9, 0.9, (SR, 2)).astype(np.float32)
    check_encoded(written(tmp_path / name, y, **settings))


def test_alac_in_mp4_is_encoded_anew_and_aac_is_not(tmp_path: Path) -> None:
    need_ffmpeg()
    source = written(tmp_path / "a.wav")
    check_encoded(encode(source, tmp_path / "alac.m4a", "-c:a", "alac"))
    assert media_type(str(encode(source, tmp_path / "aac.m4a", "-c:a", "aac"))) == "audio/mp4"
    old = encode(source, tmp_path / "old.mp3", "-c:a", "mp2", "-f", "mp2")
    assert media_type(str(old)) is None
    assert media_type(str(encode(source, tmp_path / "new.webm"))) == "audio/webm"
    assert media_type(str(encode(source, tmp_path / "new.mka", "-c:a", "aac"))) is None


def check_encoded(file: Path) -> None:
    """The server sends a file as FLAC, with ranges, and with the samples of a decoder."""
    assert media_type(str(file)) is None
    with serve(Shown(file)) as server:
        answer = asked(server.url, "sound/0")
        part = asked(server.url, "sound/0", Range="bytes=4-99")
    assert answer.fields["content-type"] == "audio/flac"
    assert part.body == answer.body[4:100]
    y, sr = soundfile.read(io.BytesIO(answer.body), always_2d=True)
    expected, own_sr = expected_samples(file)
    assert sr == own_sr
    # FLAC has 16 bits here: it is half a step away at most, or one if decoders differ by one.
    np.testing.assert_allclose(y, expected, atol=1.01 / 2**15)


def expected_samples(file: Path) -> tuple[np.ndarray, int]:
    # libsndfile does not read MP4.
    is_mp4 = file.suffix == ".m4a"
    source = encode(file, file.with_suffix(".decoded.wav")) if is_mp4 else file
    y, sr = soundfile.read(source, always_2d=True)
    return y, sr


def test_rates_and_channels_that_browsers_do_not_have_are_changed(tmp_path: Path) -> None:
    slow, many = tmp_path / "slow.aiff", tmp_path / "many.aiff"
    soundfile.write(slow, tone(1.0, sr=4000, frequency=440), 4000)
    soundfile.write(many, np.tile(tone(1.0)[:, None], 12), SR)
    odd = tmp_path / "odd.wav"  # FLAC has no such rate.
    soundfile.write(odd, tone(1.0, sr=88_201, frequency=440), 88_201, subtype="DOUBLE")
    with serve(Shown(slow, many, odd)) as server:
        for number in range(3):
            body = asked(server.url, f"sound/{number}").body
            found = soundfile.info(io.BytesIO(body))
            assert (found.samplerate, found.channels) == (44_100, 1)
            # A resampler may give a sample more or less.
            assert found.frames == pytest.approx(44_100, abs=2)


@pytest.mark.parametrize(("sr", "channels"), [(3000, 1), (384_000, 2), (655_350, 8)])
def test_flac_is_sent_as_it_is_at_any_rate_that_browsers_play(
    tmp_path: Path, sr: int, channels: int
) -> None:
    file = tmp_path / "a.flac"
    soundfile.write(file, np.zeros((100, channels)), sr)
    assert media_type(str(file)) == "audio/flac"


def test_slow_flac_is_encoded_anew(tmp_path: Path) -> None:
    file = tmp_path / "a.flac"
    soundfile.write(file, tone(2.0, sr=2000, frequency=300), 2000)
    assert media_type(str(file)) is None
    with serve(Shown(file)) as server:
        body = asked(server.url, "sound/0").body
    assert soundfile.info(io.BytesIO(body)).samplerate == 44_100


def test_only_sounds_are_ever_sent(tmp_path: Path) -> None:
    """A saved result of somebody else's may name any file."""
    for name in ("secret.txt", "secret.wav", "secret.mp3", "secret.html"):
        (tmp_path / name).write_bytes(SECRET * 100)
    (tmp_path / "empty.wav").touch()
    (tmp_path / "folder.wav").mkdir()
    os.mkfifo(tmp_path / "pipe.wav")
    names = sorted(path.name for path in tmp_path.iterdir())
    with serve(Shown(*names, "/dev/zero", "/etc/passwd", folder=str(tmp_path))) as server:
        for number in range(len(names) + 2):
            answer = asked(server.url, f"sound/{number}")
            assert answer.status == 404
            assert answer.body.startswith(b"This sound cannot be played: ")
            assert SECRET not in answer.raw
            assert str(tmp_path).encode() not in answer.raw


def test_a_file_that_is_gone_or_damaged_is_said_and_others_play_on(tmp_path: Path) -> None:
    gone, damaged, whole = (tmp_path / f"{name}.aiff" for name in ("gone", "damaged", "whole"))
    for file in (gone, damaged, whole):
        written(file)
    gone.unlink()
    damaged.write_bytes(damaged.read_bytes()[:20])
    with serve(Shown(gone, damaged, whole)) as server:
        for _ in range(2):
            words = asked(server.url, "sound/0")
            assert (words.status, words.body[:32]) == (404, b"The file of this sound is not th")
            assert asked(server.url, "sound/1").status == 404
            assert asked(server.url, "sound/2").status == 200
        written(gone)
        assert asked(server.url, "sound/0").status == 200


def test_a_sound_from_memory_cannot_be_heard_which_is_said() -> None:
    sounds = {"a": (tone(0.3), SR), "b": (tone(0.4), SR)}
    with serve(ac.cluster(sounds, 1)) as server:
        answer = asked(server.url, "sound/0")
        assert asked(server.url).status == 200
    assert answer.status == 404
    assert b"it was given in memory" in answer.body


def test_names_may_have_any_bytes(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff <b>&\"'\n#?%41.wav")
    file = written(tmp_path / "a.wav").rename(tmp_path / name)
    with serve(Shown(name, folder=str(tmp_path))) as server:
        assert asked(server.url, "sound/0").body == file.read_bytes()
        assert b"<b>&" not in asked(server.url).body


def test_relative_paths_belong_to_the_folder_of_the_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "a.wav")
    monkeypatch.chdir(tmp_path)
    with serve(Shown("a.wav")) as server:
        monkeypatch.chdir("/")
        assert asked(server.url, "sound/0").status == 200


def test_what_was_encoded_is_kept_within_bounds_and_removed_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    files = [written(tmp_path / f"{i}.aiff") for i in range(4)]
    encoder = Encoder(max_bytes=1)
    (folder,) = (tmp_path / "temporary").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    for file in files:
        with encoder.opened(str(file)) as opened:
            assert opened.read(4) == b"fLaC"
        assert len(list(folder.iterdir())) == 1
    encoder.close()
    assert not folder.exists()


@pytest.mark.parametrize("sr", [88_200, 96_000, 65_535, 44_101])
def test_rates_that_flac_has_are_kept(tmp_path: Path, sr: int) -> None:
    file = tmp_path / "a.wav"
    soundfile.write(file, tone(0.2, sr=sr, frequency=440), sr, subtype="DOUBLE")
    encoder = Encoder()
    with encoder.opened(str(file)) as opened:
        assert soundfile.info(opened).samplerate == sr
    encoder.close()


def test_a_sound_is_encoded_once(tmp_path: Path) -> None:
    file = written(tmp_path / "a.aiff")
    encoder = Encoder()
    with encoder.opened(str(file)) as one, encoder.opened(str(file)) as other:
        assert one.name == other.name
    encoder.close()


def test_sounds_elsewhere_are_decoded_and_sent(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav")
    with web(files={"/a.wav": path.read_bytes()}) as elsewhere:
        shown = Shown(*(f"{elsewhere.address}/{name}.wav" for name in ("a", "no")))
        with serve(shown) as server:
            answer, missing = (asked(server.url, f"sound/{number}") for number in (0, 1))
    assert missing.status != 200
    assert answer.status == 200
    assert np.array_equal(soundfile.read(io.BytesIO(answer.body))[0], soundfile.read(path)[0])
