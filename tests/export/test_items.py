"""Exports of items, read back by something that is not ours."""

from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.sounds import tone

import audioclust as ac
from audioclust.audio.spans import Item
from audioclust.errors import ItemError
from audioclust.export.items import write_csv, write_json
from audioclust.export.tables import ItemTable


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
    result = ac.cluster([*library, bad], 6, features=["mfcc", "rms"], random_state=seed)  # type: ignore[arg-type]
    result.to_json(tmp_path / "out.json")
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert list(document) == [
        "items", "errors", "k", "selection", "inertia", "columns", "settings", "version",
    ]  # fmt: skip
    assert document["items"][7] == {
        "path": library[7],
        "start": 0.0,
        "end": result.items[7].end,
        "label": int(result.labels[7]),
        "distance": float(result.distances[7]),
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
def test_names_that_are_not_utf_8_are_escaped(tmp_path: Path) -> None:
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
    assert {item["path"] for item in document["items"]} == expected


def test_a_table_is_written_as_it_is_given(tmp_path: Path) -> None:
    items = [Item("a.wav", 0.0, 1.5), Item("a.wav", 1.5, 2.0)]
    errors = [ItemError("b.wav", "corrupt", "it is\nbroken")]
    table = ItemTable(items, [1, 0], [0.25, 0.0], errors, {"k": 2, "note": None})
    write_csv(table, tmp_path / "out.csv")
    expected = (
        "path,start,end,label,distance\r\na.wav,0.0,1.5,1,0.25\r\na.wav,1.5,2.0,0,0.0\r\n"
    )
    assert (tmp_path / "out.csv").read_bytes() == expected.encode()
    write_json(table, tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text()) == {
        "items": [
            {"path": "a.wav", "start": 0.0, "end": 1.5, "label": 1, "distance": 0.25},
            {"path": "a.wav", "start": 1.5, "end": 2.0, "label": 0, "distance": 0.0},
        ],
        "errors": [{"path": "b.wav", "kind": "corrupt", "message": "it is\nbroken"}],
        "k": 2,
        "note": None,
    }
    assert table.inputs == ("a.wav", "b.wav")


def test_a_number_that_json_cannot_write_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("old")
    with pytest.raises(ValueError, match="JSON"):
        write_json(ItemTable([], [], [], [], {"x": float("nan")}), tmp_path / "out.json")
    assert (tmp_path / "out.json").read_text() == "old"
