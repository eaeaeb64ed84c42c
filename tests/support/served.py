"""Requests to a server byte by byte, as no library would send them."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

SECRET = b"nobody may read this"
"""What is in a file beside the sounds that are served."""


@dataclass(frozen=True)
class Answered:
    """An answer as it came.

    Attributes
    ----------
    status : int
        0 if there was none, or one without a status.
    fields : dict of str to str
        The header fields by their names in lower case.
    body : bytes
    raw : bytes
        All of it.
    """

    status: int
    fields: dict[str, str]
    body: bytes
    raw: bytes


def sent(port: int, request: bytes, *, is_whole: bool = True) -> Answered:
    """Send bytes, and read until the server closes.

    `is_whole` is False for a client that says nothing more after a part of a request.
    """
    pieces: list[bytes] = []
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        try:
            connection.sendall(request)
            if not is_whole:
                connection.shutdown(socket.SHUT_WR)
            while block := connection.recv(65_536):
                pieces.append(block)
        except ConnectionError:
            pass  # The server may close before it has read all of a request that is too long.
    raw = b"".join(pieces)
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = {
        name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)
    }
    words = first.split(" ")
    status = int(words[1]) if first.startswith("HTTP/1.1 ") else 0
    return Answered(status, fields, body, raw)


def asked(url: str, path: str = "", method: str = "GET", **fields: str) -> Answered:
    """Ask as a browser does; underscores in the names of fields stand for hyphens."""
    parts = urlsplit(url)
    named = {"Host": parts.netloc, **{k.replace("_", "-"): v for k, v in fields.items()}}
    lines = [f"{method} {parts.path}{path} HTTP/1.1", *(f"{k}: {v}" for k, v in named.items())]
    assert parts.port is not None
    return sent(parts.port, ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
