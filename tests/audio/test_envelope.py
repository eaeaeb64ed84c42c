"""The outline of a waveform is the extremes of its parts, however it comes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioclust.audio.envelope import COLUMNS, outline


@given(
    st.integers(1, 300), st.integers(1, 50), st.lists(st.integers(0, 300)), st.integers(0, 99)
)
def test_an_outline_is_that_of_each_part(
    n_samples: int, n_columns: int, cuts: list[int], seed: int
) -> None:
    y = np.random.default_rng(seed).normal(size=n_samples).astype(np.float32)
    low, high = outline(
        np.split(y, np.unique(np.minimum(cuts, n_samples))), n_samples, n_columns
    )
    n_columns = min(n_columns, n_samples)
    assert len(low) == len(high) == n_columns
    parts = np.arange(n_samples) * n_columns // n_samples
    assert low.tolist() == [y[parts == part].min() for part in range(n_columns)]
    assert high.tolist() == [y[parts == part].max() for part in range(n_columns)]


def test_a_recording_may_be_longer_or_shorter_than_it_was_said_to_be() -> None:
    y = np.arange(1, 101, dtype=np.float32)
    low, high = outline([y], 50, 10)
    assert (low[-1], high[-1]) == (46, 100)
    low, high = outline([y], 200, 10)
    assert high.tolist() == [20, 40, 60, 80, 100, 0, 0, 0, 0, 0]
    assert low.tolist() == [1, 21, 41, 61, 81, 0, 0, 0, 0, 0]
    for blocks in ([], [y[:0]]):
        assert [values.tolist() for values in outline(blocks, 0)] == [[0], [0]]


def test_peaks_are_where_they_are_in_time() -> None:
    y = np.zeros(200_000, np.float32)
    y[[70_000, 150_000]] = 0.7, -0.9
    low, high = outline([y], len(y))
    assert len(low) == COLUMNS
    assert int(high.argmax()) == 70_000 * COLUMNS // 200_000
    assert int(low.argmin()) == 150_000 * COLUMNS // 200_000
    assert (float(high.max()), float(low.min())) == pytest.approx((0.7, -0.9))
