"""Which files commands use, paths from standard input, and tables in the place of paths."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from click.testing import CliRunner, Result
from support.command import SCRIPT, run
from support.sounds import tone

import audioclust as ac
from audioclust.cli.app import main


def called(*arguments: object, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], input=stdin)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "sounds"
    names = ("a.wav", "b.wav", ".c.wav", "x/d.wav", "x/e.flac", "y/f.wav")
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, tone(0.25 * (number + 1), 200 + 100 * number), 22050)
    (folder / "y" / ".audioclustignore").write_text("*.wav\n")
    return folder


def used(tree: Path, *options: object, stdin: str | bytes | None = None) -> set[str]:
    out = tree.parent / "out.json"
    sources = () if stdin is not None else (tree,)
    done = called("cluster", *sources, "-k", 1, "--features", "rms", "--json", out, *options,
                  stdin=stdin)  # fmt: skip
    assert done.exit_code == 0, done.output
    document = json.loads(out.read_text(encoding="utf-8"))
    return {os.path.relpath(item["path"], tree) for item in document["items"]}


def test_options_say_which_files_are_used(tree: Path) -> None:
    assert used(tree) == {"a.wav", "b.wav", "x/d.wav", "x/e.flac"}
    assert used(tree, "--hidden", "--no-ignore") == {
        "a.wav", "b.wav", ".c.wav", "x/d.wav", "x/e.flac", "y/f.wav",
    }  # fmt: skip
    assert used(tree, "--include", "x/", "--exclude", "*.flac") == {"x/d.wav"}
    assert used(tree, "--exclude", "x/", "--exclude", "b.*") == {"a.wav"}


def test_files_outside_the_bounds_are_counted(tree: Path) -> None:
    bounds = ("--min-duration", "0.5", "--max-duration", 1)
    assert used(tree, *bounds) == {"b.wav", "x/d.wav"}
    for command in (("cluster", "-k", 1), ("choose-k",), ("extract", "-o", tree / "t.parquet")):
        done = called(*command, tree, "--features", "rms", *bounds)
        assert done.exit_code == 0
        assert "2 files were left out by duration: 1 too long, 1 too short." in done.stdout
    saved = json.loads((tree.parent / "out.json").read_text(encoding="utf-8"))["left_out"]
    assert {(os.path.basename(one["path"]), one["reason"]) for one in saved} == {
        ("a.wav", "too short"), ("e.flac", "too long"),
    }  # fmt: skip
    done = called("cluster", tree, "--min-duration", 100)
    assert (done.exit_code, "too short or too long" in done.stderr) == (1, True)


def test_paths_come_from_standard_input(tree: Path) -> None:
    names = [str(tree / "a.wav"), str(tree / ".c.wav"), str(tree / "x")]
    expected = {"a.wav", ".c.wav", "x/d.wav", "x/e.flac"}
    assert used(tree, "-", stdin="\n".join(names)) == expected
    assert used(tree, "-", stdin="\n".join([*names, "", ""])) == expected
    assert used(tree, "-", "--null", stdin="\0".join(names)) == expected
    assert used(tree, "-", tree / "b.wav", "-0", stdin="\0".join(names)) == expected | {"b.wav"}


@pytest.mark.skipif(shutil.which("find") is None or os.name == "nt", reason="needs find")
def test_names_of_find_are_read_as_they_are(tree: Path) -> None:
    names = [b"caf\xe9.wav", b"line\nbreak.wav", b" \r.wav", "\u202egnp.wav".encode(), b"-.wav",
             b"[ab].wav", b"x" * 251 + b".wav"]  # fmt: skip
    folder = os.fsencode(tree / "z")
    os.mkdir(folder)
    for name in names:
        soundfile.write(os.path.join(folder, name), tone(0.1), 22050)
    found = subprocess.run(["find", folder, "-name", "*.wav", "-print0"], capture_output=True)
    made = subprocess.run(
        [str(SCRIPT), "extract", "-0", "-", "--features", "rms", "-o", str(tree / "t.parquet")],
        input=found.stdout,
        capture_output=True,
    )
    assert made.returncode == 0, made.stderr
    table = ac.FeatureTable.from_parquet(tree / "t.parquet")
    assert {os.fsencode(os.path.basename(item.path)) for item in table.items} == set(names)


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        (("cluster",), "", "Missing argument 'PATH...'"),
        (("cluster", "-"), "", "no paths on standard input"),
        (("cluster", "-"), "a\0b", "expected --null"),
        (("cluster", "x", "--null"), "", "expected - as a PATH"),
        (("choose-k", "x", "--table", "t"), "", "expected one of them"),
        (("cluster", "--table", "t.csv"), "", "CSV cannot be read back: expected .parquet"),
        (("cluster", ".", "--include", ""), "", "include=''"),
        (("cluster", ".", "--min-duration", "-1"), "", "a number of seconds above 0"),
        (("extract", "."), "", "Missing option '-o'"),
        (("extract", ".", "-o", "t.txt"), "", "expected a suffix"),
    ],
)
def test_what_cannot_be_meant_is_said(
    arguments: tuple[str, ...], stdin: str, words: str
) -> None:
    done = called(*arguments, stdin=stdin)
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())


@pytest.mark.parametrize("suffix", [".parquet", ".features"])
def test_a_table_takes_the_place_of_paths(
    library: list[str], tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"t{suffix}"
    done = called("extract", *library, "-o", path)
    assert done.exit_code == 0
    assert f"Wrote {len(library)} files and 150 columns to {path}" in done.stdout
    direct, from_table = tmp_path / "direct.json", tmp_path / "table.json"
    assert called("cluster", *library, "-k", 6, "--json", direct).exit_code == 0
    assert called("cluster", "--table", path, "-k", 6, "--json", from_table).exit_code == 0
    assert direct.read_bytes() == from_table.read_bytes()
    shown = [called("choose-k", *which, "--k-range", "2:4").stdout
             for which in (library, ("--table", path))]  # fmt: skip
    assert shown[0] == shown[1]
    refused = called("cluster", "--table", path, "--json", path)
    assert refused.exit_code == 2


def test_what_a_table_has_decided_cannot_be_asked_for(
    library: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "t.features"
    ac.extract(library[:12]).save(path)
    asked: list[tuple[object, ...]] = [
        ("--preset", "music"),
        ("--features", "article"),
        ("--duration", 1),
        ("--min-duration", 100),
        ("--include", "*.flac"),
        ("--hidden",),
        ("--no-ignore",),
        ("--cache", tmp_path / "c.sqlite"),
        ("--no-cache",),
        ("--retry",),
    ]
    commands = [("cluster", "-k", 2), ("choose-k", "--k-range", "2:3")]
    for command, options in itertools.product(commands, asked):
        refused = called(*command, "--table", path, *options)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert f"Error: {options[0]}: " in refused.stderr
        assert "a table, which has its own sounds and settings" in " ".join(
            refused.stderr.split()
        )
    assert called(*commands[1], "--table", path, "--n-jobs", 1).exit_code == 0
    assert called("cluster", "-k", 2, "--table", path, "--descriptors").exit_code == 2
    # A track that is not in the table is read, and what it is like may be kept.
    similar = ("similar", library[30], "--table", path)
    assert called(*similar, "--cache", tmp_path / "c.sqlite").exit_code == 0
    assert called(*similar, "--trim", 30).exit_code == 2


def test_embeddings_of_others_are_clustered(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(40, 3)) + 20 * (np.arange(40) % 2)[:, None])
    frame.columns = ["x", "y", "z"]
    frame.insert(0, "path", [f"{i}.wav" for i in range(40)])
    frame.to_parquet(tmp_path / "t.parquet")
    out = tmp_path / "r.parquet"
    command = ("cluster", "--table", tmp_path / "t.parquet", "-k", 2, "--to", "parquet", out)
    assert called(*command).exit_code == 0
    labels = pd.read_parquet(out)["label"]
    assert labels[::2].nunique() == labels[1::2].nunique() == 1
    assert labels[0] != labels[1]


def test_a_file_that_is_no_table_is_said(tmp_path: Path) -> None:
    bad = tmp_path / "t.parquet"
    for content in (b"", b"PAR1", b"PAR1" * 10, b"nothing"):
        bad.write_bytes(content)
        done = called("cluster", "--table", bad)
        assert done.exit_code in (1, 2)
        assert "Traceback" not in done.output
        assert "t.parquet" in done.stderr
    assert called("cluster", "--table", tmp_path / "missing").exit_code == 1


def test_extract_lists_what_cannot_be_used(library: list[str], tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"nothing")
    out = tmp_path / "t.csv"
    done = run("extract", bad, library[0], "-o", out, "--strict")
    assert done.returncode == 1
    assert "1 of 2 could not be used" in done.stderr
    assert len(out.read_text(encoding="utf-8").splitlines()) == 2
    assert run("extract", library[0], "-o", library[0] + ".parquet", "--quiet").stdout == ""
    os.unlink(library[0] + ".parquet")


def test_an_output_that_is_there_is_compared_with_the_files_that_are_used(tree: Path) -> None:
    hidden = tree / ".only"
    hidden.mkdir()
    soundfile.write(hidden / ".c.wav", tone(0.5), 22050)
    out = tree / "out.json"
    out.write_text("old")
    options = ("-k", 1, "--features", "rms", "--json", out)
    assert called("cluster", hidden, "--hidden", *options).exit_code == 0
    refused = called("cluster", hidden, "--hidden", "--json", hidden / ".c.wav")
    assert (refused.exit_code, "one of the recordings" in refused.stderr) == (2, True)


def test_predict_takes_paths_from_standard_input(library: list[str], tmp_path: Path) -> None:
    model, out = tmp_path / "m.audioclust", tmp_path / "p.json"
    assert called("cluster", *library, "-k", 2, "--save", model).exit_code == 0
    done = called("predict", model, "-", "-0", "--json", out, stdin="\0".join(library[:3]))
    assert done.exit_code == 0
    saved = json.loads(out.read_text(encoding="utf-8"))
    assert [item["path"] for item in saved["items"]] == library[:3]
