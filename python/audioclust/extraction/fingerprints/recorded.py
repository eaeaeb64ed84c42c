"""`fingerprints_of()`: recordings to fingerprints, block by block."""

from __future__ import annotations

import functools
import hashlib
import itertools
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from audioclust import _core
from audioclust.audio.choosing.file_filter import FileFilter, LeftOut
from audioclust.audio.choosing.lengths import Length, OutsideBounds, check_length
from audioclust.audio.preparation.passes import Passes
from audioclust.audio.preparation.resampling import Resampler
from audioclust.audio.preparation.settings import Preparation
from audioclust.audio.recording import Recording
from audioclust.audio.sources import Scan
from audioclust.audio.spans import Item
from audioclust.errors import ItemError
from audioclust.extraction.batch import BatchSettings, each_recording
from audioclust.extraction.progress import count_decoded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from audioclust.audio.decoding.stream import Block

WORDS_PER_SECOND = _core.FINGERPRINT_RATE / _core.FINGERPRINT_HOP
"""Words of a fingerprint for each second of sound."""


@dataclass(frozen=True)
class Fingerprint:
    """The fingerprint of one recording.

    Attributes
    ----------
    item : Item
        The recording. Its end is infinity if it goes on after what was looked at.
    words : ndarray of shape (n_words,), uint32
        A word for each 11.6 ms: which bands have grown against the next ones. 0 stands for a
        moment that tells nothing.
    digest : bytes or None
        A hash of the samples that the words were made of, so that equal sounds are known that
        are too short for words; None for silence.
    """

    item: Item
    words: NDArray[np.uint32]
    digest: bytes | None


class Fingerprints(NamedTuple):
    """What came of recordings.

    Attributes
    ----------
    made : list of Fingerprint
        Those of the recordings that could be used, in their order.
    errors : tuple of ItemError
        What could not be used, and why.
    left_out : tuple of LeftOut
        What was too short or too long for the scan's bounds.
    """

    made: list[Fingerprint]
    errors: tuple[ItemError, ...]
    left_out: tuple[LeftOut, ...]


def fingerprints_of(found: Scan, seconds: float, batch: BatchSettings) -> Fingerprints:
    """Make the fingerprint of the beginning of each recording.

    Parameters
    ----------
    found : Scan
        The recordings, and how long they may be.
    seconds : float
        How much of each is looked at, from its beginning.
    batch : BatchSettings
        Number of threads, and whether progress is shown.

    Raises
    ------
    NothingExtractedError
        If none of them could be used.
    """
    work = functools.partial(_made_or_left_out, found.files, seconds)
    outcome = each_recording(found, work, batch)
    made = [one for one in outcome.results if isinstance(one, Fingerprint)]
    left_out = tuple(one for one in outcome.results if isinstance(one, LeftOut))
    return Fingerprints(made, outcome.errors, left_out)


def _made_or_left_out(
    files: FileFilter, seconds: float, recording: Recording, stop: threading.Event
) -> Fingerprint | LeftOut:
    """Give the fingerprint of a recording, unless that is too short or too long."""
    if files.has_bounds:
        try:
            # More than the beginning may have to be decoded to know.
            check_length(recording, Length(recording.path, files), stop)
        except OutsideBounds as outside:
            return outside.outside.left_out
    return _fingerprint_of(seconds, recording, stop)


def _fingerprint_of(seconds: float, recording: Recording, stop: threading.Event) -> Fingerprint:
    # A little more is decoded, so that a recording is known to end if it does.
    part = Preparation(duration=seconds + 0.1)
    with Passes(recording, part, stop, functools.partial(count_decoded, stop)) as passes:
        resampler = Resampler(passes.sr, _core.FINGERPRINT_RATE)
        printer, digest, silent = _core.Fingerprinter(), hashlib.blake2b(digest_size=16), True
        blocks = itertools.chain.from_iterable(map(resampler.push, passes))
        for piece in itertools.chain(blocks, _rest_of(resampler)):
            printer.push(piece)
            digest.update(piece.tobytes())
            silent = silent and not piece.any()
        words = printer.finish()
        item = passes.item(_core.FINGERPRINT_RATE)
        goes_on = passes.frames >= math.floor((seconds + 0.1) * passes.sr)
        whole = item._replace(end=math.inf) if goes_on else item
        return Fingerprint(whole, words, None if silent else digest.digest())


def _rest_of(resampler: Resampler) -> Iterator[Block]:
    """Give what is left at the end of the signal, when it is asked for."""
    yield from resampler.finish()
