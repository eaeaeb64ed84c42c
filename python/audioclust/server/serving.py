"""`serve()`: the page of a result at an address of this computer, until it is closed."""

from __future__ import annotations

import contextlib
import os
import secrets
import selectors
import socket
import threading
import time
from typing import TYPE_CHECKING, Protocol

from audioclust.errors import ParameterError
from audioclust.report.content import check_page
from audioclust.report.page import rendered
from audioclust.report.sounds import sounds_of
from audioclust.server.answers import Answer, Answers
from audioclust.server.asking import MAX_HEAD, Refused, parsed
from audioclust.utils.arguments import check_int
from audioclust.utils.threads import Cancelled

if TYPE_CHECKING:
    from typing import Self

    from audioclust.report.content import Content

HOST = "127.0.0.1"
"""The only address that is listened at: that of this computer, which no other can reach."""

_MAX_CONNECTIONS = 32
"""How many requests are answered at a time. A browser makes six."""

_SECONDS_TO_FREE = 2.0
"""How long is waited for one of them to end: those who have gone are noticed soon."""

_SECONDS_TO_ASK = 10.0
"""How long a request may take to arrive."""

_SECONDS_TO_TAKE = 300.0
"""How long a block may take to be sent: browsers stop reading a sound that is paused."""

_SECONDS_TO_GO = 1.0
"""How long is waited for the other side to close, so that it reads the answer first."""

_SECONDS_TO_END = 5.0
"""How long is waited for threads at the end."""

_MAX_AFTER = 2**20
"""Most bytes that are read and ignored after a request."""


class Reported(Protocol):
    """A result that has a page."""

    def _content(self, title: str | None) -> Content: ...


def serve(result: Reported, *, port: int = 0, title: str | None = None) -> Server:
    """Serve the page of a result, with sounds that a page in a file could not open.

    The server runs in threads of its own until it is closed. It listens at 127.0.0.1 only, and
    answers only who knows its address, in which there is a random token.

    Parameters
    ----------
    result : Clustering or another result with a report
        What the page shows. It is made once, at the beginning.
    port : int, default=0
        The port to listen at; 0 is any that is free.
    title : str or None, default=None
        The title of the page; None is made of what there is.

    Returns
    -------
    Server
        To be closed by the caller, or by a ``with`` statement. Its ``url`` is the address.

    Raises
    ------
    OSError
        If the port is taken or may not be used.
    ParameterError
        If `result` has no report, `title` is no text, or `port` is not from 0 to 65535.

    Examples
    --------
    >>> with serve(result) as server:  # doctest: +SKIP
    ...     print(server.url)
    ...     server.wait()
    """
    if not hasattr(result, "_content"):
        kind = type(result).__name__
        raise ParameterError(f"result: expected a result that has a report, not {kind}")
    check_page("link", title)
    return served(result, listening_at(port), title)


def listening_at(port: int) -> socket.socket:
    """Take a port of this computer, before the work begins whose result is served there.

    Parameters
    ----------
    port : int
        0 is any that is free.

    Returns
    -------
    listener : socket

    Raises
    ------
    OSError
        If the port is taken or may not be used.
    ParameterError
        If `port` is not from 0 to 65535.
    """
    port = check_int("port", port, 0, 65_535)
    try:
        return socket.create_server((HOST, port), backlog=64)
    except OSError as why:
        raise OSError(why.errno, os.strerror(why.errno or 0), f"port {port}") from None


def served(result: Reported, listener: socket.socket, title: str | None = None) -> Server:
    """Serve the page of a result at a port that was taken; see :func:`serve`."""
    try:
        content = result._content(title)
        # Of sounds that were in memory, a page says why there are none.
        sounds = sounds_of(content, "link" if content.folder is None else "serve", os.getcwd())
        return Server(rendered(content, sounds).encode("utf-8"), content, listener)
    except BaseException:
        listener.close()
        raise


class Server:
    """A server that runs until it is closed.

    Parameters
    ----------
    page : bytes
        The page as HTML.
    content : Content
        What it shows.
    listener : socket
        What listens at the port; the server closes it.

    Attributes
    ----------
    port : int
        The port.
    url : str
        The address of the page. Who knows it can hear the sounds.
    """

    def __init__(self, page: bytes, content: Content, listener: socket.socket) -> None:
        self._listener: socket.socket = listener
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        token = secrets.token_urlsafe(24)
        self.url: str = f"http://{HOST}:{self.port}/{token}/"
        self._answers: Answers = Answers(page, content, token)
        self._ended: threading.Event = threading.Event()
        self._waker, self._woken = socket.socketpair()
        self._lock: threading.Lock = threading.Lock()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._thread: threading.Thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        # Without the token, since what a notebook shows is stored in it.
        return f"<Server at {HOST}:{self.port}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait(self) -> None:
        """Wait until it is closed by another thread, or for Ctrl-C."""
        # On Windows, only a wait that ends by itself can be interrupted.
        while not self._ended.wait(0.5):
            pass

    def close(self) -> None:
        """End all connections and threads, free the port, and remove temporary files."""
        self._ended.set()
        with contextlib.suppress(OSError):
            self._waker.send(b"!")
        self._thread.join(_SECONDS_TO_END)
        for one in (self._listener, self._waker, self._woken):
            one.close()
        with self._lock:
            left = dict(self._open)
        for connection in left:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._answers.stop()
        end = time.monotonic() + _SECONDS_TO_END
        for thread in left.values():
            thread.join(max(0.0, end - time.monotonic()))
        # Now nobody writes there any more.
        self._answers.close()

    def _listen(self) -> None:
        """Take connections until the server ends."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._ended.is_set():
                selector.select(0.5)
                try:
                    connection = self._listener.accept()[0]
                except BlockingIOError:
                    continue
                except OSError:
                    # Too many files are open, or the other side has gone already.
                    self._ended.wait(0.05)
                    continue
                self._take(connection)

    def _take(self, connection: socket.socket) -> None:
        """Answer in a thread of its own, or not at all if there are too many."""
        end = time.monotonic() + _SECONDS_TO_FREE
        while len(self._open) >= _MAX_CONNECTIONS and time.monotonic() < end:
            if self._ended.wait(0.02):
                break
        with self._lock:
            if len(self._open) < _MAX_CONNECTIONS:
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._open[connection] = thread
                try:
                    thread.start()
                except RuntimeError:  # The system gives no more threads.
                    del self._open[connection]
                else:
                    return
        answer = Answer.of_words(503, "Too many requests at a time.", {})
        with connection, contextlib.suppress(OSError):
            connection.setblocking(False)
            connection.send(answer.head() + answer.body)

    def _serve(self, connection: socket.socket) -> None:
        """Answer the one request of a connection, and close it."""
        try:
            # Whoever goes away has no use for an answer.
            with connection, contextlib.suppress(OSError, Cancelled):
                self._answer(connection)
        finally:
            with self._lock:
                del self._open[connection]

    def _answer(self, connection: socket.socket) -> None:
        method = ""
        try:
            request = parsed(_head_from(connection))
            method = request.method
            answer = self._answers.to(request, self.port, lambda: _is_there(connection))
        except Refused as why:
            answer = Answer.of_words(why.status, why.words, why.fields)
        with contextlib.closing(answer):
            connection.settimeout(_SECONDS_TO_TAKE)
            connection.sendall(answer.head())
            if method != "HEAD":
                for block in answer.blocks():
                    connection.sendall(block)
        _let_go(connection)


def _head_from(connection: socket.socket) -> bytes:
    """Read a request up to the empty line.

    Raises
    ------
    Refused
        If it is too long, takes too long, or ends too early.
    """
    data, end = b"", time.monotonic() + _SECONDS_TO_ASK
    while b"\r\n\r\n" not in data:
        if len(data) > MAX_HEAD:
            raise Refused(431, "The request is too long.")
        try:
            connection.settimeout(max(0.001, end - time.monotonic()))
            block = connection.recv(8192)
        except TimeoutError:
            raise Refused(408, "The request took too long.") from None
        if not block:
            raise Refused(400, "The request ends too early.")
        data += block
    return data.partition(b"\r\n\r\n")[0]


def _is_there(connection: socket.socket) -> bool:
    """Tell whether the other side of a connection has not closed it."""
    connection.settimeout(0)
    try:
        return connection.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def _let_go(connection: socket.socket) -> None:
    """Wait a moment for the other side to close.

    If a connection is closed while there is something to read, the other side may lose the
    answer.
    """
    connection.shutdown(socket.SHUT_WR)
    end, n_bytes = time.monotonic() + _SECONDS_TO_GO, 0
    while n_bytes < _MAX_AFTER and (left := end - time.monotonic()) > 0:
        connection.settimeout(left)
        block = connection.recv(65_536)
        if not block:
            return
        n_bytes += len(block)
