"""A web server on this machine that gives files, and says what it was asked."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit


@dataclass
class Web:
    """What a server has, and how it behaves.

    Attributes
    ----------
    files : dict
        The contents by path, such as "/a.wav".
    gives_ranges : bool
        Whether parts of files can be had.
    tells_size : bool
        Whether it says how long a file is.
    statuses : dict
        What it answers instead of a file, by path.
    failures : int
        How many answers to GET it still gives up with status 503.
    seconds_a_part : float
        How long it takes for each 64 kB that it sends.
    user : str
        The only user and password it lets in, in base64; "" lets everybody in.
    tags : dict
        The ETag that it gives, by path.
    sent : int
        How many bytes of files it has sent.
    asked : list
        The method and the target of each request.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    gives_ranges: bool = True
    tells_size: bool = True
    statuses: dict[str, int] = field(default_factory=dict)
    failures: int = 0
    seconds_a_part: float = 0.0
    user: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    sent: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""


@contextlib.contextmanager
def web(**behaviour: object) -> Iterator[Web]:
    """Run a server on a free port of the loopback interface."""
    about = Web(**behaviour)  # type: ignore[arg-type]

    class Handler(_Handler):
        web = about

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    about.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield about
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    web: Web
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        about = self.web
        about.asked.append((self.command, self.path))
        path = unquote(urlsplit(self.path).path)
        status = about.statuses.get(path, 200 if path in about.files else 404)
        if about.user and self.headers["Authorization"] != f"Basic {about.user}":
            status = 401
        if status == 200 and body and about.failures:
            about.failures -= 1
            status = 503
        data = about.files.get(path, b"") if status == 200 else b""
        whole = len(data)
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"] or "")
        is_part = status == 200 and asked is not None and about.gives_ranges
        if is_part:
            assert asked is not None
            first, last = int(asked[1]), int(asked[2] or whole - 1)
            data = data[first : last + 1]
        self.send_response(206 if is_part else status)
        if is_part:
            self.send_header("Content-Range", f"bytes {first}-{last}/{whole}")
        if path in about.tags:
            self.send_header("ETag", about.tags[path])
        if about.gives_ranges:
            self.send_header("Accept-Ranges", "bytes")
        if about.tells_size or status != 200:
            self.send_header("Content-Length", str(len(data)))
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        if body:
            with contextlib.suppress(ConnectionError):
                self._send(data)

    def _send(self, data: bytes) -> None:
        for start in range(0, len(data), 2**16):
            time.sleep(self.web.seconds_a_part)
            piece = data[start : start + 2**16]
            self.wfile.write(piece)
            self.web.sent += len(piece)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass
