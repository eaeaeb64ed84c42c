"""The result of clustering: a sequence of clusters, centres, equality, text and HTML."""

from __future__ import annotations

import dataclasses
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.notebooks import unstyled
from support.sounds import tone

import audioclust as ac
from audioclust.demo import synthesize


@pytest.fixture(scope="module")
def result(library: list[str]) -> ac.Clustering:
    return ac.cluster(library, 6)


@pytest.fixture(scope="module")
def table(library: list[str]) -> ac.FeatureTable:
    return ac.extract(library)


def test_a_result_is_a_sequence_of_clusters(result: ac.Clustering, library: list[str]) -> None:
    assert len(result) == result.k == 6
    assert sorted(item.path for members in result for item in members) == sorted(library)
    for wrong in (6, -2):
        with pytest.raises(IndexError, match=f"cluster {wrong}: expected 0 to 5"):
            result[wrong]
    with pytest.raises(TypeError):
        result[0.5]  # type: ignore[index]
    assert result.labels.dtype == np.int32
    assert result.paths == tuple(library)
    assert result.analysis == ac.Analysis()
    with pytest.raises(AttributeError):
        result.labels = np.zeros(3)  # type: ignore[misc,assignment]


def test_minus_one_is_never_the_last_cluster(result: ac.Clustering) -> None:
    assert result.unassigned is None
    with pytest.raises(IndexError, match="cluster -1: expected 0 to 5; -1 would be the items"):
        result[-1]
    labels = np.where(result.labels == 5, -1, result.labels)
    some = dataclasses.replace(result, labels=labels, unassigned="noise")
    assert some[-1] == result[5]
    assert some[5] == ()


def test_clusters_are_numbered_by_size_and_then_by_first_item(library: list[str]) -> None:
    result = ac.cluster([*library[20:30], *library[:5], *library[30:35]], 3)
    assert [len(members) for members in result] == [10, 5, 5]
    assert result[1][0].path == library[0]


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


def test_a_pickled_copy_is_equal(result: ac.Clustering, table: ac.FeatureTable) -> None:
    again = pickle.loads(pickle.dumps(result))
    assert again == result
    assert repr(again) == repr(result)
    assert ac.cluster(table, 6) == result
    assert ac.cluster(table, 5) != result
    chosen = ac.cluster(table)
    assert pickle.loads(pickle.dumps(chosen)) == chosen != result
    assert b"audioclust.results" not in pickle.dumps(result)
    with pytest.raises(TypeError, match="unhashable"):
        hash(result)


def test_errors_survive_pickling() -> None:
    error = ac.NothingExtractedError((ac.ItemError("a", "empty", "no"),))
    for one in (error, ac.DecodeError("corrupt", "x"), ac.SignalError("empty", "y")):
        assert str(pickle.loads(pickle.dumps(one))) == str(one)


def test_a_notebook_shows_a_table_of_escaped_names() -> None:
    sounds = {name: (tone(0.5, f), 22050) for name, f in (("<b>", 200), ("a & b", 5000))}
    shown = unstyled(ac.cluster(sounds, 2)._repr_html_())
    assert "Clustering: 2 items in 2 clusters, standard scaling" in shown
    assert "<td>0</td><td>1</td><td>&lt;b&gt;</td>" in shown
    assert "<td>a &amp; b</td>" in shown


def test_a_result_is_exported_by_suffix_or_by_name(
    result: ac.Clustering, tmp_path: Path
) -> None:
    result.to_csv(tmp_path / "by method")
    result.export(tmp_path / "x.CSV")
    result.export(tmp_path / "by name.json", format="csv")
    written = {path.read_bytes() for path in tmp_path.iterdir()}
    assert len(written) == 1
    with pytest.raises(ac.ParameterError, match="format='rttm': expected one of csv, json"):
        result.export(tmp_path / "x", format="rttm")


def test_a_sound_is_not_overwritten(tmp_path: Path) -> None:
    paths = [path for path in synthesize(str(tmp_path), each=1) if path.endswith(".wav")]
    before = Path(paths[0]).read_bytes()
    result = ac.cluster(paths, 2)
    for write in (result.to_csv, result.to_json):
        with pytest.raises(ac.ParameterError, match="expected another file than"):
            write(paths[0])
    assert Path(paths[0]).read_bytes() == before


def test_json_has_the_map_and_the_corrections(table: ac.FeatureTable, tmp_path: Path) -> None:
    def written(result: ac.Clustering) -> dict[str, Any]:
        result.to_json(tmp_path / "out.json")
        document: dict[str, Any] = json.loads((tmp_path / "out.json").read_text("utf-8"))
        return document

    first = ac.cluster(table, 3, algorithm="som")
    assert first.trained_map is not None
    assert first.unit_labels is not None
    of_som = written(first)
    first.trained_map.to_json(tmp_path / "map.json")
    map_alone = json.loads((tmp_path / "map.json").read_text("utf-8"))
    assert {**of_som["trained_map"], "version": of_som["version"]} == map_alone
    assert of_som["unit_labels"] == first.unit_labels.tolist()
    assert of_som["corrections"] == {"together": [], "apart": [], "moved": {}}
    a, b, c, d, e = first.paths[:5]
    better = first.refine(together=[[a, b]], apart=[[c, d]], move={e: 1})
    corrected = written(better)
    assert corrected["corrections"] == {
        "together": [[a, b]], "apart": [[c, d]], "moved": {e: 1}
    }  # fmt: skip
    assert corrected["n_iter"] == better.n_iter
    assert corrected["sr"] is None
    assert corrected["trained_map"] is corrected["unit_labels"] is None


def test_json_has_all_that_a_result_has(table: ac.FeatureTable, tmp_path: Path) -> None:
    """Each attribute is in the file, under its own name or that of what has it."""
    elsewhere = {
        "labels": "items", "distances": "items", "scaler": "scaler", "random_state": "settings",
        "algorithm": "settings", "table": "features",
    }  # fmt: skip
    result = ac.cluster(table, 3)
    result.to_json(tmp_path / "out.json")
    document = json.loads((tmp_path / "out.json").read_text("utf-8"))
    for field in dataclasses.fields(result):
        assert elsewhere.get(field.name, field.name) in document
