"""Rows of tables that are chosen, and tables that are put together."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import audioclust as ac


def made(paths: list[str], columns: str = "x", first: float = 0.0) -> ac.FeatureTable:
    rows = np.arange(2.0 * len(paths)).reshape(-1, 2) + first
    return ac.FeatureTable.from_array(rows, paths, columns)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_parts_of_a_table_make_it_again(sizes: list[int]) -> None:
    whole = made([f"{i}.wav" for i in range(sum(sizes))])
    cuts = np.cumsum([0, *sizes]).tolist()
    rows = np.arange(len(whole))
    parts = [whole.filter((rows >= a) & (rows < b)) for a, b in itertools.pairwise(cuts)]
    assert ac.FeatureTable.concat(parts) == whole


def test_computed_tables_are_put_together(library: list[str], tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    together = ac.extract([*library[:6], broken], n_jobs=1)
    first = ac.extract(library[:3], n_jobs=1)
    rest = ac.extract([*library[3:6], broken], n_jobs=1)
    assert ac.FeatureTable.concat([first, rest]) == together
    result = ac.cluster(ac.FeatureTable.concat([first, rest]), 2)
    assert result.predict(library[0]).labels.tolist() == [result.labels[0]]


def test_an_item_of_two_tables_is_refused_or_taken_once() -> None:
    one, other = made(["a.wav", "b.wav"]), made(["./b.wav", "c.wav"], first=10)
    with pytest.raises(ac.ParameterError, match=r"b.wav' is there 2 times: .*keep='first'"):
        ac.FeatureTable.concat([one, other])
    table = ac.FeatureTable.concat([one, other], keep="first")
    assert [item.path for item in table.items] == ["a.wav", "b.wav", "c.wav"]
    assert table["x_1"].tolist() == [0, 2, 12]
    with pytest.raises(ac.ParameterError, match="keep='last'"):
        ac.FeatureTable.concat([one], keep="last")  # type: ignore[arg-type]


def test_tables_that_do_not_compare_are_refused(library: list[str]) -> None:
    by_ear, by_mean = (ac.extract(library[:2], features=f, n_jobs=1) for f in ("rms", "mfcc"))
    given = made(["a"], "x")
    maximum = ac.extract(library[2:4], features="rms", stats="max", n_jobs=1)
    for pair in ([by_ear, by_mean], [given, made(["b"], "y")], [by_ear, maximum]):
        with pytest.raises(ac.ParameterError, match="computed alike"):
            ac.FeatureTable.concat(pair)
    for bad in ([], [given, 5], [np.ones((2, 2))]):
        with pytest.raises(ac.ParameterError, match="one or more FeatureTables"):
            ac.FeatureTable.concat(bad)  # type: ignore[arg-type]
    in_memory = ac.extract({"a": (np.ones(9000) / 3, 22050)}, features="rms", n_jobs=1)
    with pytest.raises(ac.ParameterError, match="tables are of both"):
        ac.FeatureTable.concat([by_ear, in_memory])


def test_an_error_of_a_file_that_has_a_row_elsewhere_is_gone(
    library: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF")
    before = ac.extract([path, *library[:1]], n_jobs=1)
    path.write_bytes(Path(library[1]).read_bytes())
    after = ac.extract(path, n_jobs=1)
    assert before.errors
    table = ac.FeatureTable.concat([before, after])
    assert table.errors == ()
    assert len(table) == 2


def test_tables_of_two_folders_name_the_same_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        tables.append(made(["a.wav"]))
    table = ac.FeatureTable.concat(tables)
    assert [item.path for item in table.items] == [
        str(tmp_path / name / "a.wav") for name in ("one", "two")
    ]


def test_rows_are_chosen_by_flag_function_or_path() -> None:
    table = made(["a.wav", "b.wav", "c.wav"])
    expected = made(["a.wav", "b.wav", "c.wav"])
    for keep in (
        np.array([True, False, True]),
        [True, False, True],
        pd.Series([True, False, True]),
        lambda item: item.path != "b.wav",
        ["./c.wav", os.path.abspath("a.wav")],
        (Path(name) for name in ("c.wav", "a.wav")),
    ):
        chosen = table.filter(keep)
        assert [item.path for item in chosen.items] == ["a.wav", "c.wav"]
        assert chosen["x_2"].tolist() == [1, 5]
    assert [item.path for item in table.filter("b.wav").items] == ["b.wav"]
    assert table == expected


@pytest.mark.parametrize(
    ("keep", "words"),
    [
        ([True], r"shape \(1,\): expected \(3,\)"),
        ([False] * 3, "at least one"),
        ([], "at least one"),
        (["x.wav"], "keep='x.wav'"),
        ([1, 2], r"keep=\[1, 2\]: expected an array of bool, a function of an Item, or paths"),
        (np.array([0, 1]), r"keep=array\(\[0, 1\]\): expected an array of bool"),
        (["a.wav", None], "expected an array of bool"),
        (5, "keep=5"),
        (None, "keep=None"),
    ],
)
def test_rows_that_cannot_be_chosen_are_refused(keep: object, words: str) -> None:
    with pytest.raises(ac.ParameterError, match=words):
        made(["a.wav", "b.wav", "c.wav"]).filter(keep)  # type: ignore[arg-type]


def test_columns_are_joined_as_pandas_joins_them() -> None:
    one = made(["a.wav", "b.wav", "c.wav"])
    other = made(["./c.wav", "d.wav", "a.wav"], "y", 20)
    joined = one.join(other)
    left = one.to_dataframe()
    right = other.to_dataframe().rename(index=os.path.normpath, level="path")
    expected = left.join(right, how="inner")
    pd.testing.assert_frame_equal(joined.to_dataframe(), expected)
    assert joined.settings.computed_elsewhere
    assert ac.cluster(joined, 2).k == 2


def test_a_file_is_joined_with_the_end_that_only_one_table_knows(library: list[str]) -> None:
    features = ac.extract(library[:5], features="rms", n_jobs=1)
    vectors = made(list(reversed(library[:6])))
    joined = features.join(vectors)
    assert joined.items == features.items
    assert joined["x_1"].tolist() == [10, 8, 6, 4, 2]


def test_parts_of_files_are_joined_by_their_times() -> None:
    rows = np.array([[1.0], [2.0]])
    one = ac.FeatureTable.from_array(rows, [("a", 0, 1), ("a", 1, 2)], ["x"])
    other = ac.FeatureTable.from_array(rows, [("a", 1, 2), ("a", 2, 3)], ["y"])
    joined = one.join(other)
    assert [tuple(item) for item in joined.items] == [("a", 1, 2)]
    assert joined.values.tolist() == [[2, 1]]


def test_tables_that_cannot_be_joined_are_refused() -> None:
    one = made(["a.wav"])
    with pytest.raises(ac.ParameterError, match="columns of other="):
        one.join(made(["a.wav"]))
    with pytest.raises(ac.ParameterError, match="some of the same items"):
        one.join(made(["b.wav"], "y"))
    with pytest.raises(ac.ParameterError, match="other=5"):
        one.join(5)  # type: ignore[arg-type]
