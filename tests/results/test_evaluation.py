"""Scores of clusters, of real and of synthetic sounds."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
from support.sounds import tone

import audioclust as ac
from audioclust.demo import kind_of
from audioclust.results.evaluation import scores


@pytest.fixture(scope="module")
def result(library: list[str]) -> ac.Clustering:
    return ac.cluster(library, 6)


def test_coughs_and_screams_come_apart(data: Path) -> None:
    result = ac.cluster(data / "cough_scream", k=2)
    truth = [os.path.basename(path).split("_")[0] for path in result.paths]
    assert result.evaluate(truth)["v_measure"] == 1


def test_kicks_and_snares_come_apart(data: Path) -> None:
    result = ac.cluster(str(data / "drums" / "*_*_*.mp3"), k=2)
    assert len(result.items) == 114
    truth = {path: os.path.basename(path).split("_")[1] for path in result.paths}
    assert result.evaluate(truth)["v_measure"] == 1


def test_digits_come_apart_by_speaker(data: Path) -> None:
    result = ac.cluster(data / "digits", k=6)
    truth = [os.path.basename(path).split("_")[1] for path in result.paths]
    assert result.evaluate(truth)["v_measure"] >= 0.82


def test_the_demos_kinds_come_apart(result: ac.Clustering) -> None:
    truth = [kind_of(path) for path in result.paths]
    scores = result.evaluate(truth)
    assert scores["v_measure"] == 1
    assert scores["adjusted_rand"] == 1
    assert scores["silhouette"] > 0.4


def test_scores_are_not_made_up(result: ac.Clustering, library: list[str]) -> None:
    assert np.isnan(ac.cluster(library[:5], 1).evaluate()["silhouette"])
    assert np.isnan(ac.cluster(library[:5], 5).evaluate()["silhouette"])
    with pytest.raises(ac.ParameterError, match="truth of length 3: expected 60 classes"):
        result.evaluate(["a", "b", "c"])
    with pytest.raises(ac.ParameterError, match="59 have none"):
        result.evaluate({library[0]: "kick"})


def test_the_silhouette_of_a_sample_with_one_label_is_not_defined() -> None:
    table = ac.extract({"a": (tone(), 22050)}, features="rms")
    values = np.zeros((20_001, 1), np.float32)
    values[-1] = 1
    many = dataclasses.replace(table, values=values, items=table.items * 20_001)
    result = ac.cluster(many, 2, features="rms")
    assert np.isnan(result.evaluate()["silhouette"])


def test_classes_are_found_by_the_same_place(
    result: ac.Clustering, library: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(os.path.dirname(library[0]))
    truth = {os.path.basename(path): kind_of(path) for path in library}
    assert result.evaluate(truth)["v_measure"] == 1
    assert np.array_equal(result.labels_for(truth), result.labels)


def test_classes_of_different_types_are_different_classes(result: ac.Clustering) -> None:
    mixed = [1, "1"] * 30
    assert result.evaluate(mixed)["homogeneity"] < 0.1
    assert result.evaluate(["1"] * 60)["homogeneity"] == 1


def test_scores_are_scikit_learns(rng: np.random.Generator) -> None:
    from sklearn import metrics

    names = ("homogeneity", "completeness", "v_measure")
    for n in (2, 3, 10, 200):
        for k in (1, 2, n // 2 + 1):
            rows = rng.normal(size=(n, 3))
            classes = rng.integers(0, 3, n).astype(np.int32)
            # Numbers that are left out, as of a sample, make no difference.
            labels = (7 * rng.integers(0, k, n)).astype(np.int32)
            found = scores(rows, labels, classes.tolist())
            expected = metrics.homogeneity_completeness_v_measure(classes, labels)
            assert [found[name] for name in names] == pytest.approx(expected, abs=1e-12)
            rand = metrics.adjusted_rand_score(classes, labels)
            assert found["adjusted_rand"] == pytest.approx(rand, abs=1e-12)
            if 1 < len(set(labels.tolist())) < n:
                own = metrics.silhouette_score(rows, labels)
                assert found["silhouette"] == pytest.approx(own, abs=1e-12)
            else:
                assert np.isnan(found["silhouette"])


def test_the_same_groups_score_exactly_1(rng: np.random.Generator) -> None:
    labels = rng.integers(0, 7, 114).astype(np.int32)
    found = scores(rng.normal(size=(114, 2)), labels, [f"class {i}" for i in labels])
    assert {name: x for name, x in found.items() if name != "silhouette"} == {
        "homogeneity": 1, "completeness": 1, "v_measure": 1, "adjusted_rand": 1,
    }  # fmt: skip
