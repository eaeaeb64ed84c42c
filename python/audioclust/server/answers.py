"""What is answered: the page, a sound or a part of it, or words."""

from __future__ import annotations

import contextlib
import email.utils
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, BinaryIO

from audioclust.audio.spans import IN_MEMORY
from audioclust.errors import DecodeError, SignalError
from audioclust.server.asking import Asked, Refused, Request, asked_for
from audioclust.server.encoding import TYPE, Encoder
from audioclust.server.playable import media_type
from audioclust.server.ranges import asked_bytes
from audioclust.utils.urls.names import in_folder, is_url

if TYPE_CHECKING:
    from audioclust.report.content import Content

_BLOCK = 65_536
"""How many bytes of a file are read and sent at a time."""

_TEXT = "text/plain; charset=utf-8"

_ALWAYS = {
    "Connection": "close",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Header fields of all answers. One connection serves one request, so that nobody can hide a
second request in a first one."""

_NOTHING = "default-src 'none'; frame-ancestors 'none'"
_NO_FRAMES = "frame-ancestors 'none'"
"""The content security policies of sounds and words, and of the page, which has its own too."""


@dataclass
class Answer:
    """An answer.

    Attributes
    ----------
    status : int
        Its status.
    fields : mapping of str to str
        Header fields besides those that all answers have.
    body : bytes
        What follows the header, if it is not from a file.
    file : binary file or None
        The file that is sent, from its position on.
    n_bytes : int
        How many bytes of it are sent.
    """

    status: int
    fields: Mapping[str, str]
    body: bytes = b""
    file: BinaryIO | None = None
    n_bytes: int = field(default=0)

    @classmethod
    def of_words(cls, status: int, words: str, fields: Mapping[str, str]) -> Answer:
        """Say something in one sentence."""
        policy = {"Content-Type": _TEXT, "Content-Security-Policy": _NOTHING}
        return cls(status, {**policy, **fields}, f"{words}\n".encode())

    def head(self) -> bytes:
        """Give the status line and the header."""
        length = self.n_bytes if self.file is not None else len(self.body)
        fields = {
            **_ALWAYS,
            "Date": email.utils.formatdate(usegmt=True),
            **self.fields,
            "Content-Length": str(length),
        }
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")

    def blocks(self) -> Iterator[bytes]:
        """Give the body. It is shorter than promised if the file has become shorter."""
        if self.file is None:
            yield self.body
            return
        left = self.n_bytes
        while left and (block := self.file.read(min(left, _BLOCK))):
            left -= len(block)
            yield block

    def close(self) -> None:
        """Close the file."""
        if self.file is not None:
            self.file.close()


class Answers:
    """Answers to requests for a page and its sounds.

    Parameters
    ----------
    page : bytes
        The page as HTML.
    content : Content
        What the page shows; its items are the sounds.
    token : str
        What the first part of each path must be.
    """

    def __init__(self, page: bytes, content: Content, token: str) -> None:
        self._page: bytes = page
        self._token: str = token
        # Relative paths belong to the folder that is the current one now.
        folder = None if content.folder is None else os.path.abspath(content.folder)
        self._folder: str | None = folder
        self._paths: tuple[str, ...] = tuple(item.path for item in content.items)
        self._encoder: Encoder = Encoder()

    def stop(self) -> None:
        """Stop encoding."""
        self._encoder.stop()

    def close(self) -> None:
        """Stop encoding, and remove what was encoded."""
        self._encoder.close()

    def to(self, request: Request, port: int, is_there: Callable[[], bool]) -> Answer:
        """Answer a request that came to a port.

        Parameters
        ----------
        request : Request
        port : int
        is_there : callable
            Tells whether somebody still waits for the answer.

        Raises
        ------
        Refused
            If it is not answered as it was meant.
        Cancelled
            If nobody waits any more, or the server ends.
        """
        asked = asked_for(request, self._token, port)
        try:
            return self._page_or_sound(asked, request, is_there)
        except FileNotFoundError:
            raise Refused(404, "The file of this sound is not there any more.") from None
        except (DecodeError, SignalError) as why:
            # A word for the kind: the message of a decoder may have anything in it.
            raise Refused(404, f"This sound cannot be played: {why.kind}.") from None
        except OSError as why:
            reason = os.strerror(why.errno) if why.errno else "unknown"
            raise Refused(500, f"This sound could not be read: {reason}.") from None

    def _page_or_sound(
        self, asked: Asked, request: Request, is_there: Callable[[], bool]
    ) -> Answer:
        if asked == "page":
            kind = "text/html; charset=utf-8"
            fields = {"Content-Type": kind, "Content-Security-Policy": _NO_FRAMES}
            return Answer(200, fields, self._page)
        if asked >= len(self._paths):
            raise Refused(404, "There is no such sound.")
        if self._folder is None:
            raise Refused(404, f"This sound cannot be played: {IN_MEMORY}.")
        kind, file = self._opened(in_folder(self._folder, self._paths[asked]), is_there)
        with contextlib.ExitStack() as opened:
            opened.enter_context(file)
            answer = _part(kind, file, request)
            opened.pop_all()
        return answer

    def _opened(self, path: str, is_there: Callable[[], bool]) -> tuple[str, BinaryIO]:
        """Open a file as browsers play it; give its media type too."""
        if is_url(path):
            return TYPE, self._encoder.opened(path, is_there)
        os.stat(path)  # FileNotFoundError, where a DecodeError would say less.
        kind = media_type(path)
        if kind is None:
            return TYPE, self._encoder.opened(path, is_there)
        return kind, open(path, "rb", opener=_opener)


def _opener(path: str, flags: int) -> int:
    """Open a file, even one that has just become a pipe that nobody writes to."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _part(kind: str, file: BinaryIO, request: Request) -> Answer:
    """Answer with a file, or with the part of it that is asked for."""
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise Refused(404, "This is not a regular file.")
    size, etag = status.st_size, f'"{status.st_size:x}-{status.st_mtime_ns:x}"'
    fields = {
        "Content-Type": kind,
        "Content-Security-Policy": _NOTHING,
        "Accept-Ranges": "bytes",
        "ETag": etag,
    }
    part = asked_bytes(request.method, request.fields, size, etag)
    if part is None:
        return Answer(200, fields, file=file, n_bytes=size)
    first, end = part
    file.seek(first)
    fields["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    return Answer(206, fields, file=file, n_bytes=end - first)
