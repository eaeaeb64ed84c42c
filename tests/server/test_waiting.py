"""Sounds that take long to encode keep nobody else waiting, and are not encoded for nobody."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import numpy as np
import pytest
import soundfile
from support.served import asked
from support.sounds import tone

import audioclust as ac
from audioclust.audio.decoding.stream import Stream
from audioclust.audio.recording import Recording
from audioclust.server.serving import Server, serve
from audioclust.utils.threads import Cancelled

N = 40
"""How many sounds there are: more than the requests that are answered at a time."""


class Slow:
    """Decodes each sound until it is let go on, or told to stop."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.stopped: list[str] = []
        self.goes_on = threading.Event()

    def open(self, recording: Recording, *, stop: threading.Event) -> Stream:
        """Take the place of the decoders."""

        def blocks() -> Iterator[np.ndarray]:
            while not self.goes_on.wait(0.001):
                if stop.is_set():
                    self.stopped.append(recording.path)
                    raise Cancelled
            yield np.zeros((100, 1), np.float32)

        self.begun.append(recording.path)
        return Stream(22_050, blocks(), lambda: None)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    decoder = Slow()
    monkeypatch.setattr("audioclust.server.encoding.open_stream", decoder.open)
    return decoder


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> ac.Clustering:
    """Sounds that browsers do not play, and a last one that they do."""
    folder = tmp_path_factory.mktemp("waiting")
    for n in range(N):
        soundfile.write(folder / f"{n:02d}.aiff", tone(0.1), 22_050)
    soundfile.write(folder / "z.wav", tone(0.1), 22_050)
    return ac.cluster(folder, 1)


@pytest.fixture
def server(slow: Slow, result: ac.Clustering) -> Iterator[Server]:
    with serve(result) as running:
        yield running


def ask(server: Server, number: int) -> socket.socket:
    """Ask for a sound without reading the answer."""
    parts = urlsplit(server.url)
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    request = f"GET {parts.path}sound/{number} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n"
    connection.sendall(request.encode())
    return connection


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_nobody_waits_for_any_more_is_not_encoded(server: Server, slow: Slow) -> None:
    for number in range(N):
        ask(server, number).close()
    assert asked(server.url).status == 200
    until(lambda: not server._open)  # All requests have ended, although no sound was ready.
    until(lambda: len(slow.stopped) == len(slow.begun))
    assert len(slow.begun) < N  # Those in the queue were not even begun.
    # Who asks again gets it.
    slow.goes_on.set()
    assert asked(server.url, "sound/0").fields["content-type"] == "audio/flac"


def test_what_somebody_still_waits_for_is_encoded(server: Server, slow: Slow) -> None:
    with contextlib.closing(ask(server, 0)) as stays:
        until(lambda: len(slow.begun) == 1)
        ask(server, 0).close()
        until(lambda: len(server._open) == 1)
        assert slow.stopped == []
        slow.goes_on.set()
        assert stays.recv(12) == b"HTTP/1.1 200"
    assert len(slow.begun) == 1


def test_those_who_wait_leave_room_for_the_page_and_plain_files(
    server: Server, slow: Slow
) -> None:
    with contextlib.ExitStack() as opened, selectors.DefaultSelector() as selector:
        for number in range(N):
            one = opened.enter_context(ask(server, number))
            selector.register(one, selectors.EVENT_READ)
        # Some of them wait, and the others are told so.
        refused = 0
        while refused < N // 2:
            for key, _ in selector.select(30):
                told = key.fileobj
                assert isinstance(told, socket.socket)
                assert told.recv(12) == b"HTTP/1.1 503"
                selector.unregister(told)
                told.close()
                refused += 1
        until(lambda: len(server._open) == N // 2)
        assert asked(server.url).status == 200
        assert asked(server.url, f"sound/{N}").fields["content-type"] == "audio/wav"
        assert not slow.stopped
