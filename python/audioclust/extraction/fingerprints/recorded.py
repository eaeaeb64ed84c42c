"""`fingerprints_of()`: recordings to fingerprints, block by block."""

from __future__ import annotations

import functools
import hashlib
import itertools
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audioclust import _core
from audioclust.audio.choosing.file_filter import FileFilter, LeftOut
from audioclust.audio.choosing.lengths import NOTHING, Heard, Length, Outside
from audioclust.audio.preparation.passes import Passes
from audioclust.audio.preparation.resampling import Resampler
from audioclust.audio.preparation.settings import Preparation
from audioclust.audio.recording import Recording
from audioclust.audio.sources import Scan
from audioclust.audio.spans import Item
from audioclust.errors import ItemError, NothingExtractedError
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.cache.keys import fingerprints_key
from audioclust.extraction.cache.making import Maker
from audioclust.extraction.cache.memory import FIRST
from audioclust.extraction.cache.outcomes import outcome_with_cache
from audioclust.extraction.cache.records import Kept
from audioclust.extraction.cache.settings import NO_CACHE, CacheSettings
from audioclust.extraction.progress import count_decoded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.decoding.stream import Block

_WORDS, _DIGEST = "words", "digest"
"""The names that the cache has for the parts of a fingerprint."""

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
    heard : Heard
        How much of the recording was decoded to know how long it is.
    """

    item: Item
    words: NDArray[np.uint32]
    digest: bytes | None
    heard: Heard = NOTHING


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


@dataclass(frozen=True)
class OneFingerprint(Maker[Fingerprint]):
    """How the fingerprint of a recording is made, and kept by the cache.

    Attributes
    ----------
    seconds : float
        How much of it is looked at, from its beginning.
    files : FileFilter
        How long recordings may be.
    """

    seconds: float
    files: FileFilter

    @property
    def is_part(self) -> bool:
        """It is made of the beginning only."""
        return True

    def make(self, recording: Recording, length: Length, stop: threading.Event) -> Fingerprint:
        """Make the fingerprint of the beginning of a recording."""
        return replace(_fingerprint_of(self.seconds, recording, stop), heard=length.heard)

    def keep(self, result: Fingerprint) -> Kept:
        """Give a fingerprint as the cache keeps it."""
        # The cache keeps floats, bit by bit.
        arrays = {
            FIRST: np.empty(0, np.float32),
            _WORDS: result.words.astype("<u4").view("<f4"),
            _DIGEST: np.frombuffer(result.digest or b"", "<f4"),
        }
        return Kept(result.item, _core.FINGERPRINT_RATE, arrays, result.heard)

    def load(self, kept: Kept) -> Fingerprint:
        """Take a fingerprint from the cache; raise a ValueError if it is none."""
        if tuple(kept.arrays) != (FIRST, _WORDS, _DIGEST):
            raise ValueError(f"it has {tuple(kept.arrays)}")
        words = kept.arrays[_WORDS].astype("<f4").view("<u4").astype(np.uint32)
        digest = kept.arrays[_DIGEST].astype("<f4").tobytes()
        return Fingerprint(kept.item, words, digest or None, kept.heard)


def fingerprints_of(
    found: Scan, seconds: float, batch: BatchSettings, cache: CacheSettings = NO_CACHE
) -> Fingerprints:
    """Make the fingerprint of the beginning of each recording.

    Parameters
    ----------
    found : Scan
        The recordings, and how long they may be.
    seconds : float
        How much of each is looked at, from its beginning.
    batch : BatchSettings
        Number of threads, and whether progress is shown.
    cache : CacheSettings
        Which cache is used.

    Raises
    ------
    NoAudioError
        If all are too short or too long.
    NothingExtractedError
        If none of the others could be used.
    """
    one = OneFingerprint(seconds, found.files)
    key_of = functools.partial(fingerprints_key, seconds)
    nowhere = np.empty((len(found.recordings), 0), np.float32)
    outcome = outcome_with_cache(found, one, key_of, batch, cache, nowhere)
    made = [one for one in outcome.results if isinstance(one, Fingerprint)]
    if not made and outcome.errors:
        raise NothingExtractedError(outcome.errors)
    if not made:
        raise found.files.nothing_left(len(outcome.results))
    left_out = tuple(one.left_out for one in outcome.results if isinstance(one, Outside))
    return Fingerprints(made, outcome.errors, left_out)


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
