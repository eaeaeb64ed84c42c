"""`audioclust cache`, and the options about the cache of other commands."""

from __future__ import annotations

import _thread
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from support.cached import Decoded, Sounds, counting, settled
from support.command import run

from audioclust.api import grouping
from audioclust.audio.recording import Recording
from audioclust.cli.app import main
from audioclust.extraction.one_recording import OneRecording


@pytest.fixture
def sounds(tmp_path: Path) -> Sounds:
    return Sounds(tmp_path / "sounds")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "rows.sqlite"


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Decoded:
    return counting(monkeypatch)


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run a command in this process; give its status and what it printed."""
    try:
        main([str(one) for one in arguments], standalone_mode=True)
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    out, err = capsys.readouterr()
    return status, out, err


def test_cluster_and_choose_k_take_the_options(
    sounds: Sounds, place: Path, decoded: Decoded, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster = ("cluster", sounds.folder, "-k", "2", "--n-jobs", "1")
    first = said(capsys, *cluster, "--cache", place)
    assert len(decoded.taken()) == sounds.n
    again = said(capsys, *cluster, "--cache", place)
    assert again[:2] == first[:2]
    assert "7 of 8 files remembered, 1 failed before." in again[2].splitlines()
    assert said(capsys, "choose-k", sounds.folder, "--cache", place)[0] == 0
    assert decoded.taken() == []
    again = said(capsys, *cluster, "--cache", place, "--retry")
    assert again[:2] == first[:2]
    assert "7 of 8 files remembered, 1 failed." in again[2].splitlines()
    assert decoded.taken() == ["none.wav"]
    assert said(capsys, *cluster, "--no-cache") == first
    assert len(decoded.taken()) == sounds.n
    status, _, errors = said(capsys, *cluster, "--no-cache", "--cache", place)
    assert status == 2
    assert "--cache and --no-cache: expected one of them" in errors


def test_a_line_that_lasts_says_what_was_remembered(
    sounds: Sounds, place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (sounds.folder / "none.wav").unlink()
    few, own = ("-k", "2"), ("--n-jobs", "1", "--cache", place)
    saved, table = tmp_path / "saved.audioclust", tmp_path / "table.features"

    def remembered(*command: object) -> str:
        status, out, errors = said(capsys, *command, *own)
        assert status == 0
        assert "remembered" not in out  # It is for whoever runs it, and no part of a table.
        return "".join(line for line in errors.splitlines() if "remembered" in line)

    assert remembered("cluster", sounds.folder, *few, "--save", saved) == ""
    assert remembered("cluster", sounds.folder, *few) == "7 of 7 files remembered."
    assert remembered("cluster", sounds.folder, *few, "--quiet") == ""
    assert remembered("cluster", sounds.folder, *few, "--csv", "-") != ""
    assert remembered("predict", saved, sounds.folder / "000.wav") == "1 of 1 file remembered."
    sounds.write("new.wav", np.ones(9000))
    all_but_one = "7 of 8 files remembered, 1 computed."
    assert remembered("extract", sounds.folder, "-o", table) == all_but_one
    assert remembered("choose-k", sounds.folder) == "8 of 8 files remembered."
    assert remembered("similar", sounds.folder / "000.wav", sounds.folder).startswith("8 of 8")
    into = ("--into", tmp_path / "into", "--dry-run")
    assert remembered("organize", sounds.folder, *few, *into).startswith("8 of 8 files")
    # What is in a table is not looked up.
    status, _, errors = said(capsys, "cluster", "--table", table, *few)
    assert (status, "remembered" in errors) == (0, False)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_after_ctrl_c_it_says_how_many_files_are_kept(
    sounds: Sounds,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    n: int,
) -> None:
    compute = OneRecording.compute
    begun = 0

    def interrupted(self: OneRecording, recording: Recording, stop: threading.Event) -> object:
        nonlocal begun
        begun += 1
        if begun == n:
            _thread.interrupt_main()
            stop.wait(60)  # It is set when the work is to end.
        return compute(self, recording, stop)

    cluster = ("cluster", sounds.folder, "-k", "2", "--n-jobs", "1", "--cache", place)
    with monkeypatch.context() as patch:
        patch.setattr(OneRecording, "compute", interrupted)
        status, out, errors = said(capsys, *cluster)
    assert (status, out) == (130, "")
    kept = {
        1: "",  # Nothing is, so nothing is promised.
        2: " 1 file is kept; the next run does the rest.",
        5: " 4 files are kept; the next run does the rest.",
    }
    assert errors == f"\nInterrupted.{kept[n]}\n"
    decoded = counting(monkeypatch)
    assert said(capsys, *cluster)[0] == 0
    assert len(decoded) == sounds.n - (n - 1)
    # What comes after all files are done can be interrupted as well.
    monkeypatch.setattr(grouping, "group_rows", interrupted_at_once)
    status, _, errors = said(capsys, *cluster)
    assert (status, errors) == (130, "\nInterrupted. 8 files are kept.\n")


def interrupted_at_once(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_cache_that_cannot_be_used_is_one_line_on_stderr(sounds: Sounds) -> None:
    bad = sounds.folder / "000.wav"
    done = run("cluster", sounds.folder, "-k", "2", "--cache", bad)
    assert done.returncode == 0
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Warning")]
    assert line.startswith(f"Warning: the cache {bad} cannot be used: ")
    assert done.stdout


def test_info_path_and_errors_tell_what_is_there(
    sounds: Sounds, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ("--cache", place)
    assert said(capsys, "cache", "path", *at) == (0, f"{place}\n", "")
    assert said(capsys, "cache", "info", *at) == (0, f"{place}\nThere is none yet.\n", "")
    assert not place.exists()
    said(capsys, "cluster", sounds.folder, "-k", "2", *at)
    status, out, _ = said(capsys, "cache", "info", *at)
    assert status == 0
    assert "7 rows and 1 failure of 8 files, with 1 kind of settings" in out
    status, out, errors = said(capsys, "cache", "errors", *at)
    assert out.startswith(f"{sounds.folder}/none.wav: corrupt: ")
    assert (status, errors) == (0, "1 file could not be used.\n")


def test_prune_removes_what_no_run_looks_up(
    sounds: Sounds, place: Path, decoded: Decoded, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ("--cache", place)
    cluster = ("cluster", sounds.folder, "-k", "2", *at)
    said(capsys, *cluster)
    assert said(capsys, "cache", "prune", *at)[1].startswith("Removed 0 rows")
    (sounds.folder / "000.wav").unlink()
    assert said(capsys, "cache", "prune", *at)[1].startswith("Removed 1 row,")
    decoded.clear()
    said(capsys, *cluster)
    assert decoded.taken() == []
    with closing(sqlite3.connect(place)) as connection, connection:
        connection.execute(
            "UPDATE settings SET key = CAST(replace(key, '\"version\": ', '\"version\": 1') AS BLOB)"  # noqa: E501
        )
    said(capsys, *cluster)
    assert len(decoded.taken()) == sounds.n - 1
    assert said(capsys, "cache", "prune", *at)[1].startswith("Removed 7 rows")
    assert said(capsys, "cache", "prune", *at, "--older-than", "1")[1].startswith("Removed 0")
    with closing(sqlite3.connect(place)) as connection, connection:
        connection.execute("UPDATE row SET written = written - 86500 WHERE file_id % 2 = 0")
        (n_old,) = connection.execute(
            "SELECT count(*) FROM row WHERE file_id % 2 = 0"
        ).fetchone()
    pruned = said(capsys, "cache", "prune", *at, "--older-than", "1")[1]
    assert pruned.startswith(f"Removed {n_old} row")
    said(capsys, *cluster)
    assert len(decoded.taken()) == n_old > 0


def test_clear_asks_and_also_deletes_what_is_damaged(
    sounds: Sounds, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ("--cache", place)
    said(capsys, "cluster", sounds.folder, "-k", "2", *at)
    whole = place.read_bytes()
    place.write_bytes(whole[:100] + b"\xff" * 8000)
    said(capsys, "cluster", sounds.folder, "-k", "2", *at)
    (aside,) = place.parent.glob("rows.sqlite.damaged-*[0-9]")
    said(capsys, "cluster", sounds.folder, "-k", "2", *at)
    assert f"Set aside: {aside}" in said(capsys, "cache", "info", *at)[1]
    place.write_bytes(whole[:100] + b"\xff" * 8000)
    assert run("cache", "clear", *at).returncode != 0  # Nobody answers.
    assert place.exists()
    assert said(capsys, "cache", "clear", "--yes", *at)[0] == 0
    assert list(place.parent.glob("rows.sqlite*")) == []


def test_nothing_that_is_no_cache_is_deleted_or_changed(
    sounds: Sounds, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = settled(sounds.folder / "000.wav")
    before = sound.read_bytes()
    for command in (["clear", "--yes"], ["prune"], ["info"], ["errors"]):
        status, _, errors = said(capsys, "cache", *command, "--cache", sound)
        assert status == 1
        assert len(errors.splitlines()) == 1
        assert sound.read_bytes() == before


def test_a_cache_that_is_off_or_not_there_is_said(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("info", "path", "prune", "errors"):
        status, _, errors = said(capsys, "cache", command)
        assert status == 2
        assert "AUDIOCLUST_CACHE is off" in errors
    for command in ("prune", "errors"):
        status, _, errors = said(capsys, "cache", command, "--cache", place)
        assert (status, errors) == (1, f"Error: {place}: there is none yet\n")
    assert said(capsys, "cache", "clear", "--yes", "--cache", place)[:2] == (
        0,
        "Deleted 0 kB.\n",
    )
    assert not place.exists()
