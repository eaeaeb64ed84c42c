"""Errors, closed pipes and Ctrl-C: one line and an exit status."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from support.command import SCRIPT, read_screen, run


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["cluster", "nowhere.wav"], 1, "Error: nowhere.wav: No such file or directory"),
        (["cluster", "."], 1, "Error: no sounds found in .; folders were"),
        (["cluster"], 2, "Missing argument 'PATH...'"),
        (["cluster", ".", "-k", "0"], 2, "Invalid value for '-k'"),
        (["cluster", ".", "-k", "many"], 2, "'many': expected an integer from 1, or auto"),
        (["cluster", ".", "-k", "9" * 5000], 2, "expected an integer from 1, or auto"),
        (["segment", ".", "-k", "1.5"], 2, "'1.5': expected an integer from 1, or auto"),
        (["onsets", ".", "-k", ""], 2, "'': expected an integer from 1, or auto"),
        (["cluster", ".", "--k-range", "1:3"], 2, "expected integers from 2 to 100000, as in"),
        (["choose-k", ".", "--k-range", "5:3"], 2, "Invalid value for '--k-range': '5:3'"),
        (["segment", ".", "--k-range", "2:3:4"], 2, "Invalid value for '--k-range'"),
        (["onsets", ".", "--k-range", "2,,4"], 2, "Invalid value for '--k-range'"),
        (["cluster", ".", "-k", "2:8"], 2, "or auto; --k-range takes several to choose from"),
        (["cluster", ".", "--k-range", "auto"], 2, "as in 2:15 or 2,4,8; -k auto chooses one"),
        (
            ["cluster", ".", "--n-jobs", "auto"],
            2,
            "'auto': expected an integer from 1; left out",
        ),
        (
            ["cluster", ".", "--n-jobs", "0"],
            2,
            "'0': expected an integer from 1; left out, it is",
        ),
        (
            ["cluster", ".", "--random-state", "-1"],
            2,
            "'-1': expected an integer from 0 to 18446",
        ),
        (["onsets", ".", "--wait", "1.5"], 2, "'1.5': expected an integer from 0\n"),
        (["play", "x.json", "first"], 1, "Error: x.json: No such file or directory"),
        (["cluster", ".", "--to", "rttm", "x"], 2, "'rttm' is not one of 'csv', 'json'"),
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


def test_a_closed_pipe_or_screen_is_no_error(folder: str) -> None:
    cluster = f"{SCRIPT} cluster {folder} -k 6"
    shell = f"{SCRIPT} features | true; {cluster} 2>&- | wc -l; {cluster} --quiet >&-"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    # A heading, six clusters, the folder, and the line about warnings.
    assert done.stdout.strip() == "9"
    assert done.stderr == ""


def test_of_many_unreadable_files_the_first_are_named_and_the_others_counted(
    library: list[str], tmp_path: Path
) -> None:
    for i in range(23):
        (tmp_path / f"bad_{i:02}.wav").write_bytes(b"no sound")
    (tmp_path / "good.wav").write_bytes(Path(library[0]).read_bytes())
    done = run("cluster", tmp_path, "-k", "1", "--json", "all.json", cwd=tmp_path)
    assert done.returncode == 0
    first, folder, *named, last = done.stderr.splitlines()
    assert first == "23 of 24 could not be used:"
    assert folder == f"  in {tmp_path}:"
    assert [line.split(": ")[0].strip() for line in named] == [
        f"bad_{i:02}.wav" for i in range(20)
    ]
    assert last.startswith("  and 3 more")
    errors = json.loads((tmp_path / "all.json").read_text())["errors"]
    assert len(errors) == 23
    (tmp_path / "good.wav").unlink()
    done = run("cluster", tmp_path, "-k", "1")
    assert done.returncode == 1
    assert "bad_02.wav: " in done.stderr
    assert "bad_20.wav" not in done.stderr
    assert done.stderr.splitlines()[-1] == "  and 3 more"


def test_ctrl_c_ends_it(data: Path, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    for i, piece in enumerate((data / "music").glob("*.ogg")):
        for copy in range(30):
            (tmp_path / f"{i}_{copy}.ogg").symlink_to(piece)
    screen, terminal = pty.openpty()
    command = [str(SCRIPT), "cluster", str(tmp_path), "-k", "2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=terminal) as process:
        os.close(terminal)
        shown = b""
        while not re.search(rb"[1-9]\d*/330 files", shown):
            shown += read_screen(screen)  # The work has begun when the first file is done.
        process.send_signal(signal.SIGINT)
        shown += b"".join(iter(lambda: read_screen(screen), b""))
    os.close(screen)
    assert process.returncode == 130
    assert shown.split()[-1] == b"Interrupted."
    assert b"330/330" not in shown  # It ended before all files were done.


def test_no_work_is_done_for_an_output_that_cannot_be_written(
    library: list[str], tmp_path: Path
) -> None:
    for name in ("cluster", "segment", "onsets"):
        # Nothing is decoded first: this file would be an error of its own.
        (tmp_path / "bad.wav").write_bytes(b"no sound")
        for option in (["--csv"], ["--json"], ["--to", "csv"]):
            done = run(name, "bad.wav", *option, "no/where.csv", cwd=tmp_path)
            assert done.returncode == 1
            assert done.stderr == "Error: no/where.csv: No such file or directory\n"
        done = run(name, "bad.wav", "--csv", "bad.wav", cwd=tmp_path)
        assert done.returncode == 2
        assert "expected another file than 'bad.wav'" in done.stderr
    assert (tmp_path / "bad.wav").read_bytes() == b"no sound"
