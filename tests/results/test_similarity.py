"""The items that are most like a sound."""

from __future__ import annotations

import csv
import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.notebooks import unstyled

import audioclust as ac
from audioclust.demo import synthesize


def result_of(rows: np.ndarray, scaling: str = "none") -> ac.Clustering:
    names = [f"{i}.wav" for i in range(len(rows))]
    table = ac.FeatureTable.from_array(rows, names, "x")
    return ac.cluster(table, 1, scaling=scaling)  # type: ignore[call-overload, no-any-return]


@pytest.fixture(scope="module")
def result(library: list[str]) -> ac.Clustering:
    return ac.cluster(library, 6)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=1, max_size=60),
    st.integers(1, 70),
    st.data(),
)
def test_they_are_the_nearest_and_ties_keep_their_order(
    rows: list[tuple[int, int]], n: int, data: st.DataObject
) -> None:
    # Squared distances of small whole numbers are exact, and often equal.
    own = data.draw(st.integers(0, len(rows) - 1))
    squared = [(a - rows[own][0]) ** 2 + (b - rows[own][1]) ** 2 for a, b in rows]
    others = sorted((d, i) for i, d in enumerate(squared) if i != own)[:n]
    found = result_of(np.array(rows, np.float32)).similar(f"{own}.wav", n)
    assert [item.path for item in found.items] == [f"{i}.wav" for _, i in others]
    assert found.distances.tolist() == [np.sqrt(d) for d, _ in others]
    assert found.track.path == f"{own}.wav"


@pytest.mark.parametrize("scaling", ["standard", "quantile", "neighbors"])
def test_they_are_those_of_a_search_through_all_scaled_rows(
    scaling: str, rng: np.random.Generator
) -> None:
    # More rows than are compared in one block of 2**17 values.
    rows = rng.normal(size=(1500, 150)).astype(np.float32)
    rows[700] = rows[3]
    found = result_of(rows, scaling)
    scaled = found.scaled
    expected = np.linalg.norm(scaled - scaled[3], axis=1)
    order = [i for i in np.argsort(expected, kind="stable") if i != 3][:25]
    similar = found.similar("3.wav", 25)
    assert [item.path for item in similar.items] == [f"{i}.wav" for i in order]
    assert similar.distances[0] == 0
    # Both sum 150 squares in double precision, in another order.
    np.testing.assert_allclose(similar.distances, expected[order], rtol=1e-13)


def test_copies_are_equally_far_wherever_they_are(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(2000, 101)).astype(np.float32)
    rows[[5, 873, 1311, 1999]] = rows[5]
    near = result_of(rows, "standard").similar("0.wav", 1999)
    places = [
        i
        for i, one in enumerate(near)
        if one.item.path in {"5.wav", "873.wav", "1311.wav", "1999.wav"}
    ]
    assert places == list(range(places[0], places[0] + 4))
    assert len(set(near.distances[places].tolist())) == 1


def test_a_sound_is_named_in_several_ways(
    result: ac.Clustering, library: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = result.similar(library[7], 5)
    assert found == result.similar(result.items[7], 5)
    monkeypatch.chdir(Path(library[0]).parent)
    assert found == result.similar(Path(library[7]).name, 5)
    assert library[7] not in {item.path for item in found.items}
    # A copy is a new file: its original is the nearest.
    copy = shutil.copy(library[7], tmp_path / f"copy{Path(library[7]).suffix}")
    of_copy = result.similar(copy, 6, n_jobs=1)
    assert of_copy[0] == ac.SimilarItem(result.items[7], 0.0)
    assert of_copy.items[1:] == found.items
    assert of_copy == result.similar(copy, 6, n_jobs=3)
    assert of_copy.distances[1:].tolist() == found.distances.tolist()
    table = ac.extract(copy)
    assert result.similar(table, 6).items == of_copy.items


def test_sounds_of_a_kind_are_similar(result: ac.Clustering, tmp_path: Path) -> None:
    # The library has ten of each of six kinds; the kinds are told apart without a fault.
    for number, path in enumerate(synthesize(str(tmp_path), each=1, seed=9)):
        kinds = [result.items.index(item) // 10 for item in result.similar(path, 8).items]
        assert kinds == [number] * 8


def test_what_is_not_one_sound_is_refused(
    result: ac.Clustering, library: list[str], tmp_path: Path
) -> None:
    with pytest.raises(ac.ParameterError, match="n=0: expected an int from 1"):
        result.similar(library[0], 0)
    with pytest.raises(ac.ParameterError, match="expected an item of this result"):
        result.similar(ac.Item("a.wav", 0, 1))
    with pytest.raises(ac.ParameterError, match="has 60 files: expected one"):
        result.similar(str(Path(library[0]).parent))
    with pytest.raises(ac.ParameterError, match="expected a table of one row"):
        result.similar(ac.extract(library[:2]))
    with pytest.raises(ac.ParameterError, match="computed alike"):
        result.similar(ac.extract(library[0], features="rms"))
    with pytest.raises(FileNotFoundError):
        result.similar(tmp_path / "none.wav")
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    with pytest.raises(ac.NothingExtractedError):
        result.similar(tmp_path / "broken.wav")
    rows = ac.FeatureTable.from_array(
        np.eye(4), [("a.wav", 0, 1), ("a.wav", 1, 2), "b", "c"], "x"
    )
    parts = ac.cluster(rows, 2)
    with pytest.raises(ac.ParameterError, match="expected one of its 2 items"):
        parts.similar("a.wav")
    assert len(parts.similar(parts.items[1])) == 3
    with pytest.raises(ac.ParameterError, match="computed elsewhere"):
        parts.similar(library[0])


def test_scaled_rows_are_kept_but_not_pickled(library: list[str]) -> None:
    result = ac.cluster(library, 6)
    before = pickle.dumps(result)
    found = result.similar(library[0])
    assert result._scaled_rows is result._scaled_rows
    assert len(pickle.dumps(result)) == len(before)
    again = pickle.loads(pickle.dumps(result))
    assert again == result
    assert again.similar(library[0]) == found


def test_they_are_shown_and_written(
    result: ac.Clustering, library: list[str], tmp_path: Path
) -> None:
    found = result.similar(library[0], 3)
    assert len(found) == 3
    assert found[1] == (found.items[1], found.distances[1])
    assert found[:2] == list(found)[:2]
    frame = found.to_dataframe()
    assert frame["distance"].tolist() == found.distances.tolist()
    assert frame.index[0] == (*found.items[0],)
    assert repr(found).splitlines()[0] == f"<Similar: 3 items like {Path(library[0]).name}>"
    assert unstyled(found._repr_html_()).count("<tr>") == 4
    found.export(tmp_path / "s.csv")
    with open(tmp_path / "s.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["path"] for row in rows] == [item.path for item in found.items]
    assert [float(row["distance"]) for row in rows] == found.distances.tolist()
    found.export(tmp_path / "s", format="json")
    document = json.loads((tmp_path / "s").read_text(encoding="utf-8"))
    assert document["track"] == [library[0], 0.0, found.track.end]
    assert [one["distance"] for one in document["items"]] == found.distances.tolist()
    with pytest.raises(ac.ParameterError, match="expected a suffix that is one of .csv .json"):
        found.export(tmp_path / "s.txt")
    with pytest.raises(ac.ParameterError):
        found.export(library[0], format="csv")
