"""What may be wrong with a recording, as warnings in words.

The core counts while samples go by; here it is decided what is worth a warning. How the limits
were chosen, and how often they are right, is told in ``docs/preparing.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from audioclust import _core
from audioclust.errors import ItemWarning

if TYPE_CHECKING:
    from audioclust.audio.preparation.settings import Preparation

CLIPPED_SHARE = 1e-4
"""Share of clipped samples, at least, and of a single place ten times as much."""

CLIFF = 25.0
"""How much quieter all above a cut is, at least, in dB."""

CUT_BELOW = 0.9
"""A cut above this part of the highest frequency that features look at changes little."""

ZERO_SHARE = 0.25
"""Share of samples in stretches of zeros, at least."""

CANCELLED = 0.01
"""What mixing leaves of the energy of the channels, at most."""

QUIET_SHARE = 0.25
"""Share of quiet frames at the beginning and the end, at least."""

QUIET_DB = 40
"""A frame that is more below the loudest one than this is quiet, in dB."""

HOP = 128
"""From one frame whose level is measured to the next, in samples."""


class Inspector:
    """Looks at a recording block by block, in memory that does not depend on its length.

    Parameters
    ----------
    sr : int
        Its own rate in Hz.
    n_channels : int
        The number of its channels.

    Attributes
    ----------
    core : _core.Inspector
        What takes in the blocks, as they were decoded.
    """

    def __init__(self, sr: int, n_channels: int) -> None:
        self._sr = sr
        self.core: _core.Inspector = _core.Inspector(n_channels)

    def warnings(self, preparation: Preparation, rate: int | None) -> list[ItemWarning]:
        """End the recording, and give what is worth a warning.

        Parameters
        ----------
        preparation : Preparation
            What is done to the recording. Of what that puts right there is no warning.
        rate : int or None
            The highest rate that features are computed at, in Hz; None is the recording's own.
            A bandwidth is worth a warning only if it is below half of this.
        """
        found = self.core.finish()
        return [
            *_clipping(found),
            *_bandwidth(found, self._sr, min(rate or self._sr, self._sr)),
            *_digital_silence(found, self._sr, preparation),
            *_channels_cancel(found, preparation),
            *_quiet_parts(found, self._sr, preparation),
        ]


def _clipping(found: _core.Inspection) -> Iterator[ItemWarning]:
    n, runs = found.clipped_samples, found.clipped_runs
    share = n / (found.n_samples * found.channels) if found.n_samples else 0.0
    if share >= (CLIPPED_SHARE if runs > 1 else 10 * CLIPPED_SHARE):
        places = "1 place" if runs == 1 else f"{runs} places"
        message = f"waves are cut off in {places}, {n} samples or {_percent(share)} of all"
        yield ItemWarning("clipping", message)


def _bandwidth(found: _core.Inspection, sr: int, rate: int) -> Iterator[ItemWarning]:
    if found.cut is None:
        return
    frequency, drop = found.cut[0] * sr, found.cut[1]
    if drop >= CLIFF and frequency < CUT_BELOW * rate / 2:
        yield ItemWarning(
            "bandwidth",
            f"the spectrum ends at {frequency / 1000:.1f} kHz, where it falls by {drop:.0f} dB,"
            f" and features look up to {rate / 2000:.1f} kHz: codecs and low sampling rates"
            " leave recordings so",
        )


def _leaves_out_ends(preparation: Preparation) -> bool:
    """Whether what is quiet at the ends is, or may be, in no feature anyway."""
    return preparation.trim is not None or preparation.excerpt is not None


def _digital_silence(
    found: _core.Inspection, sr: int, preparation: Preparation
) -> Iterator[ItemWarning]:
    before, between, after = found.zeros
    if _leaves_out_ends(preparation) and before < found.n_samples // HOP * HOP:
        before = after = 0
    n = before + between + after
    share = n / found.n_samples if found.n_samples else 0.0
    if share >= ZERO_SHARE:
        message = f"{n / sr:.2f} s, {_percent(share)} of it, are exactly 0"
        hint = f"; trim={QUIET_DB} leaves out what is at its ends" if before + after else ""
        yield ItemWarning("digital silence", message + hint)


def _channels_cancel(
    found: _core.Inspection, preparation: Preparation
) -> Iterator[ItemWarning]:
    if found.channels > 1 and preparation.channels == "mix" and found.mix_share <= CANCELLED:
        left = "nothing"
        if found.mix_share > 0:
            level = 10 * math.log10(found.mix_share)
            left = f"{_percent(found.mix_share)} of their energy ({level:.0f} dB)"
        yield ItemWarning(
            "channels cancel",
            f"the mean of its {found.channels} channels has {left}, since they are of opposite"
            ' phase; channels="loudest" takes one of them',
        )


def _quiet_parts(
    found: _core.Inspection, sr: int, preparation: Preparation
) -> Iterator[ItemWarning]:
    if _leaves_out_ends(preparation) or not found.level_frames:
        return
    share = (found.quiet_before + found.quiet_after) / found.level_frames
    if share > QUIET_SHARE:
        before, after = (n * HOP / sr for n in (found.quiet_before, found.quiet_after))
        yield ItemWarning(
            "quiet parts",
            f"{before:.2f} s at its beginning and {after:.2f} s at its end, {_percent(share)}"
            f" of it, are more than {QUIET_DB} dB below its loudest part; trim={QUIET_DB}"
            " leaves them out",
        )


def _percent(share: float) -> str:
    """Give a share in percent with two digits that count."""
    return f"{100 * share:.2g} %" if share < 0.995 else "100 %"
