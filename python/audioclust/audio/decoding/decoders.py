"""The table of decoders, and opening a recording with those that may decode it.

A new decoder is a function as :class:`Decoder` describes it, its line in :data:`DECODERS`, and
its tests. The search for sounds reads the tables for suffixes, so this module imports nothing
heavy: a decoder's own module is imported when it is first used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from audioclust.audio.decoding.formats import FORMATS, UNKNOWN, Format, sniffed
from audioclust.audio.decoding.stream import Decoder, Request, Stream, with_known_rate
from audioclust.audio.recording import Audio, Recording
from audioclust.errors import DecodeError
from audioclust.utils.deferred import Deferred

if TYPE_CHECKING:
    import threading

_open_native = Deferred[[Request], Stream]("audioclust.audio.decoding.native", "open_native")

UNDECODED = ("OptimFROG",)
"""The formats that nothing here decodes; they are known so as not to be taken for others."""

DECODERS: tuple[Decoder, ...] = (
    Decoder(
        "symphonia",
        ("FLAC", "Ogg FLAC", "Ogg Vorbis", "MP4", "Matroska", "ADTS"),
        _open_native,
    ),
    Decoder(
        "libsndfile",
        ("WAV", "AIFF", "CAF", "AU", "RF64", "Wave64", "FLAC", "Ogg FLAC", "Ogg Vorbis",
         "Ogg Opus", "MP3", UNKNOWN),
        Deferred[[Request], Stream]("audioclust.audio.decoding.libsndfile", "open_soundfile"),
    ),
    Decoder("nanomp3", ("MP3",), _open_native),
    Decoder("ropus", ("Ogg Opus",), _open_native),
    Decoder("symphonia", ("WAV", "AIFF", "CAF"), _open_native),
    Decoder(
        "FFmpeg",
        tuple(one.name for one in FORMATS if one.name not in UNDECODED),
        Deferred[[Request], Stream]("audioclust.audio.decoding.ffmpeg", "open_ffmpeg"),
        requires=("av", "ffmpeg"),
    ),
)  # fmt: skip
"""The decoders, in the order in which they are tried. One is there twice if it comes before
another for some formats, and after it for others."""

_open_array = Deferred[[Audio, float, float | None], Stream](
    "audioclust.audio.decoding.arrays", "open_array"
)

_open_remote = Deferred[[str, Request, Callable[[Request], Stream]], Stream](
    "audioclust.audio.remote.opening", "open_remote"
)

_open_in_turn = Deferred[[list[Decoder], Request], Stream](
    "audioclust.audio.decoding.handover", "open_in_turn"
)


def open_stream(
    recording: Recording,
    *,
    offset: float = 0.0,
    duration: float | None = None,
    stop: threading.Event | None = None,
) -> Stream:
    """Open a recording for decoding.

    The decoders that know its format are tried in turn. If one fails on the way, the next one
    goes on, or what was decoded until then is all there is, with a warning; see
    :func:`audioclust.audio.decoding.handover.open_in_turn`.

    Parameters
    ----------
    recording : Recording
        A file, here or elsewhere, or audio in memory.
    offset, duration : float
        The part to decode, in seconds. As in :func:`librosa.load`, both are rounded down to
        whole frames at the recording's own rate; without a duration all that is left is
        decoded.
    stop : Event or None
        Looked at while what comes before that part is skipped, and between blocks.

    Returns
    -------
    Stream
        To be closed by the caller.

    Raises
    ------
    DecodeError
        If the file cannot be read, no decoder knows its format, or its sampling rate is out of
        range.
    Cancelled
        If `stop` is set; also while the stream of a file is read.
    """
    if recording.audio is not None:
        return with_known_rate(_open_array(recording.audio, offset, duration))
    part = Request(recording.file, UNKNOWN, 0, offset, duration, recording.limits, stop)
    if recording.url is not None:
        return _open_remote(recording.url, part, _open_file)
    name, tags_end = sniffed(part.path)
    return _open_file(replace(part, format=name, tags_end=tags_end))


def _open_file(request: Request) -> Stream:
    """Open a file whose format is known with the decoders that know it."""
    known = [decoder for decoder in DECODERS if request.format in decoder.formats]
    try:
        return _open_in_turn(known, request)
    except DecodeError as why:
        missing = [d.requires for d in known if d.requires is not None and not d.is_there]
        if why.kind != "unsupported" or not missing:
            raise
        hint = f"pip install 'audioclust[{missing[0][1]}]' may help"
        raise DecodeError("unsupported", f"{why}; {hint}") from why


def as_markdown() -> str:
    """Give the formats, their suffixes and their decoders as a table for the README.

    Formats that the same decoders read are in one line. FFmpeg is named only where it is
    needed, since it takes all.
    """
    lines: dict[tuple[str, ...], list[Format]] = {}
    for one in FORMATS:
        names = tuple(decoder.name for decoder in DECODERS if one.name in decoder.formats)
        lines.setdefault(names[:-1] or names, []).append(one)
    rows = ["| formats | suffixes | decoders |", "| --- | --- | --- |"]
    for names, formats in lines.items():
        of = ", ".join(
            f"{one.name} ({one.codecs})" if one.codecs else one.name for one in formats
        )
        suffixes = " ".join(suffix for one in formats for suffix in one.suffixes)
        rows.append(f"| {of} | {suffixes} | {', '.join(names) or 'none'} |")
    return "\n".join(rows) + "\n"
