"""`fingerprints_of()`: recordings to fingerprints, block by block."""

from __future__ import annotations

import functools
import hashlib
import itertools
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audioclust import _core
from audioclust.audio.preparation.passes import Passes
from audioclust.audio.preparation.resampling import Resampler
from audioclust.audio.preparation.settings import Preparation
from audioclust.audio.recording import Recording
from audioclust.audio.sources import Scan
from audioclust.audio.spans import Item
from audioclust.extraction.batch import BatchSettings, Outcome, each_recording
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


def fingerprints_of(found: Scan, seconds: float, batch: BatchSettings) -> Outcome[Fingerprint]:
    """Make the fingerprint of the beginning of each recording.

    Parameters
    ----------
    found : Scan
        The recordings.
    seconds : float
        How much of each is looked at, from its beginning.
    batch : BatchSettings
        Number of threads, and whether progress is shown.

    Raises
    ------
    NothingExtractedError
        If none of them could be used.
    """
    return each_recording(found, functools.partial(_fingerprint_of, seconds), batch)


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
