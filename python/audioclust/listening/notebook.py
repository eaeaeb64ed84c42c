"""Sounds in a notebook: a waveform and a player for each."""

from __future__ import annotations

import base64
import functools
import html
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from audioclust.audio.envelope import outline
from audioclust.audio.preparation import Resampler
from audioclust.audio.reading import blocks_of, joined
from audioclust.errors import DecodeError, SignalError
from audioclust.listening.excerpts import RATE
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.spans import Item


_WIDTH, _HEIGHT = 400, 60
"""Columns of a waveform, and what it is high."""


_STYLE = "display:flex;align-items:center;gap:1em;margin:0.3em 0"


@dataclass(frozen=True)
class Sounds:
    """Sounds that a notebook shows, each with its waveform and a player.

    All is in the HTML: no file is linked to, and no script runs.

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
    """

    title: str
    items: Sequence[Item]
    n: int
    seconds: float

    def __repr__(self) -> str:
        return f"<{self.title}: {len(self.items)} sounds, which a notebook shows>"

    def _repr_html_(self) -> str:
        return self._html

    @functools.cached_property
    def _html(self) -> str:
        shown = [_row(item, self.seconds) for item in self.items[: self.n]]
        rest = len(self.items) - len(shown)
        head = f"<p><b>{html.escape(self.title)}</b>: {_counted(len(self.items))}</p>"
        more = f"<p>and {rest} more</p>" if rest else ""
        return f"<div>{head}{''.join(shown)}{more}</div>"


def _counted(n: int) -> str:
    return f"{n} sound{'' if n == 1 else 's'}"


def _row(item: Item, seconds: float) -> str:
    name = html.escape(on_one_line(os.path.basename(item.path)))
    whole = html.escape(on_one_line(item.path))
    length = item.end - item.start
    note = f"{length:.2f} s" + (f", the first {seconds:g} s" if length > seconds else "")
    try:
        y = _read(item, seconds)
    except (DecodeError, SignalError) as why:
        body = f"<em>{html.escape(on_one_line(f'{why.kind}: {why}'))}</em>"
    else:
        body = _waveform(y) + _player(y)
    label = f'<span style="width:16em;overflow-wrap:anywhere" title="{whole}">{name}</span>'
    return f'<div style="{_STYLE}">{label}{body}<small>{note}</small></div>'


def _read(item: Item, seconds: float) -> NDArray[np.float32]:
    """Decode the first seconds of an item to one channel at 44.1 kHz."""
    blocks = blocks_of(item, seconds)
    resampler = Resampler(next(blocks)[1], RATE)
    pieces: list[NDArray[np.float32]] = []
    for block, _ in blocks:
        pieces.extend(resampler.push(block))
    pieces.extend(resampler.finish())
    y = joined(pieces)
    return y / max(1.0, float(np.abs(y).max()))


def _waveform(y: NDArray[np.float32]) -> str:
    """Draw the least and the largest sample of each of some hundred stretches, as SVG."""
    lowest, highest = outline([y], len(y), _WIDTH)
    half = _HEIGHT / 2
    high, low = half - half * highest, half - half * lowest
    x = np.arange(len(low)) / len(low) * _WIDTH
    there = [f"{a:.1f},{b:.1f}" for a, b in zip(x, high, strict=True)]
    back = [f"{a:.1f},{b:.1f}" for a, b in zip(x[::-1], low[::-1], strict=True)]
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" role="img"'
        f' aria-label="waveform"><polygon points="{" ".join(there + back)}"'
        ' fill="#0072B2" stroke="#0072B2" stroke-width="0.5"/></svg>'
    )


def _player(y: NDArray[np.float32]) -> str:
    kind, data = _encoded(y)
    text = base64.b64encode(data).decode("ascii")
    return f'<audio controls preload="none" src="data:{kind};base64,{text}"></audio>'


def _encoded(y: NDArray[np.float32]) -> tuple[str, bytes]:
    """Give a sound as MP3, which is small and known to all browsers, or else as WAV."""
    format_, kind = ("MP3", "audio/mpeg")
    if format_ not in soundfile.available_formats():
        format_, kind = ("WAV", "audio/wav")
    file = io.BytesIO()
    soundfile.write(file, y, RATE, format=format_)
    return kind, file.getvalue()
