"""A result that follows a previous one: numbers, names and corrections keep their meaning."""

from __future__ import annotations

import dataclasses
import os
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest

import audioclust as ac
from audioclust.demo import kind_of

CENTERS = np.array([[0, 0], [9, 0], [0, 9], [9, 9], [20, 20]])


def table(kinds: list[int], names: list[str] | None = None, seed: int = 0) -> ac.FeatureTable:
    """Rows around the centres of some kinds."""
    rows = CENTERS[kinds] + np.random.default_rng(seed).normal(size=(len(kinds), 2))
    paths = [f"{i}.wav" for i in range(len(kinds))] if names is None else names
    return ac.FeatureTable.from_array(rows, paths, ["x", "y"])


@pytest.fixture
def before() -> ac.Clustering:
    """Clusters of 12, 10, 8 and 6 items, in this order, each with a name."""
    kinds = [0] * 12 + [1] * 10 + [2] * 8 + [3] * 6
    named = dict(enumerate(["zero", "one", "two", "three"]))
    return ac.cluster(table(kinds), 4, scaling="none").rename(named)


def test_numbers_and_names_stay_though_sizes_change(before: ac.Clustering) -> None:
    kinds = [0] * 12 + [1] * 10 + [2] * 8 + [3] * 6 + [3] * 20
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        after = ac.cluster(table(kinds, seed=1), previous=before)
    assert after.labels.tolist() == kinds
    assert after.names == before.names
    assert after.k == 4
    assert after.scaler.scaling == "none"
    assert after.selection is None


def test_nothing_new_changes_nothing(library: list[str]) -> None:
    first = ac.cluster(library, 6, features=["mfcc", "rms"], n_jobs=1).rename({4: "clicks"})
    again = ac.cluster(library, previous=first, n_jobs=1)
    assert again.table.columns == first.table.columns
    assert np.array_equal(again.labels, first.labels)
    assert again.names == first.names


def test_files_that_moved_keep_numbers_names_and_corrections(
    library: list[str], tmp_path: Path
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    for path in library:
        shutil.copy(path, old)
    first = ac.cluster(old, 6, n_jobs=1).rename({i: f"name {i}" for i in range(6)})
    path = first.paths[0]
    to = (int(first.labels[0]) + 1) % 6
    first = first.refine(move={path: to})
    shutil.move(old, new)
    after = ac.cluster(new, previous=first, n_jobs=1)
    base = {os.path.basename(p): n for p, n in zip(first.paths, first.labels, strict=True)}
    assert [base[os.path.basename(p)] for p in after.paths] == after.labels.tolist()
    assert after.names == first.names
    moved = str(new / os.path.basename(path))
    assert after.corrections.moved == {moved: to}
    assert len({kind_of(item.path) for item in after[(to + 1) % 6]}) == 1


def test_clusters_that_are_gone_and_new_numbers_are_told(before: ac.Clustering) -> None:
    said = r"continues 0 zero \(none of its items is there any more\); 3 three is 0 now$"
    with pytest.warns(ac.ContinuityWarning, match=said) as told:
        after = ac.cluster(
            table([1] * 10 + [2] * 8 + [3] * 6, [f"{i}.wav" for i in range(12, 36)]),
            3, previous=before,
        )  # fmt: skip
    assert after.names == {0: "three", 1: "one", 2: "two"}
    assert [len(members) for members in after] == [6, 10, 8]
    assert told[0].filename == __file__


def test_a_new_cluster_with_the_number_of_one_that_is_gone_is_told(
    before: ac.Clustering,
) -> None:
    # All of cluster 1 goes to where 0 is, and a group of other sounds is new.
    kinds = [0] * 12 + [0] * 10 + [2] * 8 + [3] * 6 + [4] * 30
    with pytest.warns(ac.ContinuityWarning) as told:
        after = ac.cluster(table(kinds), 4, algorithm="ward", previous=before)
    assert after.labels[36:].tolist() == [1] * 30
    assert [str(warning.message) for warning in told] == [
        "of the previous clusters, none of today's continues 1 one (10 of its 10 items are now"
        " in 0 zero); today's 1 is a new cluster, not the previous one"
    ]


def test_new_clusters_take_the_numbers_after_the_old_ones(before: ac.Clustering) -> None:
    kinds = [0] * 12 + [1] * 10 + [2] * 8 + [3] * 6 + [4] * 30
    after = ac.cluster(table(kinds), 5, previous=before)
    assert after.labels.tolist() == kinds
    assert after.names == before.names


def test_other_files_are_matched_by_centres(before: ac.Clustering) -> None:
    kinds = [3] * 12 + [2] * 10 + [1] * 8 + [0] * 6
    other = table(kinds, [f"other {i}.wav" for i in range(36)], seed=2)
    after = ac.cluster(other, previous=before)
    assert after.labels.tolist() == kinds
    assert after.names == before.names


def test_without_items_or_columns_in_common_it_is_refused(before: ac.Clustering) -> None:
    other = ac.FeatureTable.from_array(np.eye(4), list("abcd"), "z")
    with pytest.raises(
        ac.ParameterError, match="previous=.*: expected a result that has items"
    ):
        ac.cluster(other, previous=before)
    shared = ac.FeatureTable.from_array(np.eye(4), [f"{i}.wav" for i in range(4)], "z")
    with pytest.warns(ac.ContinuityWarning):
        assert ac.cluster(shared, 2, previous=before).k == 2
    with pytest.raises(ac.ParameterError, match="previous='m': expected a Clustering"):
        ac.cluster(other, previous="m")  # type: ignore[call-overload]
    with pytest.raises(ac.ParameterError, match="expected a FeatureTable, since the rows of"):
        ac.cluster("some.wav", previous=before)


def test_k_is_chosen_if_there_is_a_range_or_the_algorithm_chooses(
    before: ac.Clustering,
) -> None:
    kinds = [0] * 12 + [1] * 10 + [2] * 8 + [3] * 6
    after = ac.cluster(table(kinds), k_range=range(2, 7), previous=before)
    assert after.selection is not None
    other = ac.cluster(table(kinds), algorithm="hdbscan", previous=before)
    assert other.algorithm == "hdbscan"
    assert other.names == before.names


@pytest.mark.parametrize("algorithm", ["som", "gmm", "ward"])
def test_every_algorithm_keeps_numbers(before: ac.Clustering, algorithm: str) -> None:
    kinds = [0] * 12 + [1] * 10 + [2] * 8 + [3] * 26
    after = ac.cluster(table(kinds), algorithm=algorithm, previous=before)
    assert after.labels.tolist() == kinds
    assert after.names == before.names


def test_corrections_are_obeyed_when_files_come_and_go(before: ac.Clustering) -> None:
    said = before.refine(
        together=[["0.wav", "12.wav"]], apart=[["22.wav", "23.wav"]], move={"35.wav": "two"}
    )
    kinds = [0] * 12 + [1] * 10 + [2] * 8 + [3] * 5
    less = ac.cluster(table([*kinds, 3, 3], [*(f"{i}.wav" for i in range(35)), "a", "b"]),
                      previous=said)  # fmt: skip
    assert less.labels_for("0.wav") == less.labels_for("12.wav")
    assert less.labels_for("22.wav") != less.labels_for("23.wav")
    assert less.corrections.moved == {os.path.abspath("35.wav"): 2}
    back = ac.cluster(table([*kinds, 3]), previous=less)
    assert back.labels_for("35.wav").tolist() == [2]
    assert back.corrections == said.corrections


def test_corrections_that_fewer_clusters_cannot_obey_are_told(before: ac.Clustering) -> None:
    said = before.refine(apart=[["0.wav", "1.wav", "2.wav", "3.wav"]], move={"35.wav": 3})
    kinds = [0] * 12 + [1] * 10 + [2] * 8 + [3] * 6
    with pytest.warns(ac.ContinuityWarning, match="of the corrections cannot be obeyed"):
        after = ac.cluster(table(kinds), 2, previous=said)
    assert after.corrections.apart == ()


def test_a_result_without_names_or_corrections_is_that_of_the_algorithm(
    before: ac.Clustering,
) -> None:
    kinds = [0] * 12 + [1] * 10 + [2] * 8 + [3] * 6
    plain = dataclasses.replace(before, names={})
    after = ac.cluster(table(kinds), previous=plain)
    assert dataclasses.replace(after, n_iter=plain.n_iter) == plain
