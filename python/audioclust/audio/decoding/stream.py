"""What decoders are, what they are asked for, and what they give."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeAlias, cast

from audioclust.audio.decoding.limits import Limits
from audioclust.errors import DecodeError, ItemWarning
from audioclust.utils.arguments import RATES

if TYPE_CHECKING:
    import io
    import threading

    import numpy as np
    from numpy.typing import NDArray

Block: TypeAlias = "NDArray[np.float32]"
"""Samples of shape (frames, channels)."""

BLOCK_FRAMES = 65_536
"""Frames in a block. Blocks are large because Python holds the GIL between two of them."""

BLOCK_SAMPLES = 8 * BLOCK_FRAMES
"""Largest number of samples in a block, all channels counted."""


class Elsewhere(Protocol):
    """A file that is elsewhere, for decoders."""

    def opened(self) -> io.RawIOBase:
        """Open it, so that only what is asked for is read."""
        ...

    def fetched(self) -> str:
        """Give the path of a copy of all of it on this machine."""
        ...


@dataclass(frozen=True)
class Request:
    """What a decoder is asked for.

    Attributes
    ----------
    path : str
        The file; see :meth:`local` for one that is elsewhere.
    format : str
        The name of its format; see :mod:`audioclust.audio.decoding.formats`.
    tags_end : int
        The first byte after the tags that it begins with.
    offset : float
        Where the part to decode starts, in seconds. It is rounded down to whole frames.
    duration : float or None
        How long that part is, in seconds, rounded down likewise; None is up to the end.
    limits : Limits
        How much it may take.
    stop : Event or None
        Set when the work is to end.
    remote : Elsewhere or None
        The file if it is elsewhere.
    """

    path: str
    format: str
    tags_end: int = 0
    offset: float = 0.0
    duration: float | None = None
    limits: Limits = Limits()  # noqa: RUF009 - it is frozen
    stop: threading.Event | None = None
    remote: Elsewhere | None = None

    def local(self) -> str:
        """Give the path of the file on this machine; what is elsewhere is fetched."""
        return self.path if self.remote is None else self.remote.fetched()

    def opened(self) -> BinaryIO:
        """Open the file for reading, wherever it is."""
        file = open(self.path, "rb") if self.remote is None else self.remote.opened()  # noqa: SIM115
        return cast("BinaryIO", file)

    @property
    def is_whole(self) -> bool:
        """Whether the whole file is asked for."""
        return not self.offset and self.duration is None


@dataclass(eq=False)
class Stream:
    """A recording that is being decoded; to be used in a ``with`` statement.

    Attributes
    ----------
    sr : int
        Its sampling rate in Hz.
    blocks : iterator of ndarray of shape (frames, channels), float32
        Its samples. Advancing it raises a DecodeError where decoding fails. A decoder that
        skips what comes before the part asked for gives empty blocks meanwhile, so that who
        waits for it can stop; those who read recordings get none of these.
    close : callable
        Releases what the decoder holds, such as an open file.
    decoder : str or None
        The name of the decoder; None for audio in memory. If one could not go on where another
        could, it has the names of both; so it is complete when there are no more blocks.
    warnings : list of ItemWarning
        What was noticed so far; complete when there are no more blocks.
    promised : int or None
        How many frames there are by what the file says; None if it does not say it reliably.
    """

    sr: int
    blocks: Iterator[Block]
    close: Callable[[], None]
    decoder: str | None = None
    warnings: list[ItemWarning] = field(default_factory=list)
    promised: int | None = None

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Decoder:
    """Something that decodes files.

    Attributes
    ----------
    name : str
        Its name.
    formats : tuple of str
        The names of the formats that it is tried with. Which of them a file has depends on its
        contents alone.
    open : callable
        Takes a Request and gives a Stream. Raises a DecodeError if it cannot decode the file;
        then the next decoder is tried, unless the error is of kind "unreadable".
    requires : tuple of (str, str), or None
        The module that must be installed, and the extra of audioclust that installs it.
    """

    name: str
    formats: tuple[str, ...]
    open: Callable[[Request], Stream]
    requires: tuple[str, str] | None = None

    @property
    def is_there(self) -> bool:
        """Whether it can be used, or must be installed first."""
        return self.requires is None or importlib.util.find_spec(self.requires[0]) is not None


def with_known_rate(stream: Stream) -> Stream:
    """Give a stream back, or close it and raise a DecodeError if its rate is out of range."""
    low, high = RATES
    if low <= stream.sr <= high:
        return stream
    stream.close()
    message = f"its sampling rate is {stream.sr} Hz, which is not from {low} to {high}"
    raise DecodeError("unsupported", message)


def whole_frames(seconds: float, sr: int) -> int:
    """Give the number of whole frames in some seconds, at most 2**62.

    No recording is longer, and libsndfile counts frames in 63 bits.
    """
    return int(min(seconds * sr, 2.0**62))


def block_frames(channels: int) -> int:
    """Give how many frames a block has at most."""
    return max(1, min(BLOCK_FRAMES, BLOCK_SAMPLES // channels))


def frames_in_part(promised: int | None, first: int, frames: int | None) -> int | None:
    """Give how many of all frames lie in a part, or None if nobody knows how many there are.

    Parameters
    ----------
    promised : int or None
        How many there are in all.
    first : int
        The first frame of the part.
    frames : int or None
        How many frames were asked for; None is all after the first.
    """
    if promised is None:
        return None
    left = max(0, promised - first)
    return left if frames is None else min(left, frames)
