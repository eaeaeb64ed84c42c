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
        os.fsencode(request.path),
        request.format,
        max_seconds=request.offset + limits.seconds + _MARGIN,
        max_work=limits.work,
    )
    warnings: list[ItemWarning] = []
    blocks = _blocks(decoder, request, warnings)
    return Stream(decoder.sr, blocks, decoder.close, decoder.name, warnings)


def _blocks(
    decoder: _core.Decoder, request: Request, warnings: list[ItemWarning]
) -> Iterator[Block]:
    """Give the blocks of the part asked for; at the end of the sound, also what was wrong."""
    first = whole_frames(request.offset, decoder.sr)
    left = None
    if request.duration is not None:
        left = whole_frames(request.duration, decoder.sr)
    size = block_frames(decoder.channels)
    is_at_end = False
    while first and not is_at_end:
        n_skipped = min(first, _SLICE * size)
        is_at_end = decoder.skip(n_skipped) < n_skipped
        first -= n_skipped
        yield np.empty((0, decoder.channels), np.float32)
    while not is_at_end and left != 0:
        wanted = size if left is None else min(size, left)
        block = decoder.read(wanted)
        is_at_end = len(block) < wanted
        if left is not None:
            left -= len(block)
        if len(block):
            yield block
    warnings += [ItemWarning("partial", words) for words in decoder.warnings()]
