"""Results that are saved to a file and loaded again."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.sounds import tone

import audioclust as ac
from audioclust.clustering.algorithms import ALGORITHMS
from audioclust.export.archive import MODEL, Archive, read_archive, write_archive
from audioclust.utils.values import same


@pytest.fixture(scope="module")
def table(library: list[str]) -> ac.FeatureTable:
    return ac.extract(library)


def again(result: ac.Clustering, tmp_path: Path) -> ac.Clustering:
    file = tmp_path / "m.audioclust"
    result.save(file)
    return ac.load_model(file)


def assert_same(one: ac.Clustering, other: ac.Clustering) -> None:
    """All fields are equal and of one type, arrays bit for bit, and items were read alike."""
    for field in dataclasses.fields(ac.Clustering):
        ours, theirs = getattr(one, field.name), getattr(other, field.name)
        assert same(ours, theirs), field.name
        if isinstance(ours, np.ndarray):
            assert ours.tobytes() == theirs.tobytes()
    assert one == other
    for ours, theirs in zip(one.items, other.items, strict=True):
        assert (ours.decoder, ours.warnings) == (theirs.decoder, theirs.warnings)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("scaling", ["standard", "neighbors", "none"])
def test_results_of_all_algorithms_come_back(
    algorithm: str, scaling: Any, table: ac.FeatureTable, tmp_path: Path
) -> None:
    k: Any = 5 if ALGORITHMS[algorithm].needs_k else "auto"
    result = ac.cluster(table, k, algorithm=algorithm, scaling=scaling, n_jobs=1)
    loaded = again(result, tmp_path)
    assert_same(loaded, result)
    assert loaded.predict(table) == result.predict(table)
    assert repr(loaded) == repr(result)


@pytest.mark.parametrize("scaling", ["quantile", "minmax", "auto"])
def test_scalings_come_back(scaling: Any, table: ac.FeatureTable, tmp_path: Path) -> None:
    result = ac.cluster(table, 3, scaling=scaling, random_state=2**64 - 1)
    loaded = again(result, tmp_path)
    assert_same(loaded, result)
    assert np.array_equal(loaded.scaled, result.scaled)
    assert np.array_equal(loaded.centers_original, result.centers_original)  # type: ignore[arg-type]


@pytest.mark.parametrize("algorithm", ["kmeans", "ward"])
def test_the_choice_of_k_comes_back_and_is_drawn(
    algorithm: str, table: ac.FeatureTable, tmp_path: Path
) -> None:
    result = ac.cluster(table, algorithm=algorithm, n_jobs=1)
    loaded = again(result, tmp_path)
    assert_same(loaded, result)
    assert loaded.selection is not None
    assert result.selection is not None
    assert loaded.selection.to_dict() == result.selection.to_dict()
    assert loaded.levels() == result.levels()
    loaded.selection.plot()
    loaded.plot()


def test_what_was_named_and_corrected_comes_back(
    table: ac.FeatureTable, tmp_path: Path
) -> None:
    odd = b"caf\xe9\n.wav".decode("utf-8", "surrogateescape")
    corrections = ac.Corrections((("a", odd), ("c",)), (("a", "b"),), {odd: 2, "x": 0})
    result = dataclasses.replace(
        ac.cluster(table, 3), names={0: "kicks", 2: "日本"}, corrections=corrections
    )
    assert_same(again(result, tmp_path), result)


def test_what_could_not_be_used_comes_back(library: list[str], tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    result = ac.cluster([*library[:9], str(broken)], 2)
    assert result.errors
    assert_same(again(result, tmp_path), result)


def test_sounds_in_memory_few_or_alike_come_back(tmp_path: Path) -> None:
    for n in (1, 3):
        source = {str(i): (tone(0.2), 22050) for i in range(n)}
        result = ac.cluster(source)
        loaded = again(result, tmp_path)
        assert_same(loaded, result)
        assert loaded.table.folder is None
        assert list(loaded.predict(source)) == [0] * n


def test_rows_that_were_computed_elsewhere_come_back(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(30, 3)) + np.arange(30)[:, None] % 2 * 9
    table = ac.FeatureTable.from_array(rows, [f"{i}.wav" for i in range(30)], "mine")
    result = ac.cluster(table, 2)
    loaded = again(result, tmp_path)
    assert_same(loaded, result)
    assert loaded.predict(table) == result.predict(table)


def test_an_embedding_is_lost_as_in_a_pickle(tmp_path: Path) -> None:
    sounds = {str(i): (tone(0.2, 200 + 50 * i), 22050) for i in range(6)}
    embedding = ac.Embedding("ends", lambda y, _: [y.max(), y.min(), y.std()], 16000, "1")
    result = ac.cluster(sounds, 2, features=embedding)
    loaded = again(result, tmp_path)
    assert_same(loaded, result)
    with pytest.raises(ac.EmbeddingError, match="ends"):
        loaded.predict(sounds)
    table = ac.extract(sounds, features=embedding)
    assert loaded.predict(table) == result.predict(table)


def test_a_model_in_a_file_is_opened_again(tmp_path: Path) -> None:
    onnx_models = pytest.importorskip("support.onnx_models")
    path = onnx_models.model(tmp_path / "m.onnx", [1, onnx_models.N], [-1, 4])
    rng = np.random.default_rng(0)
    sounds = {str(i): (rng.normal(size=800).astype(np.float32) / 9, 16000) for i in range(6)}
    result = ac.cluster(sounds, 2, features=ac.Embedding.onnx(path, sr=16000))
    loaded = again(result, tmp_path)
    assert_same(loaded, result)
    assert loaded.predict(sounds) == result.predict(sounds)


def test_another_process_predicts_the_same(library: list[str], tmp_path: Path) -> None:
    result = ac.cluster(library[::2], 6)
    result.save(tmp_path / "m.audioclust")
    code = (
        "import sys, audioclust as ac; model, *paths = sys.argv[1:];"
        " print(*ac.load_model(model).predict(paths, n_jobs=1))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "m.audioclust"), *library[1::2]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == list(map(str, result.predict(library[1::2])))


def test_equal_results_make_equal_files(table: ac.FeatureTable, tmp_path: Path) -> None:
    for name in ("one", "two"):
        ac.cluster(table, 3, algorithm="som").save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    ac.load_model(tmp_path / "one").save(tmp_path / "three")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "three").read_bytes()


def test_a_sound_is_never_replaced_and_a_failed_save_changes_nothing(
    library: list[str], tmp_path: Path
) -> None:
    result = ac.cluster(library[:4], 2)
    before = Path(library[0]).read_bytes()
    with pytest.raises(ac.ParameterError, match="one of the recordings"):
        result.save(library[0])
    assert Path(library[0]).read_bytes() == before
    with pytest.raises(FileNotFoundError):
        result.save(tmp_path / "nowhere" / "m.audioclust")
    kept = tmp_path / "m.audioclust"
    result.save(kept)
    saved = kept.read_bytes()
    wrong = dataclasses.replace(result, names={0: object()})  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        wrong.save(kept)
    assert kept.read_bytes() == saved
    assert [path.name for path in tmp_path.iterdir()] == ["m.audioclust"]


def test_the_file_is_what_its_description_says(table: ac.FeatureTable, tmp_path: Path) -> None:
    result = ac.cluster(table, 4)
    result.save(tmp_path / "m.audioclust")
    with zipfile.ZipFile(tmp_path / "m.audioclust") as members:
        assert members.namelist()[:2] == ["format.json", "content.json"]
        assert json.loads(members.read("format.json")) == {
            "format": "audioclust model",
            "version": 1,
            "audioclust": ac.__version__,
        }
        content = json.loads(members.read("content.json"))
        with members.open("centers.npy") as member:
            assert np.array_equal(np.load(member), result.centers)  # type: ignore[arg-type]
    assert content["algorithm"] == "kmeans"
    assert [item["path"] for item in content["table"]["items"]] == list(result.paths)


def edited(result: ac.Clustering, tmp_path: Path, edit: Any) -> None:
    """Load a result whose plain values and arrays were changed."""
    file = tmp_path / "m.audioclust"
    result.save(file)
    kept = read_archive(file, MODEL)
    content, arrays = dict(kept.content), dict(kept.arrays)
    edit(content, arrays)
    write_archive(Archive(content, arrays), MODEL, file, inputs=())
    ac.load_model(file)


CONTENTS: dict[str, tuple[Any, str]] = {
    "algorithm": ("odd", "kmeans"),
    "inertia": ("1", "a finite number"),
    "n_iter": (-1, "from 0"),
    "random_state": (2**64, "an integer from 0 to 18446744073709551615"),
    "unassigned": (1, "text"),
    "names": ([[0]], "a list of two"),
    "corrections": ({"together": [], "apart": [[1]], "moved": []}, "text"),
    "scaler": ({"scaling": "minmax", "quantiles": None, "matrix": None}, "matrix' are not"),
    "selection": (None, r"the arrays .* are not known"),
    "trained_map": (None, r"the arrays .* are not known"),
    "table": ([], "a JSON object"),
    "more": (1, "'more', which is not known"),
}


@pytest.fixture(scope="module")
def chosen(table: ac.FeatureTable) -> ac.Clustering:
    """A result with all that a result can have but centres."""
    return ac.cluster(table, algorithm="som", n_jobs=1)


@pytest.mark.parametrize("name", CONTENTS)
def test_every_value_is_checked(name: str, chosen: ac.Clustering, tmp_path: Path) -> None:
    value, words = CONTENTS[name]
    with pytest.raises(ac.ModelError, match=words) as raised:
        edited(chosen, tmp_path, lambda content, _: content.update({name: value}))
    assert "m.audioclust: " in str(raised.value)


ARRAYS: dict[str, tuple[Any, str]] = {
    "labels": (lambda labels: labels + 60, "from -1 to 59"),
    "distances": (lambda x: x[:-1], r"of shape \(59,\): expected float64 of shape \(60\)"),
    "unit_labels": (lambda labels: labels - 1, "from 0 to"),
    "scaler.center": (lambda x: x * np.nan, "NaN"),
    "scaler.scale": (lambda x: x.astype(np.float32), "float32"),
    "selection.k": (lambda k: k[:, None], "shape"),
    "selection.inertia": (lambda x: x[1:], "shape"),
    "table.values": (lambda x: x[:, 1:], "shape"),
    "trained_map.labels": (lambda x: x - 1, "from 0 to"),
    "trained_map.hits": (lambda x: x.T[1:], "shape"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_every_array_is_checked(name: str, chosen: ac.Clustering, tmp_path: Path) -> None:
    change, words = ARRAYS[name]
    with pytest.raises(ac.ModelError, match=words):
        edited(chosen, tmp_path, lambda _, arrays: arrays.update({name: change(arrays[name])}))
    with pytest.raises(ac.ModelError, match=f"'{name.rpartition('.')[2]}' is missing"):
        edited(chosen, tmp_path, lambda _, arrays: arrays.pop(name))


def test_an_array_that_is_not_known_is_refused(chosen: ac.Clustering, tmp_path: Path) -> None:
    for name in ("odd", "scaler.odd", "table.odd"):
        with pytest.raises(ac.ModelError, match="'odd' are not known"):
            edited(chosen, tmp_path, lambda _, arrays, n=name: arrays.update({n: np.zeros(1)}))


def test_every_field_of_a_result_is_kept(chosen: ac.Clustering, tmp_path: Path) -> None:
    """A new field needs a line in what saves and loads results."""
    chosen.save(tmp_path / "m")
    kept = read_archive(tmp_path / "m", MODEL)
    parts = {name.partition(".")[0] for name in kept.arrays}
    fields = {field.name for field in dataclasses.fields(ac.Clustering)}
    assert {*kept.content, *parts, "centers"} == fields
