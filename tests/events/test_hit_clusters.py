"""Hits are clustered as is known of them, and the result holds them."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Any

import numpy as np
import pytest
from support.hits import SR, loop, partition, two_clusters
from support.notebooks import unstyled

import audioclust as ac


@pytest.mark.parametrize("seed", range(5))
def test_kmeans_reaches_the_best_known_inertia(published: dict[str, Any], seed: int) -> None:
    result = ac.onsets(published["path"], 2, random_state=seed)
    assert result.inertia == pytest.approx(published["kmeans_inertia_best_known"], abs=5e-5)
    rows, labels = result.features_scaled, result.labels
    centers = np.stack([rows[labels == label].mean(axis=0) for label in (0, 1)])
    assert np.sum((rows - centers[labels]) ** 2) == pytest.approx(result.inertia)


def test_the_published_clusters_are_a_fixed_point(published: dict[str, Any]) -> None:
    rows = ac.onsets(published["path"], 2).features_scaled
    labels = np.array(published["kmeans_labels_published"])
    centers = np.stack([rows[labels == label].mean(axis=0) for label in (0, 1)])
    distances = np.sum((rows[:, np.newaxis] - centers) ** 2, axis=2)
    np.testing.assert_array_equal(distances.argmin(axis=1), labels)
    inertia = published["kmeans_inertia_of_published_labels"]
    assert distances.min(axis=1).sum() == pytest.approx(inertia, abs=5e-5)


def test_affinity_propagation_gives_the_published_clusters(published: dict[str, Any]) -> None:
    result = ac.onsets(published["path"], algorithm="affinity")
    assert partition(result.labels) == partition(
        published["affinity_propagation_labels_published"]
    )
    assert result.k == 4


def test_known_kinds_are_told_apart() -> None:
    for seed in range(5):
        y, kinds = loop(seed=seed)
        result = ac.onsets({"loop": (y, 22050)}, 2)
        assert partition(result.labels) == partition(kinds)


@pytest.mark.parametrize("algorithm", ["ward", "gmm"])
def test_other_algorithms_group_hits_too(algorithm: str) -> None:
    y, kinds = loop(seed=1)
    result = ac.onsets({"loop": (y, 22050)}, 2, algorithm=algorithm)
    assert partition(result.labels) == partition(kinds)
    assert result.inertia is None
    assert repr(result).endswith(f"by {algorithm}>")


def test_the_number_of_clusters_can_be_left_open() -> None:
    result = ac.onsets({"loop": (loop()[0], 22050)}, k="auto")
    selection = result.clustering.selection
    assert selection is not None
    assert result.k == selection.best_k


def test_more_clusters_than_onsets_are_refused() -> None:
    with pytest.raises(ac.ParameterError, match="k=17: expected at most 16, the number of"):
        ac.onsets({"y": (loop()[0], 22050)}, k=17)


@pytest.mark.parametrize("k", [None, "auto"])
def test_the_number_is_chosen_unless_it_is_given(k: Any) -> None:
    source = {"loop": (loop()[0], SR)}
    assert repr(ac.onsets(source, k)) == repr(ac.onsets(source))
    result = ac.onsets(source, k, k_range=[3, 4])
    assert result.selection is not None
    assert result.selection.k.tolist() == [3, 4]
    assert "was chosen" in repr(ac.onsets(source))
    three: Any = np.int64(3)
    assert ac.onsets(source, three).k == 3


def test_too_few_hits_to_choose_among_are_one_cluster() -> None:
    y, _ = loop()
    result = ac.onsets({"y": (y[:9000], SR)})
    assert len(result.labels) < 3
    assert result.k == 1


def test_a_result_is_a_sequence_of_clusters() -> None:
    result = two_clusters()
    assert len(result) == result.k == 2
    assert list(result) == [result[0], result[1]]
    one: Any = np.int32(1)
    assert result[one] == result[1]
    assert result.unassigned is None
    for label in (-1, 2):
        with pytest.raises(IndexError, match=f"cluster {label}: expected 0 to 1"):
            result[label]


def test_hits_are_equal_by_value_and_can_be_pickled() -> None:
    hits = two_clusters().hits
    pickled = pickle.dumps(hits)
    assert b"audioclust.events" not in pickled
    assert pickle.loads(pickled) == hits
    assert dataclasses.replace(hits, sr=1) != hits


def test_a_result_is_equal_by_value_and_can_be_pickled() -> None:
    result = two_clusters()
    pickled = pickle.dumps(result)
    assert b"audioclust.events" not in pickled
    assert pickle.loads(pickled) == result
    other = dataclasses.replace(result.hits, sr=1)
    assert dataclasses.replace(result, hits=other) != result


def test_a_notebook_shows_the_clusters() -> None:
    source = {"<b>loop</b>": (loop()[0], SR)}
    shown = unstyled(ac.onsets(source, 2)._repr_html_())
    assert "&lt;b&gt;loop" in shown
    assert shown.count("<tr>") == 3
