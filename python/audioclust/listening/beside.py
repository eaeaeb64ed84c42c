"""Players of a few sounds below the table of a result, in a notebook."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.preparation.mixing import to_mono
from audioclust.audio.preparation.resampling import Resampler, resampled
from audioclust.audio.reading import joined
from audioclust.audio.recording import Recording
from audioclust.errors import DecodeError, SignalError
from audioclust.listening.excerpts import RATE
from audioclust.listening.notebook import audio_player
from audioclust.utils.html import text
from audioclust.utils.threads import Cancelled
from audioclust.utils.urls.names import base_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.spans import Item

MOST = 5
"""How many sounds have a player."""

SECONDS = 5.0
"""How much of each can be played, from its start."""

WORK = 0.8
"""Seconds of a processor that all of them may take: nobody waits long for a table."""

WAIT = 5.0
"""Seconds that all of them may take with waiting for disks and for other work."""

PLAYED_SECONDS = 15.0
"""How much can be played of a sound that is the result itself."""

_ROW = "display:flex;flex-wrap:wrap;align-items:center;gap:0.2em 1em;margin:0.2em 0"
_NAME = "flex:0 1 20em;min-width:5em;overflow-wrap:anywhere;text-align:left"


class Sample(NamedTuple):
    """A sound that stands for others.

    Attributes
    ----------
    label : object
        What it stands for, such as the number of a cluster.
    item : Item
        The sound.
    """

    label: object
    item: Item


class _Enough(threading.Event):
    """An event that is set when enough time was spent."""

    def __init__(self) -> None:
        super().__init__()
        self._work: float = time.thread_time() + WORK
        self._wait: float = time.monotonic() + WAIT

    def is_set(self) -> bool:
        """Tell whether it was."""
        return time.thread_time() > self._work or time.monotonic() > self._wait


def players(
    samples: Iterable[Sample],
    folder: str | None,
    recordings: Iterable[Recording] = (),
) -> str:
    """Give a player for each of a few sounds, as HTML that holds the sounds.

    What cannot be played is said in words; nothing is raised.

    Parameters
    ----------
    samples : iterable of Sample
        Only the first :data:`MOST` are shown.
    folder : str or None
        The folder that relative paths belong to; None if the sounds were in memory.
    recordings : iterable of Recording
        What the items are parts of, if it is kept: sounds in memory can be played then.

    Returns
    -------
    html : str
        Empty if there are no sounds, or they were in memory and are not kept.
    """
    kept = {recording.path: recording for recording in recordings}
    chosen = [
        sample
        for sample, _ in zip(samples, range(MOST), strict=False)
        if folder is not None or sample.item.path in kept
    ]
    stop = _Enough()
    rows = [_row(sample, folder, kept.get(sample.item.path), stop) for sample in chosen]
    return f"<div>{''.join(rows)}</div>" if rows else ""


def player_of(caption: str, y: NDArray[np.float32], sr: int) -> str:
    """Give a player of the first seconds of samples, with a caption, as HTML.

    Parameters
    ----------
    caption : str
    y : ndarray of shape (n,) or (channels, n), float32
    sr : int
        Their rate in Hz.
    """
    n = round(PLAYED_SECONDS * sr)
    part = np.atleast_2d(y)[:, :n].mean(axis=0, dtype=np.float32)
    more = f", of which the first {PLAYED_SECONDS:g} s can be played" if y.shape[-1] > n else ""
    body = "" if not len(part) else audio_player(_within_full_scale(resampled(part, sr, RATE)))
    return f"<div><p><b>{text(caption)}</b>{more}</p>{body}</div>"


def _row(
    sample: Sample, folder: str | None, recording: Recording | None, stop: threading.Event
) -> str:
    item = sample.item
    name = base_name(item.path)
    label = (
        f'<span style="{_NAME}" title="{text(item.path)}">{text(sample.label)}: {text(name)}'
    )
    try:
        source = Recording(item.within(folder).path) if recording is None else recording
        body = audio_player(_samples(source, item, stop), is_low=True)
    except Cancelled:
        body = "<em>not loaded, as it takes long</em>"
    except (DecodeError, SignalError) as why:
        body = f"<em>{text(f'{why.kind}: {why}')}</em>"
    except Exception as why:  # A table that is not shown would be worse, whatever it is.
        body = f"<em>{text(f'{type(why).__name__}: {why}')}</em>"
    return f'<div style="{_ROW}">{label}</span>{body}</div>'


def _samples(recording: Recording, item: Item, stop: threading.Event) -> NDArray[np.float32]:
    """Decode the first seconds of an item to one channel at 44.1 kHz, within ±1."""
    seconds = min(SECONDS, item.end - item.start)
    if math.isnan(seconds):
        seconds = SECONDS
    # Decoding rounds down, and a rounding error of the times must not cost the last sample.
    part = {"offset": item.start, "duration": seconds + 1e-7}
    pieces: list[NDArray[np.float32]] = []
    with open_stream(recording, **part, stop=stop) as stream:
        resampler = Resampler(stream.sr, RATE)
        for block in stream.blocks:
            pieces.extend(resampler.push(to_mono(block)))
        pieces.extend(resampler.finish())
    return _within_full_scale(joined(pieces))


def _within_full_scale(y: NDArray[np.float32]) -> NDArray[np.float32]:
    return y / max(1.0, float(np.abs(y).max()))
