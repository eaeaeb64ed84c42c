"""Clicks on a recording, to hear where something was found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from numpy.typing import NDArray


CLICK_SECONDS = 0.1
"""Length of a click."""


ONE_PITCH = 1000.0
"""The pitch of clicks that are all of one kind, in Hz."""


_LOWEST = 500.0
"""The lowest of several pitches, in Hz."""


_OCTAVES = 2.5
"""The highest of several pitches is so many octaves above the lowest, at most."""


_FIFTH = 7 / 12
"""An octave's share that is a fifth."""


_FULL_SCALE = 32767 / 32768
"""The largest number that 16 bits can hold on both sides of 0."""


@dataclass(frozen=True, eq=False)
class Sonification(ByValue):
    """A recording with clicks on it.

    Attributes
    ----------
    y : ndarray of shape (n,) or (channels, n), float32
        As many samples as the recording has, none beyond full scale.
    sr : int
        The recording's own sampling rate in Hz.
    gain : float
        The factor by which everything was scaled so that nothing clips; 1 if nothing would
        have.
    """

    y: NDArray[np.float32]
    sr: int
    gain: float

    def _repr_html_(self) -> str:
        """Give a player of the first seconds as a notebook shows it."""
        from audioclust.listening.beside import player_of

        seconds = self.y.shape[-1] / self.sr
        scaled = "" if self.gain == 1 else f", scaled by {self.gain:.3f}"
        caption = f"Sonification: {seconds:.2f} s at {self.sr} Hz{scaled}"
        return player_of(caption, self.y, self.sr)


Sonification.__module__ = "audioclust"


def pitches(n: int, sr: int) -> tuple[float, ...]:
    """Give `n` pitches that are well apart: by fifths, or by less if there are many.

    Parameters
    ----------
    n : int
        How many.
    sr : int
        Sampling rate in Hz of what they will be put on, which bounds the highest.

    Returns
    -------
    tuple of float
        In Hz, ascending.
    """
    if n == 1:
        return (ONE_PITCH,)
    top = min(_LOWEST * 2**_OCTAVES, 0.4 * sr)
    bottom = min(_LOWEST, top / 2)
    step = min(_FIFTH, float(np.log2(top / bottom)) / (n - 1))
    return tuple(bottom * 2 ** (step * i) for i in range(n))


def click(pitch: float, sr: int) -> NDArray[np.float64]:
    """Give a click as mir_eval makes it: a sine that decays, with a time constant of 10 ms.

    Parameters
    ----------
    pitch : float
        In Hz.
    sr : int
        Sampling rate in Hz.

    Returns
    -------
    click : ndarray of shape (n,), float64
        0.1 s long and within ±1.
    """
    n = np.arange(sr * CLICK_SECONDS)
    return np.asarray(np.sin(2 * np.pi * n * pitch / sr) * np.exp(-n / (sr * 0.01)))


def with_clicks(
    y: NDArray[np.float32], sr: int, clicks: Iterable[tuple[int, float]]
) -> Sonification:
    """Put clicks on a recording.

    Parameters
    ----------
    y : ndarray of shape (frames, channels), float32
        The recording.
    sr : int
        Its sampling rate in Hz.
    clicks : iterable of (int, float)
        The sample at which each starts, and its pitch in Hz. Clicks are as loud as the
        recording's peak. One that would go on after the recording's end is cut there.

    Returns
    -------
    Sonification
    """
    peak = float(np.abs(y).max(initial=0))
    track = np.zeros(len(y))
    for start, pitch in clicks:
        room = track[start : start + int(np.ceil(sr * CLICK_SECONDS))]
        room += peak * click(pitch, sr)[: len(room)]
    mixed = y + track[:, np.newaxis]
    loudest = float(np.abs(mixed).max(initial=0))
    gain = min(1.0, _FULL_SCALE / loudest) if loudest else 1.0
    scaled = np.ascontiguousarray((mixed * gain).astype(np.float32).T)
    return Sonification(scaled[0] if len(scaled) == 1 else scaled, sr, gain)
