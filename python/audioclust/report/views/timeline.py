"""Recordings over time: their waveforms, their spectrograms and the spans in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from audioclust.audio.envelope import Outline, outline
from audioclust.audio.reading import blocks_of
from audioclust.errors import AudioclustError
from audioclust.report.packing import packed
from audioclust.report.views.png import picture_url
from audioclust.report.views.spectra import as_levels, frequency_marks, spectrogram_columns
from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import base_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.recording import Recording

MAX_RECORDINGS = 100
"""Recordings whose waveforms a page has, at most: each takes some 30 kB."""

_STEPS = 127
"""Steps of a waveform to either side of 0."""


class Lane(NamedTuple):
    """A recording and what is in it.

    Attributes
    ----------
    recording : Recording
        What is decoded.
    duration : float
        Its length in seconds.
    items : sequence of int
        The page's items that are parts of it, in order of time.
    """

    recording: Recording
    duration: float
    items: Sequence[int]


def timeline(lanes: Sequence[Lane]) -> dict[str, Any]:
    """Give what a page shows of recordings over time, as JSON values.

    Each recording is decoded once, block by block, in memory that does not grow with its
    length.

    Returns
    -------
    view : dict
        ``recordings``: for each its ``name``, ``duration`` (in s), ``items`` (packed), ``low``
        and ``high`` (the outline of its waveform, packed, from -127 to 127), ``picture`` (its
        spectrogram, a PNG in a data URL), ``marks`` (what ``frequency_marks()`` gives), and
        ``note``: what is missing and why, in words, or an empty string.
    """
    return {"recordings": [_drawn(lane, place) for place, lane in enumerate(lanes)]}


def _drawn(lane: Lane, place: int) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": on_one_line(base_name(lane.recording.path) or lane.recording.path),
        "duration": lane.duration,
        "items": packed(np.array(lane.items, np.int64)),
        "low": None,
        "high": None,
        "picture": None,
        "marks": [],
        "note": "",
    }
    if place >= MAX_RECORDINGS:
        shown["note"] = f"Only the first {MAX_RECORDINGS} recordings have a waveform."
        return shown
    try:
        return {**shown, **_picture(lane.recording, lane.duration)}
    except (AudioclustError, OSError) as why:
        # The system's own words, without the path that an OSError puts behind them.
        words = on_one_line(getattr(why, "strerror", None) or str(why))
        shown["note"] = f"It cannot be read any more, so it has no waveform: {words}"
        return shown


def _picture(recording: Recording, duration: float) -> dict[str, Any]:
    """Decode a recording once, for its outline and its spectrogram."""
    blocks = blocks_of(recording)
    _, sr = next(blocks)
    n_samples = max(1, round(duration * sr))
    spectra = spectrogram_columns(sr, n_samples)
    shape = outline(spectra.watched(_signals(blocks)), n_samples)
    low, high = _steps(shape)
    return {
        "low": packed(low),
        "high": packed(high),
        "picture": picture_url(as_levels(spectra.columns())),
        "marks": frequency_marks(sr),
    }


def _signals(
    blocks: Iterable[tuple[NDArray[np.float32], int]],
) -> Iterator[NDArray[np.float32]]:
    return (y for y, _ in blocks)


def _steps(shape: Outline) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Give an outline in whole steps, the largest sample being 127."""
    peak = float(max(shape.high.max(), -shape.low.min(), 0.0)) or 1.0
    low, high = (np.rint(side * (_STEPS / peak)).astype(np.int8) for side in shape)
    return low, high
