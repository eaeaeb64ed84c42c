"""Commands on files elsewhere: the same words, no tracebacks, and no secrets."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.command import SCRIPT, run
from support.web import Web, web

SECRET = "s3cr3tSECRET"


@pytest.fixture
def server(library: list[str]) -> Iterator[Web]:
    archive = io.BytesIO()
    with web(statuses={"/no.wav": 403, "/odd.wav": 500}) as running:
        with zipfile.ZipFile(archive, "w") as file:
            for path in library[::5]:
                name = os.path.basename(path)
                running.files[f"/{name}"] = Path(path).read_bytes()
                file.write(path, name)
        running.files["/all.zip"] = archive.getvalue()
        yield running


@pytest.fixture
def archive(server: Web) -> str:
    host = server.address.removeprefix("http://")
    return f"zip://::http://user:{SECRET}@{host}/all.zip?X-Amz-Signature={SECRET}"


@pytest.fixture
def sounds(server: Web) -> list[str]:
    names = [name for name in server.files if name != "/all.zip"]
    return [f"{server.address}{name}?token={SECRET}" for name in names]


def clean(done: subprocess.CompletedProcess[str], *statuses: int) -> str:
    """Check that a command ended with one of these statuses, or 0; give what it printed."""
    printed = done.stdout + done.stderr
    assert done.returncode in (statuses or (0,)), printed
    assert "Traceback" not in printed
    assert SECRET not in printed
    return printed


def clean_folder(folder: Path) -> None:
    for path in folder.rglob("*"):
        assert SECRET not in path.name
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path


def test_commands_take_addresses(archive: str, sounds: list[str], tmp_path: Path) -> None:
    model, table = tmp_path / "m.model", tmp_path / "t.parquet"
    clean(run("cluster", archive, "-k", 3, "--save", model, "--csv", tmp_path / "c.csv"))
    clean(run("cluster", *sounds, "-k", 3, "--json", tmp_path / "c.json"))
    clean(run("extract", archive, "-o", table))
    clean(run("cluster", "--table", table, "-k", 3))
    clean(run("predict", model, archive, "--csv", tmp_path / "p.csv"))
    clean(run("choose-k", archive))
    clean(run("similar", sounds[0], archive))
    clean(run("duplicates", *sounds))
    clean(run("som", archive, "--json", tmp_path / "s.json"))
    # In a short sound there may be nothing to find.
    clean(run("onsets", sounds[0]), 0, 1)
    clean(run("segment", sounds[0], "-k", 2), 0, 1)
    clean_folder(tmp_path)


def test_files_elsewhere_are_not_moved_and_not_played(archive: str, tmp_path: Path) -> None:
    model = tmp_path / "m.model"
    clean(run("cluster", archive, "-k", 2, "--save", model))
    done = run("organize", model, "--into", tmp_path / "sorted", "--mode", "copy")
    assert "only files of this machine" in clean(done, 0, 1)
    assert "players cannot open files elsewhere" in clean(run("play", model, "0"), 1)


def test_what_is_wrong_elsewhere_is_said_in_words(server: Web, sounds: list[str]) -> None:
    bad = [f"{server.address}/{name}.wav?token={SECRET}" for name in ("no", "odd", "none")]
    printed = clean(run("cluster", *sounds, *bad, "-k", 2))
    for words in ("access to it is denied", "status 500", "it does not exist"):
        assert words in printed
    assert "No such file" in clean(run("cluster", bad[2]), 1)
    assert "denied" in clean(run("cluster", bad[0]), 1)
    assert "pip install gcsfs" in clean(run("cluster", "gs://bucket/a.wav"), 2)
    assert "protocol" in clean(run("cluster", f"nonsense://u:{SECRET}@h/a"), 2)
    assert "cannot be reached" in clean(run("cluster", "http://127.0.0.1:9/a.wav"), 1)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise there")
@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_ctrl_c_ends_a_command_and_leaves_nothing(
    server: Web, tmp_path: Path, suffix: str, library: list[str]
) -> None:
    path = next(path for path in library if path.endswith(suffix))
    server.files[f"/a.{suffix}"] = Path(path).read_bytes() + bytes(2**26)
    if suffix == "wav":  # What follows the sound is not read, so that it must be long.
        file = io.BytesIO()
        soundfile.write(file, np.zeros(2**24, np.int16), 22050, format="WAV")
        server.files["/a.wav"] = file.getvalue()
    server.seconds_a_part = 0.05
    url = f"{server.address}/a.{suffix}?token={SECRET}"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [str(SCRIPT), "extract", url, "-o", str(tmp_path / "t.csv")]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as started:
        deadline = time.monotonic() + 60
        while server.sent < 2**18 and time.monotonic() < deadline:
            time.sleep(0.02)
        started.send_signal(signal.SIGINT)
        _, errors = started.communicate(timeout=120)
    assert started.returncode == 130
    assert errors.strip() == "Interrupted."
    assert not list(tmp_path.iterdir())
