"""Corrections: what was said holds, and what is said later wins."""

from __future__ import annotations

import dataclasses
import os
import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import audioclust as ac
from audioclust.results.keeping.corrections import clusters_said, overruled


def blobs(n: int = 40, seed: int = 0) -> ac.FeatureTable:
    """Rows in four groups, as a table of files that need not exist."""
    rng = np.random.default_rng(seed)
    centers = np.array([[0, 0], [9, 0], [0, 9], [9, 9]])
    rows = centers[np.arange(n) % 4] + rng.normal(size=(n, 2))
    return ac.FeatureTable.from_array(rows, [f"{i}.wav" for i in range(n)], ["x", "y"])


@pytest.fixture(scope="module")
def result() -> ac.Clustering:
    return ac.cluster(blobs(), 4).rename({0: "zero", 2: "two"})


def label(result: ac.Clustering, path: str) -> int:
    return int(result.labels_for(path)[0])


def test_all_that_is_said_holds(result: ac.Clustering) -> None:
    to = (label(result, "5.wav") + 1) % 4
    better = result.refine(
        together=[["0.wav", Path("1.wav"), "6.wav"]], apart=[["2.wav", "10.wav"]],
        move={"5.wav": to},
    )  # fmt: skip
    assert len({label(better, path) for path in ("0.wav", "1.wav", "6.wav")}) == 1
    assert label(better, "2.wav") != label(better, "10.wav")
    assert label(better, "5.wav") == to
    assert better.names == result.names
    assert better.corrections == ac.Corrections(
        (("0.wav", "1.wav", "6.wav"),), (("2.wav", "10.wav"),), {"5.wav": to}
    )
    assert result.corrections == ac.Corrections()
    assert pickle.loads(pickle.dumps(better)) == better


def test_other_items_keep_the_numbers_of_their_clusters(result: ac.Clustering) -> None:
    to = label(result, "1.wav")
    better = result.refine(move={"0.wav": to})
    others = np.arange(len(result.items)) > 0
    assert np.array_equal(better.labels[others], result.labels[others])
    # Though by size this cluster would be the first now.
    assert label(better, "0.wav") == to


def test_centres_distances_and_inertia_are_those_of_the_new_clusters(
    result: ac.Clustering,
) -> None:
    better = result.refine(move={"0.wav": "two", "1.wav": "two"})
    assert better.centers is not None
    for cluster in range(4):
        mean = better.scaled[better.labels == cluster].mean(axis=0)
        np.testing.assert_allclose(better.centers[cluster], mean, rtol=1e-12)
    expected = np.linalg.norm(better.scaled - better.centers[better.labels], axis=1)
    np.testing.assert_allclose(better.distances, expected, rtol=1e-12)
    assert better.inertia == pytest.approx((expected**2).sum(), rel=1e-12)


def test_a_later_statement_wins(result: ac.Clustering) -> None:
    first = result.refine(together=[["0.wav", "1.wav"], ["2.wav", "3.wav"]], move={"4.wav": 0})
    then = first.refine(apart=[["0.wav", "1.wav"]], move={"4.wav": 1})
    assert label(then, "0.wav") != label(then, "1.wav")
    assert label(then, "2.wav") == label(then, "3.wav")
    assert label(then, "4.wav") == 1
    assert then.corrections == ac.Corrections(
        (("2.wav", "3.wav"),), (("0.wav", "1.wav"),), {"4.wav": 1}
    )
    again = then.refine(together=[["0.wav", "1.wav"]])
    assert label(again, "0.wav") == label(again, "1.wav")
    assert again.corrections.apart == ()


def test_what_belongs_together_moves_together(result: ac.Clustering) -> None:
    better = result.refine(together=[["0.wav", "1.wav"]]).refine(move={"0.wav": 3})
    assert label(better, "0.wav") == label(better, "1.wav") == 3


def test_what_cannot_be_obeyed_is_refused_by_name(result: ac.Clustering) -> None:
    five = [f"{i}.wav" for i in range(5)]
    for said, message in (
        ({"apart": [five]}, r"apart=\['0.wav', .*'4.wav'\]: expected no more items apart"),
        ({"together": [five], "apart": [five[:2]]}, r"apart=\['0.wav', '1.wav'\]: expected"),
        ({"together": [five[:2]], "move": {"0.wav": 0, "1.wav": 1}}, "together=.*0.wav"),
        ({"together": [["0.wav", "lost.wav"]]}, "together='lost.wav': expected a path that"),
        ({"apart": ["0.wav", "1.wav"]}, "apart=.*: expected an iterable of groups"),
        ({"apart": [["0.wav", "0.wav"]]}, "apart=.*: expected an iterable of groups of two"),
        ({"together": "0.wav"}, "together='0.wav': expected an iterable"),
        ({"move": {"0.wav": 4}}, "cluster=4: expected an int from 0 to 3"),
        ({"move": {"0.wav": "kicks"}}, "cluster='kicks': expected a number or a name"),
        ({"move": ["0.wav"]}, "move=.*: expected a mapping"),
        ({}, "expected together, apart or move"),
    ):
        with pytest.raises(ac.ParameterError, match=message):
            result.refine(**said)


def test_parts_of_recordings_are_refused() -> None:
    items = [("long.wav", float(i), i + 1.0) for i in range(6)]
    table = ac.FeatureTable.from_array(np.arange(12.0).reshape(6, 2), items, "x")
    with pytest.raises(ac.ParameterError, match="expected a path with one item, not 6"):
        ac.cluster(table, 2).refine(move={"long.wav": 0})


@pytest.mark.parametrize("algorithm", ["som", "gmm", "ward", "affinity", "hdbscan"])
def test_results_of_every_algorithm_can_be_refined(algorithm: str) -> None:
    needs_k = algorithm in ("som", "gmm", "ward")
    result = ac.cluster(blobs(), 4 if needs_k else "auto", algorithm=algorithm)
    better = result.refine(together=[["0.wav", "1.wav"]])
    assert label(better, "0.wav") == label(better, "1.wav") >= 0
    assert better.algorithm == "kmeans"
    assert better.centers is not None
    assert len(better.centers) == better.k == result.k


def test_noise_stays_noise_unless_it_is_named() -> None:
    table = blobs()
    rows = np.vstack([table.values, [[30, -30], [-30, 30]]])
    names = [f"{i}.wav" for i in range(42)]
    table = ac.FeatureTable.from_array(rows, names, ["x", "y"])
    result = ac.cluster(table, algorithm="hdbscan", scaling="none")
    assert result.labels[40:].tolist() == [-1, -1]
    better = result.refine(move={"40.wav": 0})
    assert better.labels[40:].tolist() == [0, -1]
    assert better.unassigned == "noise"
    assert better.refine(move={"41.wav": 0}).unassigned is None


def test_a_cluster_that_all_items_left_keeps_its_number(
    result: ac.Clustering, tmp_path: Path
) -> None:
    moved = {item.path: 1 for item in result[3]}
    better = result.refine(move=moved)
    assert better.k == 4
    assert better[3] == ()
    assert "3: 0 items" in repr(better)
    assert better.evaluate()["silhouette"] > 0
    assert better.plot().get_legend() is not None
    better.save(tmp_path / "m.audioclust")
    assert ac.load_model(tmp_path / "m.audioclust") == better
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ac.ContinuityWarning)
        after = ac.cluster(blobs(), previous=better)
    assert after[1] == better[1]


def test_known_clusters_are_found_by_any_spelling(result: ac.Clustering) -> None:
    better = result.refine(together=[["0.wav", "1.wav"]], move={"2.wav": "zero"})
    gone = dataclasses.replace(better.corrections, moved={**better.corrections.moved, "x": 3})
    known = clusters_said(gone, better.paths, better.labels.tolist(), better.table.folder)
    assert known["2.wav"] == known[os.path.abspath("2.wav")] == 0
    assert known["0.wav"] == label(better, "0.wav")
    assert known["x"] == 3
    assert "3.wav" not in known


def test_new_files_are_put_where_was_said(result: ac.Clustering) -> None:
    to = (label(result, "5.wav") + 1) % 4
    better = result.refine(apart=[["0.wav", "4.wav"]], move={"5.wav": to})
    again = better.predict(blobs())
    named = [better.paths.index(path) for path in ("0.wav", "4.wav", "5.wav")]
    assert again.labels[named].tolist() == better.labels[named].tolist()
    assert again.names == better.names
    moved = dataclasses.replace(blobs(), folder="elsewhere")
    assert better.predict(moved).labels[5] == label(result, "5.wav")
    # The distance stays that to the nearest centre, which tells how odd the place is.
    assert again.distances[5] < better.distances[5]


def test_corrections_and_names_are_saved(result: ac.Clustering, tmp_path: Path) -> None:
    better = result.refine(
        together=[["0.wav", "1.wav"]], apart=[["2.wav", "3.wav"]], move={"5.wav": "two"}
    )
    better.save(tmp_path / "m.audioclust")
    loaded = ac.load_model(tmp_path / "m.audioclust")
    assert loaded == better
    assert loaded["two"] == better[2]
    after = ac.cluster(blobs(), previous=loaded)
    assert np.array_equal(after.labels, better.labels)
    assert after.corrections == better.corrections


@given(st.sets(st.integers(0, 11)), st.lists(st.integers(1, 12), max_size=3))
def test_statements_are_dropped_as_if_they_were_looked_at_one_by_one(
    forbidden: set[int], limits: list[int]
) -> None:
    """Whatever is forbidden: some statements, or more than so many of one kind."""

    def is_possible(said: ac.Corrections) -> bool:
        numbers = [int(group[0]) for group in (*said.together, *said.apart)]
        numbers += [int(path) for path in said.moved]
        full = any(len([n for n in numbers if n % 3 == i]) > x for i, x in enumerate(limits))
        return not forbidden & set(numbers) and not full

    earlier = ac.Corrections(
        tuple((str(i), "a") for i in range(4)),
        tuple((str(i), "b") for i in range(4, 8)),
        {str(i): 0 for i in range(8, 12)},
    )
    expected: list[str] = []
    for number in [11, 10, 9, 8, 3, 2, 1, 0, 7, 6, 5, 4]:
        trial = ac.Corrections(moved={str(n): 0 for n in [*map(int, expected), number]})
        if is_possible(trial):
            expected.append(str(number))
    kept = overruled(earlier, ac.Corrections(), is_possible)
    assert {path for path in kept.paths if path.isdigit()} == set(expected)
    assert list(kept.together) == sorted(kept.together)
    assert list(kept.moved) == sorted(kept.moved, key=int)


def test_files_that_moved_are_predicted_as_was_said() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(24, 8)) + 9 * (np.arange(24) % 3)[:, None]
    paths = [f"{i}.wav" for i in range(24)]
    columns = [f"c{i}" for i in range(8)]
    result = ac.cluster(ac.FeatureTable.from_array(rows, paths, columns), 3)
    to = label(result, "1.wav")
    better = result.refine(move={"0.wav": to}, together=[["2.wav", "3.wav"]])
    moved = ac.FeatureTable.from_array(rows, [f"new/{path}" for path in paths], columns)
    assert np.array_equal(better.predict(moved), better.labels)
    assert result.predict(moved).labels[0] != to
    # Of two files with this row, nobody knows which one is meant.
    twice = ac.FeatureTable.from_array(rows[[0, 0]], ["x.wav", "y.wav"], columns)
    assert np.array_equal(better.predict(twice), result.labels[[0, 0]])
    # Another sound at the path of a corrected one is still taken for it.
    other = ac.FeatureTable.from_array(rows[:1] + 0.1, ["0.wav"], columns)
    assert list(better.predict(other)) == [to]
