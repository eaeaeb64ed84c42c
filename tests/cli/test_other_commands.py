"""The commands beside `cluster`."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile
from support.command import run
from support.recordings import SR
from support.sounds import alternating

import audioclust
from audioclust.export.formats import formats_for
from audioclust.export.tables import SpanTable


@pytest.fixture
def talk(tmp_path: Path) -> str:
    """A recording of two kinds of noise, which has onsets too."""
    soundfile.write(tmp_path / "talk.wav", alternating([0, 1, 0]), SR)
    return "talk.wav"


def test_choose_k_prints_a_bar_for_each_k(folder: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no sound")
    done = run("choose-k", folder, bad)
    assert done.returncode == 0
    assert "1 of 61 could not be used:" in done.stderr
    head, *rows, legend, last = done.stdout.splitlines()
    names = "k silhouette null_mean null_high stability inertia verdict"
    assert head.split() == names.split()
    assert "=" in legend
    assert "#" in legend
    assert [int(row.split()[0]) for row in rows] == list(range(2, 16))
    for row in rows:
        silhouette, _, null = map(float, row.split()[1:4])
        bar = row.split()[6]
        assert len(bar) == pytest.approx(30 * silhouette, abs=0.7)
        assert bar.count("=") == pytest.approx(30 * min(null, silhouette), abs=0.7)
    assert "best" in rows[4]
    assert f"\n{last}\n" in run(folder).stdout
    other = run("choose-k", folder, "--features", "mfcc", "--scaling", "minmax",
                "--random-state", 3, "--n-jobs", 1)  # fmt: skip
    assert other.stdout.splitlines()[1] != rows[0]
    quiet = run("choose-k", folder, "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_the_demo_writes_and_clusters_real_files(tmp_path: Path) -> None:
    done = run("demo", "sounds", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == ""
    assert len(list((tmp_path / "sounds").iterdir())) == 60
    assert "60 of 60 are with others of their kind." in done.stdout


def test_help_and_version_say_what_there_is() -> None:
    listed = run("--help").stdout
    assert all(f"\n  {name} " in listed for name in ("cluster", "choose-k", "demo"))
    assert run("-h").stdout == listed
    assert run("--version").stdout == f"audioclust, version {audioclust.__version__}\n"
    listed = run("features").stdout
    assert "spectral_contrast         7  default, article  dB" in listed
    assert "chroma " in listed


@pytest.mark.parametrize("command", ["segment", "onsets"])
def test_spans_are_written_in_all_formats(command: str, talk: str, tmp_path: Path) -> None:
    to = [word for one in formats_for(SpanTable) for word in ("--to", one.name, one.name)]
    done = run(command, talk, "-k", 2, *to, "--csv", "x.csv", "--json", "x.json",
               "--quiet", cwd=tmp_path)  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    for one in formats_for(SpanTable):
        assert (tmp_path / one.name).stat().st_size > 0
    for name in ("csv", "json"):
        assert (tmp_path / f"x.{name}").read_bytes() == (tmp_path / name).read_bytes()


def test_the_numbers_of_labels_to_choose_from_are_given(talk: str, tmp_path: Path) -> None:
    for command, default in (("segment", "2:8"), ("onsets", "2:15")):
        (tmp_path / command).mkdir()
        shown = [
            run(command, f"../{talk}", "-k", "auto", *ks, cwd=tmp_path / command).stdout
            for ks in ([], ["--k-range", default], ["--k-range", "2,3"])
        ]
        assert shown[0] == shown[1] != ""
        assert shown[2] != ""
