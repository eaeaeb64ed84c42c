"""Decoding by symphonia, nanomp3 and ropus, which are written in Rust."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np

from audioclust import _core
from audioclust.audio.decoding.stream import (
    Block,
    Request,
    Stream,
    block_frames,
    frames_in_part,
    whole_frames,
)
from audioclust.errors import ItemWarning

_SLICE = 16
"""How many blocks are skipped at once: seconds of sound, which take some milliseconds."""

_MARGIN = 60.0
"""How many seconds beyond the limit may be decoded, so that what is up to it can be used."""


def open_native(request: Request) -> Stream:
    """Decode what the compiled module reads; the format says which of its decoders does.

    See :class:`audioclust.audio.decoding.stream.Decoder`.
    """
    limits = request.limits
    decoder = _core.Decoder(
        os.fsencode(request.local()),
        request.format,
        max_seconds=request.offset + limits.seconds + _MARGIN,
        max_work=limits.work,
    )
    first = whole_frames(request.offset, decoder.sr)
    frames = None
    if request.duration is not None:
        frames = whole_frames(request.duration, decoder.sr)
    warnings: list[ItemWarning] = []
    blocks = _blocks(decoder, first, frames, warnings)
    promised = frames_in_part(decoder.frames, first, frames)
    return Stream(decoder.sr, blocks, decoder.close, decoder.name, warnings, promised)


def _blocks(
    decoder: _core.Decoder, first: int, left: int | None, warnings: list[ItemWarning]
) -> Iterator[Block]:
    """Give `left` frames after the first ones, or all; at the end, also what was wrong."""
    size = block_frames(decoder.channels)
    is_shorter = False
    while first and not is_shorter:
        n_skipped = min(first, _SLICE * size)
        is_shorter = decoder.skip(n_skipped) < n_skipped
        first -= n_skipped
        yield np.empty((0, decoder.channels), np.float32)
    # A block may be short because decoding fails after it, which the next one tells.
    while left != 0 and len(block := decoder.read(size if left is None else min(size, left))):
        if left is not None:
            left -= len(block)
        yield block
    warnings += [ItemWarning("partial", words) for words in decoder.warnings()]
