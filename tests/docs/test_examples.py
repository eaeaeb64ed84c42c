"""The examples run as they are and print what has been published."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile
from support.data import DATA, ROOT

EXAMPLES = ROOT / "examples"


def run(
    name: str, *arguments: object, cwd: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLES / name), *map(str, arguments)]
    environment = {**os.environ, "AUDIOCLUST_TEST_DATA": str(DATA), **variables}
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
    assert "published clusters: inertia 13.3809, of which k-means moves 0" in done.stdout
    assert "4 clusters, adjusted Rand 1.000 with the published" in done.stdout
    out = tmp_path / "drum_loop"
    assert (out / "drum_loop.png").stat().st_size > 10_000
    clicks = sorted(path.name for path in out.glob("*.wav"))
    assert clicks == sorted(
        ["all_onsets.wav", *(f"kmeans_{i}.wav" for i in (0, 1)),
         *(f"affinity_{i}.wav" for i in range(4))]
    )  # fmt: skip
    assert {soundfile.info(path).frames for path in out.glob("*.wav")} == {169_344}
    assert len(list((out / "hits").glob("*.wav"))) == 37


def test_the_colours_come_to_lie_beside_their_like(data: Path, tmp_path: Path) -> None:
    done = run("colours.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = re.findall(r"^(\w+)(?: \d)? +(\d) +(\d)$", done.stdout, re.MULTILINE)
    places: dict[str, set[tuple[int, int]]] = {}
    for colour, row, column in found:
        places.setdefault(colour, set()).add((int(row), int(column)))
    assert len(found) == 10
    assert set(places) == {"blue", "green", "red", "yellow"}
    for colour, own in places.items():
        # Those of a colour share a unit or have neighbouring ones, which no other colour has.
        assert all(abs(a - c) <= 1 and abs(b - d) <= 1 for a, b in own for c, d in own), colour
        others = set().union(*(units for name, units in places.items() if name != colour))
        assert not own & others
    error = re.search(r"quantization error ([\d.]+)", done.stdout)
    assert error
    assert float(error[1]) < 0.03
    assert (tmp_path / "colours.png").stat().st_size > 10_000


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.py")))
def test_without_matplotlib_an_example_names_the_extra(name: str, tmp_path: Path) -> None:
    (tmp_path / "matplotlib.py").write_text("raise ModuleNotFoundError('no matplotlib')")
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    done = run(name, cwd=tmp_path, PYTHONPATH=path)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("drawing needs matplotlib")
    assert "pip install '.[plot]'" in line
    assert "pip install 'audioclust[plot]'" in line


def test_the_ten_colours_are_the_published_ones(data: Path) -> None:
    published = json.loads((data / "published_results.json").read_text())
    code = runpy.run_path(str(EXAMPLES / "colours.py"))
    assert [list(row) for row in code["COLOURS"].values()] == published["som_colours"]["rows"]


def test_the_digits_are_grouped_by_speaker(data: Path, tmp_path: Path) -> None:
    player = tmp_path / "player"
    player.write_text(f"#!{sys.executable}\nimport sys; print(open(sys.argv[1]).read())\n")
    player.chmod(0o755)
    done = run("digits.py", "--play", cwd=tmp_path, AUDIOCLUST_PLAYER=str(player))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("played ")
    assert "200 files, 33 columns of 8 features" in done.stdout
    # The elbow is the published one. The choice also sees parts within voices.
    assert "elbow at k=4; k=8 was chosen" in done.stdout
    published = json.loads((data / "published_results.json").read_text())["fifty_wav_files"]
    for name in ("v_measure", "homogeneity", "completeness"):
        row = re.search(rf"^{name} +([\d.]+) +([\d.]+) +([\d.]+)$", done.stdout, re.MULTILINE)
        assert row, name
        assert float(row[1]) == published[name]
        assert float(row[2]) > 0.9
        assert float(row[3]) > (0.95 if name == "homogeneity" else 0.7) > published[name]
    assert re.search(r"^silhouette +0.400 +0.2\d\d +0.2\d\d$", done.stdout, re.MULTILINE)
    listed = re.search(r"^files of cluster 0: (.*)$", done.stdout, re.MULTILINE)
    assert listed
    played = [line for line in done.stdout.splitlines() if line.startswith(str(data))]
    assert sorted(map(os.path.basename, played)) == sorted(listed[1].split())
    assert (tmp_path / "digits" / "digits.png").stat().st_size > 10_000
    assert 2 < soundfile.info(tmp_path / "digits" / "cluster_0.wav").duration <= 10


def test_chapters_are_printed_in_minutes_beside_the_truth(data: Path, tmp_path: Path) -> None:
    done = run("chapters.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    blocks = re.split(r"^(by notes|by default features|truth):\n", done.stdout, flags=re.M)
    truth = blocks[blocks.index("truth") + 1]
    spans = re.findall(r"^  (\d):([\d.]+) to (\d):([\d.]+)  (\w+)$", truth, re.MULTILINE)
    assert [kind for *_, kind in spans] == ["reading", "music"] * 3
    seconds = [[60 * int(a) + float(b), 60 * int(c) + float(d)] for a, b, c, d, _ in spans]
    assert [end for _, end in seconds[:-1]] == [start for start, _ in seconds[1:]]
    sound = soundfile.info(tmp_path / "chapters" / "recording.wav").duration
    assert sound - 2.5 < seconds[-1][1] <= sound
    assert all(end - start == pytest.approx(20, abs=2.5) for start, end in seconds[1::2])
    for name in ("by notes", "by default features"):
        labels = re.findall(r"  (\d)$", blocks[blocks.index(name) + 1], re.MULTILINE)
        assert set(labels) == {"0", "1"}
    assert "V-measure by notes: 0." in done.stdout
    assert "V-measure by default features: 1.000" in done.stdout
    assert (tmp_path / "chapters" / "chapters.png").stat().st_size > 5_000
    again = run("chapters.py", tmp_path / "chapters" / "recording.wav", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "truth" not in again.stdout


@pytest.mark.parametrize("name", ["coughs.py", "drum_loop.py", "digits.py", "chapters.py"])
def test_without_data_an_example_says_what_it_needs(name: str, tmp_path: Path) -> None:
    done = run(name, tmp_path / "nowhere", cwd=tmp_path)
    assert done.returncode == 1
    assert "nowhere" in done.stderr
    assert "name " in done.stderr
    assert "Traceback" not in done.stderr
