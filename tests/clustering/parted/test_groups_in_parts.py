"""Rows in parts are scaled and grouped as by one process, to the last bit."""

from __future__ import annotations

import dataclasses
from typing import Any, get_args

import numpy as np
import pytest
from support.divisions import blobs_table, table_in_parts

import audioclust as ac
from audioclust.clustering.grouping import GroupingSettings
from audioclust.clustering.parted import parts
from audioclust.clustering.parted.grouping import PartedGrouping, group_in_parts
from audioclust.clustering.parted.tables import gathered
from audioclust.clustering.scaling import Scaling

N = 6100
DIVISIONS = {
    "one part": [],
    "small parts": list(range(100, N, 100)),
    "uneven parts": [0, 1, 1, 1234, 1240, 6099, N],
}


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "GATHERED_ROWS", 99)


def asked(k: object, **given: Any) -> GroupingSettings:
    told = {"algorithm": "kmeans", "random_state": 0, "n_jobs": 1, **given}
    return GroupingSettings.checked(k, **told)


def assert_same(found: PartedGrouping, result: ac.Clustering) -> None:
    assert found.scaler == result.scaler
    assert np.array_equal(found.groups.labels, result.labels)
    assert found.groups.labels.dtype == result.labels.dtype
    assert found.groups.centers is not None
    assert result.centers is not None
    assert found.groups.centers.tobytes() == result.centers.tobytes()
    assert (found.groups.inertia, found.groups.n_iter) == (result.inertia, result.n_iter)
    assert found.selection == result.selection


@pytest.mark.parametrize("scaling", get_args(Scaling))
def test_any_division_gives_the_bits_of_one_process(scaling: Scaling) -> None:
    table = blobs_table(N)
    result = ac.cluster(table, 7, scaling=scaling, n_jobs=1)
    for cuts in DIVISIONS.values():
        found = group_in_parts(table_in_parts(table, cuts), asked(7), scaling)
        assert_same(found, result)


@pytest.mark.parametrize("scaling", ["standard", "neighbors"])
def test_the_number_of_clusters_is_chosen_alike(scaling: Scaling) -> None:
    # More rows than choose_k() looks at.
    table = blobs_table(10_400)
    result = ac.cluster(table, k_range=[3, 5, 8], scaling=scaling, n_jobs=1, random_state=3)
    divided = table_in_parts(table, range(0, 10_400, 800))
    told = asked(None, k_range=[3, 5, 8], random_state=3)
    found = group_in_parts(divided, told, scaling)
    assert found.selection is not None
    assert found.selection.best_k == 5
    assert_same(found, result)


def test_the_seed_decides_the_sample() -> None:
    table = blobs_table(N)
    divided = table_in_parts(table, DIVISIONS["uneven parts"])
    one, other = (
        group_in_parts(divided, asked(40, random_state=seed), "standard") for seed in (1, 2)
    )
    assert one.groups.inertia != other.groups.inertia
    assert_same(other, ac.cluster(table, 40, random_state=2, n_jobs=1))


def test_rows_that_differ_too_little_are_refused_as_by_one_process() -> None:
    table = blobs_table(N)
    values = np.zeros_like(table.values)
    values[:: N // 3] = np.arange(4)[:, None]
    table = dataclasses.replace(table, values=values)
    divided = table_in_parts(table, DIVISIONS["small parts"])
    for k, expected in ((4, None), (5, "at most 4, the number of sounds that differ; .* 6100")):
        if expected is None:
            found = group_in_parts(divided, asked(k), "minmax", things="sounds")
            assert_same(found, ac.cluster(table, k, scaling="minmax", n_jobs=1))
            continue
        with pytest.raises(ac.ParameterError, match=expected):
            group_in_parts(divided, asked(k), "minmax", things="sounds")
        with pytest.raises(ac.ParameterError, match=expected):
            ac.cluster(table, k, scaling="minmax", n_jobs=1)


def test_more_clusters_than_the_sample_has_rows_are_refused_alike() -> None:
    table = blobs_table(N)
    divided = table_in_parts(table, DIVISIONS["small parts"])
    expected = (
        "k=5001 clusters need at least 5001 distinct rows, got 5000 in a sample of 5,000"
        " from 6,100 rows"
    )
    with pytest.raises(ac.ParameterError, match=expected):
        group_in_parts(divided, asked(5001), "standard")
    with pytest.raises(ac.ParameterError, match=expected):
        ac.cluster(table, 5001, n_jobs=1)


@pytest.mark.parametrize("algorithm", ["som", "gmm", "ward", "affinity", "hdbscan"])
def test_other_algorithms_are_refused(algorithm: str) -> None:
    divided = table_in_parts(blobs_table(200), [100])
    with pytest.raises(ac.ParameterError, match=f"algorithm='{algorithm}': expected 'kmeans'"):
        group_in_parts(divided, asked(None, algorithm=algorithm), "standard")


def test_parts_that_are_gathered_are_the_table() -> None:
    table = blobs_table(N)
    failed = ac.ItemError("z.wav", "unreadable", "it is damaged")
    left_out = ac.LeftOut("short.wav", "too short")
    table = dataclasses.replace(table, errors=(failed,), left_out=(left_out,))
    for cuts in DIVISIONS.values():
        assert gathered(table_in_parts(table, cuts)) == table
