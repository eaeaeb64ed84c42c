"""Sounds that browsers do not play, encoded anew and kept until the server ends."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import numpy as np

from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.preparation.mixing import to_mono
from audioclust.audio.preparation.resampling import Resampler
from audioclust.audio.reading import no_samples
from audioclust.audio.recording import FileStatus, Recording
from audioclust.audio.writing import sound_file
from audioclust.server.asking import Refused
from audioclust.server.playable import RATES
from audioclust.utils.threads import Cancelled
from audioclust.utils.urls.names import is_url

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.decoding.stream import Block

TYPE = "audio/flac"
"""The media type of what was encoded anew, in 16 bits; all browsers play it."""

_RATE = 44_100
"""The rate in Hz of what has one that browsers do not play, or FLAC does not have."""

_MAX_EXACT = 65_535
"""FLAC has rates above this one, in Hz, only in steps of 10 (RFC 9639, section 9.1.2)."""

_MAX_CHANNELS = 8
"""Most channels of FLAC; more are mixed to one."""

_MAX_BYTES = 2 * 10**9
"""How much is kept; beyond it what was encoded first is removed."""

_AT_ONCE = 2
"""How many files are encoded at a time; others wait."""

_MOST_WAITING = 20
"""How many requests may wait for files; others are refused, so that the page is not kept
waiting by them."""

_LOOK = 0.2
"""Seconds after which those who wait look whether that has still a use."""

_SECONDS_TO_END = 5.0
"""How long is waited for threads at the end."""

_Key: TypeAlias = "tuple[str, FileStatus]"


class _Made:
    """A file that was encoded, or will be, and how many wait for it."""

    def __init__(self) -> None:
        self.file: Future[str] = Future()
        self.stop: threading.Event = threading.Event()
        self.n_waiting: int = 0


class Encoder:
    """Files of FLAC in a temporary folder that only the user can read.

    Files are encoded in threads of their own, as long as somebody waits for them.

    Parameters
    ----------
    max_bytes : int
        How much is kept.
    """

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._folder: str = tempfile.mkdtemp(prefix="audioclust-")
        self._max_bytes: int = max_bytes
        self._names: Iterator[int] = itertools.count()
        self._lock: threading.Lock = threading.Lock()
        self._places: threading.Semaphore = threading.Semaphore(_AT_ONCE)
        self._is_stopped: bool = False
        self._n_waiting: int = 0
        self._made: dict[_Key, _Made] = {}
        self._threads: list[threading.Thread] = []

    def opened(self, path: str, is_wanted: Callable[[], bool] = lambda: True) -> BinaryIO:
        """Open a sound as FLAC, encoding it unless that was done before.

        Parameters
        ----------
        path : str
        is_wanted : callable
            Asked a few times a second. If it says no, this one does not wait any longer; if
            nobody else waits for the same sound, encoding it stops.

        Raises
        ------
        DecodeError
            If it cannot be decoded.
        Cancelled
            If it is not wanted any more, or the encoder was closed.
        Refused
            If too many wait already.
        OSError
            If it is not there, or there is no room for it.
        """
        key = path, FileStatus(0, 0) if is_url(path) else FileStatus.of(os.stat(path))
        one = self._joined(key)
        try:
            while not wait((one.file,), _LOOK).done:
                if not is_wanted():
                    raise Cancelled
            # It is not removed before this is open: see _make_room().
            return open(one.file.result(), "rb")
        finally:
            self._leave(key, one)

    def stop(self) -> None:
        """Stop encoding: whoever waits for a file gets Cancelled."""
        with self._lock:
            self._is_stopped = True
            for one in self._made.values():
                one.stop.set()

    def close(self) -> None:
        """Stop encoding, and remove all files."""
        self.stop()
        end = time.monotonic() + _SECONDS_TO_END
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        shutil.rmtree(self._folder, ignore_errors=True)

    def _joined(self, key: _Key) -> _Made:
        """Wait for a file with those who do; begin to encode it if it was not begun."""
        with self._lock:
            if self._is_stopped:
                raise Cancelled
            one = self._made.get(key)
            if self._n_waiting >= _MOST_WAITING and (one is None or not one.file.done()):
                raise Refused(503, "Too many sounds at a time.")
            if one is None:
                one = _Made()
                thread = threading.Thread(target=self._make, args=(key, one), daemon=True)
                try:
                    thread.start()
                except RuntimeError:  # The system gives no more threads.
                    raise Refused(503, "Too many sounds at a time.") from None
                self._made[key] = one
                self._threads = [*(old for old in self._threads if old.is_alive()), thread]
            one.n_waiting += 1
            self._n_waiting += 1
            return one

    def _leave(self, key: _Key, one: _Made) -> None:
        """Wait for a file no more; without anybody who waits, it is not encoded."""
        with self._lock:
            one.n_waiting -= 1
            self._n_waiting -= 1
            if not one.n_waiting and not one.file.done():
                one.stop.set()
                self._forget(key, one)  # Who asks from now on has it begun anew.

    def _forget(self, key: _Key, one: _Made) -> None:
        if self._made.get(key) is one:
            del self._made[key]

    def _make(self, key: _Key, one: _Made) -> None:
        """Encode a file; all who wait for it get the same, or the same error."""
        target = os.path.join(self._folder, f"{next(self._names)}.flac")
        try:
            self._encode_in_turn(key[0], target, one.stop)
        except BaseException as why:
            with contextlib.suppress(OSError):
                os.remove(target)
            with self._lock:
                self._forget(key, one)  # It may be there, or complete, the next time.
                one.file.set_exception(why)
            return
        with self._lock:
            if self._made.get(key) is one:
                self._make_room(_size(target))
            else:  # All who waited have gone meanwhile.
                with contextlib.suppress(OSError):
                    os.remove(target)
            one.file.set_result(target)

    def _encode_in_turn(self, path: str, target: str, stop: threading.Event) -> None:
        while not self._places.acquire(timeout=_LOOK):
            if stop.is_set():
                raise Cancelled
        try:
            _encode(path, target, stop)
        finally:
            self._places.release()

    def _make_room(self, n_bytes: int) -> None:
        """Remove what was encoded first, except what is just being opened."""
        done = {
            key: one.file.result()
            for key, one in self._made.items()
            if one.file.done() and not one.n_waiting
        }
        sizes = {key: _size(file) for key, file in done.items()}
        total = sum(sizes.values()) + n_bytes
        for key, size in sizes.items():
            if total > self._max_bytes:
                del self._made[key]
                # Windows keeps what is being sent; it goes with the folder.
                with contextlib.suppress(OSError):
                    os.remove(done[key])
                total -= size


def _encode(path: str, target: str, stop: threading.Event) -> None:
    """Write a sound as FLAC of 16 bits, with its own rate and channels if these are played.

    Otherwise it becomes mono.
    """
    with open_stream(Recording(path), stop=stop) as stream:
        blocks = iter(stream.blocks)
        first = next(blocks, None)
        if first is None:
            raise no_samples()
        sr, channels = stream.sr, first.shape[1]
        pieces: Iterator[NDArray[np.float32]] = itertools.chain([first], blocks)
        if channels > _MAX_CHANNELS or not _has_rate(sr):
            pieces, sr, channels = _mono(pieces, sr), _RATE, 1
        with sound_file(target, sr, channels) as write:
            for block in pieces:
                write(np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0))


def _has_rate(sr: int) -> bool:
    """Tell whether FLAC has a rate, and browsers play it."""
    return RATES[0] <= sr <= RATES[1] and (sr <= _MAX_EXACT or sr % 10 == 0)


def _size(file: str) -> int:
    try:
        return os.path.getsize(file)
    except OSError:
        return 0  # It was removed, by closing or by somebody else.


def _mono(blocks: Iterator[Block], sr: int) -> Iterator[NDArray[np.float32]]:
    resampler = Resampler(sr, _RATE)
    for block in blocks:
        yield from resampler.push(to_mono(block))
    yield from resampler.finish()
