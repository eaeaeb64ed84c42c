"""Exports of items, read back by something that is not ours."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.command import run
from support.sounds import tone

import audioclust as ac
from audioclust.audio.spans import Item, Span
from audioclust.errors import ItemError, ItemWarning
from audioclust.export.formats import write_table
from audioclust.export.items import write_csv, write_json
from audioclust.export.spans import write_csv as write_spans_csv
from audioclust.export.tables import ItemTable, SpanTable


def test_csv_has_a_line_for_each_item(library: list[str], tmp_path: Path) -> None:
    result = ac.cluster(library, 6)
    result.to_csv(tmp_path / "out.csv")
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [line["path"] for line in lines] == library
    assert [int(line["label"]) for line in lines] == result.labels.tolist()
    assert [float(line["distance"]) for line in lines] == result.distances.tolist()
    assert [(float(x["start"]), float(x["end"])) for x in lines] == [
        (item.start, item.end) for item in result.items
    ]


def test_json_says_all_that_was_done(library: list[str], tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"nothing")
    seed = np.int64(3)
    result = ac.cluster([*library, bad], 6, features=["mfcc", "rms"], random_state=seed)  # type: ignore[call-overload]
    result.to_json(tmp_path / "out.json")
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert list(document) == [
        "items", "errors", "folder", "k", "names", "unassigned", "selection", "inertia",
        "n_iter", "corrections", "warnings", "left_out", "clusters", "columns", "sr",
        "settings", "version", "centers", "scaler", "features", "kept_layout",
        "unit_labels", "trained_map",
    ]  # fmt: skip
    assert document["items"][7] == {
        "path": library[7],
        "start": 0.0,
        "end": result.items[7].end,
        "label": int(result.labels[7]),
        "name": None,
        "distance": float(result.distances[7]),
        "decoder": result.items[7].decoder,
        "warnings": [],
    }
    (error,) = document["errors"]
    assert error["path"] == str(bad)
    assert error["kind"] == "unsupported"
    assert document["k"] == 6
    assert document["selection"] is None
    assert document["inertia"] == result.inertia
    assert document["columns"] == list(result.table.columns)
    assert document["settings"]["random_state"] == 3
    assert document["settings"]["scaling"] == "standard"
    assert document["settings"]["analysis"]["n_fft"] == 2048
    assert [f["name"] for f in document["settings"]["features"]] == ["mfcc", "rms"]
    assert document["version"] == ac.__version__


def test_json_has_what_the_labels_follow_from(library: list[str], tmp_path: Path) -> None:
    result = ac.cluster(library, 6)
    assert result.scaler.scaling == "neighbors"
    result.to_json(tmp_path / "out.json")
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    features = np.array(document["features"], np.float32)
    np.testing.assert_array_equal(features, result.table.values)
    scaler = {name: np.array(value) for name, value in document["scaler"].items()}
    scaled = np.clip((features - scaler["center"]) / scaler["scale"], -3, 3) @ scaler["matrix"]
    apart = np.linalg.norm(scaled[:, None] - np.array(document["centers"]), axis=2)
    assert apart.argmin(axis=1).tolist() == [item["label"] for item in document["items"]]
    # The order of sums is another one.
    distances = [item["distance"] for item in document["items"]]
    np.testing.assert_allclose(apart.min(axis=1), distances, rtol=1e-9)


def test_json_has_features_as_written_by_numpy_in_few_digits(tmp_path: Path) -> None:
    rows = np.array([[0.1, 1e-30, -3.4e38], [1 / 3, 16777216, 5e-45]], np.float32)
    table = ac.FeatureTable.from_array(rows, ["a", "b"], "x")
    ac.cluster(table, 1, scaling="minmax").to_json(tmp_path / "out.json")
    text = (tmp_path / "out.json").read_text(encoding="utf-8")
    assert "[0.1, 1e-30, -3.4e+38]" in text
    read = np.array(json.loads(text)["features"], np.float32)
    np.testing.assert_array_equal(read, rows)


def test_json_says_how_k_was_chosen(library: list[str], tmp_path: Path) -> None:
    result = ac.cluster(library[::10])  # Six rows: of some measures there are too few.
    assert result.selection is not None
    result.to_json(tmp_path / "out.json")
    text = (tmp_path / "out.json").read_text(encoding="utf-8")
    assert "NaN" not in text
    document = json.loads(text)
    found = document["selection"]
    assert found["best_k"] == document["k"] == result.k
    assert found["reason"] == result.selection.reason
    assert found["plausible"] == list(result.selection.plausible)
    assert [row["k"] for row in found["table"]] == [2, 3, 4, 5]
    assert [row["silhouette"] for row in found["table"]] == result.selection.silhouette.tolist()
    assert (found["table"][-1]["stability"] is None) == bool(
        np.isnan(result.selection.stability[-1])
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' names are Unicode")
def test_names_that_are_not_utf_8_are_read_back_from_json(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    for name in (b"caf\xe9.wav", 'naïve, "quoted".wav'.encode()):
        soundfile.write(folder + b"/" + name, tone(), 22050)
    result = ac.cluster(tmp_path, 1)
    result.to_csv(tmp_path / "out.csv")
    result.to_json(tmp_path / "out.json")
    expected = {str(tmp_path / r"caf\xe9.wav"), str(tmp_path / 'naïve, "quoted".wav')}
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as file:
        assert {line["path"] for line in csv.DictReader(file)} == expected
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert {item["path"] for item in document["items"]} == set(result.paths)
    assert all(os.path.isfile(item["path"]) for item in document["items"])
    assert r"caf\udce9.wav" in (tmp_path / "out.json").read_text(encoding="utf-8")
    result.preview(0, tmp_path / "direct.wav")
    done = run("play", tmp_path / "out.json", 0, "--preview", tmp_path / "saved.wav")
    assert (done.returncode, done.stderr) == (0, "")
    direct, saved = tmp_path / "direct.wav", tmp_path / "saved.wav"
    assert direct.read_bytes() == saved.read_bytes()
    spans = ac.segment([os.path.join(tmp_path, "caf\udce9.wav")], k=1, window=0.1)
    spans.to_json(tmp_path / "spans.json")
    document = json.loads((tmp_path / "spans.json").read_text(encoding="utf-8"))
    assert os.path.isfile(document["recordings"][0]["path"])


def test_a_writer_is_found_by_suffix(library: list[str], tmp_path: Path) -> None:
    result = ac.cluster(library[:4], 2)
    result.export(tmp_path / "x.JSON")
    assert np.isfinite(json.loads((tmp_path / "x.JSON").read_text())["inertia"])
    with pytest.raises(
        ac.ParameterError, match=r"expected a suffix that is one of \.csv \.json"
    ):
        result.export(tmp_path / "x.xlsx")


def test_a_table_is_written_as_it_is_given(tmp_path: Path) -> None:
    half = ItemWarning("partial", "half of it\nis missing")
    items = [Item("a.wav", 0.0, 1.5, decoder="x", warnings=[half]), Item("a.wav", 1.5, 2.0)]
    errors = [ItemError("b.wav", "corrupt", "it is\nbroken")]
    about, names = {"k": 2, "note": None}, {0: "the rest"}
    table = ItemTable(items, [1, 0], [0.25, 0.0], errors, about, "/far", names=names)
    write_csv(table, tmp_path / "out.csv")
    expected = (
        '"path","start","end","label","name","distance"\r\n'
        '"a.wav",0.0,1.5,1,"",0.25\r\n"a.wav",1.5,2.0,0,"the rest",0.0\r\n'
    )
    assert (tmp_path / "out.csv").read_bytes() == expected.encode()
    write_json(table, tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text()) == {
        "items": [
            {
                **{"path": "a.wav", "start": 0.0, "end": 1.5, "label": 1, "distance": 0.25},
                "name": None,
                "decoder": "x",
                "warnings": [{"kind": "partial", "message": "half of it\nis missing"}],
            },
            {
                **{"path": "a.wav", "start": 1.5, "end": 2.0, "label": 0, "distance": 0.0},
                "name": "the rest",
                "decoder": None,
                "warnings": [],
            },
        ],
        "errors": [{"path": "b.wav", "kind": "corrupt", "message": "it is\nbroken"}],
        "folder": "/far",
        "k": 2,
        "note": None,
    }
    assert table.inputs == (os.path.join("/far", "a.wav"), os.path.join("/far", "b.wav"))
    assert dataclasses.replace(table, folder=None).inputs == ()


FORMULAS = (
    "=1+1.wav",
    "+2",
    "-3.wav",
    "@SUM(A1)",
    "\t=4",
    "\r=5",
    "\n=6",
    "＝7",
    "＋8",
    "－9",
    "＠a",
)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_name_is_no_formula_in_a_spreadsheet(name: str, tmp_path: Path) -> None:
    items, safe = [Item(name, -1.0, 2.0)], "a;=b.wav"
    write_csv(ItemTable([*items, Item(safe, 0, 1)], [-1, 0], [0.5, 0.5]), tmp_path / "out.csv")
    write_spans_csv(SpanTable([Span(name, -1.0, 2.0, -1)], []), tmp_path / "spans.csv")
    for file in ("out.csv", "spans.csv"):
        text = (tmp_path / file).read_bytes().decode()
        # Quotation marks keep a part after a semicolon from being a cell of its own.
        assert f'\r\n"\'{name}",-1.0,2.0,-1' in text
    assert f'\r\n"{safe}",0,1,0' in (tmp_path / "out.csv").read_bytes().decode()
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as opened:
        rows = list(csv.reader(opened))
    assert [row[0] for row in rows[1:]] == [f"'{name}", safe]


@pytest.mark.parametrize("name", ["csv", "json"])
def test_a_name_may_have_any_character(name: str, tmp_path: Path) -> None:
    names = ['say "hi", or not.wav', "two\nlines.wav", "naïve 🎵.wav", "a\x1b[31m.wav", " b "]
    table = ItemTable([Item(name, 0.0, 1.0) for name in names], [0] * 5, [0.0] * 5)
    write_table(table, tmp_path / "out", name)
    with open(tmp_path / "out", newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file) if name == "csv" else json.load(file)["items"]
        assert [row["path"] for row in rows] == names


def test_a_number_that_json_cannot_write_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("old")
    with pytest.raises(ValueError, match="JSON"):
        write_json(ItemTable([], [], [], [], {"x": float("nan")}), tmp_path / "out.json")
    assert (tmp_path / "out.json").read_text() == "old"
