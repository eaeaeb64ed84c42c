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
from report import fact
from support.data import DATA

SCRIPT = Path(sys.executable).with_name("audioclust")
IMPORT = """
import numpy, time
start = time.perf_counter()
import audioclust
print(1e3 * (time.perf_counter() - start))
"""
# Not getrusage(): its maximum includes that of the process that started this one.
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


def write_hours(path: Path, hours: int) -> None:
    """A tone in faint noise, then silence, each second: ten hours of it are under 1 GB."""
    rng = np.random.default_rng(0)
    second = np.zeros((48000, 2), np.int16)
    tone = 10000 * np.sin(2 * np.pi * 440 / 48000 * np.arange(24000))
    second[:24000] = np.round(tone)[:, None] + rng.integers(-1, 2, (24000, 2))
    with soundfile.SoundFile(path, "w", 48000, 2) as file:
        for _ in range(3600 * hours):
            file.write(second)


def bench_memory(tmp_path: Path) -> None:
    peaks = {}
    for hours in (1, 10):
        path = tmp_path / f"{hours}.flac"
        try:
            write_hours(path, hours)
            peaks[hours] = printed(PEAK, path)
        finally:
            path.unlink(missing_ok=True)
    goal = "at most 300 MB and within 5 % of 1 hour's"
    fact("peak memory, 1 hour of 48 kHz stereo FLAC", f"{peaks[1]:.1f} MB")
    fact("peak memory, 10 hours", f"{peaks[10]:.1f} MB", goal)
