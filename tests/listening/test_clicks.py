"""Clicks are put on all channels; what comes of it is a value."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest

import audioclust as ac
from audioclust.listening.clicks import with_clicks


def made(level: float = 0.5) -> ac.Sonification:
    y = np.full((4000, 2), level, np.float32)
    return with_clicks(y, 8000, [(100, 1000.0)])


def test_clicks_are_on_all_channels() -> None:
    result = made()
    assert result.y.shape == (2, 4000)
    np.testing.assert_array_equal(result.y[0], result.y[1])
    np.testing.assert_array_equal(result.y[:, :100], 0.5 * np.float32(result.gain))
    assert np.ptp(result.y[:, 100:900]) > 0.1


def test_silence_stays_silent() -> None:
    assert not made(0.0).y.any()
    assert made(0.0).gain == 1


def test_a_sonification_is_a_value() -> None:
    result = made()
    assert result == made() == pickle.loads(pickle.dumps(result))
    assert result != made(0.25)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.gain = 1.0  # type: ignore[misc]
