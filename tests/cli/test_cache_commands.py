"""`audioclust cache`, and the options about the cache of other commands."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.cached import Decoded, Sounds, counting, settled
from support.command import run

from audioclust.cli.app import main


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
    assert said(capsys, *cluster, "--cache", place) == first
    assert said(capsys, "choose-k", sounds.folder, "--cache", place)[0] == 0
    assert decoded.taken() == []
    assert said(capsys, *cluster, "--cache", place, "--retry") == first
    assert decoded.taken() == ["none.wav"]
    assert said(capsys, *cluster, "--no-cache") == first
    assert len(decoded.taken()) == sounds.n
    status, _, errors = said(capsys, *cluster, "--no-cache", "--cache", place)
    assert status == 2
    assert "--cache and --no-cache: expected one of them" in errors


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
