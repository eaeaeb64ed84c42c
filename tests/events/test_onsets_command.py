"""The command line finds hits, writes files and explains mistakes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.hits import loop

import audioclust as ac

SCRIPT = Path(sys.executable).with_name("audioclust")


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(SCRIPT), "onsets", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def test_the_command_lists_clusters_and_writes_files(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "loop.wav", loop()[0], 22050)
    done = run("loop.wav", "-k", 2, "--sonify", "clicks.wav", "--csv", "a.csv", "--json",
               "a.json", "--hits", "hits", "--to", "raven", "a.tsv", cwd=tmp_path)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    result = ac.onsets(tmp_path / "loop.wav", 2)
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0][:2] == ["cluster", "hits"]
    for label, line in enumerate(lines[1:3]):
        starts = [f"{span.start:.2f}" for span in result[label]]
        assert line[:2] == [str(label), str(len(starts))]
        assert "".join(line[3:]) == ",".join(starts)
    assert "clicks.wav is scaled by 0." in done.stdout
    assert soundfile.info(tmp_path / "clicks.wav").frames == len(loop()[0])
    assert len(list((tmp_path / "hits").iterdir())) == 16
    assert (tmp_path / "a.csv").exists()
    assert (tmp_path / "a.json").exists()
    assert len((tmp_path / "a.tsv").read_text().splitlines()) == 17


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["nowhere.wav"], 1, "Error: nowhere.wav: No such file or directory"),
        (["silent.wav"], 1, "Error: no onsets in silent.wav: it is silent throughout"),
        (["loop.wav", "-k", "40"], 2, "Error: k=40: expected at most 16"),
        (["loop.wav", "--sonify", "no/where.wav"], 1, "Error: no/where.wav: No such file"),
    ],
    ids=str,
)
def test_the_commands_mistakes_get_one_line(
    arguments: list[str], status: int, message: str, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "loop.wav", loop()[0], 22050)
    soundfile.write(tmp_path / "silent.wav", np.zeros(9000), 22050)
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == status
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1
