"""`audioclust cluster`: sounds in, a table and files out."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile
from support.command import run
from support.sounds import alternating

import audioclust as ac
from audioclust.extraction.descriptors.vocabulary import DESCRIPTOR_NAMES


def test_a_folder_gives_a_table(folder: str) -> None:
    done = run("cluster", folder, "-k", 6)
    assert done.returncode == 0
    assert done.stderr == ""
    lines = [re.split(r"  +", line.strip()) for line in done.stdout.splitlines()]
    headings = ["cluster", "files", "length", "what sets it apart", "most typical"]
    assert lines[0] == headings
    assert [line[:2] for line in lines[1:7]] == [[str(i), "10"] for i in range(6)]
    assert all(re.fullmatch(r"[\d.]+ s", line[2]) for line in lines[1:7])
    result = ac.cluster(folder, 6)
    assert [line[3] for line in lines[1:7]] == [own.words for own in result.summary()]
    medoids = [own.medoid.path for own in result.summary() if own.medoid is not None]
    assert [os.path.join(folder, line[4]) for line in lines[1:7]] == medoids
    where, warnings = done.stdout.splitlines()[7:]
    assert where == f"The files are in {folder}"
    assert re.match(r"\d+ files with warnings: \d+ with quiet parts, ", warnings)
    assert "\x1b" not in done.stdout


def test_the_module_is_the_command(folder: str) -> None:
    command = [sys.executable, "-m", "audioclust", "cluster", folder, "-k", "6"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == run("cluster", folder, "-k", 6).stdout


def test_a_path_alone_is_clustered(folder: str, library: list[str]) -> None:
    done = run(folder)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    table, (choice, head, *levels, warnings) = lines[:8], lines[8:]
    assert choice.startswith("k=6 was chosen: silhouettes")
    assert head == "What each number of groups separates:"
    plausible = [6, *map(int, re.findall(r"\d+", choice.partition("also plausible: ")[2]))]
    assert [int(line.partition(":")[0]) for line in levels] == sorted(plausible)
    assert all(re.fullmatch(r" +\d+: .* \(\w+\)", line) for line in levels)
    assert done.stdout == run("cluster", folder, "-k", "auto").stdout
    assert run("-k", 6, folder).stdout.splitlines() == [*table, warnings]
    assert run(*library[:4], "-k", 2).stdout == run("cluster", *library[:4], "-k", 2).stdout
    assert run(f"{folder}/*.wav", "-k", 2).returncode == 0


def test_four_sounds_are_too_few_and_that_is_said(library: list[str]) -> None:
    done = run(*library[:4])
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[4].startswith("k=2 was chosen: too few to tell: 2 looks likeliest")


def test_no_structure_is_one_group_and_said(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for i in range(24):
        soundfile.write(tmp_path / f"{i:02}.wav", 0.1 * rng.standard_normal(9000), 22050)
    lines = run(tmp_path).stdout.splitlines()
    assert len(lines) == 4
    assert lines[-1].startswith("k=1 was chosen: no clear structure: groups do not stand out")
    assert lines[-1].endswith("(k=2 to 15)")


def test_the_algorithm_is_chosen(folder: str) -> None:
    done = run(folder, "--algorithm", "affinity")
    assert (done.returncode, done.stderr) == (0, "")
    assert "was chosen" not in done.stdout
    done = run(folder, "--algorithm", "affinity", "-k", 3)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: k=3: expected it to be left at 'auto'")
    assert run(folder, "--algorithm", "ward", "-k", 6).stdout == run(folder, "-k", 6).stdout


def test_files_are_written_and_quiet_is_quiet(folder: str, tmp_path: Path) -> None:
    done = run("cluster", folder, "-k", 3, "--csv", "a.csv", "--json", "a.json", "--quiet",
               "--features", "mfcc, rms", "--scaling", "minmax", "--random-state", 4,
               "--n-jobs", 1, cwd=tmp_path)  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with open(tmp_path / "a.csv", newline="") as file:
        assert len(list(csv.DictReader(file))) == 60
    settings = json.loads((tmp_path / "a.json").read_text())["settings"]
    assert settings["scaling"] == "minmax"
    assert settings["random_state"] == 4
    assert [feature["name"] for feature in settings["features"]] == ["mfcc", "rms"]


def test_descriptors_change_nothing_but_are_among_the_settings(
    folder: str, tmp_path: Path
) -> None:
    command = ("cluster", folder, "-k", 3, "--features", "rms", "--json")
    plain = run(*command, "plain.json", cwd=tmp_path)
    done = run(*command, "described.json", "--descriptors", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = (
        json.loads((tmp_path / name).read_text()) for name in ("plain.json", "described.json")
    )
    asked = [saved["settings"].pop("descriptors") for saved in (first, second)]
    # What is said of clusters may draw on them.
    sizes = [[own["size"] for own in saved.pop("clusters")] for saved in (first, second)]
    assert sizes[0] == sizes[1]
    described = [[item.pop(name) for name in DESCRIPTOR_NAMES] for item in second["items"]]
    assert all(map(any, described))
    assert (asked, first) == ([False, True], second)
    assert plain.returncode == 0


def test_unreadable_files_are_listed_and_fail_only_when_strict(
    folder: str, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no sound")
    done = run("cluster", folder, bad, "-k", 6)
    assert done.returncode == 0
    assert "1 of 61 could not be used:" in done.stderr
    assert f"{bad}: unsupported: " in done.stderr
    assert run("cluster", folder, bad, "-k", 6, "--strict").returncode == 1
    alone = run("cluster", bad, "-k", 6)
    assert alone.returncode == 1
    assert alone.stderr.startswith("Error: none of 1 sounds could be used")


def test_files_that_are_read_in_part_are_listed(folder: str, tmp_path: Path) -> None:
    sound = alternating([0], 2.0) / 10
    soundfile.write(tmp_path / "whole.flac", sound, 22050)
    data = (tmp_path / "whole.flac").read_bytes()
    for number in range(7):
        (tmp_path / f"cut_{number}.flac").write_bytes(data[: len(data) // 2])
    out = tmp_path / "out.json"
    done = run("cluster", folder, tmp_path, "-k", 6, "--json", out)
    assert done.returncode == 0
    first, where, *listed = done.stderr.splitlines()
    assert first == "7 of 68 could be decoded in part only:"
    assert where.strip() == f"in {tmp_path}:"
    assert len(listed) == 6
    assert "cut_0.flac: partial: " in listed[0]
    assert "could be decoded" in listed[0]
    assert listed[-1].strip() == "and 2 more; --json FILE writes all of them"
    items = json.loads(out.read_text())["items"]
    kinds = [warning["kind"] for item in items for warning in item["warnings"]]
    assert kinds.count("partial") == 7
    # A warning is no error, and so strict runs go on.
    assert run("cluster", tmp_path, "-k", 2, "--strict").returncode == 0


def test_the_numbers_to_choose_from_are_given(folder: str) -> None:
    for numbers, chosen in (("2:4", 4), ("3,6", 6)):
        shown = run(folder, "--k-range", numbers).stdout
        assert f"\nk={chosen} was chosen: silhouettes" in shown
    rows = run("choose-k", folder, "--k-range", "3:5").stdout.splitlines()[1:-2]
    assert [int(row.split()[0]) for row in rows] == [3, 4, 5]


def test_files_are_written_in_any_format(folder: str, tmp_path: Path) -> None:
    done = run("cluster", folder, "-k", 3, "--to", "json", "a", "--to", "csv", "b", "--json",
               "c.json", "--quiet", cwd=tmp_path)  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "c.json").read_bytes()
    head = '"path","start","end","label","name","distance"'
    assert (tmp_path / "b").read_text().startswith(head)
