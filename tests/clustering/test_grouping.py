"""Grouping rows: the number of groups is given, chosen, or left to the algorithm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from audioclust import ParameterError, choose_k
from audioclust.clustering.algorithms import ALGORITHMS
from audioclust.clustering.grouping import GroupingSettings, group_rows
from audioclust.utils.values import same

ROWS = make_blobs(90, 4, centers=3, random_state=0)[0]


def asked(k: object = None, **arguments: Any) -> GroupingSettings:
    defaults: dict[str, Any] = {"algorithm": "kmeans", "random_state": 0, "n_jobs": 1}
    return GroupingSettings.checked(k, **defaults | arguments)


def test_none_is_auto() -> None:
    assert asked(None) == asked("auto")
    grouping = group_rows(ROWS, asked(None))
    assert grouping.selection == choose_k(ROWS)
    assert len(np.unique(grouping.groups.labels)) == 3
    assert grouping.scaled is ROWS
    assert grouping.settings == asked("auto")


@pytest.mark.parametrize("kind", [int, np.int64, np.int8, np.uint16])
def test_an_int_of_any_kind_is_a_number_of_clusters(kind: type) -> None:
    settings = asked(kind(4))
    assert settings == asked(4)
    assert type(settings.k) is int
    grouping = group_rows(ROWS, settings)
    assert grouping.selection is None
    assert len(np.unique(grouping.groups.labels)) == 4


def test_the_range_is_what_is_chosen_from() -> None:
    assert asked().k_range == ()  # The number of rows decides.
    for given in ([6, 4, 5, 4], range(4, 7), np.array([4, 5, 6]), iter((6, 5, 4)), {4, 5, 6}):
        assert asked(k_range=given).k_range == (4, 5, 6)
    selection = group_rows(ROWS, asked(k_range=[6, 4])).selection
    assert selection is not None
    assert selection.k.tolist() == [4, 6]


def test_without_structure_there_is_one_group(rng: np.random.Generator) -> None:
    for algorithm in ("kmeans", "ward"):
        grouping = group_rows(rng.normal(size=(60, 3)), asked(algorithm=algorithm))
        assert grouping.selection is not None
        assert grouping.selection.best_k == 1
        assert not grouping.groups.labels.any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": 0}, "k=0: expected an int from 1 to 2147483647, or 'auto'"),
        ({"k": "many"}, "k='many': expected an int from 1"),
        ({"k": True}, "k=True: expected an int from 1"),
        ({"k": 2.0}, "k=2.0: expected an int from 1"),
        ({"k_range": []}, r"k_range=\[\]: expected at least one number"),
        ({"k_range": [1, 2]}, "k_range=1: expected an int from 2"),
        ({"k_range": 5}, "k_range=5: expected an iterable of ints from 2"),
        ({"k_range": "2:5"}, "k_range='2:5': expected an iterable of ints from 2"),
        ({"k": 3, "k_range": [0]}, "k_range=0: expected an int from 2"),
        ({"k": 3, "algorithm": "affinity"}, "k=3: expected it to be left at 'auto', affinity"),
        ({"k": np.int64(3), "algorithm": "affinity"}, "k=3: expected it to be left at 'auto'"),
        ({"algorithm": "magic"}, "algorithm='magic': expected one of kmeans, som, gmm, ward, "),
        ({"algorithm": None}, "algorithm=None: expected one of kmeans"),
        ({"random_state": -1}, "random_state=-1: expected an int"),
        ({"n_jobs": 0}, "n_jobs=0: expected an int from 1"),
    ],
)
def test_invalid_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        asked(**arguments)


@pytest.mark.parametrize("k", [None, "auto"])
def test_affinity_is_left_to_choose(k: object) -> None:
    grouping = group_rows(ROWS, asked(k, algorithm="affinity", k_range=[4]))
    assert grouping.selection is None
    assert len(np.unique(grouping.groups.labels)) > 1


@pytest.mark.parametrize("algorithm", ["ward", "affinity"])
def test_too_many_rows_for_all_pairs_are_refused_first(algorithm: str) -> None:
    message = f"algorithm='{algorithm}' with 20001 rows: expected at most 20000, as its memory"
    with pytest.raises(ParameterError, match=message):
        group_rows(np.zeros((20_001, 1)), asked("auto", algorithm=algorithm))
    ALGORITHMS[algorithm].check_size(20_000)


def test_the_seed_decides_and_none_draws_one() -> None:
    rows = np.random.default_rng(1).normal(size=(300, 3))
    labels = [group_rows(rows, asked(20, random_state=s)).groups.labels for s in (1, 1, 2)]
    assert same(labels[0], labels[1])
    assert not same(labels[0], labels[2])
    assert asked(random_state=7).seed == asked(random_state=7).random_state == 7
    drawn = asked(random_state=None)
    assert drawn.random_state is None
    assert drawn.seed != asked(random_state=None).seed
