"""`RemoteObject`: a file that is elsewhere, read in parts, or fetched as a whole."""

from __future__ import annotations

import io
import os
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

from audioclust.audio.remote.failures import (
    MissingError,
    NoRangesError,
    T,
    UnreachedError,
    attempt,
)
from audioclust.audio.remote.places import Place, place_of
from audioclust.errors import DecodeError, MissingExtraError, ParameterError
from audioclust.utils.threads import Cancelled
from audioclust.utils.urls.names import suffix_of
from audioclust.utils.urls.redaction import HIDDEN, redacted

HEAD = 2**16
"""How many bytes are read first: the format is told by them."""

_LEAST, _MOST = 2**18, 2**22
"""How many bytes are asked for at once: few at a new place, and more the longer a file is read
from front to back."""

_TRIES = 3
"""How often a part is asked for, if a server does not answer well."""

_WAIT = 0.5
"""How long is waited before the second time, in seconds; before the third, twice as long."""


class RemoteObject:
    """A file that is elsewhere. It is to be closed, which removes what was fetched.

    Parameters
    ----------
    url : str
        Its address.
    stop : Event or None
        Ends the fetching with Cancelled when it is set.

    Attributes
    ----------
    size : int or None
        Its size in bytes; None if the server does not tell.

    Raises
    ------
    DecodeError
        If it cannot be opened.
    """

    def __init__(self, url: str, stop: threading.Event | None = None) -> None:
        self._url, self._stop = url, stop
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._copy: io.FileIO | None = None
        self._handle: Any = None
        self._head: bytes = b""
        self.size: int | None = None
        self._again(self._open)

    def _open(self) -> None:
        self._handle, self.size = attempt(lambda: _opened(_place_of(self._url)))

    def read(self, start: int, size: int) -> bytes:
        """Give bytes from a place on, up to a number; none only at the end of the file.

        Raises
        ------
        DecodeError
            If they cannot be read.
        """
        if start < len(self._head):
            return self._head[start : start + size]
        if self._copy is None and self.size is not None:
            size = max(0, min(size, self.size - start))
            if not size:
                return b""
            try:
                return self._again(lambda: attempt(lambda: self._part(start, size)))
            except NoRangesError:
                pass  # Only all of it can be had.
        if self._copy is None:
            self._copy = io.FileIO(self.fetched())
        self._copy.seek(start)
        return self._copy.read(size)

    def _part(self, start: int, size: int) -> bytes:
        self._handle.seek(start)
        data = bytes(self._handle.read(size))
        if len(data) != size:
            raise UnreachedError("unreadable", "the server sent less than it said")
        return data

    def opened(self) -> RemoteFile:
        """Open it, so that only what is asked for is read, and some of what follows that."""
        return RemoteFile(self)

    def fetched(self) -> str:
        """Give the path of a copy of all of it, which is removed when this is closed.

        Raises
        ------
        DecodeError
            If it cannot be fetched, or there is no room for it.
        Cancelled
            If the work is to stop.
        """
        path = os.path.join(self._own_folder(), f"sound{suffix_of(self._url)}")
        if not os.path.exists(path):
            part = f"{path}.part"
            try:
                self._fetch(part)
                os.replace(part, path)
            except DecodeError:
                raise
            except OSError as why:
                words = os.strerror(why.errno) if why.errno else type(why).__name__
                raise DecodeError("unreadable", f"it cannot be fetched: {words}") from None
        return path

    def beginning(self) -> str:
        """Give the path of a file with the first bytes of it."""
        # Decoders begin with these bytes as well: they are asked for once.
        data = self._head = self.read(0, HEAD)
        path = os.path.join(self._own_folder(), "beginning")
        try:
            with open(path, "wb") as file:
                file.write(data)
        except OSError as why:
            raise DecodeError("unreadable", f"it cannot be fetched: {why.strerror}") from None
        return path

    def close(self) -> None:
        """Close it, and remove what was fetched of it."""
        handle, self._handle = self._handle, None
        copy, self._copy = self._copy, None
        folder, self._folder = self._folder, None
        try:
            for one in (handle, copy):
                if one is not None:
                    one.close()
        finally:
            if folder is not None:
                folder.cleanup()

    def _own_folder(self) -> str:
        """Give the folder for what is fetched, which nobody else may read."""
        if self._folder is None:
            try:
                self._folder = tempfile.TemporaryDirectory(prefix="audioclust-")
            except OSError as why:
                words = f"it cannot be fetched: {why.strerror}"
                raise DecodeError("unreadable", words) from None
        return self._folder.name

    def _fetch(self, path: str) -> None:
        """Write all of it to a file."""
        if self.size is not None:
            try:
                self._write(path, self._parts())
                return
            except NoRangesError:
                pass
        self._again(lambda: self._fetch_as_a_whole(path))

    def _fetch_as_a_whole(self, path: str) -> None:
        source = attempt(lambda: _opened_as_a_whole(_place_of(self._url)))
        try:
            self._write(path, lambda: attempt(lambda: bytes(source.read(_MOST))))
        finally:
            source.close()
        if self.size not in (None, os.path.getsize(path)):
            raise UnreachedError("unreadable", "the server sent less than it said")

    def _parts(self) -> Callable[[], bytes]:
        """Give what gives the next part each time that it is called, and b"" at the end."""
        size, at = self.size or 0, 0

        def following() -> bytes:
            nonlocal at
            wanted = min(_MOST, size - at)
            if not wanted:
                return b""
            data = self._again(lambda: attempt(lambda: self._part(at, wanted)))
            at += wanted
            return data

        return following

    def _write(self, path: str, following: Callable[[], bytes]) -> None:
        with open(path, "wb") as file:
            while data := following():
                self._check_stop()
                file.write(data)

    def _again(self, work: Callable[[], T]) -> T:
        """Do something once more, and again, if a server does not answer well."""
        for number in range(_TRIES - 1):
            self._check_stop()
            try:
                return work()
            except UnreachedError:
                pause = _WAIT * 2**number
            if self._stop is None:
                time.sleep(pause)
            else:
                self._stop.wait(pause)
        self._check_stop()
        return work()

    def _check_stop(self) -> None:
        if self._stop is not None and self._stop.is_set():
            raise Cancelled


class RemoteFile(io.RawIOBase):
    """A file that is elsewhere, as one that is open for reading.

    Reads raise a DecodeError, which is an OSError. What is read ahead is kept: decoders ask for
    a few bytes at a time.
    """

    def __init__(self, source: RemoteObject) -> None:
        self._source = source
        self._at = 0
        self._ahead, self._start, self._window = HEAD, 0, b""

    def readable(self) -> bool:
        """Give True."""
        return True

    def seekable(self) -> bool:
        """Give True."""
        return True

    def tell(self) -> int:
        """Give the position in bytes."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position and give it."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._source.size or 0}
        self._at = max(0, base[whence] + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Read bytes, fewer than asked for only at the end of the file."""
        left = max(0, (self._source.size or 0) - self._at)
        wanted = left if size < 0 else min(left, size)
        pieces = []
        while wanted:
            piece = self._next(wanted)
            if not piece:
                break
            pieces.append(piece)
            self._at += len(piece)
            wanted -= len(piece)
        return b"".join(pieces)

    def readinto(self, target: Any) -> int:
        """Fill a buffer, as far as there are bytes left, and give their number."""
        data = self.read(len(target))
        target[: len(data)] = data
        return len(data)

    def _next(self, wanted: int) -> bytes:
        """Give some of the bytes at the position; more are read ahead."""
        end = self._start + len(self._window)
        if not self._start <= self._at < end:
            self._ahead = min(_MOST, 2 * self._ahead) if self._at == end else _LEAST
            if not end:
                self._ahead = HEAD
            self._start = self._at
            self._window = self._source.read(self._at, max(wanted, self._ahead))
        first = self._at - self._start
        return self._window[first : first + wanted]


def _place_of(url: str) -> Place:
    try:
        return place_of(url)
    except (MissingExtraError, ParameterError) as why:
        # Another machine may lack what the one has that found the file.
        words = str(why)
    raise DecodeError("unreadable", words)


def _opened(place: Place) -> tuple[Any, int | None]:
    """Open a file that is read in parts; give its size as well."""
    handle = place.files.open(place.path, "rb", block_size=_MOST, cache_type="none")
    held = getattr(handle, "getvalue", None)
    if held is not None:  # All threads would share the one position in a file in memory.
        handle = io.BytesIO(held())
        return handle, handle.getbuffer().nbytes
    size = getattr(handle, "size", None)
    if not isinstance(size, int) and place.protocol not in ("http", "https"):
        size = place.files.info(place.path).get("size")
    return handle, size if isinstance(size, int) else None


def _opened_as_a_whole(place: Place) -> Any:
    """Open a file that is read from front to back only."""
    is_http = place.protocol in ("http", "https")
    return place.files.open(place.path, "rb", **({"block_size": 0} if is_http else {}))


def missing_words(url: str, why: DecodeError) -> DecodeError:
    """Say of an address that lost its secrets that this may be why it cannot be read."""
    is_lost = HIDDEN in url and redacted(url) == url
    if not is_lost or not (isinstance(why, MissingError) or "denied" in str(why)):
        return why
    return DecodeError(why.kind, f"{why}; what is secret in its address was not kept")
