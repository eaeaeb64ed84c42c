"""`audioclust serve`: from the address that it prints to its end."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Browser
from support.browser import opened
from support.command import SCRIPT, run
from support.served import asked
from support.sounds import tone

import audioclust as ac
from audioclust.audio.decoding.stream import Stream
from audioclust.report.content import Content
from audioclust.server.serving import serve
from audioclust.utils.threads import Cancelled


@contextlib.contextmanager
def serving(
    *arguments: object, temporary: Path, **variables: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the command; give its process and the address that it prints first."""
    temporary.mkdir(exist_ok=True)
    command = [str(SCRIPT), "serve", *map(str, arguments)]
    environment = {**os.environ, "TMPDIR": str(temporary), **variables}
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        environment.pop(name, None)
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if "--quiet" not in arguments:
            assert line == "Ctrl-C ends the server.\n", process.communicate()[1]
            line = process.stdout.readline()
        found = re.fullmatch(r"The map is at (http://127\.0\.0\.1:\d+/[\w-]{32}/)\n", line)
        assert found, line + process.communicate()[1]
        yield process, found[1]
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_end_it_cleanly(number: int, sounds: ac.Clustering, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    with serving(*sounds.paths, "-k", "2", temporary=temporary) as (process, url):
        # A sound that was encoded anew, and a connection that says nothing.
        assert asked(url, "sound/4").fields["content-type"] == "audio/flac"
        assert len(list(temporary.glob("*/*.flac"))) == 1
        port = urlsplit(url).port
        assert port is not None
        with socket.create_connection(("127.0.0.1", port)):
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (0, "", "")
        assert list(temporary.iterdir()) == []
        # The port is free for the next one.
        with socket.create_server(("127.0.0.1", port)):
            pass


def test_a_saved_result_is_served_as_it_is(sounds: ac.Clustering, tmp_path: Path) -> None:
    model = tmp_path / "m.audioclust"
    sounds.save(model)
    with serving(model, "--quiet", temporary=tmp_path / "temporary") as (process, url):
        assert asked(url).body.startswith(b"<!DOCTYPE html>")
        assert asked(url, "sound/0").body == Path(sounds.paths[0]).read_bytes()
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60) == ("", "")
    done = run("serve", model, "-k", "3")
    assert done.returncode == 2
    assert "-k: " in done.stderr


def test_a_browser_is_led_to_the_address_which_no_command_has(
    browser: Browser, sounds: ac.Clustering, tmp_path: Path
) -> None:
    program, started = tmp_path / "program", tmp_path / "started"
    program.write_text(
        f"#!{sys.executable}\nimport os, sys\n"
        f"open({str(started) + '.new'!r}, 'w').write(sys.argv[1])\n"
        f"os.rename({str(started) + '.new'!r}, {str(started)!r})\n"
    )
    program.chmod(0o755)
    model = tmp_path / "m.audioclust"
    sounds.save(model)
    temporary = tmp_path / "temporary"
    with serving(model, temporary=temporary, BROWSER=str(program)) as (process, url):
        end = time.monotonic() + 60
        while not started.exists():
            assert time.monotonic() < end
            time.sleep(0.02)
        # All users can see what programs are started with, so it must not have the token.
        given = urlsplit(started.read_text())
        page = Path(unquote(given.path))
        assert given.scheme == "file"
        assert urlsplit(url).path.strip("/") not in started.read_text()
        assert page.stat().st_mode & 0o777 == 0o600
        assert page.parent.stat().st_mode & 0o777 == 0o700
        with opened(browser, page) as found:
            assert found.page.url == url
            found.check()
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60) == ("", "")
        assert list(temporary.iterdir()) == []
    started.unlink()
    with serving(model, "--no-browser", temporary=temporary, BROWSER=str(program)) as (
        process,
        url,
    ):
        assert asked(url).status == 200
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert not started.exists()


def test_a_port_that_is_taken_is_named(sounds: ac.Clustering, tmp_path: Path) -> None:
    model = tmp_path / "m.audioclust"
    sounds.save(model)
    with serve(sounds) as server:
        done = run("serve", model, "--port", server.port)
        assert done.returncode == 1
        assert done.stderr == f"Error: port {server.port}: Address already in use\n"
        # That is found before the work, which would say that this is no sound.
        text = tmp_path / "no_sound.wav"
        text.write_text("no sound")
        done = run("serve", text, "--port", server.port)
        assert done.stderr == f"Error: port {server.port}: Address already in use\n"
        with pytest.raises(OSError, match="Address already in use"):
            serve(sounds, port=server.port)
    assert run("serve", model, "--port", "65536").returncode == 2
    with pytest.raises(ac.ParameterError, match="port=-1"):
        serve(sounds, port=-1)


@pytest.mark.parametrize("wrong", [None, "sounds", "table"])
def test_only_results_with_a_page_are_served(wrong: object, sounds: ac.Clustering) -> None:
    given = sounds.table if wrong == "table" else wrong
    with pytest.raises(ac.ParameterError, match="result: expected a result that has a report"):
        serve(given)  # type: ignore[arg-type]
    with pytest.raises(ac.ParameterError, match="title=3: expected text or None"):
        serve(sounds, title=3)  # type: ignore[arg-type]


def test_a_page_that_cannot_be_made_leaves_the_port_free() -> None:
    class Broken:
        def _content(self, title: str | None) -> Content:
            raise MemoryError(title)

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(MemoryError):
        serve(Broken(), port=port)
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_what_is_shown_of_a_server_has_no_token(sounds: ac.Clustering) -> None:
    with serve(sounds) as one, serve(sounds) as other:
        assert repr(one) == f"<Server at 127.0.0.1:{one.port}>"
        assert urlsplit(one.url).path != urlsplit(other.url).path
    one.close()  # A second time it does nothing.


def test_closing_ends_all_threads(sounds: ac.Clustering) -> None:
    before = threading.active_count()
    server = serve(sounds)
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(5)]
    assert asked(server.url).status == 200
    server.close()
    assert threading.active_count() == before
    for one in silent:
        one.close()
    server.wait()  # It has ended.


def test_closing_does_not_wait_for_what_is_being_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = threading.Event()

    def endless(_: object, *, stop: threading.Event) -> Stream:
        def blocks() -> Iterator[np.ndarray]:
            while not stop.wait(0.001):
                at_work.set()
                yield np.zeros((100, 1), np.float32)
            raise Cancelled

        return Stream(22_050, blocks(), lambda: None)

    for n in range(3):
        soundfile.write(tmp_path / f"{n}.aiff", tone(0.3), 22_050)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    result = ac.cluster(tmp_path, 1)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setattr("audioclust.server.encoding.open_stream", endless)
    before = threading.active_count()
    server = serve(result)

    def ask(n: int) -> None:
        # The last ones may come when the server is closed already.
        with contextlib.suppress(ConnectionError):
            asked(server.url, f"sound/{n}")

    # One is being encoded, another one asks for the same, and a third waits for its turn.
    asking = [threading.Thread(target=ask, args=(n,)) for n in (0, 0, 1, 2)]
    for one in asking:
        one.start()
    assert at_work.wait(60)
    server.close()
    for one in asking:
        one.join(60)
    assert threading.active_count() == before
    assert list(temporary.iterdir()) == []
