"""Sounds in a notebook: a waveform and a player for each."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.envelope import outline
from audioclust.audio.preparation.resampling import Resampler
from audioclust.audio.reading import blocks_of, joined
from audioclust.errors import DecodeError, SignalError
from audioclust.listening.encoding import data_uri
from audioclust.listening.excerpts import RATE
from audioclust.utils.html import text
from audioclust.utils.palette import ON_ANY_BACKGROUND
from audioclust.utils.urls.names import base_name
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.spans import Item


_WIDTH, _HEIGHT = 400, 60
"""Size of a waveform in pixels; it has a value for each column of them."""


_ROW = "display:flex;align-items:center;gap:1em;margin:0.3em 0"
_NAME = "flex:0 1 16em;min-width:5em;overflow-wrap:anywhere"
_WAVEFORM = f"flex:0 1 {_WIDTH}px;min-width:4em"
_PLAYER = "flex:0 1 300px;min-width:9em"
_LOW = "height:2.2em"
_NOTE = "flex:none;white-space:nowrap"
"""How the parts of a row share a page: all but the note become narrower on a narrow page."""


@dataclass(frozen=True, eq=False)
class Sounds(ByValue):
    """Sounds that a notebook shows, each with its waveform and a player.

    The HTML holds the sounds themselves: it links to no file, and no script runs.

    Attributes
    ----------
    title : str
        What they are.
    items : tuple of Item
        All of them.
    n : int
        How many are shown; the others are counted.
    seconds : float
        How much of each is shown and can be played, from its start.
    folder : str or None
        The folder that relative paths belong to; None if the sounds were in memory.
    """

    title: str
    items: tuple[Item, ...]
    n: int
    seconds: float
    folder: str | None = ""

    def __repr__(self) -> str:
        return f"<{self.title}: {len(self.items)} sounds, which a notebook shows>"

    def _repr_html_(self) -> str:
        return self._html

    @functools.cached_property
    def _html(self) -> str:
        shown = [_row(item, self.seconds, self.folder) for item in self.items[: self.n]]
        rest = len(self.items) - len(shown)
        plural = "" if len(self.items) == 1 else "s"
        head = f"<p><b>{text(self.title)}</b>: {len(self.items)} sound{plural}</p>"
        more = f"<p>and {rest} more</p>" if rest else ""
        return f"<div>{head}{''.join(shown)}{more}</div>"


Sounds.__module__ = "audioclust"


def _row(item: Item, seconds: float, folder: str | None) -> str:
    """Give the name of an item, its waveform, a player and its length; or what is wrong."""
    length = item.end - item.start
    known = f"{length:.2f} s" if math.isfinite(length) else "of unknown length"
    note = known + (f", the first {seconds:g} s" if length > seconds else "")
    try:
        y = _read(item.within(folder), seconds)
    except (DecodeError, SignalError) as why:
        body = f"<em>{text(f'{why.kind}: {why}')}</em>"
    else:
        body = _waveform(y) + audio_player(y)
    name = text(base_name(item.path))
    label = f'<span style="{_NAME}" title="{text(item.path)}">{name}</span>'
    note = f'<small style="{_NOTE}">{note}</small>'
    return f'<div style="{_ROW}">{label}{body}{note}</div>'


def _read(item: Item, seconds: float) -> NDArray[np.float32]:
    """Decode the first seconds of an item to one channel at 44.1 kHz, within ±1."""
    blocks = blocks_of(item, seconds)
    resampler = Resampler(next(blocks)[1], RATE)
    pieces: list[NDArray[np.float32]] = []
    for block, _ in blocks:
        pieces.extend(resampler.push(block))
    pieces.extend(resampler.finish())
    y = joined(pieces)
    return y / max(1.0, float(np.abs(y).max()))


def _waveform(y: NDArray[np.float32]) -> str:
    """Draw the least and the largest sample of each column, as SVG."""
    lowest, highest = outline([y], len(y), _WIDTH)
    half = _HEIGHT / 2
    low, high = half - half * lowest, half - half * highest
    x = np.arange(len(low)) / len(low) * _WIDTH
    # The outline goes to the right along the largest samples, and back along the least.
    xs, ys = np.concatenate([x, x[::-1]]), np.concatenate([high, low[::-1]])
    corners = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(xs, ys, strict=True))
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" height="{_HEIGHT}" preserveAspectRatio="none"'
        f' style="{_WAVEFORM}" role="img" aria-label="waveform"><polygon points="{corners}"'
        f' fill="{ON_ANY_BACKGROUND}" stroke="{ON_ANY_BACKGROUND}" stroke-width="1"/></svg>'
    )


def audio_player(y: NDArray[np.float32], *, is_low: bool = False) -> str:
    """Give a player that holds the sound, at 44.1 kHz, as HTML.

    One that is low fits between lines of text, and shows how long the sound is.
    """
    source = data_uri(y, RATE)
    preload, style = ("metadata", f"{_PLAYER};{_LOW}") if is_low else ("none", _PLAYER)
    return f'<audio controls preload="{preload}" style="{style}" src="{source}"></audio>'
