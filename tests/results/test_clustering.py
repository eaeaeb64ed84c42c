"""The main job: a folder of sounds in, groups out."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from support.sounds import tone

import audioclust as ac
from audioclust.clustering.adapters import map_shape
from audioclust.demo import kind_of, synthesize


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


def test_clusters_are_numbered_by_size_and_then_by_first_item(library: list[str]) -> None:
    result = ac.cluster([*library[20:30], *library[:5], *library[30:35]], 3)
    assert [len(members) for members in result] == [10, 5, 5]
    assert result[1][0].path == library[0]


def test_a_result_is_a_sequence_of_clusters(result: ac.Clustering, library: list[str]) -> None:
    assert len(result) == result.k == 6
    assert sorted(item.path for members in result for item in members) == sorted(library)
    assert result[-1] == result[5]
    with pytest.raises(IndexError, match="cluster 6: expected 0 to 5"):
        result[6]
    with pytest.raises(TypeError):
        result[0.5]  # type: ignore[index]
    assert result.labels.dtype == np.int32
    assert result.paths == tuple(library)
    assert result.analysis == ac.Analysis()
    with pytest.raises(AttributeError):
        result.labels = np.zeros(3)  # type: ignore[misc,assignment]


def test_centres_are_means_in_both_units(library: list[str]) -> None:
    result = ac.cluster(library, 6, scaling="minmax")
    assert result.centers_original is not None
    for i, members in enumerate(result):
        rows = [library.index(item.path) for item in members]
        mean = result.table.values[rows].astype(float).mean(axis=0)
        np.testing.assert_allclose(result.centers_original[i], mean, rtol=1e-5, atol=1e-7)
    squares = float((result.distances**2).sum())
    assert result.inertia == pytest.approx(squares, rel=1e-9)


def test_representatives_are_nearest_their_centre(result: ac.Clustering) -> None:
    for i, nearest in enumerate(result.representatives(3)):
        distances = [result.distances[result.items.index(item)] for item in nearest]
        assert distances == sorted(distances)
        assert distances[0] == result.distances[result.labels == i].min()
    assert len(result.representatives(99)[0]) == 10


def test_a_table_is_clustered_again_without_decoding(library: list[str]) -> None:
    table = ac.extract(library)
    direct = ac.cluster(library, 4, scaling="quantile", random_state=5)
    again = ac.cluster(table, k=4, scaling="quantile", random_state=5)
    assert np.array_equal(direct.labels, again.labels)
    with pytest.raises(ac.ParameterError, match=r"belong to extract\(\)"):
        ac.cluster(table, 4, features="mfcc")
    mfcc = ac.extract(library, features=["mfcc"])
    ac.cluster(mfcc, 4, features="mfcc")


def test_new_sounds_join_the_cluster_of_their_kind(
    result: ac.Clustering, tmp_path: Path, library: list[str]
) -> None:
    new = synthesize(str(tmp_path), each=3, seed=7)
    expected = [result.labels[library.index(p)] for p in library[::10] for _ in range(3)]
    assert np.array_equal(result.predict(new), expected)
    assert np.array_equal(result.predict(ac.extract(new)), expected)
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    assert np.array_equal(result.predict([broken, new[0]]), [-1, expected[0]])
    with pytest.raises(
        ac.ParameterError, match="expected the 33 columns that were clustered, computed alike"
    ):
        result.predict(ac.extract(new, features="rms"))
    with pytest.raises(ac.ParameterError, match="computed alike"):
        result.predict(ac.extract(new, analysis=ac.Analysis(n_fft=1024)))
    assert np.array_equal(result.predict(broken), [-1])


def test_labels_are_looked_up_by_path(
    result: ac.Clustering, library: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert np.array_equal(result.labels_for(library[3:7]), result.labels[3:7])
    assert np.array_equal(result.labels_for(library[3]), result.labels[3:4])
    monkeypatch.chdir(os.path.dirname(library[0]))
    assert result.labels_for([Path(os.path.basename(library[0]))])[0] == result.labels[0]
    with pytest.raises(ac.ParameterError, match="expected one that was clustered"):
        result.labels_for(["elsewhere.wav"])


def test_a_failure_has_the_label_minus_one(library: list[str], tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"nothing")
    result = ac.cluster([bad, *library[:4]], 2)
    assert result.labels_for([bad])[0] == -1
    assert result.errors[0].path == str(bad)
    assert len(result.labels) == 4
    assert "1 could not be used" in repr(result)


def test_audio_in_memory_is_clustered_by_name() -> None:
    sounds = {f"{f}": (tone(0.5, f), 22050) for f in (200, 210, 5000, 5100)}
    result = ac.cluster(sounds, 2)
    assert [[item.path for item in members] for members in result] == [
        ["200", "210"],
        ["5000", "5100"],
    ]
    assert np.array_equal(result.predict({"x": (tone(0.5, 205), 22050)}), [0])


def test_the_seed_decides(library: list[str]) -> None:
    table = ac.extract(library)
    runs = [ac.cluster(table, 20, random_state=seed) for seed in (1, 1, 2)]
    assert np.array_equal(runs[0].labels, runs[1].labels)
    assert not np.array_equal(runs[0].labels, runs[2].labels)
    ac.cluster(table, 3, random_state=None)


def test_scores_are_not_made_up(result: ac.Clustering, library: list[str]) -> None:
    assert np.isnan(ac.cluster(library[:5], 1).evaluate()["silhouette"])
    assert np.isnan(ac.cluster(library[:5], 5).evaluate()["silhouette"])
    with pytest.raises(ac.ParameterError, match="truth of length 3: expected 60 classes"):
        result.evaluate(["a", "b", "c"])
    with pytest.raises(ac.ParameterError, match="59 have none"):
        result.evaluate({library[0]: "kick"})


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"k": 0}, "k=0: expected an int from 1"),
        ({"k": 2.5}, "k=2.5: expected an int from 1 to 2147483647, or 'auto'"),
        ({"k": "many"}, "k='many': expected an int from 1"),
        ({"k": 3, "algorithm": "affinity"}, "k=3: expected it to be left at 'auto', affinity"),
        ({"k": True}, "k=True: expected an int from 1"),
        ({"random_state": -1}, "random_state=-1: expected an int"),
        ({"random_state": "x"}, "random_state='x': expected an int"),
        ({"n_jobs": 1.5}, "n_jobs=1.5: expected an int"),
        ({"algorithm": "magic"}, "algorithm='magic': expected one of kmeans, "),
    ],
)
def test_bad_arguments_are_named(argument: dict[str, object], message: str) -> None:
    with pytest.raises(ac.ParameterError, match=message):
        ac.cluster("never looked at", **argument)  # type: ignore[arg-type]


def test_more_clusters_than_different_sounds_is_an_error(library: list[str]) -> None:
    with pytest.raises(ac.ParameterError, match="k=8 clusters need at least 8 .* got 3"):
        ac.cluster(library[:3], 8)
    same = {str(i): (tone(), 22050) for i in range(5)}
    with pytest.raises(
        ac.ParameterError, match="k=2 clusters need at least 2 distinct rows, got 1"
    ):
        ac.cluster(same, 2)


def test_a_result_survives_pickling(result: ac.Clustering) -> None:
    again = pickle.loads(pickle.dumps(result))
    assert np.array_equal(again.labels, result.labels)
    assert again.items == result.items
    assert repr(again) == repr(result)
    error = ac.NothingExtractedError((ac.ItemError("a", "empty", "no"),))
    for one in (error, ac.DecodeError("corrupt", "x"), ac.SignalError("empty", "y")):
        assert str(pickle.loads(pickle.dumps(one))) == str(one)


def test_the_rate_that_was_kept_is_demanded_of_new_sounds() -> None:
    native = ac.Analysis(sr=None)
    sounds = {str(f): (tone(0.5, f, 44100), 44100) for f in (200, 210, 5000)}
    result = ac.cluster(sounds, 2, analysis=native)
    assert result.table.sr == 44100
    with pytest.raises(ac.ParameterError, match="source at 22050 Hz: expected 44100 Hz"):
        result.predict({"x": (tone(), 22050)})


def test_the_silhouette_of_a_sample_with_one_label_is_not_defined() -> None:
    table = ac.extract({"a": (tone(), 22050)}, features="rms")
    values = np.zeros((20_001, 1), np.float32)
    values[-1] = 1
    many = dataclasses.replace(table, values=values, items=table.items * 20_001)
    result = ac.cluster(many, 2, features="rms")
    assert np.isnan(result.evaluate()["silhouette"])


def test_a_value_that_is_not_finite_is_refused() -> None:
    table = ac.extract({str(f): (tone(0.5, f), 22050) for f in (200, 300)}, features="rms")
    table.values[1] = np.nan
    with pytest.raises(ac.ParameterError, match="expected a finite number"):
        ac.cluster(table, 1, scaling="none", features="rms")


def test_names_in_memory_are_no_paths() -> None:
    names = ("a", "./a", "x/../a")
    sounds = {name: (tone(0.5, 200.0 * (i + 1)), 22050) for i, name in enumerate(names)}
    result = ac.cluster(sounds, 3)
    assert np.array_equal(result.labels_for(names), result.labels)
    assert result.evaluate(dict(zip(names, "abc", strict=True)))["v_measure"] == 1


def test_classes_are_found_by_the_same_place(
    result: ac.Clustering, library: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(os.path.dirname(library[0]))
    truth = {os.path.basename(path): kind_of(path) for path in library}
    assert result.evaluate(truth)["v_measure"] == 1
    assert np.array_equal(result.labels_for(truth), result.labels)


def test_what_is_no_path_is_refused_by_name(result: ac.Clustering) -> None:
    with pytest.raises(ac.ParameterError, match="paths=3: expected a path or an iterable"):
        result.labels_for(3)  # type: ignore[arg-type]
    with pytest.raises(ac.ParameterError, match="path=3: expected a str or os.PathLike"):
        result.labels_for([3])  # type: ignore[list-item]
    with pytest.raises(ac.ParameterError, match="path=3: expected a str or os.PathLike"):
        result.to_csv(3)  # type: ignore[arg-type]
    with pytest.raises(ac.ParameterError, match="truth=3: expected a sequence"):
        result.evaluate(3)  # type: ignore[arg-type]


def test_classes_of_different_types_are_different_classes(result: ac.Clustering) -> None:
    mixed = [1, "1"] * 30
    assert result.evaluate(mixed)["homogeneity"] < 0.1
    assert result.evaluate(["1"] * 60)["homogeneity"] == 1


def test_the_number_of_clusters_is_found_and_explained(library: list[str]) -> None:
    result = ac.cluster(os.path.dirname(library[0]))
    assert result.k == 6
    assert result.selection is not None
    assert result.selection.best_k == 6
    assert f"  k=6 was chosen: {result.selection.reason}" in repr(result).splitlines()
    assert result.evaluate([kind_of(path) for path in result.paths])["v_measure"] == 1
    for same in (ac.cluster(result.table), ac.cluster(result.table, None)):
        assert np.array_equal(same.labels, result.labels)
    assert ac.cluster(result.table, 6).selection is None
    again = pickle.loads(pickle.dumps(result))
    assert repr(again.selection) == repr(result.selection)


def test_sounds_without_structure_are_one_group(rng: np.random.Generator) -> None:
    noises = {str(i): (rng.normal(size=9000).astype(np.float32) / 9, 22050) for i in range(30)}
    result = ac.cluster(noises)
    assert result.k == 1
    assert result.selection is not None
    assert result.selection.reason.startswith("no clear structure")
    assert "30 items in 1 cluster," in repr(result)
    assert ac.cluster({"a": noises["0"]}).k == 1


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
