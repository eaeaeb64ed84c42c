"""Tables and results as data frames, which share the index of items."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars
import pyarrow.parquet
import pytest
from support.hits import two_clusters
from support.sounds import alternating, tone

import audioclust as ac


def test_a_table_is_a_data_frame_of_its_features(library: list[str]) -> None:
    table = ac.extract(library)
    frame = table.to_dataframe()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == list(table.columns)
    assert frame.index.names == ["path", "start", "end"]
    assert list(frame.index) == list(table.items)
    np.testing.assert_array_equal(frame.to_numpy(), table.values, strict=True)


def test_changing_a_data_frame_changes_no_table() -> None:
    table = ac.extract({"a": (tone(), 22050)}, features="rms")
    before = table.values.copy()
    frame = table.to_dataframe()
    frame.loc[:, "rms"] = 7
    np.testing.assert_array_equal(table.values, before)
    assert (frame["rms"] == 7).all()


def test_labels_join_the_features_they_come_from(library: list[str]) -> None:
    result = ac.cluster(library, 6)
    frame = result.to_dataframe()
    assert frame["label"].tolist() == result.labels.tolist()
    assert frame["distance"].tolist() == result.distances.tolist()
    assert frame["decoder"].tolist() == [item.decoder for item in result.items]
    kinds = [",".join(w.kind for w in item.warnings) for item in result.items]
    assert frame["warnings"].tolist() == kinds
    joined = frame.join(result.table.to_dataframe())
    assert len(joined) == len(library)
    means = joined.groupby("label")["rms_part_1"].mean()
    for label in range(6):
        expected = result.table["rms_part_1"][result.labels == label].mean()
        assert means[label] == pytest.approx(expected, rel=1e-5)


def test_spans_and_hits_are_data_frames() -> None:
    spans = ac.segment({"y": (alternating([0, -1, 1, 0]), 22050)}, 2, silence=True)
    for result in (spans, two_clusters()):
        frame = result.to_dataframe()
        rows = [(*index, label) for index, label in frame["label"].items()]
        assert rows == list(result.spans)


@pytest.mark.skipif(os.name == "nt", reason="names of files are Unicode on Windows")
def test_a_name_that_is_not_utf8_stays_the_name_of_the_file() -> None:
    name = os.fsdecode(b"caf\xe9.wav")
    frame = ac.extract({name: (tone(), 22050)}).to_dataframe()
    assert frame.index[0][0] == name


def test_without_pandas_what_to_install_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    hits = two_clusters()
    monkeypatch.setitem(sys.modules, "pandas", None)
    for each in (hits, hits.clustering, hits.clustering.table):
        assert isinstance(each.to_dataframe(), polars.DataFrame)
        with pytest.raises(ac.MissingExtraError, match=r"pip install 'audioclust\[pandas\]'"):
            each.to_dataframe("pandas")
    monkeypatch.setitem(sys.modules, "polars", None)
    both = r"'audioclust\[pandas\]' or pip install 'audioclust\[polars\]'"
    for each in (hits, hits.clustering, hits.clustering.table):
        with pytest.raises(ac.MissingExtraError, match=both):
            each.to_dataframe()


def test_polars_has_paths_and_times_as_columns(library: list[str]) -> None:
    result = ac.cluster(library, 6)
    features = result.table.to_dataframe("polars")
    assert features.columns == ["path", "start", "end", *result.table.columns]
    assert features.select("path", "start", "end").rows() == list(result.items)
    values = features.select(result.table.columns).to_numpy()
    np.testing.assert_array_equal(values, result.table.values, strict=True)
    labels = result.to_dataframe("polars")
    joined = labels.join(features, on=["path", "start", "end"])
    assert joined["label"].to_list() == result.labels.tolist()
    spans = ac.segment({"y": (alternating([0, -1, 1, 0]), 22050)}, 2, silence=True)
    assert spans.to_dataframe("polars").rows() == list(spans.spans)


def test_polars_has_a_name_that_is_not_utf8_as_text_and_as_bytes() -> None:
    table = ac.FeatureTable.from_array([[1.0], [2.0]], ["caf\udce9.wav", "a.wav"], ["x"])
    frame = table.to_dataframe("polars")
    assert frame["path"].to_list() == [r"caf\xe9.wav", "a.wav"]
    assert frame["path_bytes"].to_list() == [b"caf\xe9.wav", None]
    assert ac.FeatureTable.from_dataframe(frame) == table


def test_a_table_without_names_goes_below_one_with_names(tmp_path: Path) -> None:
    # Audio in memory has no decoder either.
    sounds = {name: (tone(), 22050) for name in "ab"}
    without = ac.cluster(sounds, 1)
    named = without.rename({0: "tones"})
    frames = [each.to_dataframe("polars") for each in (without, named)]
    assert frames[0].schema == frames[1].schema
    assert frames[0].schema["decoder"] == polars.String
    assert polars.concat(frames)["name"].to_list() == [None, None, "tones", "tones"]
    tables = []
    for number, each in enumerate((without, named)):
        each.to_parquet(tmp_path / f"{number}.parquet")
        tables.append(pyarrow.parquet.read_table(tmp_path / f"{number}.parquet"))
    assert tables[0].schema.types == tables[1].schema.types
    assert tables[0].schema.field("decoder").type == pyarrow.string()
    joined = pyarrow.concat_tables(tables)
    assert joined["name"].to_pylist() == [None, None, "tones", "tones"]


def test_columns_that_would_be_there_twice_are_refused() -> None:
    table = ac.FeatureTable.from_array([[1.0]], ["a.wav"], ["end"])
    assert list(table.to_dataframe().columns) == ["end"]
    with pytest.raises(ac.ParameterError, match="column='end'"):
        table.to_dataframe("polars")
    with pytest.raises(ac.ParameterError, match="library='numpy'"):
        table.to_dataframe("numpy")  # type: ignore[arg-type]


def test_pandas_is_imported_only_for_a_data_frame() -> None:
    code = (
        "import audioclust as ac, numpy as np, sys; y = np.sin(np.arange(22050) / 9);"
        " table = ac.extract({'y': (y, 22050)}); print('pandas' in sys.modules);"
        " table.to_dataframe(); print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\nTrue\n", done.stderr
