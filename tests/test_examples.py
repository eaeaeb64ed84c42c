"""The examples run as they are and print what has been published."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from conftest import DATA, ROOT

EXAMPLES = ROOT / "examples"


def run(name: str, *arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLES / name), *map(str, arguments)]
    environment = {**os.environ, "AUDIOCLUST_TEST_DATA": str(DATA)}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment)


def test_coughs_are_grouped_by_their_notes_and_then_well(data: Path, tmp_path: Path) -> None:
    done = run("coughs.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    table = {line[0]: line[1:] for line in lines if line[0].endswith(".wav")}
    assert [table[name][0] for name in sorted(table)] == list("01000")
    defaults = [table[name][3] for name in sorted(table)]
    assert len(set(defaults[:2])) == len(set(defaults[2:])) == 1
    assert defaults[0] != defaults[2]
    assert "V-measure of defaults: 1.000" in done.stdout
    inertias = re.search(r"first rows ([\d.]+), k-means\+\+ ([\d.]+)", done.stdout)
    assert inertias
    assert float(inertias[2]) <= float(inertias[1])
    assert (tmp_path / "coughs.png").stat().st_size > 10_000


def test_the_drum_loop_gives_the_published_figures(data: Path, tmp_path: Path) -> None:
    done = run("drum_loop.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("37 onsets, at frames 3 12 22 37 43 53")
    assert "k-means: inertia 11.6401" in done.stdout
    assert "published classes: inertia 13.3809, of which k-means moves 0" in done.stdout
    assert "4 classes, adjusted Rand 1.000 with the published" in done.stdout
    out = tmp_path / "drum_loop"
    assert (out / "drum_loop.png").stat().st_size > 10_000
    clicks = sorted(path.name for path in out.glob("*.wav"))
    assert clicks == sorted(
        ["all_onsets.wav", *(f"kmeans_{i}.wav" for i in (0, 1)),
         *(f"affinity_{i}.wav" for i in range(4))]
    )  # fmt: skip
    assert {soundfile.info(path).frames for path in out.glob("*.wav")} == {169_344}
    assert len(list((out / "hits").glob("*.wav"))) == 37


@pytest.mark.parametrize("name", ["coughs.py", "drum_loop.py"])
def test_without_data_an_example_says_what_it_needs(name: str, tmp_path: Path) -> None:
    done = run(name, tmp_path / "nowhere", cwd=tmp_path)
    assert done.returncode == 1
    assert "nowhere" in done.stderr
    assert "name " in done.stderr
    assert "Traceback" not in done.stderr
