"""The nearest rows of each row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from audioclust.clustering.ordering import nearest as module
from audioclust.clustering.ordering.nearest import nearest_of


def by_definition(rows: np.ndarray, m: int) -> np.ndarray:
    """All distances of each row, sorted; copies from the row on, in a circle."""
    n = len(rows)
    found = np.full((n, m), -1)
    for i in range(n):
        squared = ((rows - rows[i]) ** 2).sum(axis=1)
        around = [(squared[j], (j - i) % n if squared[j] == 0 else j, j) for j in range(n)]
        others = [j for _, _, j in sorted(around) if j != i][:m]
        found[i, : len(others)] = others
    return found


# Distances of small whole numbers are exact, and often equal.
whole = st.tuples(st.integers(1, 30), st.integers(1, 3)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(-2, 2).map(float))
)


@given(whole, st.integers(1, 12))
def test_they_are_as_defined(rows: np.ndarray, m: int) -> None:
    first = nearest_of(rows, m)
    expected = by_definition(rows, m)
    squared = ((rows[:, None] - rows[None]) ** 2).sum(axis=2)
    for i, (own, right) in enumerate(zip(first, expected, strict=True)):
        assert (own < 0).tolist() == (right < 0).tolist()
        own, right = own[own >= 0], right[right >= 0]
        assert i not in own
        assert len(set(own.tolist())) == len(own)
        assert squared[i, own].tolist() == squared[i, right].tolist()
    if len(np.unique(rows, axis=0)) == len(rows):
        assert first.tolist() == expected.tolist()


def test_copies_are_near_each_other_in_a_circle() -> None:
    rows = np.array([[0.0], [5.0], [0.0], [0.0], [1.0]])
    assert nearest_of(rows, 3)[[0, 2, 3]].tolist() == [[2, 3, 4], [3, 0, 4], [0, 2, 4]]


def test_many_copies_take_little_memory_and_all_are_reached() -> None:
    found = nearest_of(np.zeros((50_000, 2)), 10)
    assert len(np.unique(found[:, 0])) == len(found)


def test_single_precision_finds_the_same(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Far from the origin, where single precision by itself tells nothing apart.
    rows = rng.normal(size=(400, 20)) + 1e6
    expected = nearest_of(rows, 10)
    monkeypatch.setattr(module, "DOUBLES", 0)
    assert nearest_of(rows, 10, 3).tolist() == expected.tolist()
