"""The commands that write playlists and sort files into folders."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from pathlib import Path

import pytest
from support.command import SCRIPT, read_screen, run
from support.organized import tree

import audioclust as ac

SETTINGS = ["-k", "2", "--features", "rms", "--n-jobs", "1"]


@pytest.fixture
def sounds(library: list[str], tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for path in library[:11]:
        shutil.copy2(path, tmp_path / "in")
    shutil.copy2(library[11], tmp_path / "in" / "a\nb\udcff -> [c].wav")
    return tmp_path / "in"


def test_playlists_are_written_beside_what_is_printed(sounds: Path, tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    done = run("cluster", sounds, *SETTINGS, "--playlists", lists)
    assert done.returncode == 0
    assert f"Wrote 2 playlists to {lists}." in done.stderr
    assert {path.name for path in lists.iterdir()} == {"cluster 0.m3u8", "cluster 1.m3u8"}
    (lists / "cluster 7.m3u8").touch()
    done = run("cluster", sounds, *SETTINGS, "--playlists", lists, "--csv", "-")
    assert done.stdout.startswith('"path","start","end"')
    assert f"Wrote 2 playlists to {lists}; 1 other there was left." in done.stderr
    (tmp_path / "file").touch()
    done = run("cluster", sounds, *SETTINGS, "--playlists", tmp_path / "file" / "lists")
    assert done.returncode == 1
    assert "Not a directory" in done.stderr


def test_a_plan_is_shown_carried_out_and_undone(sounds: Path, tmp_path: Path) -> None:
    before, out = tree(tmp_path), tmp_path / "out"
    arguments = ["organize", sounds, *SETTINGS, "--into", out, "--mode", "move"]
    shown = run(*arguments, "--dry-run")
    assert shown.returncode == 0
    assert shown.stdout.count(f" -> {out}/cluster ") == 12
    assert "12 files to move; nothing was done." in shown.stdout
    assert tree(tmp_path) == before
    refused = subprocess.run(
        [SCRIPT, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert "expected --yes" in refused.stderr
    assert tree(tmp_path) == before
    done = run(*arguments, "--yes")
    assert done.returncode == 0
    assert f"Moved 12 files to {out}." in done.stdout
    assert not tree(sounds)
    command = done.stdout.strip().splitlines()[-1].partition("audioclust ")[2]
    undone = run(*command.split())
    assert undone.returncode == 0
    assert "Undid it for 12 files." in undone.stdout
    assert tree(tmp_path) == before


def test_what_a_correction_left_in_another_folder_is_named(
    sounds: Path, tmp_path: Path
) -> None:
    out, model = tmp_path / "out", tmp_path / "m.audioclust"
    result = ac.cluster(sounds, 2, features="rms", n_jobs=1)
    result.organize(out)
    path, label = result.paths[-1], int(result.labels[-1])
    better = result.refine(move={path: 1 - label})
    better.save(model)
    n = int((better.labels != result.labels).sum())
    for more in (["--dry-run"], []):
        done = run("organize", model, "--into", out, *more)
        assert done.returncode == 0
        assert f"{n} link" in done.stdout
        assert f"\n  {out}/cluster {label}/{os.path.basename(path)}\n" in done.stdout
        assert f"\n  audioclust organize --undo {out}/audioclust-organized-1.jsonl\n" in (
            done.stdout
        )
    assert run("organize", model, "--into", out, "--quiet").stdout == ""


@pytest.mark.parametrize(("answer", "is_moved"), [(b"n\n", False), (b"y\n", True)])
def test_moving_asks(sounds: Path, tmp_path: Path, answer: bytes, is_moved: bool) -> None:
    before = tree(sounds)
    ours, theirs = pty.openpty()
    command = [SCRIPT, "organize", sounds, *SETTINGS, "--into", tmp_path / "out"]
    process = subprocess.Popen(
        [*map(str, command), "--mode", "move"],
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    screen = b""
    while b"Move 12 files" not in screen:
        more = read_screen(ours)
        assert more, screen
        screen += more
    os.write(ours, answer)
    while read_screen(ours):
        pass
    assert process.wait() == (0 if is_moved else 130)
    os.close(ours)
    assert (tree(sounds) == before) != is_moved


def test_a_saved_result_is_organized_as_it_is(sounds: Path, tmp_path: Path) -> None:
    model = tmp_path / "m.audioclust"
    result = ac.cluster(sounds, 2)
    result.save(model)
    done = run("organize", model, "--into", tmp_path / "out")
    assert done.returncode == 0
    assert "Linked 12 files" in done.stdout
    links = [path for path in (tmp_path / "out").rglob("*") if path.is_symlink()]
    assert {os.readlink(path) for path in links} == set(result.paths)
    again = run("organize", model, "--into", tmp_path / "out")
    assert "12 files already in place." in again.stdout
    refused = run("organize", model, "--into", tmp_path / "out", "-k", "3")
    assert refused.returncode == 2
    assert "-k: " in refused.stderr


def test_files_that_stay_are_told_of(sounds: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("organize", sounds, *SETTINGS, "--into", out, "--mode", "copy").returncode == 0
    copy = next(out.rglob("*.wav"))
    copy.write_bytes(b"my own")
    undone = run("organize", "--undo", out / "audioclust-organized-1.jsonl")
    assert undone.returncode == 1
    assert "1 file left as it is:" in undone.stderr
    assert str(copy) in undone.stderr
    assert copy.read_bytes() == b"my own"


def test_links_inside_the_collection_are_warned_of(sounds: Path) -> None:
    done = run("organize", sounds, *SETTINGS, "--into", sounds / "out")
    assert done.returncode == 0
    assert done.stderr.count("Warning: the links in") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected PATH... and --into DIR, or --undo LOG"),
        (["in"], "expected PATH... and --into DIR, or --undo LOG"),
        (["in", "--undo", "log"], "--undo takes no PATH and no --into"),
        (["--undo", "in"], "is a directory"),
    ],
)
def test_wrong_usage(sounds: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    done = run("organize", *arguments, cwd=sounds.parent)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_no_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("{}")
    done = run("organize", "--undo", tmp_path / "log")
    assert done.returncode == 2
    assert "expected the log of organize()" in done.stderr
