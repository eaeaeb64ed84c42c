"""Segmentation takes little memory, however long a recording is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

CODE = """
import re, sys, audioclust
result = audioclust.segment(sys.argv[1], n_jobs=1)
assert result.recordings[0].duration == float(sys.argv[2])
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_an_hour_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "hour.wav"
    rng = np.random.default_rng(0)
    with soundfile.SoundFile(path, "w", 8000, 1) as file:
        for second in range(3600):
            noise = rng.normal(size=8000) * 0.1
            file.write(np.cumsum(noise) * 0.05 if second // 20 % 2 else noise)
    command = [sys.executable, "-c", CODE, str(path), "3600"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 250_000  # kB: its bands alone are 92 MB, and are on disk
