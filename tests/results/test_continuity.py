"""Which clusters continue which: numbers make no difference, and the matching is the best."""

from __future__ import annotations

import itertools
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audioclust.results.keeping.continuity import ABSENT, continuity

Run: TypeAlias = tuple[np.ndarray, np.ndarray, int, int]


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """Earlier and today's clusters of a few items; each of today's clusters has an item."""
    k_before, k = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    n = draw(st.integers(k, 25))
    before = draw(st.lists(st.integers(ABSENT, k_before - 1), min_size=n, max_size=n))
    labels = draw(st.lists(st.integers(-1, k - 1), min_size=n, max_size=n))
    labels[:k] = range(k)
    return np.array(before), np.array(labels), k_before, k


@settings(max_examples=300, deadline=None)
@given(runs(), st.randoms(use_true_random=False))
def test_numbers_of_todays_labels_make_no_difference(run: Run, shuffler: object) -> None:
    before, labels, k_before, k = run
    distances = np.random.default_rng(k).uniform(size=(k_before, k))
    one = continuity(before, labels, k_before, k, distances)
    new = list(range(k))
    shuffler.shuffle(new)  # type: ignore[attr-defined]
    renamed = np.where(labels >= 0, np.array(new)[labels], -1)
    other = continuity(before, renamed, k_before, k, distances[:, np.argsort(new)])
    assert [other.numbers[i] for i in new] == list(one.numbers)
    assert [other.continues[i] for i in new] == list(one.continues)
    assert sorted(one.numbers) == list(range(k))


@settings(max_examples=300, deadline=None)
@given(runs())
def test_matched_clusters_share_as_many_items_as_any_matching(run: Run) -> None:
    before, labels, k_before, k = run
    weights = np.zeros((k_before, k), int)
    for earlier, later in itertools.product(range(k_before), range(k)):
        shared = np.sum((before == earlier) & (labels == later))
        if 2 * shared >= np.sum(before == earlier) or 2 * shared >= np.sum(labels == later):
            weights[earlier, later] = shared
    padded = np.zeros((5, 5), int)
    padded[:k_before, :k] = weights
    best = max(padded[range(5), p].sum() for p in itertools.permutations(range(5)))
    found = continuity(before, labels, k_before, k)
    pairs = [(c, i) for i, c in enumerate(found.continues) if c >= 0]
    assert sum(weights[pair] for pair in pairs) == best
    assert all(weights[pair] > 0 for pair in pairs)
    assert len({earlier for earlier, _ in pairs}) == len(pairs)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=4, max_size=30))
def test_the_same_clusters_keep_their_numbers(labels: list[int]) -> None:
    same = np.array([0, 1, 2, 3, *labels])
    found = continuity(same, same, 4, 4)
    assert found.numbers == found.continues == (0, 1, 2, 3)


def test_a_cluster_that_is_split_goes_on_in_its_largest_part() -> None:
    before = np.repeat([0, 1], [6, 3])
    labels = np.array([1, 1, 0, 0, 0, 0, 2, 2, 2])
    found = continuity(before, labels, 2, 3)
    assert found.continues == (0, -1, 1)
    assert found.numbers == (0, 2, 1)


def test_clusters_that_are_merged_go_on_as_the_larger_one() -> None:
    found = continuity(np.repeat([0, 1, 2], [2, 5, 3]), np.repeat([0, 1], [7, 3]), 3, 2)
    assert found.continues == (1, 2)
    # Two is no number of two clusters: it takes the free one.
    assert found.numbers == (1, 0)
    assert found.number_of == {1: 1, 2: 0}


def test_one_shared_item_of_many_is_no_continuation() -> None:
    before = np.array([0] * 10 + [1] * 10 + [ABSENT] * 20)
    labels = np.array([0] * 19 + [1] * 21)
    assert continuity(before, labels, 2, 2).continues == (0, -1)


def test_centres_decide_only_for_clusters_without_items() -> None:
    before = np.array([0, 0, 0, ABSENT, ABSENT])
    labels = np.array([0, 0, 0, 1, 1])
    near, far = np.array([[0.0, 9.0], [9.0, 1.0]]), np.array([[0.0, 3.0], [9.0, 4.0]])
    assert continuity(before, labels, 2, 2, near).continues == (0, 1)
    # The other earlier centre is nearer, so that this is a new kind of sounds.
    assert continuity(before, labels, 2, 2, far).continues == (0, -1)
    with_item = np.array([0, 0, 1, ABSENT, ABSENT])
    assert continuity(with_item, labels, 2, 2, near).continues == (0, -1)


@pytest.mark.parametrize("labels", [[0, 0, 1], [1, 1, 0]])
def test_without_anything_in_common_numbers_go_by_size(labels: list[int]) -> None:
    found = continuity(np.full(3, ABSENT), np.array(labels), 3, 2)
    assert [found.numbers[label] for label in labels] == [0, 0, 1]
    assert found.continues == (-1, -1)
