"""Malformed files are results or errors in words: no abort, no hang, no flood of memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.data import ROOT
from support.encodes import need_ffmpeg
from support.odd import ENCODES

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and fork")

SETTINGS = {**os.environ, "MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1"}


@linux
@pytest.mark.timeout(3000)  # Some five minutes of one processor, which others may use too.
def test_all_that_reads_sounds_stands_odd_files(data: Path) -> None:
    need_ffmpeg()
    script = ROOT / "tests" / "support" / "odd.py"
    command = [sys.executable, str(script), str(data / "odd"), "--mutants", "1000"]
    done = subprocess.run(command, capture_output=True, text=True, env=SETTINGS, check=False)
    assert done.stderr == ""
    # The recordings, a table of them, and the synthetic sounds, damaged, whole and encoded.
    n = sum(path.is_file() for path in (data / "odd").rglob("*")) + 1000 + 30 + len(ENCODES)
    assert done.stdout.endswith(f"{n} files, {5 * n} calls, 0 failures\n"), done.stdout


BAD = """
import json, os, signal, sys, time
import numpy as np
import audioclust as ac
from support import odd

def told():
    raise ac.DecodeError("corrupt", "it is broken")

def internal():
    raise ac.NothingExtractedError((ac.ItemError("a", "internal", "KeyError: 3"),))

def spin():
    while True:
        pass

calls = {
    "all is well": lambda: None,
    "a typed error": told,
    "libmpg123's words": lambda: os.write(2, b"Note: Trying to resync...\\n"),
    "an internal error": internal,
    "an exception": lambda: {}["x"],
    "the end of Python": lambda: sys.exit(3),
    "words": lambda: os.write(2, b"From cffi callback\\n"),
    "memory": lambda: np.ones(2**26),
    "an abort": os.abort,
    "a loop": spin,
    "a wait": signal.pause,
}
for name, call in calls.items():
    odd.MOST_SECONDS = 1 if name == "a loop" else 60
    odd.PATIENCE = 3 if name == "a wait" else 300
    for outcome in odd.survey({name: lambda path, out: call()}, [sys.argv[1]]):
        print(json.dumps(outcome[:3]))
"""


@linux
def test_what_goes_wrong_is_told() -> None:
    command = [sys.executable, "-c", BAD, "a.wav"]
    paths = os.pathsep.join([str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")])
    settings = {**SETTINGS, "PYTHONPATH": paths.rstrip(os.pathsep)}
    done = subprocess.run(command, capture_output=True, text=True, env=settings, check=True)
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert {path for path, _, _ in outcomes} == {"a.wav"}
    wrong = {name: wrong for _, name, wrong in outcomes}
    assert re.match(r"it took 5[1-5]\d ", wrong.pop("memory"))  # MB, of 512 that it asks for.
    assert wrong == {
        "all is well": "",
        "a typed error": "",
        "libmpg123's words": "",
        "an internal error": "KeyError: 3",
        "an exception": "KeyError: 'x'",
        "the end of Python": "SystemExit: 3",
        "words": "standard error has ['From cffi callback']",
        "an abort": "the process ended with -6",
        "a loop": "it took more than 1 s",
        "a wait": "it hangs",
    }
