"""The algorithms beside k-means."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from support.sounds import tone

import audioclust as ac
from audioclust.clustering.algorithms import ALGORITHMS, ClusterSettings, map_shape
from audioclust.demo import kind_of


@pytest.fixture(scope="module")
def table(library: list[str]) -> ac.FeatureTable:
    return ac.extract(library)


@pytest.mark.parametrize("algorithm", ["som", "gmm", "ward"])
def test_other_algorithms_find_the_demos_kinds(
    algorithm: str, table: ac.FeatureTable, tmp_path: Path
) -> None:
    result = ac.cluster(table, 6, algorithm=algorithm)
    assert result.evaluate([kind_of(path) for path in result.paths])["v_measure"] == 1
    assert result.k == len(result) == 6
    assert result.inertia is None
    assert f"in 6 clusters by {algorithm}, standard scaling>" in repr(result)
    # A Gaussian's mean is that of its members here, where all are certain.
    means = np.stack([result.scaled[result.labels == i].mean(axis=0) for i in range(6)])
    distances = np.linalg.norm(result.scaled - means[result.labels], axis=1)
    np.testing.assert_allclose(result.distances, distances, atol=1e-6)
    for i, (nearest,) in enumerate(result.representatives()):
        own = np.where(result.labels == i, distances, np.inf)
        assert nearest == result.items[own.argmin()]
    assert np.array_equal(result.predict(table), result.labels)
    assert (result.centers is None) == (algorithm != "gmm")
    assert (result.centers_original is None) == (algorithm != "gmm")
    result.to_json(tmp_path / "out.json")
    result.to_csv(tmp_path / "out.csv")
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert document["inertia"] is None
    assert document["settings"]["algorithm"] == algorithm


@pytest.mark.parametrize("algorithm", ["som", "gmm", "ward"])
def test_other_algorithms_are_told_the_k_that_k_means_chose(
    algorithm: str, table: ac.FeatureTable
) -> None:
    result = ac.cluster(table, algorithm=algorithm, n_jobs=1)
    assert result.selection is not None
    assert result.k == result.selection.best_k == ac.choose_k(table).best_k


@pytest.mark.parametrize("algorithm", ["som", "gmm", "ward"])
def test_other_algorithms_are_honest_about_k(algorithm: str) -> None:
    rows = np.repeat(np.eye(3), 4, axis=0)
    run = ALGORITHMS[algorithm]
    with pytest.raises(ac.ParameterError, match="k=4 clusters need at least 4 .* got 3"):
        run(rows, ClusterSettings(4, 0, 1))
    assert np.array_equal(run(rows, ClusterSettings(3, 0, 1)).labels[::4].argsort().argsort(),
                          run(rows, ClusterSettings(3, 0, 1)).labels[::4])  # fmt: skip
    assert run(rows[:1], ClusterSettings(1, 0, 1)).labels.tolist() == [0]


def test_som_gives_regions_of_the_estimators_map(table: ac.FeatureTable) -> None:
    result = ac.cluster(table, 4, algorithm="som")
    shape = map_shape(5 * len(result.scaled) ** 0.5)
    assert 5 * len(result.scaled) ** 0.5 <= shape[0] * shape[1] <= 8 * len(result.scaled) ** 0.5
    units = ac.SOM(shape).fit(result.scaled).labels_
    # Any seed does, and more groups than the first map has units that are hit.
    assert ac.cluster(table, 40, algorithm="som", random_state=2**63).k == 40
    # Rows of a unit are of one region; units are more than regions.
    pairs = set(zip(units.tolist(), result.labels.tolist(), strict=True))
    assert len(pairs) == len(set(units.tolist())) > 4
    assert set(result.labels.tolist()) == set(range(4))


def test_ward_and_gmm_are_scikit_learns(rng: np.random.Generator) -> None:
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.metrics import adjusted_rand_score

    rows = rng.normal(size=(200, 5)) + 3 * rng.integers(0, 3, (200, 1))
    ours = ALGORITHMS["ward"](rows, ClusterSettings(4, 0, 1)).labels
    assert adjusted_rand_score(AgglomerativeClustering(4).fit_predict(rows), ours) == 1
    groups = ALGORITHMS["gmm"](rows, ClusterSettings(3, 0, 1))
    assert groups.centers is not None
    # A fixed point of expectation and maximisation, written out.
    logs = np.stack([_log_density(rows, rows[groups.labels == i], len(rows)) for i in range(3)])
    assert np.mean(logs.argmax(axis=0) == groups.labels) > 0.97


def _log_density(rows: np.ndarray, members: np.ndarray, n: int) -> np.ndarray:
    variance = members.var(axis=0) + 0.1
    squares = (rows - members.mean(axis=0)) ** 2 / variance
    found = np.log(len(members) / n) - 0.5 * np.sum(squares + np.log(variance), axis=1)
    return np.asarray(found)


def test_affinity_chooses_its_own_number(table: ac.FeatureTable) -> None:
    result = ac.cluster(table, algorithm="affinity")
    assert result.selection is None
    assert result.inertia is None
    assert 1 < result.k < 60
    assert result.evaluate([kind_of(path) for path in result.paths])["homogeneity"] > 0.999
    # Its centres are items, each of its own cluster.
    assert [np.min(result.distances[result.labels == i]) for i in range(result.k)] == [
        0
    ] * result.k
    assert np.mean(result.predict(table) == result.labels) > 0.9
    same = {str(i): (tone(), 22050) for i in range(5)}
    assert ac.cluster(same, algorithm="affinity").k == 1
    alone = ac.cluster({"a": (tone(), 22050)}, algorithm="affinity")
    assert alone.labels.tolist() == [0]


@pytest.mark.parametrize(("algorithm", "k"), [("ward", 2), ("affinity", None)])
def test_what_needs_all_pairs_refuses_too_many_rows(algorithm: str, k: int | None) -> None:
    rows = np.zeros((20_001, 1))
    with pytest.raises(ac.ParameterError, match="with 20001 rows: expected at most 20000, as"):
        ALGORITHMS[algorithm](rows, ClusterSettings(k, 0, 1))


def test_what_has_not_converged_says_so_in_our_words(monkeypatch: pytest.MonkeyPatch) -> None:
    import functools

    import sklearn.cluster
    import sklearn.mixture

    rows = np.random.default_rng(0).normal(size=(300, 4))
    brief = functools.partial(sklearn.mixture.GaussianMixture, max_iter=1)
    monkeypatch.setattr(sklearn.mixture, "GaussianMixture", brief)
    with pytest.warns(ac.ConvergenceWarning, match="gmm has not converged in 1 iterations"):
        ALGORITHMS["gmm"](rows, ClusterSettings(5, 0, 1))
    brief = functools.partial(sklearn.cluster.AffinityPropagation, max_iter=40)
    monkeypatch.setattr(sklearn.cluster, "AffinityPropagation", brief)
    with pytest.warns(ac.ConvergenceWarning, match="affinity has not converged in 40"):
        ALGORITHMS["affinity"](rows, ClusterSettings(None, 0, 1))
    brief = functools.partial(sklearn.cluster.AffinityPropagation, max_iter=1)
    monkeypatch.setattr(sklearn.cluster, "AffinityPropagation", brief)
    with pytest.raises(ac.AudioclustError, match="affinity found no clusters in 1 iterations"):
        ALGORITHMS["affinity"](rows, ClusterSettings(None, 0, 1))
