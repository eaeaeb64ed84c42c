"""The command line, run as a user runs it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import get_args

import click
import pytest

import audioclust
from audioclust.cli.commands import cluster
from audioclust.clustering.algorithms import ALGORITHMS
from audioclust.clustering.scaling import Scaling

SCRIPT = Path(sys.executable).with_name("audioclust")


def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.fixture
def folder(library: list[str]) -> str:
    return os.path.dirname(library[0])


def test_a_folder_gives_a_table(folder: str) -> None:
    done = run("cluster", folder, "-k", 6)
    assert done.returncode == 0
    assert done.stderr == ""
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["cluster", "files", "nearest", "its", "centre"]
    assert [line[:2] for line in lines[1:]] == [[str(i), "10"] for i in range(6)]
    assert all(os.path.isfile(line[2]) for line in lines[1:])
    assert "\x1b" not in done.stdout


def test_the_module_is_the_command(folder: str) -> None:
    command = [sys.executable, "-m", "audioclust", "cluster", folder, "-k", "6"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == run("cluster", folder, "-k", 6).stdout


def test_a_path_alone_is_clustered(folder: str, library: list[str]) -> None:
    done = run(folder)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == 8
    assert lines[-1].startswith("k=6 was chosen: silhouette 0.")
    assert done.stdout == run("cluster", folder, "-k", "auto").stdout
    assert run("-k", 6, folder).stdout.splitlines() == lines[:-1]
    assert run(*library[:4], "-k", 2).stdout == run("cluster", *library[:4], "-k", 2).stdout
    assert run(f"{folder}/*.wav", "-k", 2).returncode == 0


def test_no_structure_is_one_group_and_said(library: list[str]) -> None:
    done = run(*library[:4])
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    assert lines[-1].startswith("k=1 was chosen: no clear structure: silhouettes of k=2 to 3")


def test_choose_k_prints_a_bar_for_each_k(folder: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no sound")
    done = run("choose-k", folder, bad)
    assert done.returncode == 0
    assert "1 of 61 could not be used:" in done.stderr
    head, *rows, last = done.stdout.splitlines()
    assert head.split() == ["k", "silhouette", "without", "groups", "stability", "inertia",
                            "verdict"]  # fmt: skip
    assert [int(row.split()[0]) for row in rows] == list(range(2, 16))
    for row in rows:
        silhouette, null = map(float, row.split()[1:3])
        bar = row.split()[5]
        assert len(bar) == pytest.approx(30 * silhouette, abs=0.7)
        assert bar.count("=") == pytest.approx(30 * min(null, silhouette), abs=0.7)
    assert "best" in rows[4]
    assert last == run(folder).stdout.splitlines()[-1]
    other = run("choose-k", folder, "--features", "mfcc", "--scaling", "minmax",
                "--random-state", 3, "--n-jobs", 1)  # fmt: skip
    assert other.stdout.splitlines()[1] != rows[0]
    quiet = run("choose-k", folder, "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_the_algorithm_is_chosen(folder: str) -> None:
    done = run(folder, "--algorithm", "affinity")
    assert (done.returncode, done.stderr) == (0, "")
    assert "was chosen" not in done.stdout
    done = run(folder, "--algorithm", "affinity", "-k", 3)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: k=3: expected it to be left at 'auto'")
    assert run(folder, "--algorithm", "ward", "-k", 6).stdout == run(folder, "-k", 6).stdout
    (option,) = [p for p in cluster.params if p.name == "algorithm"]
    assert isinstance(option.type, click.Choice)
    assert tuple(option.type.choices) == tuple(ALGORITHMS)


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


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["cluster", "nowhere.wav"], 1, "Error: nowhere.wav: No such file or directory"),
        (["cluster", "."], 1, "Error: no sounds found in .; folders were"),
        (["cluster"], 2, "Missing argument 'PATH...'"),
        (["cluster", ".", "-k", "0"], 2, "Invalid value for '-k'"),
        (["cluster", ".", "-k", "many"], 2, "Invalid value for '-k'"),
        (["nowhere.wav"], 1, "Error: nowhere.wav: No such file or directory"),
        (["--quiet"], 2, "Missing argument 'PATH...'"),
        (["choose-k", "."], 1, "Error: no sounds found in .; folders were"),
        (["cluster", ".", "--scaling", "robust"], 2, "Invalid value for '--scaling'"),
        (["cluster", ".", "--features", "timbre"], 2, 'Error: features="timbre": expected'),
        (["sort"], 2, "No such command 'sort'"),
    ],
)
def test_mistakes_get_one_line_and_a_status(
    arguments: list[str], status: int, message: str, tmp_path: Path
) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == status
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_file_that_cannot_be_written_is_said(folder: str, tmp_path: Path) -> None:
    done = run("cluster", folder, "--csv", tmp_path / "no" / "where.csv")
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {tmp_path}/no/where.csv: No such file")


def test_a_name_that_the_output_cannot_show_is_escaped(
    library: list[str], tmp_path: Path
) -> None:
    for name in ("日本.wav", "two\nlines.wav", "bell\x07.wav"):
        shutil.copy(library[0], tmp_path / name)
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    command = [str(SCRIPT), "cluster", str(tmp_path), "--features", "rms", "-k", "1"]
    done = subprocess.run(command, capture_output=True, env=environment, check=True)
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == b""
    (tmp_path / "two\nlines.wav").write_bytes(b"bad")
    done = subprocess.run(command, capture_output=True, env=environment, check=True)
    assert rb"two\nlines.wav: unsupported" in done.stderr


def test_a_closed_pipe_or_screen_is_no_error(folder: str) -> None:
    cluster = f"{SCRIPT} cluster {folder} -k 6"
    shell = f"{SCRIPT} features | true; {cluster} 2>&- | wc -l; {cluster} --quiet >&-"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "7"
    assert done.stderr == ""


def test_the_demo_writes_and_clusters_real_files(tmp_path: Path) -> None:
    done = run("demo", "sounds", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == ""
    assert len(list((tmp_path / "sounds").iterdir())) == 60
    assert "60 of 60 are with others of their kind." in done.stdout


def test_the_scalings_it_offers_are_those_there_are() -> None:
    (option,) = [p for p in cluster.params if p.name == "scaling"]
    assert isinstance(option.type, click.Choice)
    assert tuple(option.type.choices) == get_args(Scaling)


def test_help_and_version_say_what_there_is() -> None:
    listed = run("--help").stdout
    assert all(f"\n  {name} " in listed for name in ("cluster", "choose-k", "demo"))
    assert run("-h").stdout == listed
    assert run("--version").stdout == f"audioclust, version {audioclust.__version__}\n"
    listed = run("features").stdout
    assert "spectral_contrast*" in listed
    assert "chroma " in listed


def test_noise_of_decoders_is_kept_off_the_screen(data: Path, tmp_path: Path) -> None:
    odd = [p for p in (data / "odd").rglob("*") if p.is_file()]
    done = run("cluster", *odd, "-k", 2, "--json", tmp_path / "out.json")
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    assert "could not be used:" in lines[0]
    assert all(line.startswith("  ") for line in lines[1:])
    assert lines[-1].startswith("  and ")
    document = json.loads((tmp_path / "out.json").read_text())
    assert len(document["items"]) + len(document["errors"]) == len(odd)


def in_terminal(command: list[str]) -> tuple[int, str]:
    """Run a command with a terminal for a screen; give its status and what was shown."""
    pty = pytest.importorskip("pty")
    pid, screen = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(command[0], command)
    shown = b""
    while True:
        try:
            chunk = os.read(screen, 65536)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


def test_a_terminal_shows_progress(folder: str) -> None:
    status, shown = in_terminal([str(SCRIPT), "cluster", folder, "-k", "6"])
    assert status == 0
    assert "/60 files" in shown or "60/60" in shown
    assert "nearest its centre" in shown


def test_ctrl_c_ends_it(data: Path, tmp_path: Path) -> None:
    for i, piece in enumerate((data / "music").glob("*.ogg")):
        for copy in range(30):
            (tmp_path / f"{i}_{copy}.ogg").symlink_to(piece)
    command = [str(SCRIPT), "cluster", str(tmp_path), "-k", "2"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    time.sleep(1)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    # Left alone it takes many seconds; unhindered it ends within a few hundredths of one.
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 130
    assert errors.strip() == "Interrupted."
