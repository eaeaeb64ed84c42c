"""Memory does not grow with the length of a recording."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

# Not getrusage(): its maximum includes that of the process that started this one.
CODE = """
import re, sys, audioclust
table = audioclust.extract(sys.argv[1], n_jobs=1)
assert table.items[0].end == float(sys.argv[2])
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""


def write(path: Path, minutes: int) -> None:
    second = (np.random.default_rng(0).uniform(-0.3, 0.3, 16000) * 32767).astype(np.int16)
    with soundfile.SoundFile(path, "w", 16000, 1) as file:
        for _ in range(60 * minutes):
            file.write(second)


def peak(path: Path, minutes: int) -> int:
    command = [sys.executable, "-c", CODE, str(path), str(60 * minutes)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_an_hour_takes_no_more_than_ten_minutes(tmp_path: Path) -> None:
    write(tmp_path / "hour.wav", 60)
    write(tmp_path / "ten.wav", 10)
    # The lower of two, since other allocations of the interpreter vary a little.
    hour = min(peak(tmp_path / "hour.wav", 60) for _ in range(2))
    ten = min(peak(tmp_path / "ten.wav", 10) for _ in range(2))
    assert hour <= 1.05 * ten
    assert hour < 150_000  # kB: far below the 230 MB that an hour has as float32
