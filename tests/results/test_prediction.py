"""What predict() gives: labels, distances, and what is far from every cluster."""

from __future__ import annotations

import csv
import json
import math
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from support.sounds import tone

import audioclust as ac
from audioclust.clustering.algorithms import ALGORITHMS
from audioclust.demo import synthesize


@pytest.fixture(scope="module")
def table(library: list[str]) -> ac.FeatureTable:
    return ac.extract(library)


@pytest.fixture(scope="module")
def result(table: ac.FeatureTable) -> ac.Clustering:
    return ac.cluster(table, 6)


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return synthesize(str(tmp_path_factory.mktemp("new")), each=2, seed=7)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_distances_are_those_to_the_nearest_centre(
    algorithm: str, table: ac.FeatureTable, new: list[str]
) -> None:
    k = 4 if ALGORITHMS[algorithm].needs_k else None
    result = ac.cluster(table, k, algorithm=algorithm)
    predicted = result.predict(new)
    rows = result.scaler.transform(ac.extract(new).values)
    middles = result.centers
    if middles is None:
        members = [result.scaled[result.labels == i] for i in range(result.k)]
        middles = np.stack([own.mean(axis=0) for own in members])
    to_all = np.linalg.norm(rows[:, None] - middles, axis=2)
    assert predicted.distances.dtype == np.float64
    np.testing.assert_allclose(predicted.distances, to_all.min(axis=1), rtol=1e-9)
    if algorithm != "som":
        assert np.array_equal(predicted, to_all.argmin(axis=1))
    own = np.linalg.norm(result.scaled[:, None] - middles, axis=2).min(axis=1)
    own = np.sort(own[result.labels >= 0])
    far_from = own[math.ceil(0.99 * len(own)) - 1]
    # The sum of squares is taken in another order here.
    assert predicted.far_from == pytest.approx(far_from, rel=1e-12)
    assert np.array_equal(predicted.is_far, predicted.distances > predicted.far_from)


@pytest.mark.parametrize("scaling", ["neighbors", "standard", "quantile"])
@pytest.mark.parametrize("k", [1, 3, 6, 40])
def test_a_map_gives_what_it_was_trained_with_their_labels(
    k: int, scaling: str, table: ac.FeatureTable
) -> None:
    result = ac.cluster(table, k, algorithm="som", scaling=scaling)  # type: ignore[call-overload]
    assert np.array_equal(result.predict(table), result.labels)
    trained, regions = result.trained_map, result.unit_labels
    assert trained is not None
    assert regions is not None
    assert trained.columns == table.columns
    assert np.array_equal(regions[trained.labels], result.labels)
    # Any row belongs to the region of the unit that is nearest to it.
    rows = np.random.default_rng(0).normal(size=(200, 150)).astype(np.float32)
    rows = rows * table.values.std(axis=0) + table.values.mean(axis=0)
    others = ac.FeatureTable(
        rows, table.columns, tuple(ac.Item(str(i), 0, 1) for i in range(200)), (),
        table.settings,
    )  # fmt: skip
    scaled = result.scaler.transform(rows)
    nearest = np.linalg.norm(scaled[:, None] - trained.units, axis=2).argmin(axis=1)
    assert np.array_equal(result.predict(others), regions[nearest])


def test_other_algorithms_have_no_map(result: ac.Clustering) -> None:
    assert result.trained_map is None
    assert result.unit_labels is None


def test_one_in_a_hundred_clustered_items_is_far() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(2000, 4)) + 9 * rng.integers(0, 3, size=(2000, 1))
    table = ac.FeatureTable.from_array(rows, map(str, range(2000)), "x")
    result = ac.cluster(table, 3, scaling="none")
    predicted = result.predict(table)
    assert np.array_equal(predicted.distances, result.distances)
    assert predicted.is_far.sum() == 20
    beyond = ac.FeatureTable.from_array(rows[:5] + 99, list("abcde"), "x")
    assert result.predict(beyond).is_far.all()


def test_a_correction_does_not_widen_what_is_near() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60, 4)) + 9 * (np.arange(60) % 3)[:, None]
    table = ac.FeatureTable.from_array(rows, map(str, range(60)), "x")
    result = ac.cluster(table, 3, scaling="none")
    between = ac.FeatureTable.from_array([[4.5] * 4], ["new"], "x")
    assert result.predict(between).is_far.all()
    better = result.refine(move={"0": int(result.labels[1])})
    predicted = better.predict(between)
    assert predicted.is_far.all()
    others = [i for i in range(60) if i != 0]
    assert better.centers is not None
    own = np.linalg.norm(rows[others, None] - better.centers, axis=2).min(axis=1)
    # The rows are rounded to 32 bits in the table.
    assert predicted.far_from == pytest.approx(own.max(), rel=1e-6)
    # Where something was said of all, all count.
    assert result.refine(together=[[str(i) for i in range(60)]]).predict(table).far_from > 0


def test_a_label_is_there_for_each_recording(
    result: ac.Clustering, new: list[str], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    paths = [new[0], str(broken), new[5], new[0]]
    predicted = result.predict(paths, n_jobs=1)
    alone = [result.predict(path) for path in (new[0], new[5])]
    assert predicted.paths == tuple(paths[:3])
    assert len(predicted) == 3
    assert list(predicted) == [*alone[0], -1, *alone[1]]
    assert np.asarray(predicted).dtype == np.int32
    assert np.array_equal(np.array(predicted, np.int64), predicted.labels)
    assert np.isnan(predicted.distances).tolist() == [False, True, False]
    assert not predicted.is_far[1]
    assert predicted.is_used.tolist() == [True, False, True]
    assert [item.path for item in predicted.items] == [new[0], new[5]]
    assert predicted.items == predicted.table.items
    assert [error.path for error in predicted.errors] == [str(broken)]
    assert predicted == result.predict(paths) != alone[0]
    lines = repr(predicted).splitlines()
    assert lines[0] == f"<Predicted: 2 items in {len(set(predicted) - {-1})} clusters>"
    assert lines[-1] == "  1 could not be used: see .errors"
    assert f"  {predicted.labels[0]}: 1 item" in lines


def test_files_are_chosen_as_for_a_result(result: ac.Clustering, tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    seconds = {"a.wav": 0.5, "b.wav": 1.5, "c.wav": 2.5, "live/d.wav": 1.5, "broken.wav": 0.0}
    for name, length in seconds.items():
        soundfile.write(tmp_path / name, tone(length)[: int(22050 * length)], 22050)
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    where = str(tmp_path)
    files = ac.FileFilter(exclude="live/", min_duration=1, max_duration=2)
    predicted = result.predict(where, files=files, n_jobs=1)
    assert [os.path.relpath(path, where) for path in predicted.paths] == ["b.wav", "broken.wav"]
    assert predicted.is_used.tolist() == [True, False]
    left_out = [os.path.relpath(one.path, where) for one in predicted.table.left_out]
    assert left_out == ["a.wav", "c.wav"]
    alone = result.predict(str(tmp_path / "b.wav"))
    assert predicted.labels[0] == alone.labels[0]
    assert predicted.distances[0] == alone.distances[0]
    (tmp_path / "b.wav").unlink()
    (tmp_path / "c.wav").unlink()
    failed = result.predict(where, files=files)
    assert [os.path.basename(path) for path in failed.paths] == ["broken.wav"]
    (tmp_path / "broken.wav").unlink()
    with pytest.raises(ac.NoAudioError, match="all 1 sounds are too short or too long"):
        result.predict(where, files=files)
    with pytest.raises(ac.ParameterError, match="files=.*: expected to be left out"):
        result.predict(result.table, files=files)
    with pytest.raises(ac.ParameterError, match="files='a': expected an audioclust.FileFilter"):
        result.predict(where, files="a")  # type: ignore[arg-type]


@pytest.mark.parametrize("scaling", ["neighbors", "quantile", "minmax"])
def test_recordings_of_which_none_can_be_used(
    scaling: str, table: ac.FeatureTable, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    algorithm = "som" if scaling == "minmax" else "kmeans"
    result = ac.cluster(table, 2, scaling=scaling, algorithm=algorithm)  # type: ignore[call-overload]
    predicted = result.predict(broken)
    assert list(predicted) == [-1]
    assert predicted.table.shape == (0, 150)
    assert (predicted.items, len(predicted.errors)) == ((), 1)
    predicted.to_csv(tmp_path / "p.csv")
    with pytest.raises(ac.ParameterError, match="one of the recordings"):
        predicted.to_csv(broken)


def test_a_link_that_leads_to_nothing_is_an_error(
    result: ac.Clustering, tmp_path: Path
) -> None:
    (tmp_path / "a.wav").symlink_to(tmp_path / "gone.wav")
    predicted = result.predict(tmp_path)
    assert (len(predicted), len(predicted.errors)) == (0, 1)


def test_a_table_with_several_parts_of_a_file_has_a_label_for_each() -> None:
    rows = np.arange(8.0)[:, None] // 4
    items = [("a.wav", i, i + 1) for i in range(8)]
    table = ac.FeatureTable.from_array(rows, items, "x")
    result = ac.cluster(table, 2)
    predicted = result.predict(table)
    assert np.array_equal(predicted, result.labels)
    assert predicted.items == table.items
    assert predicted.paths == ("a.wav",) * 8


def test_predictions_are_written_with_what_is_far(
    result: ac.Clustering, new: list[str], tmp_path: Path
) -> None:
    source = {path: ac.load(path) for path in new}
    source["noise"] = (np.sign(tone(2.0, 60)) * np.linspace(0, 0.9, 44100), 22050)
    predicted = result.predict(source)
    assert predicted.is_far[-1]
    assert "  1 item far from all: see .is_far" in repr(predicted)
    predicted.to_csv(tmp_path / "p.csv")
    with (tmp_path / "p.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["path"] for row in rows] == [item.path for item in predicted.items]
    assert [int(row["label"]) for row in rows] == list(predicted)
    assert [row["far"] for row in rows] == list(map(str, predicted.is_far))
    predicted.export(tmp_path / "p.json")
    document = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    assert [item["far"] for item in document["items"]] == predicted.is_far.tolist()
    assert [item["distance"] for item in document["items"]] == predicted.distances.tolist()
    assert document["far_from"] == predicted.far_from
    frame = predicted.to_dataframe()
    assert isinstance(frame, pd.DataFrame)
    assert frame["far"].tolist() == predicted.is_far.tolist()


def test_real_sounds_of_other_kinds_are_far(data: Path) -> None:
    """Spoken digits and kick drums have nothing in common but their length."""
    digits = ac.extract(sorted(map(str, (data / "digits").rglob("*.wav")))[::3], n_jobs=1)
    kicks = ac.extract(sorted(map(str, (data / "drums").glob("*kick*.mp3")))[::3], n_jobs=1)
    for own, other in ((digits, kicks), (kicks, digits)):
        result = ac.cluster(own, n_jobs=1)
        assert result.predict(own).is_far.mean() <= 0.01
        assert result.predict(other).is_far.mean() > 0.95
