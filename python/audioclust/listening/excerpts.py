"""Previews of several items: the loudest second of each, at one level, joined."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audioclust.audio.fading import fade_gains
from audioclust.audio.preparation.resampling import resampled
from audioclust.audio.reading import blocks_of, no_samples
from audioclust.audio.spans import Item
from audioclust.audio.writing import write_sound
from audioclust.errors import ItemError, NothingExtractedError
from audioclust.extraction.batch import first_results
from audioclust.utils import html
from audioclust.utils.files import output_path
from audioclust.utils.threads import n_threads
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.utils.types import Path


RATE = 44_100
"""Rate of a preview in Hz; its items may have any."""


PEAK = 10 ** (-1 / 20)
"""The largest sample of a preview: 1 dB below full scale."""


@dataclass(frozen=True, eq=False)
class Preview(ByValue):
    """What a preview consists of.

    Attributes
    ----------
    excerpts : tuple of Item
        The excerpt of each file, in seconds, in the order in which they are heard.
    errors : tuple of ItemError
        The files that could not be read any more. The next nearest took their places.
    """

    excerpts: tuple[Item, ...]
    errors: tuple[ItemError, ...]

    def _repr_html_(self) -> str:
        """Give a table of the excerpts as a notebook shows it."""
        rows = ((one.path, f"{one.start:.2f}", f"{one.end:.2f}") for one in self.excerpts)
        failed = f"; {len(self.errors)} could not be read" if self.errors else ""
        caption = f"Preview: {len(self.excerpts)} excerpts{failed}"
        return html.table(caption, ("path", "start in s", "end in s"), rows)


Preview.__module__ = "audioclust"


class Excerpt(NamedTuple):
    """A part of a recording, of one channel.

    Attributes
    ----------
    y : ndarray of shape (n,), float32 or float64
        Its samples.
    sr : int
        Their rate in Hz.
    item : Item
        Where it is, in seconds.
    """

    y: NDArray[np.floating]
    sr: int
    item: Item


def write_preview(
    items: Iterable[Item],
    path: Path,
    *,
    n: int,
    seconds: float,
    folder: str | None = "",
    inputs: Iterable[str] = (),
) -> Preview:
    """Write the loudest part of each of some items, one after the other, to a sound file.

    Parameters
    ----------
    items : iterable of Item
        The first `n` of them that can be read are heard.
    path : str or os.PathLike
        Where to; the suffix names the format.
    n : int
        Number of excerpts, at most.
    seconds : float
        Length of each, at most.
    folder : str or None
        The folder that relative paths of items belong to; None if they were in memory.
    inputs : iterable of str
        The files that the preview must not replace.

    Returns
    -------
    Preview

    Raises
    ------
    NothingExtractedError
        If none of the items can be read.
    ParameterError
        If the suffix is not that of a format that libsndfile writes, or `path` is one of
        the files that it must not replace.
    OSError
        If the file cannot be written.
    """
    kept = tuple(inputs)
    # What cannot be written is refused before anything is decoded.
    output_path(path, inputs=kept)

    def prepared(item: Item, stop: threading.Event) -> Excerpt:
        found = loudest(item.within(folder), seconds, stop)
        y = resampled(found.y, found.sr, RATE)
        where = found.item._replace(path=item.path)
        return Excerpt(y * fade_gains(np.arange(len(y)), 0, len(y), RATE), RATE, where)

    excerpts, errors = first_results(items, prepared, n, n_threads(None))
    if not excerpts:
        raise NothingExtractedError(errors)
    write_sound(path, joined([excerpt.y for excerpt in excerpts]), RATE, inputs=kept)
    return Preview(tuple(excerpt.item for excerpt in excerpts), errors)


def loudest(item: Item, seconds: float, stop: threading.Event | None = None) -> Excerpt:
    """Find the part of an item, so many seconds long, that has the most energy.

    A shorter item is taken whole. If parts are equally loud, the first is taken. The item is
    decoded once, and no more of it is kept than two such parts and a block.

    Parameters
    ----------
    item : Item
        What to decode.
    seconds : float
        Length of the part.
    stop : threading.Event or None
        Looked at between blocks.

    Returns
    -------
    Excerpt
        At the recording's own rate.

    Raises
    ------
    DecodeError
        If it cannot be read.
    SignalError
        If it has samples that are not finite.
    Cancelled
        If `stop` is set.
    """
    blocks = blocks_of(item, stop=stop)
    sr = next(blocks)[1]
    length = max(1, round(seconds * sr))
    kept = np.empty(0, np.float32)
    best, start, most, done = kept, 0, -1.0, 0
    for block, _ in blocks:
        kept = np.concatenate([kept, block])
        if len(kept) < length:
            continue
        at, energy = _peak_energy(kept, length)
        # Sums are rounded: a part that is equally loud must not count as louder.
        if energy > most * (1 + 1e-9):
            best, start, most = kept[at : at + length].copy(), done + at, energy
        done += len(kept) - length + 1
        kept = kept[len(kept) - length + 1 :]
    found = best if most >= 0 else kept
    if not len(found):
        raise no_samples()
    begin = item.start + start / sr
    return Excerpt(found, sr, Item(item.path, begin, begin + len(found) / sr))


def _peak_energy(y: NDArray[np.float32], length: int) -> tuple[int, float]:
    """Give where the stretch of most energy starts, and its energy."""
    total = np.concatenate([[0.0], np.cumsum(y.astype(np.float64) ** 2)])
    energies = total[length:] - total[:-length]
    # In silence after sound, the differences are rounding errors. The first is to win there.
    at = int(np.argmax(energies >= energies.max() - 1e-12 * total[-1]))
    return at, max(0.0, float(energies[at]))


def joined(pieces: list[NDArray[np.floating]]) -> NDArray[np.float64]:
    """Bring pieces to one RMS, join them, and bring the whole to a peak of −1 dB.

    Parameters
    ----------
    pieces : list of ndarray of shape (n,), float64
        The samples of each; silent ones stay silent.

    Returns
    -------
    ndarray of shape (total,), float64
    """
    levels = [float(np.sqrt(np.mean(piece**2))) for piece in pieces]
    matched = [y / level if level else y for y, level in zip(pieces, levels, strict=True)]
    whole = np.concatenate(matched)
    peak = float(np.abs(whole).max(initial=0))
    return whole * (PEAK / peak) if peak else whole
