"""The commands that write playlists and sort files into folders."""

from __future__ import annotations

import os
import pty
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from support.command import SCRIPT, read_screen, run
from support.organized import tree

import audioclust as ac
from audioclust.cli.output import MAX_PLAYLISTS

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
    told = f"Wrote 2 playlists to {lists}.\nLeft there, not of this run: "
    assert f"{told}cluster 7.m3u8\n" in done.stderr
    for number in range(8, 20):
        (lists / f"cluster {number}.m3u8").touch()
    done = run("cluster", sounds, *SETTINGS, "--playlists", lists, "--csv", "-")
    assert f"{told}cluster 10.m3u8, cluster 11.m3u8, " in done.stderr
    assert done.stderr.count(".m3u8") == MAX_PLAYLISTS
    assert f" and {13 - MAX_PLAYLISTS} more\n" in done.stderr
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


def test_after_moving_by_a_saved_result_the_new_paths_can_be_saved(
    sounds: Path, tmp_path: Path
) -> None:
    model, out = tmp_path / "my model.audioclust", tmp_path / "out"
    before = ac.cluster(sounds, 3)
    before.save(model)
    linked = run("organize", model, "--into", tmp_path / "links")
    assert "--previous" not in linked.stdout
    moved = run("organize", model, "--into", out, "--mode", "move", "--yes")
    *_, line = moved.stdout.splitlines()
    told, command = line.split(": audioclust ")
    assert told.startswith(f"{model} still has the paths from before.")
    done = run(*shlex.split(command), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    after = ac.load_model(tmp_path / "new.audioclust")
    assert {os.path.commonpath([path, out]) for path in after.paths} == {str(out)}
    clusters = zip(before.paths, before.labels.tolist(), strict=True)
    assert {os.path.basename(path): label for path, label in clusters} == {
        os.path.basename(path): label
        for path, label in zip(after.paths, after.labels.tolist(), strict=True)
    }


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


@pytest.mark.parametrize("into", [".", "out/of links"])
@pytest.mark.parametrize("mode", ["link", "copy"])
def test_links_and_copies_inside_the_collection_need_yes(
    sounds: Path, into: str, mode: str
) -> None:
    before = tree(sounds)
    arguments = ("organize", sounds, *SETTINGS, "--into", sounds / into, "--mode", mode)
    refused = run(*arguments)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "expected a folder outside it, or --yes" in refused.stderr
    assert tree(sounds) == before
    done = run(*arguments, "--yes")
    assert done.returncode == 0
    assert done.stderr.count("Warning: the") == 1


def test_a_folder_of_which_only_files_are_used_is_not_searched(sounds: Path) -> None:
    files = sorted(sounds.glob("*.wav"))
    done = run("organize", *files, *SETTINGS, "--into", sounds / "out")
    assert done.returncode == 0


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
