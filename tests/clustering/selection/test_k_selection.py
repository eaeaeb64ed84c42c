"""The result of choose_k(): a table in Python, on screen, in a notebook and in files."""

from __future__ import annotations

import csv
import dataclasses
import json
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics
from sklearn.datasets import make_blobs
from support.notebooks import unstyled

import audioclust as ac

HEAD = [
    *("k", "silhouette", "null_mean", "null_high", "stability", "inertia"),
    *("calinski_harabasz", "davies_bouldin"),
]
MORE = ["compared", "height_excess", "apartness_excess", "silhouette_excess"]


@pytest.fixture(scope="module")
def selection() -> ac.KSelection:
    return ac.choose_k(make_blobs(200, 5, centers=4, random_state=0)[0], range(2, 8))


@pytest.fixture(scope="module")
def undefined(selection: ac.KSelection) -> ac.KSelection:
    """A selection whose stability is not defined."""
    return dataclasses.replace(selection, stability=np.full(6, np.nan))


def test_the_measures_of_each_k_are_scikit_learns() -> None:
    x, truth = make_blobs(200, 5, centers=4, random_state=0)
    selection = ac.choose_k(x, range(2, 8))
    assert selection.k.tolist() == [2, 3, 4, 5, 6, 7]
    assert selection.best_k == selection.knee == 4
    assert 4 in selection.plausible
    at = 2
    middles = np.stack([x[truth == i].mean(axis=0) for i in range(4)])
    assert selection.inertia[at] == pytest.approx(((x - middles[truth]) ** 2).sum())
    theirs = metrics.silhouette_score(x, truth)
    assert selection.silhouette[at] == selection.compared[at] == pytest.approx(theirs)
    theirs = metrics.calinski_harabasz_score(x, truth)
    assert selection.calinski_harabasz[at] == pytest.approx(theirs)
    assert selection.davies_bouldin[at] == pytest.approx(metrics.davies_bouldin_score(x, truth))
    assert selection.stability[at] == pytest.approx(1)
    assert np.all(selection.stability[3:] < 0.99)
    assert np.all(selection.null_high >= selection.null_mean)
    assert np.all(np.diff(selection.inertia) < 0)
    assert not selection.sampled
    assert selection.n_rows == 200
    table = selection.table()
    assert [row["k"] for row in table] == selection.k.tolist()
    assert table[at]["verdict"] == "best, knee"
    assert table[at]["silhouette"] == selection.silhouette[at]
    with pytest.raises(AttributeError):
        selection.best_k = 3  # type: ignore[misc]


def test_it_is_a_sequence_of_table_rows(selection: ac.KSelection) -> None:
    assert len(selection) == 6
    assert list(selection) == selection.table()
    assert [row["k"] for row in selection] == [2, 3, 4, 5, 6, 7]
    nothing = ac.choose_k(np.zeros((3, 2)))
    assert len(nothing) == 0
    assert list(nothing) == []


def test_the_silhouette_that_nulls_are_compared_with_is_shown_and_named(
    selection: ac.KSelection,
) -> None:
    assert selection.measure == "silhouette"
    at = selection.k.tolist().index(selection.best_k)
    value = selection.silhouette[at]
    null = selection.null_mean[at]
    assert selection.reason.endswith(f"silhouette {value:.2f}, {null:.2f} by chance")
    sampled = dataclasses.replace(selection, compared=selection.compared - 0.1)
    assert sampled.measure == "compared"
    assert repr(sampled).splitlines()[1].split()[:3] == ["k", "silhouette", "compared"]
    assert f"{value - 0.1:.2f}" in repr(sampled).splitlines()[2 + at]
    assert "<th>compared</th>" in re.sub("<th [^>]*>", "<th>", unstyled(sampled._repr_html_()))


def test_columns_have_the_same_names_everywhere(
    selection: ac.KSelection, tmp_path: Path
) -> None:
    assert list(selection.table()[0]) == [*HEAD, *MORE, "verdict"]
    first, head, *rows = repr(selection).splitlines()
    assert first.startswith("<KSelection: 200 rows, best_k=4; silhouettes, splits and ")
    assert head.split() == [*HEAD, "verdict"]
    assert [row.split()[0] for row in rows] == list("234567")
    assert rows[2].endswith("  best, knee")
    html = unstyled(selection._repr_html_())
    assert "".join(f"<th>{name}</th>" for name in [*HEAD, "verdict"]) in html
    assert html.count("<tr>") == 7
    assert f"<td>{selection.silhouette[0]:.2f}</td>" in html


def test_files_have_every_row(undefined: ac.KSelection, tmp_path: Path) -> None:
    undefined.to_csv(tmp_path / "k.csv")
    with open(tmp_path / "k.csv", newline="", encoding="utf-8") as file:
        written = list(csv.DictReader(file))
    undefined.to_json(tmp_path / "k.json")
    document = json.loads((tmp_path / "k.json").read_text(encoding="utf-8"))
    assert document.pop("version") == ac.__version__
    assert document == undefined.to_dict()
    assert document["best_k"] == 4
    for line, entry, row in zip(written, document["table"], undefined, strict=True):
        assert list(line) == list(entry) == list(row)
        assert (line.pop("stability"), entry.pop("stability")) == ("", None)
        assert line.pop("verdict") == entry["verdict"] == row["verdict"]
        assert {name: float(value) for name, value in line.items()} == {
            name: row[name] for name in line
        }
        assert all(entry[name] == row[name] for name in entry)
    with pytest.raises(ac.ParameterError, match="path=3: expected a str"):
        undefined.to_csv(3)  # type: ignore[arg-type]


def test_equal_by_value_and_pickled_by_its_public_name(
    selection: ac.KSelection, undefined: ac.KSelection
) -> None:
    state = pickle.dumps(undefined)
    assert b"audioclust\x94\x8c\nKSelection" in state
    assert b"audioclust.clustering" not in state
    assert pickle.loads(state) == undefined
    assert undefined != selection
