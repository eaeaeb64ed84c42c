"""Samples of rows: all of few, and the same ones of many for a seed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audioclust.clustering.samples import some_rows


@given(n=st.integers(1, 60), most=st.integers(1, 60), seed=st.integers(0, 99))
def test_at_most_so_many_rows_are_drawn_and_the_seed_decides(
    n: int, most: int, seed: int
) -> None:
    found = some_rows(n, most, seed)
    assert len(found) == min(n, most)
    assert sorted(set(found.tolist())) == found.tolist()
    assert set(found.tolist()) <= set(range(n))
    expected = np.arange(n)
    if n > most:
        expected = np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
    assert found.tolist() == expected.tolist()
    # Indices are drawn as their places are, and with a generator as with its seed.
    assert some_rows(3 * np.arange(n), most, seed).tolist() == (3 * expected).tolist()
    assert some_rows(n, most, np.random.default_rng(seed)).tolist() == expected.tolist()
