"""`audioclust cluster --save`, and the commands that take what it saved."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from support.command import run

import audioclust as ac
from audioclust.demo import synthesize


@pytest.fixture(scope="module")
def model(library: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("models") / "m.audioclust"
    done = run("cluster", Path(library[0]).parent, "-k", 6, "--save", file)
    assert (done.returncode, done.stderr) == (0, "")
    return file


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new")
    synthesize(str(folder), each=2, seed=7)
    return folder


def test_what_is_saved_is_the_result(model: Path, library: list[str]) -> None:
    saved = ac.load_model(model)
    again = ac.cluster(saved.table, 6)
    assert saved == again


def test_new_files_get_a_line_each(model: Path, new: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.csv"
    done = run("predict", model, new, "--csv", out, "--n-jobs", 1)
    assert (done.returncode, done.stderr) == (0, "")
    predicted = ac.load_model(model).predict(new)
    head, *lines = [line.split() for line in done.stdout.splitlines()]
    assert head == ["cluster", "distance", "file"]
    rows = zip(predicted.items, predicted, predicted.distances, predicted.is_far, strict=True)
    assert lines[:12] == [
        [str(label), f"{distance:.2f}", *["far"] * bool(far), Path(item.path).name]
        for item, label, distance, far in rows
    ]
    assert lines[12] == ["The", "files", "are", "in", str(new)]
    assert len(lines) == 13 + bool(predicted.is_far.any())
    with out.open(newline="", encoding="utf-8") as file:
        assert [int(row["label"]) for row in csv.DictReader(file)] == list(predicted)


def test_what_is_far_is_marked_and_counted(model: Path, tmp_path: Path) -> None:
    import numpy as np
    import soundfile

    noise = np.sign(np.sin(np.arange(44100) / 40)) * np.linspace(0, 0.9, 44100)
    soundfile.write(tmp_path / "odd.wav", noise, 22050)
    done = run("predict", model, tmp_path / "odd.wav")
    assert done.returncode == 0
    assert done.stdout.splitlines()[1].split()[2] == "far"
    far_from = ac.load_model(model).predict(tmp_path / "odd.wav").far_from
    words = f"1 of 1 is farther from every cluster than {far_from:.2f}."
    assert done.stdout.splitlines()[-1] == words


def test_names_of_clusters_are_shown(model: Path, new: Path, tmp_path: Path) -> None:
    ac.load_model(model).rename({0: "low thuds"}).save(tmp_path / "named")
    done = run("predict", tmp_path / "named", new)
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["cluster", "name", "distance", "file"]
    assert sum("low thuds" in line for line in lines) == 2


def test_files_that_cannot_be_used_are_listed(model: Path, new: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    one = sorted(new.iterdir())[0]
    for options, status in (([], 0), (["--strict"], 1)):
        done = run("predict", model, broken, one, "--quiet", *options)
        assert (done.returncode, done.stdout) == (status, "")
        assert done.stderr.startswith("1 of 2 could not be used:")
    done = run("predict", model, broken)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: none of 1 sounds could be used:")


def test_standard_output_has_the_file_alone(model: Path, new: Path) -> None:
    done = run("predict", model, new, "--json", "-")
    document = json.loads(done.stdout)
    assert {item["far"] for item in document["items"]} <= {True, False}
    assert len(document["items"]) == 12


def test_other_files_are_refused_in_one_line(model: Path, new: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"text")
    done = run("predict", other, new)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {other}: it is no audioclust model")
    assert len(done.stderr.splitlines()) == 1
    assert run("predict", tmp_path / "nothing", new).returncode == 1
    done = run("predict", model, new, "--csv", model)
    assert done.returncode == 2
    before = sorted(new.iterdir())[0]
    done = run("cluster", new, "-k", 2, "--save", before)
    assert (done.returncode, done.stdout) == (2, "")
    done = run("cluster", new, "--save", tmp_path / "x", "--csv", tmp_path / "x")
    assert "is the place of two outputs" in done.stderr


def test_a_cluster_of_a_saved_result_is_previewed(model: Path, tmp_path: Path) -> None:
    made = [tmp_path / "model.wav", tmp_path / "json.wav"]
    result = ac.load_model(model)
    result.to_json(tmp_path / "r.json")
    for source, out in zip((model, tmp_path / "r.json"), made, strict=True):
        done = run("play", source, 2, "--preview", out)
        assert (done.returncode, done.stderr) == (0, "")
    assert made[0].read_bytes() == made[1].read_bytes()
    done = run("play", model, 6, "--preview", made[0])
    assert done.returncode == 2
    assert "expected an int from 0 to 5" in done.stderr


def test_a_cluster_is_played_by_its_name(model: Path, tmp_path: Path) -> None:
    result = ac.load_model(model).rename({0: "kicks", 2: "808", 3: "0"})
    sources = [tmp_path / "m.audioclust", tmp_path / "r.json"]
    result.save(sources[0])
    result.to_json(sources[1])
    for source in sources:
        wave = tmp_path / "p.wav"
        previews = {}
        for typed in ("0", "kicks", "2", "808"):
            done = run("play", source, typed, "--preview", wave)
            assert (done.returncode, done.stderr) == (0, "")
            previews[typed] = wave.read_bytes()
        # A number stands for itself, even if it is another cluster's name.
        assert previews["0"] == previews["kicks"] != previews["2"]
        assert previews["2"] == previews["808"]
        done = run("play", source, "kick", "--preview", wave)
        assert done.returncode == 2
        assert "cluster='kick': expected a number or a name: one of 'kicks'" in done.stderr
        done = run("play", source, "6", "--preview", wave)
        assert "cluster=6: expected an int from 0 to 5" in done.stderr


def test_a_saved_result_is_known_by_what_is_in_it(
    model: Path, library: list[str], tmp_path: Path
) -> None:
    other = shutil.copy(model, tmp_path / "no suffix")
    cut = tmp_path / "cut.audioclust"
    cut.write_bytes(model.read_bytes()[:5000])
    sound = shutil.copy(library[0], tmp_path / "sound.audioclust")
    for command in (("similar", library[1]), ("organize", "--into", tmp_path / "out")):
        done = run(*command, other)
        assert (done.returncode, done.stderr) == (0, "")
        done = run(*command, cut)
        assert done.returncode == 1
        assert f"{cut}: it is no audioclust model, or is damaged" in " ".join(
            done.stderr.split()
        )
    assert run("play", other, 0, "--preview", tmp_path / "p.wav").returncode == 0
    # The suffix alone makes no result of a sound.
    assert "no audioclust model" not in run("similar", library[1], sound).stderr


def test_a_saved_result_is_shown_and_exported_as_it_is(
    library: list[str], tmp_path: Path
) -> None:
    kept = tmp_path / "m.audioclust"
    first = ac.cluster(library, 6)
    moved = first[0][0].path
    result = first.refine(move={moved: 5}).rename({5: "corrected"})
    result.save(kept)
    lists, table, saved = tmp_path / "lists", tmp_path / "t.json", tmp_path / "again"
    done = run("cluster", kept, "--playlists", lists, "--json", table, "--save", saved)
    assert done.returncode == 0
    assert done.stderr == f"Wrote 6 playlists to {lists}.\n"
    assert done.stdout.splitlines()[0].split()[:3] == ["cluster", "name", "files"]
    assert "corrected" in done.stdout
    assert Path(moved).name in (lists / "5 corrected.m3u8").read_text(encoding="utf-8")
    document = json.loads(table.read_text(encoding="utf-8"))
    assert [item["label"] for item in document["items"]] == result.labels.tolist()
    assert saved.read_bytes() == kept.read_bytes()
    refused = run("cluster", kept, "-k", 3, "--features", "rms")
    assert refused.returncode == 2
    words = "is a saved result, which has its own sounds and settings"
    assert words in " ".join(refused.stderr.split())
    # Neither the result nor a sound of it is replaced.
    sound = Path(library[1])
    before = sound.read_bytes()
    for out in (kept, sound):
        assert run("cluster", kept, "--csv", out).returncode == 2
    assert sound.read_bytes() == before


def test_what_is_far_has_a_column_only_if_anything_is(model: Path, library: list[str]) -> None:
    done = run("predict", model, library[0])
    head, line, *_ = done.stdout.splitlines()
    assert head == "cluster  distance  file"
    assert line.index(library[0]) == head.index("file")


def test_files_are_chosen_as_for_other_commands(model: Path, new: Path, tmp_path: Path) -> None:
    options = ("--include", "*kick*", "--include", "*hat*", "--max-duration", 0.3)
    files = ac.FileFilter(include=("*kick*", "*hat*"), max_duration=0.3)
    expected = ac.load_model(model).predict(new, files=files)
    left_out = len(expected.table.left_out)
    assert 0 < len(expected) < len(expected) + left_out == 4
    done = run("predict", model, new, *options, "--csv", tmp_path / "p.csv")
    assert (done.returncode, done.stderr) == (0, "")
    were = "1 file was" if left_out == 1 else f"{left_out} files were"
    assert f"{were} left out by duration: {left_out} too long." in done.stdout
    with (tmp_path / "p.csv").open(newline="", encoding="utf-8") as file:
        paths = [row["path"] for row in csv.DictReader(file)]
    assert paths == [item.path for item in expected.items]
    hidden = tmp_path / "sounds" / ".hidden"
    hidden.mkdir(parents=True)
    shutil.copy(sorted(new.iterdir())[0], hidden)
    assert run("predict", model, hidden.parent).returncode == 1
    assert run("predict", model, hidden.parent, "--hidden").returncode == 0
    none = run("predict", model, new, "--min-duration", 3600)
    assert (none.returncode, none.stdout) == (1, "")
    assert "3600" in none.stderr
