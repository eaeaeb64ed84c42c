"""Fades begin and end in silence, and change nothing between."""

from __future__ import annotations

import numpy as np
import pytest

from audioclust.listening.fades import faded, linear_gains


@pytest.mark.parametrize("n", [0, 1, 2, 100, 1000])
def test_a_faded_sound_is_symmetric_and_untouched_inside(n: int) -> None:
    found = faded(np.ones(n, np.float32), 8000)
    assert found.shape == (n,)
    np.testing.assert_array_equal(found, found[::-1])
    assert np.all(np.diff(found[: n // 2]) >= 0)
    np.testing.assert_array_equal(found[80 : n - 80], 1)


def test_gains_do_not_depend_on_where_blocks_end() -> None:
    positions = np.arange(500, 1500)
    whole = linear_gains(positions, 500, 1500, 8000)
    parts = [linear_gains(p, 500, 1500, 8000) for p in np.split(positions, [3, 77, 900])]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert whole[0] == whole[-1] == 0
    np.testing.assert_array_equal(whole[80:-80], 1)
    np.testing.assert_allclose(np.diff(whole[:80]), 1 / 80, rtol=1e-4)
