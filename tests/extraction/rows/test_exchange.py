"""Tables of features from and to data frames and Parquet, by readers that are not ours."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import audioclust as ac
from audioclust.errors import ModelError
from audioclust.export.tabular.columns import path_bytes, path_of_bytes
from audioclust.extraction.descriptors.vocabulary import DESCRIPTOR_NAMES

DESCRIBED = [f"descriptor_{name}" for name in DESCRIPTOR_NAMES]


def same_table(one: ac.FeatureTable, other: ac.FeatureTable) -> bool:
    """Whether all is equal, also how items were read, which does not make them others."""
    read = [[(item.decoder, item.warnings) for item in table.items] for table in (one, other)]
    return one == other and read[0] == read[1]


def reread(table: ac.FeatureTable, folder: Path) -> ac.FeatureTable:
    table.to_parquet(folder / "t.parquet")
    return ac.FeatureTable.from_parquet(folder / "t.parquet")


@pytest.fixture
def table(library: list[str], tmp_path: Path) -> ac.FeatureTable:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    files = ac.FileFilter(max_duration=60)
    return ac.extract([*library[:7], broken], files=files, n_jobs=1)


def test_parquet_gives_an_equal_table(table: ac.FeatureTable, tmp_path: Path) -> None:
    assert table.errors
    assert same_table(reread(table, tmp_path), table)


@pytest.fixture
def described(library: list[str]) -> ac.FeatureTable:
    """A table with descriptors, of which sounds shorter than 3 s have no tempo."""
    table = ac.extract(library[:6], features="rms", descriptors=True, n_jobs=1)
    assert table.descriptors is not None
    assert np.isnan(table.descriptors["tempo"]).all()
    assert not np.isnan(table.descriptors["duration"]).any()
    return table


def test_parquet_keeps_descriptors(described: ac.FeatureTable, tmp_path: Path) -> None:
    assert same_table(reread(described, tmp_path), described)
    result = ac.cluster(reread(described, tmp_path), 2)
    assert result.table.descriptors == described.descriptors
    read = pyarrow.parquet.read_table(tmp_path / "t.parquet")
    assert described.descriptors is not None
    for name in described.descriptors:
        column = read[f"descriptor_{name}"]
        assert column.type == pyarrow.float32()
        np.testing.assert_array_equal(column.to_numpy(), described.descriptors[name])
    pyarrow.parquet.write_table(read.drop_columns("descriptor_key"), tmp_path / "t.parquet")
    with pytest.raises(ModelError, match="a column is missing"):
        ac.FeatureTable.from_parquet(tmp_path / "t.parquet")


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_frames_have_descriptors(described: ac.FeatureTable, kind: Any) -> None:
    frame = described.to_dataframe(kind)
    assert described.descriptors is not None
    for name in described.descriptors:
        column = frame[f"descriptor_{name}"].to_numpy()
        np.testing.assert_array_equal(column, described.descriptors[name])
    again = ac.FeatureTable.from_dataframe(frame)
    assert again.columns == described.columns
    assert again.descriptors == described.descriptors
    chosen = ac.FeatureTable.from_dataframe(frame, "descriptor_duration")
    assert chosen.columns == ("descriptor_duration",)
    assert chosen.descriptors is not None
    assert "duration" not in chosen.descriptors
    assert "tempo" in chosen.descriptors
    assert pyarrow.table(described).column_names[3:] == [*described.columns, *DESCRIBED]


def test_csv_has_descriptors(described: ac.FeatureTable, tmp_path: Path) -> None:
    described.to_csv(tmp_path / "t.csv")
    with open(tmp_path / "t.csv", newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["path", "start", "end", *described.columns, *DESCRIBED]
    assert described.descriptors is not None
    values = [[cell or "nan" for cell in row[-len(DESCRIBED) :]] for row in rows]
    np.testing.assert_array_equal(np.array(values, "float32"), described.descriptors.values)


def test_items_of_a_result_have_descriptors(described: ac.FeatureTable, tmp_path: Path) -> None:
    result = ac.cluster(described, 2)
    names = [name.removeprefix("descriptor_") for name in DESCRIBED]
    assert described.descriptors is not None
    values = described.descriptors.values
    result.to_json(tmp_path / "r.json")
    items = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["items"]
    listed = [[item[name] for name in names] for item in items]
    np.testing.assert_array_equal(np.array(listed, "float32"), values)
    assert listed[0][names.index("tempo")] is None
    assert len(repr(listed[0][names.index("brightness")])) < 12
    result.to_csv(tmp_path / "r.csv")
    with open(tmp_path / "r.csv", newline="", encoding="utf-8") as file:
        rows = [[row[name] or "nan" for name in names] for row in csv.DictReader(file)]
    np.testing.assert_array_equal(np.array(rows, "float32"), values)
    result.to_parquet(tmp_path / "r.parquet")
    read = pyarrow.parquet.read_table(tmp_path / "r.parquet")
    np.testing.assert_array_equal(np.column_stack([read[name] for name in names]), values)
    joined = result.to_dataframe().join(described.to_dataframe())
    np.testing.assert_array_equal(joined["loudness"], joined["descriptor_loudness"])


def test_a_feature_is_not_taken_for_a_descriptor(
    described: ac.FeatureTable, tmp_path: Path
) -> None:
    named = dataclasses.replace(described, columns=("descriptor_key",))
    with pytest.raises(ac.ParameterError, match="that of a descriptor is the same"):
        named.to_parquet(tmp_path / "t.parquet")


def test_parquet_keeps_settings_of_all_kinds(tmp_path: Path) -> None:
    sounds = {"a": (np.sin(np.arange(9000) / 7), 16000), "b": (np.ones(9000) / 3, 16000)}
    many = ac.extract(
        sounds,
        features=["rms", ac.Feature("mfcc", ac.Analysis(n_fft=512))],
        stats=["max"],
        analysis=ac.Analysis(sr=None),
        preparation=ac.Preparation(trim=40.0),
        files=ac.FileFilter(max_duration=0.6),
        n_jobs=1,
    )
    assert same_table(reread(many, tmp_path), many)
    rows = np.eye(2)
    parts = ac.FeatureTable.from_array(rows, [("x", 0, 1), ("x", 1, None)], "m")
    assert same_table(reread(parts, tmp_path), parts)


def test_other_readers_see_plain_columns(table: ac.FeatureTable, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    table.to_parquet(path)
    frame = pd.read_parquet(path)
    names = ["path", "start", "end", *table.columns, "decoder", "warnings"]
    assert list(frame.columns) == names
    assert list(zip(frame["path"], frame["start"], frame["end"], strict=True)) == list(
        table.items
    )
    values = frame[list(table.columns)].to_numpy()
    np.testing.assert_array_equal(values, table.values, strict=True)
    read = polars.read_parquet(path)
    assert read.columns == names
    assert read["decoder"].to_list() == [item.decoder for item in table.items]
    np.testing.assert_array_equal(read["rms_std"].to_numpy(), table["rms_std"])
    about = json.loads(pyarrow.parquet.read_schema(path).metadata[b"audioclust"])
    assert about["columns"] == list(table.columns)
    assert [error["path"] for error in about["errors"]] == [e.path for e in table.errors]


def test_a_table_is_a_stream_of_arrow(table: ac.FeatureTable) -> None:
    for frame in (pyarrow.table(table), polars.DataFrame(table)):
        names = frame.column_names if isinstance(frame, pyarrow.Table) else frame.columns
        assert names == ["path", "start", "end", *table.columns]
        made = ac.FeatureTable.from_dataframe(frame)
        assert made.items == table.items
        np.testing.assert_array_equal(made.values, table.values)


NAMES = [
    "a.wav", "caf\udce9.wav", "line\nbreak\r\n.wav", "\"quoted\" 'it'.wav", "\u202egnp.wav",
    "x" * 251 + ".wav", "\udced\udca0\udc80", "#1, 2;\t.wav", " ", "é", "e\u0301", "\\xe9",
]  # fmt: skip

any_name = st.one_of(
    st.sampled_from(NAMES),
    st.binary(min_size=1, max_size=255).map(lambda b: b.decode("utf-8", "surrogateescape")),
    st.text(st.characters(codec=None), min_size=1),
)


@given(any_name)
def test_bytes_of_names_stand_for_one_name_each(name: str) -> None:
    exact = path_bytes(name)
    if exact is None:
        assert name.encode().decode() == name
    else:
        assert path_of_bytes(exact) == name


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(any_name.filter(lambda name: "\0" not in name), min_size=1, unique=True))
def test_any_name_comes_back_from_parquet_and_frames(tmp_path: Path, names: list[str]) -> None:
    table = ac.FeatureTable.from_array(np.eye(len(names)), [f"./{n}" for n in names], "x")
    assert reread(table, tmp_path) == table
    for frame in (table.to_dataframe("pandas"), table.to_dataframe("polars"),
                  pyarrow.table(table)):  # fmt: skip
        assert ac.FeatureTable.from_dataframe(frame) == table
    read = pyarrow.parquet.read_table(tmp_path / "t.parquet")
    utf_8 = [path_bytes(f"./{name}") is None for name in names]
    for path, name, plain in zip(read["path"].to_pylist(), names, utf_8, strict=True):
        assert (path == f"./{name}") == plain
    assert ("path_bytes" in read.column_names) == (not all(utf_8))


def test_a_result_is_written_as_parquet(library: list[str], tmp_path: Path) -> None:
    result = ac.cluster(library, 6, n_jobs=1)
    result.to_parquet(tmp_path / "r.parquet")
    result.export(tmp_path / "same.parquet")
    assert (tmp_path / "r.parquet").read_bytes() == (tmp_path / "same.parquet").read_bytes()
    frame = pd.read_parquet(tmp_path / "r.parquet")
    assert frame["label"].tolist() == result.labels.tolist()
    assert frame["distance"].tolist() == result.distances.tolist()
    about = json.loads(
        pyarrow.parquet.read_schema(tmp_path / "r.parquet").metadata[b"audioclust"]
    )
    assert about["k"] == 6
    assert about["settings"]["algorithm"] == "kmeans"


def test_csv_has_the_features_in_few_digits(table: ac.FeatureTable, tmp_path: Path) -> None:
    table.to_csv(tmp_path / "t.csv")
    with open(tmp_path / "t.csv", encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["path", "start", "end", *table.columns]
    assert [row[0] for row in rows] == [item.path for item in table.items]
    values = np.array([row[3:] for row in rows]).astype(np.float32)
    np.testing.assert_array_equal(values, table.values)
    assert max(len(cell) for row in rows for cell in row[3:]) < 17


FRAME: dict[str, list[Any]] = {
    "path": ["a.wav", "b.wav"], "clap_1": [1.5, 2.5], "genre": ["x", "y"],
    "loud": [True, False], "clap_2": [3, 4],
}  # fmt: skip


@pytest.mark.parametrize("make", [pd.DataFrame, polars.DataFrame, pyarrow.table])
def test_numeric_columns_of_any_frame_become_features(make: Any) -> None:
    table = ac.FeatureTable.from_dataframe(make(FRAME))
    assert table.columns == ("clap_1", "clap_2")
    assert [tuple(item) for item in table.items] == [("a.wav", 0, np.inf), ("b.wav", 0, np.inf)]
    np.testing.assert_array_equal(table.values, np.array([[1.5, 3], [2.5, 4]], np.float32))
    assert table.settings.computed_elsewhere
    one = ac.FeatureTable.from_dataframe(make(FRAME), "clap_2")
    np.testing.assert_array_equal(one.values, [[3], [4]])
    timed = ac.FeatureTable.from_dataframe(
        make({"file": ["a", "a"], "start": [0, 1], "end": [1.0, None], "x": [1, 2]}),
        path="file",
    )
    assert [tuple(item) for item in timed.items] == [("a", 0, 1), ("a", 1, np.inf)]
    result = ac.cluster(table, 2)
    assert sorted(result.labels.tolist()) == [0, 1]


@pytest.mark.parametrize("make", [pd.DataFrame, polars.DataFrame, pyarrow.table])
def test_a_column_of_vectors_becomes_columns(make: Any) -> None:
    vectors = [[1.0, 2.0], [3.0, 4.0]]
    frame = {
        "path": ["a", "b"],
        "clap": vectors,
        "words": [["x"], ["y"]],
        "some": [[1], [2, 3]],
    }
    table = ac.FeatureTable.from_dataframe(make(frame))
    assert table.columns == ("clap_1", "clap_2")
    assert table.values.tolist() == vectors
    with pytest.raises(ac.ParameterError, match="columns='some'"):
        ac.FeatureTable.from_dataframe(make(frame), ["clap", "some"])
    arrays = pd.DataFrame({"path": ["a", "b"], "v": list(np.array(vectors, np.float32))})
    assert ac.FeatureTable.from_dataframe(arrays).values.tolist() == vectors


def test_frames_that_arrow_can_read_are_taken() -> None:
    class Stream:
        def __arrow_c_stream__(self, schema: object = None) -> object:
            return pyarrow.table(FRAME).__arrow_c_stream__(schema)

    class Interchanged:
        def __dataframe__(self, *given: Any, **more: Any) -> object:
            return pyarrow.table({"path": ["a"], "x": [1.0]}).__dataframe__(*given, **more)

    assert ac.FeatureTable.from_dataframe(Stream()).columns == ("clap_1", "clap_2")
    assert ac.FeatureTable.from_dataframe(Interchanged()).columns == ("x",)


def test_the_index_of_audformat_is_taken() -> None:
    times = [pd.Timedelta(1.5, "s"), pd.Timedelta(2, "s")]
    index = pd.MultiIndex.from_arrays(
        [["a.wav", "b.wav"], times, [pd.Timedelta(3, "s"), pd.NaT]],
        names=["file", "start", "end"],
    )
    frame = pd.DataFrame({"x": pd.array([1.0, 2.0], "Float32")}, index=index)
    table = ac.FeatureTable.from_dataframe(frame, path="file")
    assert [tuple(i) for i in table.items] == [("a.wav", 1.5, 3.0), ("b.wav", 2.0, np.inf)]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (5, "frame=5"),
        (pd.DataFrame({"x": [1.0]}), "no column 'path'"),
        (pd.DataFrame({"path": ["a"]}), "at least one column of numbers"),
        (pd.DataFrame({"path": [], "x": []}), "expected"),
        (pd.DataFrame({"path": ["a", "b"], "x": [1, np.nan]}), "row 1, column 0 is nan"),
        (polars.DataFrame({"path": ["a", "b"], "x": [1, None]}), "row 1, column 0 is nan"),
        (pyarrow.table({"path": ["a", "b"], "x": [1, None]}), "row 1, column 0 is nan"),
        (pd.DataFrame({"path": ["a", "a"], "x": [1, 2]}), "is there 2 times"),
        (pd.DataFrame([["a", 1, 2]], columns=["path", "x", "x"]), "column 'x' is there twice"),
        (pd.DataFrame({"path": [3], "x": [1]}), r"items\[0\]=.*3"),
        (pd.DataFrame({"path": ["a"], "start": [2], "end": [1], "x": [1]}), "after the start"),
    ],
)
def test_frames_without_items_or_numbers_are_refused(frame: object, words: str) -> None:
    with pytest.raises(ac.ParameterError, match=words):
        ac.FeatureTable.from_dataframe(frame)


def test_parquet_of_others_is_taken_and_what_is_damaged_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pd.DataFrame(FRAME).to_parquet(path)
    assert ac.FeatureTable.from_parquet(path).columns == ("clap_1", "clap_2")
    table = ac.FeatureTable.from_array([[1.0], [2.0]], ["a", "b"], ["x"])
    table.to_parquet(path)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[rng.integers(len(whole))] ^= int(rng.integers(1, 256))
        path.write_bytes(damaged[: int(rng.integers(len(whole) // 2, len(whole) + 1))])
        with contextlib.suppress(ModelError):
            ac.FeatureTable.from_parquet(path)
    with pytest.raises(FileNotFoundError):
        ac.FeatureTable.from_parquet(tmp_path / "missing.parquet")


@pytest.mark.parametrize("change", ["version", "columns", "kind", "format", "extra", "value"])
def test_parquet_with_other_metadata_is_refused(tmp_path: Path, change: str) -> None:
    path = tmp_path / "t.parquet"
    table = ac.FeatureTable.from_array([[1.0], [2.0]], ["a", "b"], ["x"])
    table.to_parquet(path)
    read = pyarrow.parquet.read_table(path)
    about = json.loads(read.schema.metadata[b"audioclust"])
    if change == "version":
        about["settings"]["version"] += 1
    elif change == "columns":
        about["columns"] = ["y"]
    elif change == "kind":
        about["kind"] = "features"
        del about["errors"]
    elif change == "format":
        about["format"] = 2
    elif change == "extra":
        about["more"] = 1
    else:
        read = read.set_column(3, "x", pyarrow.array([1.0, float("nan")], "float32"))
    pyarrow.parquet.write_table(
        read.replace_schema_metadata({b"audioclust": json.dumps(about)}), path
    )
    with pytest.raises(ModelError, match="t.parquet"):
        ac.FeatureTable.from_parquet(path)


def test_parquet_of_ours_with_more_rows_or_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    table = ac.FeatureTable.from_array([[1.0], [2.0]], ["a", "b"], ["x"])
    table.to_parquet(path)
    read = pyarrow.parquet.read_table(path)
    pyarrow.parquet.write_table(pyarrow.concat_tables([read, read]), path)
    with pytest.raises(ModelError, match=r"t.parquet: items: 'a' is there 2 times"):
        ac.FeatureTable.from_parquet(path)
    wider = read.append_column("mine", pyarrow.array([3.0, 4.0]))
    pyarrow.parquet.write_table(wider, path)
    with pytest.raises(ModelError, match=r"does not name the column 'mine'; from_dataframe"):
        ac.FeatureTable.from_parquet(path)
    assert ac.FeatureTable.from_dataframe(wider).columns == ("x", "mine")


def test_without_pyarrow_what_to_install_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table = ac.FeatureTable.from_array([[1.0]], ["a"], ["x"])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for call in (table.to_parquet, table.from_parquet):
        with pytest.raises(ac.MissingExtraError, match=r"pip install 'audioclust\[parquet\]'"):
            call(tmp_path / "t.parquet")
    assert not list(tmp_path.iterdir())
    frame = table.to_dataframe("polars")
    assert ac.FeatureTable.from_dataframe(frame) == table
