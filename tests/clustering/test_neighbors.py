"""Nearest neighbours: all that are as near as the k-th, by scikit-learn's distances."""

from __future__ import annotations

import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from sklearn.neighbors import NearestNeighbors

import audioclust as ac
from audioclust.clustering.neighbors import Neighbors, neighbors_of

SMALL = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, max_side=40),
    # Small whole numbers, whose distances are exact and often equal.
    elements=st.integers(-3, 3),
)


def twin(rows: np.ndarray, k: int) -> list[set[int]]:
    squared = ((rows[:, None] - rows[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squared, np.inf)
    found = []
    for own in squared:
        limit = np.sort(own)[min(k, len(own) - 1) - 1] if len(own) > 1 else -1
        found.append(set(np.flatnonzero(own <= limit).tolist()))
    return found


def sets(found: Neighbors) -> list[set[int]]:
    ends = pairwise(found.indptr.tolist())
    return [set(found.indices[start:end].tolist()) for start, end in ends]


@given(rows=SMALL, k=st.integers(1, 9))
def test_equal_distances_all_count(rows: np.ndarray, k: int) -> None:
    expected = twin(rows, k)
    assert sets(neighbors_of(rows, k)) == expected
    assert neighbors_of(rows.astype(np.float32), k) == neighbors_of(rows, k)


@given(rows=SMALL, k=st.integers(1, 9), seed=st.integers(0, 99))
def test_the_order_of_rows_makes_no_difference(rows: np.ndarray, k: int, seed: int) -> None:
    # Thirds are rounded, so that distances that are equal on paper are sums of rounded squares.
    order = np.random.default_rng(seed).permutation(len(rows))
    found = sets(neighbors_of(rows / 3, k))
    moved = sets(neighbors_of(rows[order] / 3, k))
    assert [{int(order[j]) for j in own} for own in moved] == [found[i] for i in order]


def test_they_are_scikit_learns_where_no_distances_are_equal(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(700, 20))
    theirs = NearestNeighbors(n_neighbors=7).fit(rows).kneighbors()[1]
    found = neighbors_of(rows, 7)
    assert np.array_equal(found.indices.reshape(700, 7), np.sort(theirs, axis=1))
    assert found == neighbors_of(np.asfortranarray(rows), 7, n_threads=4)
    assert pickle.loads(pickle.dumps(found)) == found


def test_near_copies_far_away_are_told_apart() -> None:
    # The squares are 1e16, of which differences of 1e-6 would be lost.
    rows = 1e8 + np.array([[0.0], [1e-6], [3e-6], [3e-6]])
    assert sets(neighbors_of(rows, 1)) == [{1}, {0}, {3}, {2}]


def test_what_cannot_be_used_is_refused() -> None:
    with pytest.raises(ac.ParameterError, match="k=0: expected at least 1"):
        neighbors_of(np.eye(3), 0)
    with pytest.raises(ac.ParameterError, match="row 1, column 0 is NaN"):
        neighbors_of(np.array([[0.0], [np.nan]]), 1)
