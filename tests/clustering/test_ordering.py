"""A path through rows visits each once, and is short."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from audioclust.clustering.ordering.path import alike_path, length_of, nearest_path

Rows = NDArray[np.float64]

# Few different values, so that copies and equal distances are common.
ROWS = arrays(
    np.float64,
    st.tuples(st.integers(1, 40), st.integers(1, 3)),
    elements=st.integers(-4, 4).map(float),
)

ROUNDING = 1e-9
"""Sums of 40 distances of at most 20 differ by less, in whatever order they are added."""


def slow_nearest(rows: Rows, start: int) -> list[int]:
    """The path that always goes on to the nearest row that is left."""
    path, left = [start], set(range(len(rows))) - {start}
    while left:
        path.append(min(left, key=lambda i: (np.linalg.norm(rows[i] - rows[path[-1]]), i)))
        left.remove(path[-1])
    return path


def slow_length(rows: Rows, path: Any) -> float:
    return sum(float(np.linalg.norm(rows[a] - rows[b])) for a, b in itertools.pairwise(path))


@given(ROWS, st.data())
def test_each_row_comes_once_and_the_path_is_no_longer_than_the_nearest(
    rows: Rows, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(rows) - 1))
    path = alike_path(rows, start)
    assert sorted(path) == list(range(len(rows)))
    assert path[0] == start
    assert np.array_equal(path, alike_path(rows.copy(order="F"), start))
    assert np.array_equal(path, alike_path(rows, start, 3))
    assert slow_length(rows, path) <= slow_length(rows, nearest_path(rows, start)) + ROUNDING
    assert length_of(rows, path) == pytest.approx(slow_length(rows, path))


# A turn that helps only after another one has turned its steps around.
AROUND = np.array(
    [
        [-1, 1, 0],
        [0, 0, -4],
        [0, 0, -3],
        [0, 0, -1],
        [0, 0, 0],
        [0, 1, -1],
        [1, 0, 0],
        [3, 0, 0],
    ],
    float,
)


def test_turns_are_found_that_others_make_possible() -> None:
    assert slow_length(AROUND, alike_path(AROUND, 3)) < 12.07


@given(ROWS.filter(lambda rows: len(rows) <= 13), st.data())
def test_no_turn_of_a_stretch_would_help(rows: Rows, data: st.DataObject) -> None:
    # Of up to 13 rows, all others are tried as neighbours. Copies stay together instead.
    rows = np.unique(rows, axis=0)
    path = alike_path(rows, data.draw(st.integers(0, len(rows) - 1))).tolist()
    length = slow_length(rows, path)
    for i, j in itertools.combinations(range(1, len(rows) + 1), 2):
        turned = [*path[:i], *path[i:j][::-1], *path[j:]]
        assert slow_length(rows, turned) >= length - 1e-7


def test_the_nearest_path_is_that_of_a_search_through_all(rng: np.random.Generator) -> None:
    for n in (1, 2, 30, 200):
        rows = rng.normal(size=(n, 4))
        assert nearest_path(rows, n // 2).tolist() == slow_nearest(rows, n // 2)


def test_most_short_paths_are_the_shortest(rng: np.random.Generator) -> None:
    n_shortest = 0
    for _ in range(60):
        rows = rng.normal(size=(7, 3))
        shortest = min(
            slow_length(rows, (0, *rest)) for rest in itertools.permutations(range(1, 7))
        )
        found = slow_length(rows, alike_path(rows, 0))
        # 2-opt is within a factor of sqrt(n / 2) of the shortest tour.
        assert found <= shortest * np.sqrt(7 / 2)
        n_shortest += found <= shortest + ROUNDING
    assert n_shortest > 30


def test_two_opt_shortens_a_path_in_the_plane(rng: np.random.Generator) -> None:
    # Nearest neighbours are 25 % longer than the shortest tour of points in a square, and 2-opt
    # with neighbour lists 5 % (Johnson and McGeoch, 1997): a ratio of about .84.
    rows = rng.random((1000, 2))
    ratio = length_of(rows, alike_path(rows, 0)) / length_of(rows, nearest_path(rows, 0))
    assert ratio < 0.9


def test_many_copies_cost_no_memory() -> None:
    rows = np.zeros((20_000, 2))
    rows[5] = 1
    path = alike_path(rows, 7)
    assert path[0] == 7
    assert path[-1] == 5
    assert sorted(path) == list(range(20_000))
