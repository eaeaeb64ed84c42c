"""Parts of sounds to listen to: the loudest second of each, level-matched and joined."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audioclust.audio.fading import fade_gains
from audioclust.audio.preparation import resampled
from audioclust.audio.reading import blocks_of, no_samples
from audioclust.audio.spans import Item
from audioclust.audio.writing import write_sound
from audioclust.errors import DecodeError, ItemError, NothingExtractedError, SignalError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.utils.types import Path


RATE = 44_100
"""Rate in Hz at which excerpts are joined, as they may be from files of any."""


PEAK = 10 ** (-1 / 20)
"""The largest sample of what is joined: 1 dB below full scale."""


class Preview(NamedTuple):
    """What was joined.

    Attributes
    ----------
    excerpts : tuple of Item
        What of each file, in seconds, in the order in which they are heard.
    errors : tuple of ItemError
        The files that could not be read any more, for which the next nearest stand in.
    """

    excerpts: tuple[Item, ...]
    errors: tuple[ItemError, ...]


class Excerpt(NamedTuple):
    """A part of a sound, of one channel.

    Attributes
    ----------
    y : ndarray of shape (n,), float32
        Its samples.
    sr : int
        Their rate in Hz.
    start : float
        Where it starts in the recording, in seconds.
    """

    y: NDArray[np.float32]
    sr: int
    start: float


def write_preview(items: Iterable[Item], path: Path, *, n: int, seconds: float) -> Preview:
    """Join the loudest `seconds` of the first `n` items that can be read, and write them.

    Raises
    ------
    NothingExtractedError
        If none can be read.
    """
    pieces: list[NDArray[np.float64]] = []
    excerpts: list[Item] = []
    errors: list[ItemError] = []
    for item in items:
        if len(pieces) == n:
            break
        try:
            found = loudest(item, seconds)
        except (DecodeError, SignalError) as why:
            errors.append(ItemError(item.path, why.kind, str(why)))
            continue
        y = resampled(found.y, found.sr, RATE)
        pieces.append(y * fade_gains(np.arange(len(y)), 0, len(y), RATE))
        end = found.start + len(found.y) / found.sr
        excerpts.append(Item(item.path, found.start, end))
    if not pieces:
        raise NothingExtractedError(tuple(errors))
    write_sound(path, joined(pieces)[:, np.newaxis], RATE)
    return Preview(tuple(excerpts), tuple(errors))


def loudest(item: Item, seconds: float) -> Excerpt:
    """Find the part of an item, so many seconds long, that has the most energy.

    It is all of a shorter item, and of equally loud parts the first. The item is decoded once,
    and no more of it is kept than one such part and a block.

    Raises
    ------
    DecodeError, SignalError
        If it cannot be read, or its samples are no finite numbers.
    """
    with_rate = blocks_of(item)
    sr = next(with_rate)[1]
    length = max(1, round(seconds * sr))
    kept = np.empty(0, np.float32)
    best, start, most, done = kept, 0, -1.0, 0
    for block, _ in with_rate:
        kept = np.concatenate([kept, block])
        if len(kept) < length:
            continue
        at, energy = _peak_energy(kept, length)
        # A sum is rounded, and what is no louder must not count as louder.
        if energy > most * (1 + 1e-9):
            best, start, most = kept[at : at + length].copy(), done + at, energy
        done += len(kept) - length + 1
        kept = kept[len(kept) - length + 1 :]
    found = best if most >= 0 else kept
    if not len(found):
        raise no_samples()
    return Excerpt(found, sr, item.start + start / sr)


def _peak_energy(y: NDArray[np.float32], length: int) -> tuple[int, float]:
    """Give where the stretch of most energy starts, and its energy."""
    total = np.concatenate([[0.0], np.cumsum(y.astype(np.float64) ** 2)])
    energies = total[length:] - total[:-length]
    # In silence after sound the differences are rounding, of which the first is to win.
    at = int(np.argmax(energies >= energies.max() - 1e-12 * total[-1]))
    return at, max(0.0, float(energies[at]))


def joined(pieces: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Bring pieces to one RMS, join them, and bring the whole to a peak of −1 dB."""
    levels = [float(np.sqrt(np.mean(piece**2))) for piece in pieces]
    matched = [y / level if level else y for y, level in zip(pieces, levels, strict=True)]
    whole = np.concatenate(matched)
    peak = float(np.abs(whole).max(initial=0))
    return whole * (PEAK / peak) if peak else whole
