"""New rows beside old ones, and the plane of principal components."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from audioclust.clustering.layouts.layout import (
    LayoutSettings,
    beside,
    equal_rows,
    laid_out,
    projected,
)

FEW = st.lists(st.tuples(*[st.sampled_from([0.0, -0.0, 1.0, 2.5])] * 2), min_size=1, max_size=9)


def rows(n: int, d: int, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=(n, d))


@given(FEW, FEW)
def test_equal_rows_are_found_by_their_values(
    old: list[tuple[float, float]], new: list[tuple[float, float]]
) -> None:
    # Tuples of equal floats are equal, and so is a negative zero to a positive one.
    expected = [old.index(row) if row in old else -1 for row in new]
    assert equal_rows(np.array(old), np.array(new)).tolist() == expected


@settings(deadline=None)  # Time is not what it is about.
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 5))
def test_new_rows_are_placed_each_by_itself_and_copies_on_each_other(
    n: int, m: int, d: int
) -> None:
    old, points, new = rows(n, d), rows(n, 2, 1), rows(m, d, 2)
    found = beside(old, points, new, 1)
    assert np.isfinite(found).all()
    assert np.array_equal(beside(old, points, new[::-1], 2), found[::-1])
    assert np.array_equal(beside(old, points, old, 1), points)
    assert beside(old, points, new[:0], 1).shape == (0, 2)


def test_a_new_row_is_nearest_to_what_it_is_like() -> None:
    groups = np.repeat(np.eye(3) * 100, 20, axis=0)
    old, new = groups + rows(60, 3), np.eye(3) * 100
    points = np.repeat([[0.0, 0.0], [50.0, 0.0], [0.0, 50.0]], 20, axis=0) + rows(60, 2, 1)
    found = beside(old, points, new, 1)
    # Points of a group are within some 3 of its middle.
    np.testing.assert_allclose(found, [[0, 0], [50, 0], [0, 50]], atol=4)


@pytest.mark.parametrize(("n", "d"), [(1, 3), (2, 1), (30, 1), (5, 4)])
def test_rows_without_two_components_are_in_the_plane_too(n: int, d: int) -> None:
    own = rows(n, d)
    found = laid_out(own, LayoutSettings.checked("pca", 0, 30), 1).points
    assert found.shape == (n, 2)
    # Distances in the plane are at most those of the rows, and the same for two columns.
    far = np.linalg.norm(own[:, None] - own, axis=2)
    shown = np.linalg.norm(found[:, None] - found, axis=2)
    assert (shown <= far + 1e-9).all()
    if d == 1:
        np.testing.assert_allclose(shown, far, atol=1e-9)
    assert np.array_equal(projected(own, own, 1), found)
