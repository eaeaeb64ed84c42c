"""Clips: the loudest part of each of some items, small enough to be held by a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audioclust.audio.fading import fade_gains
from audioclust.audio.preparation.mixing import to_mono
from audioclust.audio.preparation.resampling import Resampler
from audioclust.audio.reading import finite, read_as_it_is
from audioclust.extraction.batch import BatchSettings, outcomes_of
from audioclust.listening.encoding import data_uri
from audioclust.listening.excerpts import loudest
from audioclust.utils.threads import n_threads

if TYPE_CHECKING:
    import threading

    from numpy.typing import NDArray

    from audioclust.audio.spans import Item
    from audioclust.errors import ItemError

CLIP_SECONDS = 10.0
"""Length of a clip, at most."""

CLIP_RATE = 48_000
"""The sampling rate of clips in Hz: that of Opus."""

_FADE_SECONDS = 0.003
"""Shorter than those of excerpts: a clip may be a hit, which begins with its loudest part."""


class Clip(NamedTuple):
    """A part of a recording, with the sound itself.

    Attributes
    ----------
    start : float
        Where it begins in the recording, in seconds.
    seconds : float
        How long it is.
    uri : str
        An address that holds the sound: "data:audio/ogg;base64,...".
    """

    start: float
    seconds: float
    uri: str


def clips_of(items: Sequence[Item]) -> list[Clip | ItemError]:
    """Make a clip of each item, in threads.

    The clip is the loudest part of the item, or all of it if it is short, with one channel or
    two, as the file has it. Of files with more channels it is their mean.

    Parameters
    ----------
    items : sequence of Item
        With paths that are valid from the current folder.

    Returns
    -------
    list of Clip or ItemError
        What came of each item: its clip, or why there is none.
    """
    return outcomes_of(items, _clip, BatchSettings(n_threads(None)))


def _clip(item: Item, stop: threading.Event) -> Clip:
    short = item.end - item.start <= CLIP_SECONDS
    part = item if short else loudest(item, CLIP_SECONDS, stop).item
    y, sr = read_as_it_is(part, stop)
    y = _resampled(finite(y if y.shape[1] <= 2 else to_mono(y)[:, None]), sr)
    y = y[: round(CLIP_SECONDS * CLIP_RATE)]
    gains = fade_gains(np.arange(len(y)), 0, len(y), CLIP_RATE, _FADE_SECONDS)
    if part.start == 0:
        # A recording's own beginning is no cut.
        gains[: len(y) // 2] = 1.0
    y = y * gains[:, None].astype(np.float32) / max(1.0, float(np.abs(y).max()))
    uri = data_uri(y, CLIP_RATE, ("Opus", "MP3", "WAV"))
    return Clip(part.start, len(y) / CLIP_RATE, uri)


def _resampled(y: NDArray[np.float32], sr: int) -> NDArray[np.float32]:
    """Give a sound of shape (frames, channels) at the rate of clips."""
    channels = y.shape[1]
    resampler = Resampler(sr, CLIP_RATE, channels=channels)
    pieces = [*resampler.push(y[:, 0] if channels == 1 else y), *resampler.finish()]
    return np.concatenate(pieces).reshape(-1, channels)
