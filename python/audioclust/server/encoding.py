"""Sounds that browsers do not play, encoded anew and kept until the server ends."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import numpy as np

from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.preparation.mixing import to_mono
from audioclust.audio.preparation.resampling import Resampler
from audioclust.audio.reading import no_samples
from audioclust.audio.recording import FileStatus, Recording
from audioclust.audio.writing import sound_file
from audioclust.server.playable import RATES

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

_Key: TypeAlias = "tuple[str, FileStatus]"


class Encoder:
    """Files of FLAC in a temporary folder that only the user can read.

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
        self._stop: threading.Event = threading.Event()
        self._made: dict[_Key, Future[str]] = {}

    def opened(self, path: str) -> BinaryIO:
        """Open a sound as FLAC, encoding it unless that was done before.

        Raises
        ------
        DecodeError
            If it cannot be decoded.
        Cancelled
            If the encoder was closed.
        OSError
            If it is not there, or there is no room for it.
        """
        try:
            return open(self._encoded(path), "rb")
        except FileNotFoundError:
            # Another sound may just have taken its room.
            return open(self._encoded(path), "rb")

    def stop(self) -> None:
        """Stop encoding: whoever waits for a file gets Cancelled."""
        self._stop.set()

    def close(self) -> None:
        """Stop encoding, and remove all files."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _encoded(self, path: str) -> str:
        """Give the file of FLAC that a sound is in, which may be removed at any time."""
        key = path, FileStatus.of(os.stat(path))
        with self._lock:
            known = self._made.get(key)
            made = self._made.setdefault(key, Future())
        if known is None:
            self._make(key, made)
        return made.result()

    def _make(self, key: _Key, made: Future[str]) -> None:
        """Encode a file; whoever else waits for it gets the same, or the same error."""
        target = os.path.join(self._folder, f"{next(self._names)}.flac")
        try:
            with self._places:
                _encode(key[0], target, self._stop)
        except BaseException as why:
            with self._lock:
                del self._made[key]  # It may be there, or complete, the next time.
            made.set_exception(why)
        else:
            made.set_result(target)
            self._make_room(but=key)

    def _make_room(self, but: _Key) -> None:
        with self._lock:
            done = {key: one.result() for key, one in self._made.items() if one.done()}
            sizes = {key: _size(file) for key, file in done.items()}
            total = sum(sizes.values())
            for key, size in sizes.items():
                if total > self._max_bytes and key != but:
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
