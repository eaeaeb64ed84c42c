"""Start-up, the whole command on a small folder, and peak memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import pytest
import soundfile
from corpora import DATA
from report import fact

SCRIPT = Path(sys.executable).with_name("audioclust")
IMPORT = """
import numpy, time
start = time.perf_counter()
import audioclust
print(1e3 * (time.perf_counter() - start))
"""
# Not getrusage(): its maximum goes on from that of the process that started this one.
PEAK = """
import re, sys, audioclust
audioclust.extract(sys.argv[1], n_jobs=1)
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) / 1024)
"""


def printed(code: str, *arguments: object) -> float:
    """The number that a fresh interpreter prints."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def seconds(*command: object) -> float:
    """The median time of nine runs of a command."""
    times = []
    for _ in range(9):
        start = perf_counter()
        subprocess.run(list(map(str, command)), stdout=subprocess.DEVNULL, check=True)
        times.append(perf_counter() - start)
    return median(times)


def bench_start_up() -> None:
    added = median(printed(IMPORT) for _ in range(9))
    fact("import audioclust, added to NumPy's import", f"{added:.1f} ms", "under 30 ms")
    fact("audioclust --help", f"{seconds(SCRIPT, '--help'):.3f} s", "at most 0.2 s")


def bench_drum_hits() -> None:
    hits = sorted((DATA / "drums").glob("*_*_*.mp3"))
    if not hits:
        pytest.skip(f"no drum hits in {DATA}")
    took = seconds(SCRIPT, "cluster", *hits, "-k", 2)
    fact(f"audioclust cluster on {len(hits)} drum hits", f"{took:.2f} s", "at most 1.0 s")


def bench_memory(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    second = (rng.uniform(-0.3, 0.3, (44100, 2)) * 32767).astype(np.int16)
    peaks = {}
    for minutes in (10, 60):
        path = tmp_path / f"{minutes}.flac"
        with soundfile.SoundFile(path, "w", 44100, 2) as file:
            for _ in range(60 * minutes):
                file.write(second)
        peaks[minutes] = printed(PEAK, path)
    fact("peak memory, 10 minutes of stereo FLAC", f"{peaks[10]:.1f} MB")
    fact("peak memory, 60 minutes", f"{peaks[60]:.1f} MB", "within 5 % of 10 minutes'")
