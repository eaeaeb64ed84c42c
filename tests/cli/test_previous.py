"""``cluster --previous``: groups keep their numbers and names from one run to the next."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from support.command import run

import audioclust as ac


@pytest.fixture
def sounds(library: list[str], tmp_path: Path) -> Path:
    """A folder with two thirds of the library."""
    folder = tmp_path / "sounds"
    folder.mkdir()
    for number, path in enumerate(library):
        if number % 3:
            shutil.copy(path, folder)
    return folder


def test_names_and_numbers_are_kept_between_runs(
    sounds: Path, library: list[str], tmp_path: Path
) -> None:
    model = tmp_path / "m.audioclust"
    settings = ("-k", 6, "--features", "mfcc,rms", "--quiet", "--n-jobs", 1)
    assert run("cluster", sounds, *settings, "--save", model).returncode == 0
    first = ac.load_model(model).rename({0: "zero", 5: "five"})
    first.save(model)
    shutil.copy(library[0], sounds)
    again = (
        "cluster",
        sounds,
        "--previous",
        model,
        "--save",
        model,
        "--csv",
        tmp_path / "t.csv",
    )
    done = run(*again, "--n-jobs", 1)
    assert (done.returncode, done.stderr) == (0, "")
    after = ac.load_model(model)
    assert after.table.columns == first.table.columns
    assert after.names == first.names
    assert after.labels_for(first.paths).tolist() == first.labels.tolist()
    with open(tmp_path / "t.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [
        after.names.get(label, "") for label in after.labels.tolist()
    ]
    fewer = run("cluster", sounds, "--previous", model, "-k", 2, "--quiet", "--n-jobs", 1)
    assert fewer.returncode == 0
    assert fewer.stderr.startswith("Warning: of the previous clusters, none of today's")
    table = run("cluster", sounds, "--previous", model, "--csv", model, "--quiet")
    assert table.returncode == 2
    assert "expected another file" in table.stderr


def test_what_is_no_model_is_refused(sounds: Path, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("nothing")
    for name, message in (("none", "No such file"), ("x.txt", "x.txt")):
        done = run("cluster", sounds, "--previous", tmp_path / name, "--quiet")
        assert done.returncode != 0
        assert done.stdout == ""
        assert done.stderr.startswith("Error:")
        assert message in done.stderr
