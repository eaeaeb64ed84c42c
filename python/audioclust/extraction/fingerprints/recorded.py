"""`fingerprints_of()`: recordings to fingerprints, block by block."""

from __future__ import annotations

import functools
import math
import threading
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
    """

    item: Item
    words: NDArray[np.uint32]


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
        printer = _core.Fingerprinter()
        for block in passes:
            for piece in resampler.push(block):
                printer.push(piece)
        for piece in resampler.finish():
            printer.push(piece)
        words = printer.finish()
        item = passes.item(_core.FINGERPRINT_RATE)
        goes_on = passes.frames >= math.floor((seconds + 0.1) * passes.sr)
        return Fingerprint(item._replace(end=math.inf) if goes_on else item, words)
