"""Memory does not grow with the length of a recording."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

# Not getrusage(): its maximum includes that of the process that started this one.
CODE = """
import json, re, sys, audioclust
options = json.loads(sys.argv[3])
if options:
    options = {"features": "rms", "preparation": audioclust.Preparation(**options)}
table = audioclust.extract(sys.argv[1], n_jobs=1, **options)
assert table.items[0].end in (float(sys.argv[2]), 3001.0)
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""


def write(path: Path, minutes: int, channels: int = 1) -> None:
    shape = (16000, channels)
    second = (np.random.default_rng(0).uniform(-0.3, 0.3, shape) * 32767).astype(np.int16)
    with soundfile.SoundFile(path, "w", 16000, channels) as file:
        for i in range(60 * minutes):
            # A minute of silence at both ends, and a swell.
            loud = 60 <= i < 60 * minutes - 60
            file.write(second * np.int16(loud) // np.int16(1 + 600 // (1 + i)))


def peak(path: Path, minutes: int, options: dict[str, Any] | None = None) -> int:
    given = json.dumps(options or {})
    command = [sys.executable, "-c", CODE, str(path), str(60 * minutes), given]
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


@pytest.fixture(scope="module")
def stereo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stereo")
    write(folder / "hour.wav", 60, channels=2)
    write(folder / "ten.wav", 10, channels=2)
    return folder


@pytest.mark.parametrize(
    "options",
    [
        {"offset": 1.0, "duration": 3000.0},
        {"channels": "right"},
        {"channels": "loudest"},
        {"highpass": 100.0},
        {"trim": 30.0},
        {"excerpt": 30.0},
        {"normalize": "peak"},
        {"normalize": "rms"},
        {"normalize": "loudness"},
        {"channels": "loudest", "highpass": 50.0, "trim": 30.0, "excerpt": 500.0,
         "normalize": "loudness"},
    ],
)  # fmt: skip
@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_an_hour_that_is_prepared_takes_no_more_than_ten_minutes(
    stereo: Path, options: dict[str, Any]
) -> None:
    hour, ten = (
        peak(stereo / f"{name}.wav", n, options) for name, n in [("hour", 60), ("ten", 10)]
    )
    # Loudness keeps a number for each 100 ms. An hour of one channel has 230,000 kB.
    assert hour <= 1.05 * ten + 2000
    assert hour < 150_000
