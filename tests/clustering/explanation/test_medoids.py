"""The medoid of each cluster, beside a slow search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from audioclust.clustering.explanation import medoids as module
from audioclust.clustering.explanation.medoids import medoids


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 999), k=st.integers(1, 4), offset=st.sampled_from([0.0, 1e4]))
def test_a_medoid_has_the_least_sum_of_distances(seed: int, k: int, offset: float) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(50, 5)) + offset
    labels = rng.integers(-1, k, 50).astype(np.int32)
    for cluster, row in enumerate(medoids(rows, labels, k).tolist()):
        members = np.flatnonzero(labels == cluster)
        sums = cdist(rows[members], rows[members]).sum(axis=1)
        assert row == (members[sums.argmin()] if len(members) else -1)


def test_of_equal_rows_the_first_is_the_medoid() -> None:
    rows = np.array([[9.0, 9], [1, 2], [3, 4], [1, 2], [3, 4]])
    labels = np.array([-1, 0, 1, 0, 1], np.int32)
    assert medoids(rows, labels, 3).tolist() == [1, 2, -1]
    # In a cluster of two both are as near to the other.
    assert medoids(rows[1:3], np.zeros(2, np.int32), 1).tolist() == [0]


def test_in_a_large_cluster_it_is_the_row_nearest_the_mean(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EXACT_ROWS", 20)
    rows = rng.exponential(size=(60, 3))
    nearest = int(np.linalg.norm(rows - rows.mean(axis=0), axis=1).argmin())
    assert medoids(rows, np.zeros(60, np.int32), 1).tolist() == [nearest]
