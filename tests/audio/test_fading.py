"""Fades rise and fall alike, and end where the part does."""

from __future__ import annotations

import numpy as np
import pytest

from audioclust.audio.fading import FADE_SECONDS, fade_gains


@pytest.mark.parametrize("sr", [100, 8000, 44100])
@pytest.mark.parametrize("seconds", [0.0, 0.005, 0.02, 0.021, 1.0])
def test_a_part_is_faded_along_half_a_cosine(sr: int, seconds: float) -> None:
    start, stop = 1000, 1000 + max(1, round(seconds * sr))
    gains = fade_gains(np.arange(start, stop), start, stop, sr)
    length = min(round(FADE_SECONDS * sr), (stop - start) // 2)
    np.testing.assert_array_equal(gains, gains[::-1])
    assert np.all(gains[length : len(gains) - length] == 1)
    assert np.all(np.diff(gains[:length]) > 0)
    assert np.all((gains > 0) & (gains <= 1))
    # A cosine's two halves add up to one.
    np.testing.assert_allclose(gains[:length] + gains[:length][::-1], 1)


def test_gains_do_not_depend_on_how_a_part_is_cut_into_blocks() -> None:
    whole = fade_gains(np.arange(50, 2000), 50, 2000, 8000)
    pieces = [fade_gains(np.arange(at, at + 39), 50, 2000, 8000) for at in range(50, 2000, 39)]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
