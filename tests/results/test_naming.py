"""Names of clusters: given, looked up, shown and exported."""

from __future__ import annotations

import csv
import dataclasses
import json
import pickle
from pathlib import Path

import pytest
from support.command import run
from support.notebooks import unstyled

import audioclust as ac
from audioclust.cli.output import print_clusters


@pytest.fixture(scope="module")
def result(library: list[str]) -> ac.Clustering:
    return ac.cluster(library, 6, n_jobs=1)


def test_a_renamed_result_is_another_with_names(result: ac.Clustering) -> None:
    named = result.rename({0: "kicks", 3: "snares"})
    assert result.names == {}
    assert named.names == {0: "kicks", 3: "snares"}
    assert named != result
    assert pickle.loads(pickle.dumps(named)) == named
    assert named.rename({"kicks": "808", 3: None}).names == {0: "808"}
    assert named.rename({0: "snares", 3: "kicks"}).names == {0: "snares", 3: "kicks"}


def test_a_cluster_is_found_by_its_name(result: ac.Clustering) -> None:
    named = result.rename({2: "kicks"})
    assert named["kicks"] == named[2] == result[2]
    assert named.number_of("kicks") == named.number_of(2) == 2
    assert named._nearest_first("kicks") == result._nearest_first(2)
    with pytest.raises(ac.ParameterError, match="cluster='kick': expected .* one of 'kicks'"):
        named["kick"]
    with pytest.raises(ac.ParameterError, match="cluster='kicks': expected .* none has a name"):
        result["kicks"]


@pytest.mark.parametrize(
    "name", ["", " kicks", "two\nlines", "a\x1b[0m", "‮mirrored", "x" * 81, 3, b"kicks"]
)
def test_what_cannot_be_shown_is_no_name(result: ac.Clustering, name: object) -> None:
    with pytest.raises(ac.ParameterError, match="name=.*: expected a str of 1 to 80"):
        result.rename({0: name})  # type: ignore[dict-item]


def test_clusters_that_do_not_exist_and_shared_names_are_refused(result: ac.Clustering) -> None:
    for cluster in (6, -1, True, "none"):
        with pytest.raises(ac.ParameterError, match="cluster="):
            result.rename({cluster: "kicks"})
    with pytest.raises(ac.ParameterError, match="0 and 1 would have the same"):
        result.rename({0: "Kicks", 1: "kicks"})
    with pytest.raises(ac.ParameterError, match="names=.*: expected a mapping"):
        result.rename(["kicks"])  # type: ignore[arg-type]


def test_names_are_shown_beside_numbers(
    result: ac.Clustering, capsys: pytest.CaptureFixture[str]
) -> None:
    named = result.rename({1: "a <b> $c$"})
    assert "\n  1 a <b> $c$: 10 items, such as" in repr(named)
    assert "\n  0: 10 items" in repr(named)
    assert "<td>1 a &lt;b&gt; $c$</td>" in unstyled(named._repr_html_())
    print_clusters(named)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["cluster", "name", "files"]
    assert lines[2].split()[:5] == ["1", "a", "<b>", "$c$", "10"]
    print_clusters(result)
    assert "name" not in capsys.readouterr().out
    legend = named.plot().get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()][:2] == [
        "0 (10)",
        "1 a <b> $c$ (10)",
    ]


def test_names_are_in_all_exports(result: ac.Clustering, tmp_path: Path) -> None:
    named = result.rename({0: "=kicks", 2: "Überschläge"})
    expected = [named.names.get(label) for label in named.labels.tolist()]
    named.to_json(tmp_path / "out.json")
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert document["names"] == {"0": "=kicks", "2": "Überschläge"}
    assert [item["name"] for item in document["items"]] == expected
    named.to_csv(tmp_path / "out.csv")
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as file:
        written = [row["name"] for row in csv.DictReader(file)]
    # No spreadsheet may run a name as a formula.
    assert written == [(name or "").replace("=kicks", "'=kicks") for name in expected]
    column = named.to_dataframe()["name"]
    # What is missing is None or NaN, as pandas likes it.
    assert column.fillna("").tolist() == [name or "" for name in expected]


def test_the_command_line_writes_a_column_of_names(folder: str, tmp_path: Path) -> None:
    run("cluster", folder, "-k", "6", "--csv", str(tmp_path / "out.csv"), "--quiet")
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as file:
        assert {row["name"] for row in csv.DictReader(file)} == {""}


def test_names_and_moves_of_a_file_are_checked(result: ac.Clustering, tmp_path: Path) -> None:
    path, wrong = tmp_path / "m.audioclust", ac.Corrections(moved={result.paths[0]: 6})
    for bad in ({"names": {6: "kicks"}}, {"names": {0: "\x1b[0m"}}, {"corrections": wrong}):
        dataclasses.replace(result, **bad).save(path)
        with pytest.raises(ac.ModelError, match="name|cluster|moved"):
            ac.load_model(path)
