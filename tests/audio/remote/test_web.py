"""Files on a web server: how much of them is read, and what goes wrong."""

from __future__ import annotations

import base64
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from support.encodes import encode, need_ffmpeg
from support.web import Web, web

import audioclust as ac
from audioclust.audio.remote import objects

SR = 22050


def sound(suffix: str, seconds: float = 1.0, seed: int = 0, **options: object) -> bytes:
    rng = np.random.default_rng(seed)
    y = 0.1 * rng.normal(size=(int(seconds * SR), 1))
    file = io.BytesIO()
    soundfile.write(file, y, SR, format=suffix, **options)
    return file.getvalue()


@pytest.fixture
def server() -> Iterator[Web]:
    with web() as running:
        yield running


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "_WAIT", 0.001)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def same_as_here(server: Web, name: str, tmp_path: Path, **part: Any) -> None:
    """Check that a file of the server gives the samples of the same file of this machine."""
    path = tmp_path / name
    path.write_bytes(server.files[f"/{name}"])
    here, rate = ac.load(path, sr=None, mono=False, **part)
    there, own = ac.load(f"{server.address}/{name}", sr=None, mono=False, **part)
    assert (own, there.shape) == (rate, here.shape)
    assert here.size
    assert np.array_equal(here, there)


@pytest.mark.parametrize("suffix", ["WAV", "AIFF", "CAF", "AU", "RF64", "W64"])
@pytest.mark.parametrize("gives_ranges", [True, False])
def test_uncompressed_sound_is_that_of_the_file(
    server: Web, tmp_path: Path, suffix: str, gives_ranges: bool
) -> None:
    server.gives_ranges = gives_ranges
    name = f"a.{suffix.lower()}"
    server.files[f"/{name}"] = sound(suffix, 20)
    same_as_here(server, name, tmp_path)
    same_as_here(server, name, tmp_path, offset=15.0, duration=0.5)


@pytest.mark.parametrize("suffix", ["WAV", "AIFF", "CAF", "AU", "RF64", "W64"])
def test_a_part_of_a_long_file_is_read_and_not_all_of_it(server: Web, suffix: str) -> None:
    server.files["/long"] = sound(suffix, 600)
    whole = len(server.files["/long"])
    assert whole > 25e6
    y, _ = ac.load(f"{server.address}/long", sr=None, offset=400.0, duration=1.0)
    assert len(y) == SR
    # The head, what is read ahead at the place, and that once more for the block after it.
    assert server.sent < 3 * 2**20


def test_a_long_file_is_read_once(server: Web) -> None:
    server.files["/a.wav"] = sound("WAV", 300)
    whole = len(server.files["/a.wav"])
    assert ac.load(f"{server.address}/a.wav", sr=None)[0].size == 300 * SR
    # Some is read ahead again where a block ends.
    assert server.sent <= whole + 3 * objects.HEAD


def test_a_short_file_is_asked_for_once(server: Web) -> None:
    server.files["/a.wav"] = sound("WAV", 1)
    assert len(server.files["/a.wav"]) < objects.HEAD
    ac.load(f"{server.address}/a.wav", sr=None)
    assert [method for method, _ in server.asked].count("GET") == 1
    assert server.sent == len(server.files["/a.wav"])


def test_an_address_that_cannot_be_one_is_said_to_be_invalid() -> None:
    with pytest.raises(ac.errors.NothingExtractedError, match="its address is not valid"):
        ac.extract("http://h:99999/a.wav", n_jobs=1)


@pytest.mark.parametrize("suffix", ["flac", "mp3", "ogg"])
@pytest.mark.parametrize("behaviour", ["", "no ranges", "no size"])
def test_compressed_sound_is_fetched_and_removed(
    server: Web, tmp_path: Path, temporary: Path, suffix: str, behaviour: str
) -> None:
    server.gives_ranges = not behaviour
    server.tells_size = behaviour != "no size"
    server.files[f"/a.{suffix}"] = sound(suffix.upper(), 60)
    same_as_here(server, f"a.{suffix}", tmp_path)
    same_as_here(server, f"a.{suffix}", tmp_path, offset=0.5, duration=0.25)
    assert not list(temporary.iterdir())


def test_an_mp4_file_is_fetched_and_removed(
    server: Web, tmp_path: Path, temporary: Path
) -> None:
    need_ffmpeg()
    (tmp_path / "b.wav").write_bytes(sound("WAV", 3))
    server.files["/a.m4a"] = encode(tmp_path / "b.wav", tmp_path / "a.m4a").read_bytes()
    same_as_here(server, "a.m4a", tmp_path)
    assert not list(temporary.iterdir())


def test_what_the_first_decoder_fails_at_is_fetched_for_the_next(
    server: Web, tmp_path: Path, temporary: Path
) -> None:
    whole = bytearray(sound("CAF", 2))
    for damaged in (whole[:60], whole[: len(whole) // 2], bytes(whole[:4]) + bytes(4000)):
        server.files["/a.caf"] = bytes(damaged)
        (tmp_path / "a.caf").write_bytes(damaged)
        ends: list[object] = []
        for path in (str(tmp_path / "a.caf"), f"{server.address}/a.caf"):
            try:
                table = ac.extract(path, n_jobs=1)
                ends.append((table.values.tolist(), table.items[0].warnings))
            except ac.errors.NothingExtractedError as why:
                ends.append([error[1:] for error in why.errors])
        assert ends[0] == ends[1]
    assert not list(temporary.iterdir())


def test_an_address_over_http_is_that_of_a_file_whatever_its_name(server: Web) -> None:
    names = ("/get", "/a*b.wav", "/a [1]?.wav", "/50% ü.wav")
    for name in names:
        server.files[name] = sound("WAV")
    for name in names:
        url = server.address + name.replace("?", "%3F")
        assert ac.extract(url, n_jobs=1).items[0].path == url
    assert ac.extract(f"{server.address}/get?id=3#x", n_jobs=1).items[0].end == 1.0


def test_what_servers_refuse_is_said_in_words(server: Web) -> None:
    server.files["/a.wav"] = sound("WAV")
    server.statuses = {"/b.wav": 403, "/c.wav": 500, "/d.wav": 401, "/e.wav": 418}
    urls = [f"{server.address}/{name}.wav" for name in "abcdef"]
    table = ac.extract(urls, n_jobs=2)
    assert [(error.path, error.kind, error.message) for error in table.errors] == [
        (urls[1], "unreadable", "access to it is denied"),
        (urls[2], "unreadable", "the server answers with status 500"),
        (urls[3], "unreadable", "access to it is denied"),
        (urls[4], "unreadable", "the server answers with status 418"),
        (urls[5], "unreadable", "it does not exist"),
    ]
    with pytest.raises(FileNotFoundError):
        ac.extract(urls[5])
    with pytest.raises(ac.errors.NothingExtractedError, match="denied"):
        ac.extract(urls[1])


def test_a_server_that_is_not_there_is_an_error_of_the_file() -> None:
    with web() as gone:
        url = f"{gone.address}/a.wav"
    with pytest.raises(ac.errors.NothingExtractedError, match="cannot be reached"):
        ac.extract([url, url + "?2"], n_jobs=1)


def test_an_answer_that_fails_is_asked_for_again(server: Web, tmp_path: Path) -> None:
    for name in ("a.wav", "a.flac"):
        server.files[f"/{name}"] = sound(name[2:].upper(), 30)
        server.failures = 2
        same_as_here(server, name, tmp_path)


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_a_server_that_fails_on_the_way_is_an_error_and_no_damage(
    server: Web, temporary: Path, suffix: str
) -> None:
    """What is computed must not depend on how far the network got."""
    server.files[f"/a.{suffix}"] = sound(suffix.upper(), 240)
    assert len(server.files[f"/a.{suffix}"]) > objects._MOST
    server.files["/b.wav"] = sound("WAV")
    url = f"{server.address}/a.{suffix}"
    real = objects.RemoteObject._part

    def failing(self: objects.RemoteObject, start: int, size: int) -> bytes:
        if start and self.size > 2**17:  # type: ignore[operator]
            server.failures = 1
        return real(self, start, size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(objects.RemoteObject, "_part", failing)
        table = ac.extract([url, f"{server.address}/b.wav"], n_jobs=1)
    assert [(error.path, error.kind) for error in table.errors] == [(url, "unreadable")]
    assert "status 503" in table.errors[0].message
    assert not list(temporary.iterdir())


def test_user_and_password_are_sent_and_not_shown(server: Web) -> None:
    server.user = base64.b64encode(b"me:s3cr3t").decode()
    server.files["/a.wav"] = sound("WAV")
    host = server.address.removeprefix("http://")
    table = ac.extract(f"http://me:s3cr3t@{host}/a.wav", n_jobs=1)
    assert table.items[0].path == f"http://***@{host}/a.wav"
    with pytest.raises(ac.errors.DecodeError, match="what is secret in its address was not"):
        ac.load(table.items[0].path)


def test_signatures_are_sent_as_they_are(server: Web) -> None:
    server.files["/a.wav"] = sound("WAV")
    query = "X-Amz-Credential=AK%2F2020%2fs3&X-Amz-Signature=a%2Bb%3D"
    table = ac.extract(f"{server.address}/a.wav?{query}", n_jobs=1)
    assert table.items[0].path == f"{server.address}/a.wav?***"
    assert {target for _, target in server.asked} == {f"/a.wav?{query}"}


def test_files_that_only_a_secret_tells_apart_have_names_of_their_own(server: Web) -> None:
    server.files["/get"] = sound("WAV")
    urls = [f"{server.address}/get?key={key}" for key in ("a", "b", "a", "c")]
    table = ac.extract(urls, n_jobs=1)
    shown = f"{server.address}/get?key=***"
    assert [item.path for item in table.items] == [shown, f"{shown}2", f"{shown}3"]


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise there")
@pytest.mark.parametrize("suffix", ["wav", "flac"])
@pytest.mark.parametrize("what", ["extract", "load"])
def test_ctrl_c_ends_the_work_and_removes_what_was_fetched(
    server: Web, tmp_path: Path, suffix: str, what: str
) -> None:
    server.seconds_a_part = 0.05
    server.files[f"/a.{suffix}"] = sound(suffix.upper(), 1200)
    url = f"{server.address}/a.{suffix}"
    code = f"import audioclust as ac; ac.{what}({url!r})"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, env=environment
    ) as run:
        deadline = time.monotonic() + 60
        while server.sent < 2**18 and time.monotonic() < deadline:
            time.sleep(0.02)
        run.send_signal(signal.SIGINT)
        _, errors = run.communicate(timeout=120)
    assert run.returncode
    assert "KeyboardInterrupt" in errors.splitlines()
    assert "From cffi" not in errors
    assert server.sent < len(server.files[f"/a.{suffix}"])
    assert not list(tmp_path.iterdir())
