"""A result puts its files into a folder for each cluster."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.organized import tree

import audioclust as ac
from audioclust.export.organizing.plan import PlacingMode


@pytest.fixture
def sounds(library: list[str], tmp_path: Path) -> list[str]:
    (tmp_path / "in").mkdir()
    return [shutil.copy2(path, str(tmp_path / "in")) for path in library[:12]]


@pytest.fixture
def result(sounds: list[str]) -> ac.Clustering:
    found = ac.cluster(sounds, 2)
    labels = found.labels.copy()
    labels[0] = -1
    return replace(found, labels=labels, names={0: "kicks"}, unassigned="noise")


def test_files_are_put_into_the_folders_of_their_clusters(
    result: ac.Clustering, tmp_path: Path
) -> None:
    before = tree(tmp_path)
    planned = result.organize(tmp_path / "out", "move", dry_run=True)
    assert planned.log is None
    assert not planned.placed
    assert tree(tmp_path) == before
    done = result.organize(tmp_path / "out", "move")
    assert done.plan == planned.plan
    assert done.placed == done.plan.steps
    rooms = {0: "0 kicks", 1: "cluster 1"}
    expected = {
        str(tmp_path / "out" / rooms[label] / os.path.basename(path)): before[path]
        for path, label in zip(result.paths, result.labels.tolist(), strict=True)
        if label >= 0
    }
    now = {name: content for name, content in tree(tmp_path).items() if name != done.log}
    assert now == {result.paths[0]: before[result.paths[0]], **expected}
    assert done.log is not None
    assert not ac.undo(done.log).kept
    assert tree(tmp_path) == before


def test_what_was_done_is_shown_as_numbers(result: ac.Clustering, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    planned = result.organize(out, "copy", dry_run=True)
    assert repr(planned) == (
        f"<Organized: nothing was done; <Plan: 11 files to copy, in {out!r}>>"
    )
    os.unlink(result.paths[1])
    done = result.organize(out, "copy")
    assert repr(done.plan) == (f"<Plan: 10 files to copy, 1 that cannot be placed, in {out!r}>")
    assert repr(done) == (
        f"<Organized: 10 of 10 files placed, 1 could not be, log={done.log!r}>"
    )
    again = result.organize(out, "copy")
    assert repr(again.plan) == (
        f"<Plan: 0 files, 10 in place already, 1 that cannot be placed, in {out!r}>"
    )
    assert done.log is not None
    for step in done.placed[:4]:
        Path(step.target).write_bytes(b"my own")
    undone = ac.undo(done.log)
    shown = ", ".join(f"{path!r} (the copy was changed)" for path, _ in undone.kept[:3])
    assert repr(undone) == f"<Undone: 6 undone, 4 kept: {shown} and 1 more>"


@pytest.mark.parametrize("name", ["a\0b.wav", "\ud800.wav"])
def test_a_name_that_no_file_can_have_is_not_placed(
    name: str, result: ac.Clustering, tmp_path: Path
) -> None:
    items = (*result.items[:-1], result.items[-1]._replace(path=name))
    odd = replace(result, table=replace(result.table, items=items))
    done = odd.organize(tmp_path / "out")
    (error,) = done.plan.errors
    assert error.path.endswith(name)
    assert error.message == "no file on this system can have such a name"
    assert len(done.placed) == len(items) - 2


def test_files_in_no_cluster_can_have_a_folder(result: ac.Clustering, tmp_path: Path) -> None:
    done = result.organize(tmp_path / "out", unassigned="folder")
    target = tmp_path / "out" / "unassigned" / os.path.basename(result.paths[0])
    assert os.readlink(target) == result.paths[0]
    assert len(done.placed) == len(result.items)


def test_paths_in_a_result_belong_to_its_folder(
    sounds: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = ac.cluster("in", 1)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    done = result.organize("out", "copy")
    assert {step.source for step in done.placed} == set(sounds)
    assert {os.path.dirname(step.target) for step in done.placed} == {
        str(tmp_path / "elsewhere" / "out" / "cluster 0")
    }


def test_links_inside_the_collection_are_warned_of(
    result: ac.Clustering, tmp_path: Path
) -> None:
    with pytest.warns(ac.FoundTwiceWarning, match="the links in .* are found too") as caught:
        result.organize(tmp_path / "in" / "out")
    assert caught[0].filename == __file__
    with pytest.warns(ac.FoundTwiceWarning, match="the copies"):
        result.organize(tmp_path / "in" / "copies", "copy", dry_run=True)
    result.organize(tmp_path / "in" / "moved", "move", dry_run=True)


def test_moved_files_are_organized_again_where_they_are(
    result: ac.Clustering, tmp_path: Path
) -> None:
    done = result.organize(tmp_path / "out", "move")
    again = ac.cluster(tmp_path / "out", 1).organize(tmp_path / "out", "move")
    assert len(again.placed) == len(done.placed)
    assert again.log != done.log
    assert ac.cluster(tmp_path / "out", 1).organize(tmp_path / "out", "move").log is None
    for log in (again.log, done.log):
        assert log is not None
        assert not ac.undo(log).kept
    assert not (tmp_path / "out").exists()
    assert all(os.path.exists(path) for path in result.paths)


@pytest.mark.parametrize("mode", ["link", "copy"])
def test_what_an_earlier_run_put_elsewhere_is_listed(
    sounds: list[str], mode: PlacingMode, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    first = ac.cluster(sounds, 2)
    done = first.organize(out, mode)
    assert done.log is not None
    assert done.plan.stale == ()
    assert first.organize(out, mode).plan.stale == ()
    labels = first.labels.copy()
    labels[0] = 1 - labels[0]
    labels[1] = -1
    better = replace(first, labels=labels, unassigned="noise")
    places = {step.source: step.target for step in done.placed}
    expected = tuple(ac.Stale(places[path], done.log) for path in sounds[:2])
    planned = better.organize(out, mode, dry_run=True).plan
    assert planned.stale == expected
    assert ", 2 stale, in " in repr(planned)
    again = better.organize(out, mode)
    assert again.plan.stale == expected
    # What was changed since is not ours any more, and other files say nothing.
    os.unlink(places[sounds[0]])
    Path(places[sounds[0]]).write_bytes(b"mine")
    assert better.organize(out, mode).plan.stale == expected[1:]
    assert ac.cluster(sounds[4:], 1).organize(tmp_path / "other", mode).plan.stale == ()
    # As it says: with the earlier log, and organizing once more, all is right.
    os.unlink(places[sounds[0]])
    assert not ac.undo(done.log).kept
    right = better.organize(out, mode)
    assert right.plan.stale == ()
    there = {path.name for room in out.iterdir() if room.is_dir() for path in room.iterdir()}
    assert there == {os.path.basename(path) for path in (sounds[0], *sounds[2:])}
    (out / "audioclust-organized-9.jsonl").write_text("no log")
    assert better.organize(out, mode).plan.stale == ()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"mode": "hardlink"}, "mode='hardlink': expected one of link, copy, move"),
        ({"unassigned": "drop"}, "unassigned='drop': expected one of leave, folder"),
        ({"dry_run": 1}, "dry_run=1: expected True or False"),
        ({"folder": 3}, "folder=3: expected"),
    ],
)
def test_arguments_are_checked(
    result: ac.Clustering, tmp_path: Path, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ac.ParameterError, match=message):
        result.organize(**{"folder": tmp_path / "out", **given})
    assert not (tmp_path / "out").exists()


def test_rows_computed_elsewhere_can_be_organized(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    paths = [tmp_path / "in" / f"{n}.wav" for n in range(4)]
    for path in paths:
        path.write_bytes(path.name.encode())
    table = ac.FeatureTable.from_array(np.array([[0.0], [0.1], [9.0], [9.1]]), paths, ["x"])
    result = ac.cluster(table, 2)
    os.unlink(paths[1])
    done = result.organize(tmp_path / "out", "copy")
    assert [error.path for error in done.errors] == [str(paths[1])]
    assert len(done.placed) == 3
