"""The command `som`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from support.command import run

import audioclust as ac


def test_the_command_prints_and_writes_the_map(folder: str, tmp_path: Path) -> None:
    sounds = ac.som_map(folder, (4, 6), topology="hexagonal")
    out = tmp_path / "out.csv"
    shape = ("--shape", "4x6", "--topology", "hexagonal")
    done = run("som", folder, *shape, "--csv", out)
    assert done.returncode == 0, done.stderr
    with open(out, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [[int(row["row"]), int(row["col"])] for row in rows] == sounds.positions.tolist()
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["row", "column", "files", "which"]
    row, col = divmod(int(sounds.hits().argmax()), 6)
    assert lines[1].split()[:3] == [str(row), str(col), str(int(sounds.hits().max()))]
    hit = int((sounds.hits() > 0).sum())
    assert f"60 files on {hit} of 4 × 6 units" in done.stdout
    assert f"quantization error {sounds.quantization_error:.3g}" in done.stdout
    done = run("som", folder, *shape, "--quiet", "--json", "-")
    assert len(json.loads(done.stdout)["items"]) == 60


def test_the_command_takes_tables_and_refuses_odd_shapes(
    library: list[str], tmp_path: Path
) -> None:
    saved = tmp_path / "t.features"
    ac.extract(library).save(saved)
    done = run("som", "--table", saved)
    assert "There are more units, 96, than files, 60: many units are empty." in done.stdout
    for shape in ("8", "8x", "x8", "0x3", "8x12x2", "8,12", "-1x2"):
        done = run("som", "--table", saved, "--shape", shape)
        assert done.returncode == 2
        assert "expected rows and columns, as in 8x12" in done.stderr
    assert run("som").returncode == 2


def test_the_command_tells_what_could_not_be_used(library: list[str], tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    done = run("som", *library[:3], broken, "--shape", "1x2", "--strict")
    assert done.returncode == 1
    assert "1 of 4 could not be used" in done.stderr
    assert "3 files on" in done.stdout


def test_a_saved_result_is_no_sound(library: list[str], tmp_path: Path) -> None:
    saved = tmp_path / "m.audioclust"
    ac.cluster(library, 6).save(saved)
    done = run("som", saved)
    assert done.returncode == 2
    assert "is a saved result; som takes sounds" in " ".join(done.stderr.split())
    assert done.stdout == ""
