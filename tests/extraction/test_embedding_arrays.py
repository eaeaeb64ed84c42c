"""Tables of values that were computed elsewhere."""

from __future__ import annotations

import json
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from support.notebooks import unstyled
from support.sounds import tone

import audioclust as ac


def rows(n: int = 30, d: int = 4) -> np.ndarray:
    """Three groups far apart, in turn."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, d)) + 100 * (np.arange(n) % 3)[:, np.newaxis]


def names(n: int = 30) -> list[str]:
    return [f"{i}.wav" for i in range(n)]


def test_a_table_has_what_it_was_given() -> None:
    values = rows()
    table = ac.FeatureTable.from_array(values, names(), ["a", "b", "c", "d"])
    np.testing.assert_array_equal(table.values, values.astype(np.float32), strict=True)
    assert table.columns == ("a", "b", "c", "d")
    assert table.items == tuple(ac.Item(name, 0.0, math.inf) for name in names())
    assert table.errors == ()
    assert table.settings.computed_elsewhere
    assert not ac.ExtractionSettings.checked().computed_elsewhere
    values[:] = 0
    assert table["a"][1] > 50


def test_one_name_is_numbered() -> None:
    table = ac.FeatureTable.from_array(rows(), names(), "clap")
    assert table.columns == ("clap_1", "clap_2", "clap_3", "clap_4")


def test_items_may_be_parts_of_recordings(tmp_path: Path) -> None:
    given = [
        tmp_path / "a.wav",
        ("b.wav", 0, 1.5),
        ["b.wav", np.float32(1.5), None],
        ac.Item("c.wav", 2.0, 3.0),
        ac.Item("d.wav", 2.0, math.inf),
    ]
    table = ac.FeatureTable.from_array(rows(5), given, "x")  # type: ignore[arg-type]
    assert table.items == (
        ac.Item(str(tmp_path / "a.wav"), 0.0, math.inf),
        ac.Item("b.wav", 0.0, 1.5),
        ac.Item("b.wav", 1.5, math.inf),
        ac.Item("c.wav", 2.0, 3.0),
        ac.Item("d.wav", 2.0, math.inf),
    )
    assert all(type(time) is float for item in table.items for time in item[1:])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint16", ">f8"])
def test_any_real_numbers_are_taken(dtype: str) -> None:
    values = np.arange(8).reshape(4, 2).astype(dtype)
    for given in (values, values.tolist(), values[::-1][::-1]):
        table = ac.FeatureTable.from_array(given, names(4), "x")
        np.testing.assert_array_equal(table.values, np.arange(8).reshape(4, 2))
        assert table.values.dtype == np.float32


def test_it_is_clustered_chosen_from_pickled_and_drawn() -> None:
    table = ac.FeatureTable.from_array(rows(), names(), "x")
    result = ac.cluster(table, 3)
    assert result.labels.tolist() == [0, 1, 2] * 10
    assert result.evaluate([i % 3 for i in range(30)])["v_measure"] == 1
    assert ac.choose_k(table).best_k == 3
    assert pickle.loads(pickle.dumps(result)) == result
    assert len(result.plot().collections) > 0
    assert result.labels_for("4.wav").tolist() == [1]
    assert unstyled(table._repr_html_()).count("<td>?</td>") == 30


def test_exports_say_that_an_end_is_not_known(tmp_path: Path) -> None:
    given: list[Any] = [*names(29), ("long.wav", 1.0, 2.0)]
    result = ac.cluster(ac.FeatureTable.from_array(rows(), given, "x"), 3)
    result.to_json(tmp_path / "out.json")
    document = json.loads((tmp_path / "out.json").read_text())
    assert [item["end"] for item in document["items"]] == [None] * 29 + [2.0]
    assert document["settings"] == {
        "features": [],
        "embeddings": [],
        "algorithm": "kmeans",
        "scaling": "standard",
        "random_state": 0,
    }
    result.to_csv(tmp_path / "out.csv")
    ends = [line.split(",")[2] for line in (tmp_path / "out.csv").read_text().splitlines()]
    assert ends == ['"end"', *['""'] * 29, "2.0"]
    frame = result.to_dataframe()
    np.testing.assert_array_equal(frame.index.get_level_values("end"), [math.inf] * 29 + [2.0])
    assert len(frame.join(result.table.to_dataframe())) == 30


def test_new_rows_are_placed_but_no_sounds(tmp_path: Path) -> None:
    result = ac.cluster(ac.FeatureTable.from_array(rows(), names(), "x"), 3)
    new = ac.FeatureTable.from_array(rows(6), [f"new{i}.wav" for i in range(6)], "x")
    assert list(result.predict(new)) == [0, 1, 2, 0, 1, 2]
    with pytest.raises(
        ac.ParameterError, match=r"source='x\.wav': expected a FeatureTable, since"
    ):
        result.predict("x.wav")
    sounds = {"a": (tone(), 22050)}
    other = ac.extract(sounds, features=ac.Embedding("x", lambda y, _: y[:4], 22050, "1"))
    with pytest.raises(ac.ParameterError, match="columns that were clustered, computed alike"):
        result.predict(other)


def test_settings_of_extraction_are_refused_for_it() -> None:
    table = ac.FeatureTable.from_array(rows(), names(), "x")
    with pytest.raises(ac.ParameterError, match=r"belong to extract\(\)"):
        ac.cluster(table, 3, features="rms")


def test_a_path_of_several_items_has_no_one_label() -> None:
    given = [("a.wav", float(i), i + 1.0) for i in range(29)] + [("b.wav", 0.0, 1.0)]
    result = ac.cluster(ac.FeatureTable.from_array(rows(), given, "x"), 3)
    assert result.labels_for("b.wav").tolist() == [2]
    for spelling in ("a.wav", "./a.wav"):
        with pytest.raises(
            ac.ParameterError, match=rf"path='{spelling}' has 29 items: expected"
        ):
            result.labels_for(spelling)


def test_items_are_heard_up_to_an_end_that_is_not_known(tmp_path: Path) -> None:
    files = [tmp_path / f"{i}.wav" for i in range(3)]
    for path in files:
        soundfile.write(path, tone(2.0), 22050)
    given: list[Any] = [*files, (files[0], 0.5, None)]
    table = ac.FeatureTable.from_array([[0.0], [0.1], [0.2], [9.0]], given, "x")
    result = ac.cluster(table, 2)
    preview = result.preview(0, tmp_path / "preview.wav", n=3, seconds=0.5)
    assert (len(preview.excerpts), preview.errors) == (3, ())
    shown = unstyled(result.show(1)._repr_html_())
    assert "of unknown length, the first 30 s" in shown
    assert "<audio" in shown


FOUR = rows(4)


@pytest.mark.parametrize(
    ("values", "items", "columns", "message"),
    [
        (FOUR[0], names(4), "x", r"values has shape \(4,\): expected 2 dimensions"),
        (FOUR[:0], [], "x", r"values has shape \(0, 4\): expected at least one value"),
        (FOUR.astype(complex), names(4), "x", "values=an array of complex128: expected an ar"),
        (FOUR.astype(str), names(4), "x", "values=an array of <U32: expected an array of in"),
        (
            None,
            names(4),
            "x",
            "values=None: expected an array of integers, float16, float32 or float64",
        ),
        ([[1.0, 2.0], [3.0]], names(2), "x", "values=.*: expected an array"),
        (np.ma.ones((4, 4)), names(4), "x", "values=a masked array: expected an array without"),
        (
            [[0.0, 1.0], [2.0, np.nan]],
            names(2),
            "x",
            "values: row 1, column 1 is nan: expected",
        ),
        ([[0.0, np.inf]], names(1), "x", "values: row 0, column 1 is inf: expected a finite n"),
        ([[0.0], [1e300]], names(2), "x", r"row 1, column 0 is 1e\+300: expected a finite num"),
        (FOUR, names(3), "x", "items: expected 4, as values have 4 rows; got 3"),
        (FOUR, "abcd", "x", "items='abcd': expected an iterable of paths"),
        (FOUR, None, "x", "items=None: expected an iterable of paths"),
        (
            FOUR,
            [*names(3), "0.wav"],
            "x",
            "items: Item.path='0.wav'.* is there 2 times: expect",
        ),
        (FOUR, [*names(3), 7], "x", r"items\[3\]=7: expected a str or os.PathLike"),
        (FOUR, [*names(3), ("a", 1.0)], "x", r"items\[3\]=\('a', 1\.0\): expected a path or"),
        (
            FOUR,
            [*names(3), ("a", -1.0, 2.0)],
            "x",
            r"items\[3\], its start=-1\.0: expected a f",
        ),
        (
            FOUR,
            [*names(3), ("a", 0, math.nan)],
            "x",
            r"items\[3\], its end=nan: expected a fin",
        ),
        (
            FOUR,
            [*names(3), ("a", 2.0, 2.0)],
            "x",
            r"items\[3\]=.*: expected an end after the s",
        ),
        (FOUR, [*names(3), (3, 0.0, 2.0)], "x", r"items\[3\]=3: expected a str or os.PathLike"),
        (FOUR, names(4), "", "columns='': expected a str, not empty"),
        (FOUR, names(4), ["a", "b"], r"columns=\['a', 'b'\]: expected 4 names, .*; got 2"),
        (FOUR, names(4), ["a", "b", "c", 4], "columns=4: expected a str, not empty"),
        (FOUR, names(4), ["a", "b", "c", "a"], "columns: 'a' is there 2 times: expected once"),
        (FOUR, names(4), None, "columns=None: expected a name or an iterable of names"),
    ],
)
def test_what_does_not_fit_is_told(values: Any, items: Any, columns: Any, message: str) -> None:
    with pytest.raises(ac.ParameterError, match=message):
        ac.FeatureTable.from_array(values, items, columns)
