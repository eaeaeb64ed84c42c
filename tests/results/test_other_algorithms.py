"""The algorithms beside k-means."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, silhouette_score, v_measure_score
from support.pictures import points
from support.sounds import tone

import audioclust as ac
from audioclust.clustering.adapters import map_shape
from audioclust.demo import kind_of


@pytest.fixture(scope="module")
def table(library: list[str]) -> ac.FeatureTable:
    return ac.extract(library)


@pytest.fixture(scope="module")
def noisy(library: list[str]) -> ac.FeatureTable:
    """Features by which one of the demo's sounds is unlike all others."""
    return ac.extract(library, features="article")


@pytest.mark.parametrize("algorithm", ["som", "gmm", "ward"])
def test_other_algorithms_find_the_demos_kinds(
    algorithm: str, table: ac.FeatureTable, tmp_path: Path
) -> None:
    result = ac.cluster(table, 6, algorithm=algorithm)
    assert result.evaluate([kind_of(path) for path in result.paths])["v_measure"] == 1
    assert result.k == len(result) == 6
    assert result.inertia is None
    assert f"in 6 clusters by {algorithm}, neighbors scaling>" in repr(result)
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


def test_hdbscan_leaves_noise_in_no_cluster(noisy: ac.FeatureTable) -> None:
    result = ac.cluster(noisy, algorithm="hdbscan")
    noise = np.flatnonzero(result.labels == -1)
    assert 0 < result.n_unassigned == len(noise) < 10
    assert result.unassigned == "noise"
    assert result.selection is None
    assert result.centers is None
    assert result.k == len(result) == len(result.representatives()) == 6
    assert result[-1] == tuple(result.items[i] for i in noise)
    assert sum(len(members) for members in result) + len(noise) == len(result.items)
    text = f"-1: {len(noise)} items in none (noise)"
    assert f"  {text}" in repr(result).splitlines()
    assert "(noise)" in result._repr_html_()
    # The distance of noise is that to the nearest cluster's mean, as predict() finds it.
    means = np.stack([result.scaled[result.labels == i].mean(axis=0) for i in range(6)])
    to_all = np.linalg.norm(result.scaled[:, None] - means, axis=2)
    np.testing.assert_allclose(result.distances[noise], to_all[noise].min(axis=1), atol=1e-9)
    assert np.array_equal(result.predict(noisy).labels[noise], to_all[noise].argmin(axis=1))
    nearest = [items[0] for items in result.representatives()]
    assert not {result.items[i] for i in noise} & set(nearest)
    assert pickle.loads(pickle.dumps(result)) == result


def test_noise_is_scored_as_one_more_cluster(noisy: ac.FeatureTable) -> None:
    result = ac.cluster(noisy, algorithm="hdbscan")
    truth = [kind_of(path) for path in result.paths]
    scores = result.evaluate(truth)
    assert scores["v_measure"] == pytest.approx(v_measure_score(truth, result.labels))
    assert scores["adjusted_rand"] == pytest.approx(adjusted_rand_score(truth, result.labels))
    inside = result.labels >= 0
    expected = silhouette_score(result.scaled[inside], result.labels[inside])
    assert scores["silhouette"] == pytest.approx(expected)


def test_noise_is_written_and_drawn_as_such(noisy: ac.FeatureTable, tmp_path: Path) -> None:
    result = ac.cluster(noisy, algorithm="hdbscan")
    result.to_json(tmp_path / "out.json")
    result.to_csv(tmp_path / "out.csv")
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert document["unassigned"] == "noise"
    assert document["k"] == 6
    labels = [item["label"] for item in document["items"]]
    assert labels == result.labels.tolist()
    rows = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [int(row.split(",")[-3]) for row in rows] == labels
    assert result.to_dataframe()["label"].tolist() == labels
    ax = result.plot()
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_texts()[-1].get_text() == f"none ({result.n_unassigned})"
    # Every item once, and the rings around the six that are named.
    assert sum(map(len, points(ax))) == len(result.items) + 6


def test_hits_are_never_noise(tmp_path: Path) -> None:
    with pytest.raises(ac.ParameterError, match="algorithm='hdbscan': expected one that puts"):
        ac.onsets(tmp_path / "loop.wav", algorithm="hdbscan")
