"""Constrained k-means: what was said holds, and the assignment is the cheapest that obeys."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

import audioclust as ac
from audioclust.clustering.constraints import assignment
from audioclust.clustering.constraints.blocks import Constraints
from audioclust.clustering.constraints.kmeans import Plan, constrained_kmeans


def obeys(labels: np.ndarray, said: Constraints) -> bool:
    return (
        all(len({labels[row] for row in group}) == 1 for group in said.together)
        and all(len({labels[row] for row in group}) == len(group) for group in said.apart)
        and all(labels[row] == cluster for row, cluster in said.fixed.items())
    )


def cost(rows: np.ndarray, centers: np.ndarray, labels: np.ndarray) -> float:
    return float(np.sum((rows - centers[labels]) ** 2))


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, Constraints]:
    """Few rows and centres, and statements that may contradict each other."""
    n, k = draw(st.integers(4, 7)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    groups = st.lists(st.integers(0, n - 1), min_size=2, max_size=3, unique=True).map(tuple)
    said = Constraints(
        tuple(draw(st.lists(groups, max_size=2))),
        tuple(draw(st.lists(groups, max_size=4))),
        draw(st.dictionaries(st.integers(0, n - 1), st.integers(0, k - 1), max_size=2)),
    )
    return rng.normal(size=(n, 2)), rng.normal(size=(k, 2)), said


@settings(max_examples=300, deadline=None)
@given(problems())
def test_an_assignment_is_the_cheapest_of_all_that_obey(
    problem: tuple[np.ndarray, np.ndarray, Constraints],
) -> None:
    rows, centers, said = problem
    every = map(np.array, itertools.product(range(len(centers)), repeat=len(rows)))
    costs = [cost(rows, centers, labels) for labels in every if obeys(labels, said)]
    if costs:
        found = Plan.of(said, len(centers)).assign(rows, centers)
        assert obeys(found, said)
        # The same sum in another order.
        assert cost(rows, centers, found) == pytest.approx(min(costs), rel=1e-12)
    else:
        with pytest.raises(ac.ParameterError, match=r"^(together|apart)=.*: expected"):
            Plan.of(said, len(centers))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_was_said_holds_and_the_objective_does_not_rise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, centers = rng.normal(size=(60, 3)), rng.normal(size=(5, 3))
    # Statements that a secret clustering obeys contradict neither each other nor themselves.
    secret = rng.integers(0, 5, 60)
    pairs = rng.integers(0, 60, (30, 2)).tolist()
    said = Constraints(
        tuple((a, b) for a, b in pairs if a != b and secret[a] == secret[b]),
        tuple((a, b) for a, b in pairs if secret[a] != secret[b]),
        {row: int(secret[row]) for row in rng.integers(0, 60, 3).tolist()},
    )
    plan = Plan.of(said, 5)
    labels = plan.assign(rows, centers)
    for _ in range(5):
        before = cost(rows, centers, labels)
        means = [rows[labels == i].mean(axis=0) if (labels == i).any() else c
                 for i, c in enumerate(centers)]  # fmt: skip
        centers = np.array(means)
        labels = plan.assign(rows, centers, labels)
        assert obeys(labels, said)
        assert cost(rows, centers, labels) <= before * (1 + 1e-12)  # Sums are rounded.
    groups = constrained_kmeans(rows, centers, said)
    assert obeys(groups.labels, said)
    assert groups.inertia <= before * (1 + 1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_without_constraints_it_is_lloyds_algorithm(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(200, 4)) + rng.integers(0, 3, (200, 1))
    centers = rows[:6].copy()
    groups = constrained_kmeans(rows, centers, Constraints())
    theirs = KMeans(6, init=centers, n_init=1, tol=0, max_iter=300, algorithm="lloyd").fit(rows)
    assert np.array_equal(groups.labels, theirs.labels_)
    # scikit-learn subtracts the mean first, which rounds otherwise.
    np.testing.assert_allclose(groups.centers, theirs.cluster_centers_, rtol=1e-9, atol=1e-12)
    assert groups.inertia == pytest.approx(theirs.inertia_, rel=1e-9)


def test_rows_find_a_cluster_where_going_row_by_row_fails() -> None:
    # Given to their nearest centres one after the other, the first two rows would leave none of
    # the two clusters to the third, which belongs apart from both.
    rows = np.array([[0.0], [10.0], [0.5]])
    said = Constraints(apart=((0, 2), (1, 2)))
    labels = constrained_kmeans(rows, np.array([[0.0], [10.0]]), said).labels
    assert labels[2] not in (labels[0], labels[1])


def test_a_cluster_without_rows_keeps_its_centre_and_its_number() -> None:
    rows = np.array([[0.0], [1.0], [9.0], [10.0]])
    centers = np.array([[0.0], [5.0], [10.0]])
    groups = constrained_kmeans(rows, centers, Constraints(fixed={2: 2}))
    assert groups.labels.tolist() == [0, 0, 2, 2]
    assert groups.centers.ravel().tolist() == [0.5, 5.0, 9.5]


def test_the_same_is_given_each_time() -> None:
    rng = np.random.default_rng(0)
    rows, centers = rng.normal(size=(100, 5)), rng.normal(size=(4, 5))
    said = Constraints(((1, 2, 3), (3, 4)), ((1, 7), (7, 8), (8, 9), (9, 1)), {11: 2})
    one, other = (constrained_kmeans(rows, centers, said) for _ in range(2))
    assert np.array_equal(one.labels, other.labels)
    assert np.array_equal(one.centers, other.centers)


def test_items_that_cannot_be_kept_apart_are_named() -> None:
    names = "abcdef"
    for said, message in (
        (Constraints(apart=((0, 1, 2, 3),)), "apart=.'a', 'b', 'c', 'd'.: expected no more"),
        (Constraints(((0, 1), (1, 2)), ((0, 2),)), "apart=.'a', 'c'.: expected items that do"),
        (Constraints(apart=((0, 4),), fixed={0: 1, 4: 1}), "apart=.'a', 'e'.: expected items"),
        (Constraints(((0, 1),), fixed={0: 1, 1: 2}), "together=.'a', 'b'.: expected items"),
    ):
        with pytest.raises(ac.ParameterError, match=message):
            Plan.of(said, 3, names.__getitem__)


def test_a_search_that_ends_early_keeps_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    ring = np.zeros((8, 8), bool)
    places = np.arange(8)
    ring[places, (places + 1) % 8] = ring[(places + 1) % 8, places] = True
    costs, allowed = rng.uniform(size=(8, 3)), np.ones((8, 3), bool)
    known = places % 2
    best = assignment.cheapest(costs, allowed, ring, known)
    monkeypatch.setattr(assignment, "SEARCH_STEPS", 3)
    assert assignment.cheapest(costs, allowed, ring, known) is known
    assert best is not None
    assert costs[places, best].sum() < costs[places, known].sum()
