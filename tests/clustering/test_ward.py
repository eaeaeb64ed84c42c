"""Ward's tree: SciPy's heights, scikit-learn's clusters."""

from __future__ import annotations

import pickle
import signal
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import AgglomerativeClustering
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

import audioclust as ac
from audioclust.clustering.kmeans import KMeansSettings, fit_kmeans
from audioclust.clustering.ward import Merges, merges_of


def as_linkage(merges: Merges) -> np.ndarray:
    """SciPy's form, with the sizes of clusters in its last column."""
    n = len(merges.heights) + 1
    sizes = np.ones(2 * n - 1)
    for i, children in enumerate(merges.children):
        sizes[n + i] = sizes[children].sum()
    return np.column_stack([merges.children, merges.heights, sizes[n:]])


@pytest.mark.parametrize(
    "rows",
    [
        np.random.default_rng(0).normal(size=(400, 9)),
        make_blobs(300, 5, centers=6, random_state=0)[0],
        1e8 + np.random.default_rng(1).normal(size=(50, 3)),
        np.random.default_rng(2).normal(size=(2, 1)),
    ],
    ids=["one cloud", "clusters", "far away", "two rows"],
)
def test_the_tree_is_scipys_where_no_distances_are_equal(rows: np.ndarray) -> None:
    merges = merges_of(rows)
    theirs = linkage(rows, "ward")
    ours = as_linkage(merges)
    # Their smaller child is not always first.
    assert np.array_equal(ours[:, :2], np.sort(theirs[:, :2], axis=1))
    assert np.array_equal(ours[:, 3], theirs[:, 3])
    # Each height is made of some hundred rounded numbers, of rows that are rounded themselves.
    np.testing.assert_allclose(merges.heights, theirs[:, 2], rtol=1e-12)
    for k in {1, 2, min(6, len(rows)), len(rows)}:
        labels = merges.cut(k)
        assert adjusted_rand_score(fcluster(theirs, k, "maxclust"), labels) == 1
        sklearns = AgglomerativeClustering(k).fit_predict(rows)
        assert adjusted_rand_score(sklearns, labels) == 1


GRID = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, max_side=25),
    elements=st.integers(-2, 2),
)


@given(rows=GRID)
def test_any_rows_give_a_tree_whose_copies_come_first(rows: np.ndarray) -> None:
    merges = merges_of(rows)
    n = len(rows)
    assert np.all(np.diff(merges.heights) >= 0)
    # Every cluster but the last is merged once.
    assert sorted(merges.children.ravel().tolist()) == list(range(2 * n - 2))
    assert np.all(merges.children < np.arange(n, 2 * n - 1)[:, None])
    distinct = np.unique(rows, axis=0)
    # The rows are whole numbers, and copies alone have the distance 0.
    assert np.array_equal(merges.heights == 0, np.arange(n - 1) < n - len(distinct))
    labels = merges.cut(len(distinct))
    assert len(np.unique(np.column_stack([rows, labels]), axis=0)) == len(distinct)


@given(rows=GRID)
def test_heights_are_what_merging_adds_where_distances_are_equal(rows: np.ndarray) -> None:
    merges = merges_of(rows)
    members = [[i] for i in range(len(rows))]
    for (a, b), height in zip(merges.children.tolist(), merges.heights, strict=True):
        members.append(members[a] + members[b])
        grown = 2 * (_scatter(rows[members[-1]]) - _scatter(rows[members[a]]))
        grown -= 2 * _scatter(rows[members[b]])
        # Sums of squares up to 2,500, so that their differences are good to 1e-10.
        assert height**2 == pytest.approx(grown, abs=1e-9)


def _scatter(rows: np.ndarray) -> float:
    return float(((rows - rows.mean(axis=0)) ** 2).sum())


@given(seed=st.integers(0, 10**6), n=st.integers(2, 60))
def test_the_order_of_rows_makes_no_difference_without_ties(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    rows, order = rng.normal(size=(n, 3)), rng.permutation(n)
    k = int(rng.integers(1, n + 1))
    ours, moved = merges_of(rows), merges_of(rows[order])
    # Merges of other clusters are added up in another order, which rounds differently.
    np.testing.assert_allclose(ours.heights, moved.heights, rtol=1e-12)
    assert adjusted_rand_score(ours.cut(k)[order], moved.cut(k)) == 1


def test_cuts_are_nested_and_numbered_by_first_rows(rng: np.random.Generator) -> None:
    merges = merges_of(rng.normal(size=(80, 4)))
    finer = merges.cut(80)
    assert finer.tolist() == list(range(80))
    assert finer.dtype == np.int32
    for k in range(79, 0, -1):
        labels = merges.cut(k)
        assert len(np.unique(np.column_stack([finer, labels]), axis=0)) == k + 1
        assert np.unique(labels, return_index=True)[1].tolist() == sorted(
            np.unique(labels, return_index=True)[1]
        )
        finer = labels
    for k in (0, 81):
        with pytest.raises(ac.ParameterError, match=f"k={k}: expected an int from 1 to 80"):
            merges.cut(k)


def test_threads_and_layout_make_no_difference(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(1000, 30))
    merges = merges_of(rows)
    for n_threads in (2, 4):
        assert merges_of(np.asfortranarray(rows), n_threads) == merges
    assert pickle.loads(pickle.dumps(merges)) == merges
    assert merges_of(rows[:1]).cut(1).tolist() == [0]


def test_too_many_rows_are_refused_at_once() -> None:
    with pytest.raises(ac.ParameterError, match="X=20001 rows: expected 1 to 20000, as memory"):
        merges_of(np.zeros((20_001, 1)))
    with pytest.raises(ac.ParameterError, match="row 1, column 0 is inf"):
        merges_of(np.array([[0.0], [np.inf]]))


def test_ctrl_c_stops_it(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(8000, 100))
    threading.Timer(0.3, signal.raise_signal, [signal.SIGINT]).start()

    def many_trees() -> None:
        for _ in range(100):  # One tree may be done before the signal comes.
            merges_of(rows)

    with pytest.raises(KeyboardInterrupt):
        many_trees()


def test_clusters_of_one_mean_start_k_means_all_the_same() -> None:
    # A ring around copies of its middle: Ward's two clusters have the same mean.
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    rows = np.vstack([np.zeros((1000, 2)), ring])
    for k in (2, 5, 13):
        found = fit_kmeans(rows, KMeansSettings(k, "ward"))
        assert found.n_filled == k
