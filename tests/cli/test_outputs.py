"""What commands write: to files, to standard output, and never one output over another."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from pathlib import Path

import pytest
import soundfile
from support.command import run
from support.hits import SR, loop
from support.sounds import tone

import audioclust as ac


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """A folder with a drum loop, and with two files to cluster."""
    soundfile.write(tmp_path / "loop.wav", loop()[0], SR)
    soundfile.write(tmp_path / "tone.wav", tone(1.0), SR)
    return tmp_path


COMMANDS = {
    "cluster": (["cluster", "loop.wav", "tone.wav", "-k", 2], "items"),
    "segment": (["segment", "loop.wav", "-k", 1], "spans"),
    "onsets": (["onsets", "loop.wav", "-k", 2], "spans"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_dash_is_standard_output(command: str, sounds: Path) -> None:
    arguments, key = COMMANDS[command]
    for options in (["--csv"], ["--to", "csv"]):
        done = run(*arguments, *options, "-", cwd=sounds)
        assert (done.returncode, done.stderr) == (0, "")
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        assert {row["path"] for row in rows} <= {"loop.wav", "tone.wav"}
    done = run(*arguments, "--json", "-", cwd=sounds)
    assert len(json.loads(done.stdout)[key]) == len(rows)
    assert sorted(os.listdir(sounds)) == ["loop.wav", "tone.wav"]


@pytest.mark.parametrize("command", COMMANDS)
def test_two_outputs_are_never_one_file(command: str, sounds: Path) -> None:
    arguments, _ = COMMANDS[command]
    (sounds / "link").symlink_to(sounds / "x")
    (sounds / "old").write_text("old")
    pairs = [("x", "x"), ("x", "./x"), ("x", "link"), ("x", sounds / "x"), ("-", "-")]
    for one, other in [*pairs, ("old", "old")]:
        done = run(*arguments, "--csv", one, "--json", other, cwd=sounds)
        assert done.returncode == 2, done
        assert "is the place of two outputs: expected a file for each" in done.stderr
        assert done.stdout == ""
    assert (sounds / "old").read_text() == "old"
    assert not (sounds / "x").exists()
    assert (
        run(*arguments, "--csv", os.devnull, "--json", os.devnull, cwd=sounds).returncode == 0
    )


def test_clicks_are_not_written_over_another_output(sounds: Path) -> None:
    done = run("onsets", "loop.wav", "--sonify", "x.wav", "--csv", "x.wav", cwd=sounds)
    assert done.returncode == 2
    assert "is the place of two outputs" in done.stderr
    assert not (sounds / "x.wav").exists()


def test_hits_are_not_mixed_with_those_of_an_earlier_run(sounds: Path) -> None:
    assert run("onsets", "loop.wav", "-k", 2, "--hits", "hits", cwd=sounds).returncode == 0
    before = {path.name: path.read_bytes() for path in (sounds / "hits").iterdir()}
    done = run("onsets", "loop.wav", "-k", 3, "--hits", "hits", "--csv", "x", cwd=sounds)
    assert done.returncode == 2
    assert f"has {len(before)} already, such as 0_001.wav" in done.stderr
    assert {path.name: path.read_bytes() for path in (sounds / "hits").iterdir()} == before
    assert not (sounds / "x").exists()
    (sounds / "new").mkdir()
    done = run("onsets", "loop.wav", "--hits", "new", "--csv", "new/0_001.wav", cwd=sounds)
    assert done.returncode == 2
    (sounds / "new" / "notes.txt").write_text("kept")
    done = run("onsets", "loop.wav", "-k", 2, "--hits", "new", "--csv", "new/a.csv", cwd=sounds)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(before) == sorted(p.name for p in (sounds / "new").glob("*_*.wav"))
    assert (sounds / "new" / "notes.txt").read_text() == "kept"


@pytest.fixture
def library_copy(library: list[str], tmp_path: Path) -> list[Path]:
    """Six sounds that may be lost, the last of them in a hidden folder."""
    paths = [Path(shutil.copy(path, tmp_path)) for path in library[::10]]
    (tmp_path / ".hidden").mkdir()
    return [*paths[:-1], Path(shutil.move(paths[-1], tmp_path / ".hidden"))]


def test_what_was_compared_is_not_replaced(library_copy: list[Path], tmp_path: Path) -> None:
    first, *_, last, hidden = library_copy
    table, model = tmp_path / "t.features", tmp_path / "m.audioclust"
    result = ac.cluster(library_copy, 2, n_jobs=1)
    result.save(model)
    result.table.save(table)
    far = Path(result.similar(first, 9).items[-1].path)
    near = ("similar", first, "-n", 1)
    commands = [
        (*near, model, "--csv", far),
        (*near, "--table", table, "--csv", tmp_path / "x.csv", "--json", far),
        (*near, "--table", table, "--csv", tmp_path / "x.csv", "--json", table),
        (*near, tmp_path, "--csv", tmp_path / "x.csv", "--json", last),
        (*near, tmp_path, "--hidden", "--csv", hidden),
        ("cluster", "--table", table, "-k", 2, "--csv", last),
        ("cluster", "--table", table, "-k", 2, "--save", last),
        ("duplicates", tmp_path, "--csv", last),
        ("duplicates", tmp_path, "--hidden", "--csv", hidden),
        ("predict", model, first, "--csv", last),
    ]
    inputs = [*library_copy, table, model]
    before = [path.read_bytes() for path in inputs]
    for command in commands:
        done = run(*command)
        assert done.returncode == 2, (command, done)
        assert "expected another file than" in done.stderr
        assert done.stdout == ""
    assert [path.read_bytes() for path in inputs] == before
