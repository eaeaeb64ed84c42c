"""What is measured of Ward's clusters, against other libraries and slow definitions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn import metrics
from sklearn.neighbors import kneighbors_graph

from audioclust.clustering.metrics import adjusted_rand
from audioclust.clustering.selection.views import (
    CROSSING,
    REFUSALS,
    graph_measures,
    last_split,
    near_pairs,
    view_of,
)
from audioclust.clustering.ward import merges_of


def rows_of(seed: int, n: int, k: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.asarray(rng.normal(size=(n, 3)) + 8 * rng.normal(size=(k, 3))[np.arange(n) % k])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 999), n=st.integers(3, 60), k=st.integers(1, 5))
def test_cuts_are_those_of_scipy_and_nested(seed: int, n: int, k: int) -> None:
    rows = rows_of(seed, n, k)
    ks = list(range(1, n + 1))
    labels = merges_of(rows).cuts(ks)
    theirs = linkage(rows, "ward")
    for number, own in zip(ks, labels, strict=True):
        assert sorted(set(own.tolist())) == list(range(number))
        assert adjusted_rand(own, fcluster(theirs, number, "maxclust") - 1) == 1
        # Numbered by their first rows.
        assert np.all(np.diff(np.unique(own, return_index=True)[1]) > 0)
    for coarse, fine in pairwise(labels):
        assert len(np.unique(np.stack([coarse, fine]), axis=1).T) == fine.max() + 1


def test_near_pairs_are_those_of_scikit_learns_graph() -> None:
    rows = rows_of(1, 90, 4)
    graph = kneighbors_graph(rows, 7).toarray()
    first, second = np.nonzero(np.triu(np.maximum(graph, graph.T), 1))
    assert near_pairs(rows, 7).tolist() == np.stack([first, second], axis=1).tolist()
    # Of fewer rows, all are near.
    assert len(near_pairs(rows[:5], 7)) == 10
    # All copies are equally near, and all of them count.
    assert len(near_pairs(np.zeros((30, 2)), 7)) == 30 * 29 / 2


def test_modularity_and_apartness_are_what_they_say() -> None:
    rows = rows_of(2, 60, 3)
    pairs = near_pairs(rows, 5)
    labels = merges_of(rows).cuts([2, 3, 7])
    modularity, apartness = graph_measures(pairs, labels)
    joined = np.zeros((60, 60))
    joined[tuple(pairs.T)] = joined[tuple(pairs.T[::-1])] = 1
    degree, total = joined.sum(axis=1), joined.sum()
    for own, q, apart in zip(labels, modularity, apartness, strict=True):
        together = own[:, None] == own
        expected = np.sum((joined - np.outer(degree, degree) / total)[together]) / total
        assert q == pytest.approx(expected)
        across = joined[~together].sum() / 2
        by_chance = np.outer(degree, degree)[~together].sum() / total**2
        assert apart == pytest.approx(-np.log((across + 1) / len(pairs) / by_chance))


def test_a_view_has_the_heights_and_the_silhouettes_of_the_tree() -> None:
    rows = rows_of(3, 70, 4)
    view = view_of(rows, [2, 4, 9], merges_of(rows))
    heights = linkage(rows, "ward")[:, 2]
    whole = np.linalg.norm(rows - rows.mean(axis=0))
    np.testing.assert_allclose(view.height, np.log(heights[[-1, -3, -8]] / whole))
    theirs = [metrics.silhouette_score(rows, own) for own in view.labels]
    np.testing.assert_allclose(view.silhouette, theirs)
    np.testing.assert_allclose(view.compactness, -np.log(1 - np.array(theirs)))


def slow_last_split(rows: np.ndarray, most: int) -> int:
    """Go down the tree with sets of rows, and all pairs in a loop."""
    tree = linkage(rows, "ward")
    members = [{i} for i in range(len(rows))]
    for one, other, *_ in tree:
        members.append(members[int(one)] | members[int(other)])
    pairs = near_pairs(rows, 15).tolist()
    apart = []
    for merge in tree[::-1][: most - 1]:
        halves = [members[int(i)] for i in merge[:2]]
        one, other = halves
        across = sum((a in one and b in other) or (a in other and b in one) for a, b in pairs)
        ends = [across + 2 * sum(a in half and b in half for a, b in pairs) for half in halves]
        apart.append(across <= CROSSING * min(ends))
    text = "".join("x" if each else "." for each in apart)
    return text.partition("." * REFUSALS)[0].rfind("x") + 2


@pytest.mark.parametrize(("seed", "n", "k"), [(0, 80, 4), (1, 50, 2), (2, 120, 5), (3, 40, 1)])
def test_the_last_split_of_two_that_are_apart_is_found(seed: int, n: int, k: int) -> None:
    rows = rows_of(seed, n, k)
    found = last_split(merges_of(rows), near_pairs(rows, 15), 12)
    assert found == slow_last_split(rows, 12)
    assert found >= k
    assert last_split(merges_of(rows), near_pairs(rows, 15), 2) <= 2
