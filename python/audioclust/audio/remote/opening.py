"""A recording that is elsewhere, opened for decoding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from audioclust.audio.decoding.formats import sniffed
from audioclust.audio.decoding.stream import Request, Stream
from audioclust.audio.remote.objects import HEAD, RemoteObject, missing_words
from audioclust.errors import DecodeError

STREAMED = ("WAV", "AIFF", "CAF", "AU", "RF64", "Wave64")
"""The formats of which only what is asked for is read. libsndfile decodes them, which reads any
open file; what it gives does not depend on where that is."""


def open_remote(url: str, request: Request, opened: Callable[[Request], Stream]) -> Stream:
    """Open a recording that is elsewhere, with the samples of the same file on this machine.

    Files of :data:`STREAMED` are read as far as needed. Others are fetched into a temporary
    file, and so are those whose first decoder fails, for the next one.

    Parameters
    ----------
    url : str
        Its address.
    request : Request
        What is asked for, of a file of unknown format.
    opened : callable
        Opens a file whose format is known.

    Returns
    -------
    Stream
        When it is closed, what was fetched is removed.

    Raises
    ------
    DecodeError
        As for other files; of kind "unreadable" also if the file does not exist, access to it
        is denied, or the network fails.
    Cancelled
        If the request's event is set.
    """
    try:
        source = RemoteObject(url, request.stop)
    except DecodeError as why:
        failure = missing_words(url, why)
    else:
        return _opened(source, request, opened)
    raise failure


def _opened(
    source: RemoteObject, request: Request, opened: Callable[[Request], Stream]
) -> Stream:
    try:
        name, tags_end = sniffed(source.beginning())
        is_streamed = name in STREAMED and not tags_end and source.size is not None
        if is_streamed:
            asked = replace(request, format=name, remote=source)
        else:
            path = source.fetched()
            if source.size is None or source.size > HEAD:
                name, tags_end = sniffed(path)
            asked = replace(request, path=path, format=name, tags_end=tags_end)
        stream = opened(asked)
    except BaseException:
        source.close()
        raise
    close_stream = stream.close

    def close() -> None:
        try:
            close_stream()
        finally:
            source.close()

    stream.close = close
    return stream
