"""Pauses and background noise are not active; quiet voices and steady sounds are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import maximum_filter1d

from audioclust.segmentation.activity import _largest_around, active_frames

RATE = 43.0


def levels(parts: list[tuple[float, float]], seed: int = 0) -> np.ndarray:
    """Levels of parts of (seconds, decibels), which go up and down by 1 dB."""
    rng = np.random.default_rng(seed)
    decibels = np.concatenate(
        [at + rng.uniform(-1, 1, round(RATE * seconds)) for seconds, at in parts]
    )
    return (10 ** (decibels / 20)).astype(np.float32)


@given(
    st.lists(st.floats(-200, 0, width=32), min_size=1, max_size=60),
    st.integers(0, 40),
)
def test_the_largest_around_is_scipys(values: list[float], reach: int) -> None:
    y = np.array(values, np.float32)
    expected = maximum_filter1d(y, 2 * reach + 1, mode="constant", cval=-np.inf)
    assert np.array_equal(_largest_around(y, reach), expected)


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=80), st.integers(-8, 8))
def test_loudness_does_not_matter_and_the_loudest_frame_is_active(
    values: list[float], power: int
) -> None:
    y = np.array(values, np.float32)
    if y.max() < 1e-3:
        y[0] = 1
    found = active_frames(y, RATE)
    assert found[y.argmax()]
    # A power of two, so that no level is rounded. Levels below 1e-10 are all alike.
    scaled = np.where(y < 1e-6, 0, y).astype(np.float32)
    expected = active_frames(scaled, RATE)
    assert np.array_equal(active_frames(scaled * np.float32(2.0**power), RATE), expected)


def test_a_short_pause_is_not_active() -> None:
    found = active_frames(levels([(5, -20), (1, -50), (5, -20)]), RATE)
    assert not found[215:258].any()
    assert found[:215].all()
    assert found[258:].all()


def test_long_noise_is_not_active_though_it_is_the_loudest_nearby() -> None:
    found = active_frames(levels([(20, -20), (10, -55), (20, -20)]), RATE)
    assert not found[860:1290].any()
    assert found.sum() == 1720


def test_digital_silence_does_not_hide_noise() -> None:
    parts = [(5.0, -300.0), (20.0, -20.0), (10.0, -55.0), (20.0, -20.0)]
    found = active_frames(levels(parts), RATE)
    assert found.sum() == 1720


@pytest.mark.parametrize("below", [10, 20])
def test_a_quiet_voice_is_active(below: float) -> None:
    """It has pauses of its own, which are quieter still."""
    loud, quiet = [(2.0, -20.0), (0.3, -70.0)] * 10, [(2.0, -20.0 - below), (0.3, -70.0)] * 10
    found = active_frames(levels(loud + quiet), RATE)
    assert found[len(found) // 2 :].mean() == pytest.approx(2 / 2.3, abs=0.02)


def test_steady_sounds_of_two_levels_are_active() -> None:
    assert active_frames(levels([(20, -20), (20, -40)]), RATE).all()
    assert active_frames(levels([(20, -20)]), RATE).all()
