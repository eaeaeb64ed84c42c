"""What is kept off the screen: noise of decoders, and characters that it cannot show."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from support.command import SCRIPT, run


def test_a_name_that_the_output_cannot_show_is_escaped(
    library: list[str], tmp_path: Path
) -> None:
    for name in ("日本.wav", "two\nlines.wav", "bell\x07.wav"):
        shutil.copy(library[0], tmp_path / name)
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    command = [str(SCRIPT), "cluster", str(tmp_path), "--features", "rms", "-k", "1"]
    done = subprocess.run(command, capture_output=True, env=environment, check=True)
    assert len(done.stdout.splitlines()) == 3
    assert done.stderr == b""
    (tmp_path / "two\nlines.wav").write_bytes(b"bad")
    done = subprocess.run(command, capture_output=True, env=environment, check=True)
    assert rb"two\nlines.wav: unsupported" in done.stderr


def test_noise_of_decoders_is_kept_off_the_screen(data: Path, tmp_path: Path) -> None:
    odd = [p for p in (data / "odd").rglob("*") if p.is_file()]
    done = run("cluster", *odd, "-k", 2, "--json", tmp_path / "out.json")
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    assert "could not be used:" in lines[0]
    heads = [line for line in lines if not line.startswith("  ")]
    assert heads[0] == lines[0]
    assert re.fullmatch(r"\d+ of \d+ could be decoded in part only:", heads[1])
    assert len(heads) == 2
    assert any(line.startswith("  and ") for line in lines)
    document = json.loads((tmp_path / "out.json").read_text())
    assert len(document["items"]) + len(document["errors"]) == len(odd)
