"""The commands `similar` and `duplicates`."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from support.command import run

import audioclust as ac
from audioclust.demo import synthesize


def test_similar_lists_the_nearest(library: list[str], folder: str, tmp_path: Path) -> None:
    expected = ac.cluster(folder, 1).similar(library[0], 4)
    done = run("similar", library[0], folder, "-n", 4)
    assert done.returncode == 0, done.stderr
    head, *lines = done.stdout.splitlines()
    assert head.split() == ["distance", "sound"]
    for line, (item, distance) in zip(lines, expected, strict=False):
        assert line.split() == [f"{distance:.3f}", Path(item.path).name]
    assert lines[4] == f"The files are in {folder}"
    # A saved result says how sounds are compared, and none of its sounds is decoded.
    model = tmp_path / "m.audioclust"
    ac.cluster(folder, 6).save(model)
    new = shutil.copy(library[0], tmp_path / "new.wav")
    done = run("similar", new, model, "--csv", "-", "-n", 2)
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert [row["path"] for row in rows] == [library[0], expected.items[0].path]
    assert float(rows[0]["distance"]) == 0
    done = run("similar", new, model, "--preset", "music", "--trim", "30")
    assert done.returncode == 2
    assert "--preset, --trim: " in done.stderr
    assert "is a saved result, which has its own sounds and settings" in done.stderr


def test_similar_takes_the_options_of_extraction(
    library: list[str], folder: str, tmp_path: Path
) -> None:
    options = ("--features", "rms", "--scaling", "minmax", "--excerpt", "0.2", "-q")
    out = tmp_path / "s.json"
    arguments = [option for option in options if option != "-q"]
    done = run("similar", library[3], folder, *arguments, "--quiet", "--json", out)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    part = ac.Preparation(excerpt=0.2)
    result = ac.cluster(folder, 1, features="rms", scaling="minmax", preparation=part)
    document = json.loads(out.read_text(encoding="utf-8"))
    expected = result.similar(library[3])
    assert [one["path"] for one in document["items"]] == [item.path for item in expected.items]


def test_both_take_the_options_of_files(
    library: list[str], folder: str, tmp_path: Path
) -> None:
    track, kicks = library[0], "*kick*"
    done = run("similar", track, folder, "--include", kicks, "-n", 20, "--csv", "-")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert len(rows) == 9
    assert all("kick" in row["path"] for row in rows)
    table = tmp_path / "t.features"
    ac.extract(library[:5]).save(table)
    done = run("similar", track, "--table", table, "--csv", "-")
    assert len(list(csv.DictReader(done.stdout.splitlines()))) == 4
    assert run("similar", track).returncode == 2
    files = ac.FileFilter(include=kicks, max_duration=0.4)
    left = ac.extract(folder, files=files).left_out
    assert 0 < len(left) < 10
    assert ac.duplicates(folder, files=files).left_out == left
    done = run("duplicates", folder, "--include", kicks, "--max-duration", 0.4)
    assert f"among {10 - len(left)} sounds" in done.stdout
    assert f"{len(left)} files were left out by duration" in done.stdout


@pytest.fixture
def doubled(tmp_path: Path) -> Path:
    paths = synthesize(str(tmp_path), each=1, seed=3)
    shutil.copy(paths[0], tmp_path / f"again{Path(paths[0]).suffix}")
    return tmp_path


def test_duplicates_lists_groups(doubled: Path) -> None:
    found = ac.duplicates(str(doubled))
    done = run("duplicates", doubled)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    names = [Path(item.path).name for group in found for item in group]
    assert lines[0].split() == ["group", "score", "sound"]
    assert [line.split()[-1] for line in lines[1 : 1 + len(names)]] == names
    (doubled / "bad.wav").write_bytes(b"RIFF")
    done = run("duplicates", doubled, "--strict", "--json", "-")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert len(document["items"]) == len(names)
    assert "1 of 8 could not be used" in done.stderr


def test_duplicates_keeps_fingerprints(doubled: Path, tmp_path: Path) -> None:
    place = tmp_path / "kept.sqlite"
    first = run("duplicates", doubled, "--cache", place)
    assert "7 rows" in run("cache", "info", "--cache", place).stdout
    assert run("duplicates", doubled, "--cache", place).stdout == first.stdout
    assert run("duplicates", doubled, "--no-cache", "--retry").stdout == first.stdout
    assert run("duplicates", doubled, "--no-cache", "--cache", place).returncode == 2


def test_duplicates_says_if_there_are_none(doubled: Path) -> None:
    one = next(doubled.glob("again*"))
    done = run("duplicates", one)
    assert done.stdout.splitlines()[0] == "No duplicates among 1 sounds."
    assert run("duplicates", one, "--seconds", "0").returncode == 2
    assert run("similar", one, doubled, "-n", "0").returncode == 2
    assert run("similar", doubled / "none.wav", doubled).returncode == 1
