"""What a run costs with a cache: the first, the second, one changed file, 100,000 unchanged."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import numpy as np
from report import fact

from audioclust.audio.choosing.lengths import Heard
from audioclust.audio.decoding.limits import Limits
from audioclust.audio.sources import scan
from audioclust.audio.spans import Item
from audioclust.demo import synthesize
from audioclust.extraction.cache.files import path_of
from audioclust.extraction.cache.keys import reader_of, settings_key
from audioclust.extraction.cache.records import Kept, Origin, record_of
from audioclust.extraction.cache.settings import CacheSettings
from audioclust.extraction.cache.storage.database import open_database
from audioclust.extraction.cache.storage.store import Entry, Store
from audioclust.extraction.settings import ExtractionSettings

FILES = 100_000
COLUMNS = 150
LONG_AGO = 1_000_000_000
# Not getrusage(): its maximum includes that of the process that started this one.
RUN = """
import re, sys, time
start, busy = time.perf_counter(), time.process_time()
import audioclust
table = audioclust.extract(sys.argv[1], cache=sys.argv[2])
print(time.perf_counter() - start, time.process_time() - busy)
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) / 1024)
print(len(table))
"""


def measured(folder: Path, place: Path) -> tuple[float, float, float, int]:
    """Seconds, those of processors, peak memory in MB, and rows of a fresh process."""
    command = [sys.executable, "-c", RUN, str(folder), str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, busy, peak, n = map(float, done.stdout.split())
    return seconds, busy, peak, int(n)


def bench_a_folder_once_more(tmp_path: Path) -> None:
    folder, place = tmp_path / "sounds", tmp_path / "rows.sqlite"
    files = synthesize(str(folder), each=100)
    for file in files:
        os.utime(file, (LONG_AGO, LONG_AGO))
    cold, *_ = measured(folder, place)
    warm = median(measured(folder, place)[0] for _ in range(5))
    changes = []
    for file, other in zip(
        files, synthesize(str(tmp_path / "others"), seed=1)[:5], strict=False
    ):
        os.replace(other, file)
        os.utime(file, (LONG_AGO, LONG_AGO + 1))
        changes.append(measured(folder, place)[0])
    what = f"extract of {len(files)} short sounds"
    fact(f"{what}, nothing in the cache", f"{cold:.2f} s")
    fact(f"{what}, all in the cache", f"{warm:.2f} s")
    fact(f"{what}, one of them changed", f"{median(changes):.2f} s")


def bench_unchanged_files(tmp_path: Path) -> None:
    folder, place = tmp_path / "sounds", tmp_path / "rows.sqlite"
    write_tiny_files(folder)
    write_rows(folder, place)
    runs = [measured(folder, place) for _ in range(5)]
    assert all(n == FILES for *_, n in runs)
    seconds, busy = median(run[0] for run in runs), median(run[1] for run in runs)
    what = f"extract of {FILES:,} unchanged files, {COLUMNS} columns"
    fact(what, f"{seconds:.1f} s ({busy:.1f} s of a processor)", "at most 5 s")
    fact(f"{what}, peak memory", f"{max(run[2] for run in runs):.0f} MB", "at most 300 MB")


def write_tiny_files(folder: Path) -> None:
    """Files of some bytes, 500 in a folder; none of them is opened again."""
    for number in range(FILES):
        file = folder / f"{number // 500:03}" / f"a track of an album {number:06}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"%d" % number)
        os.utime(file, (LONG_AGO, LONG_AGO))


def write_rows(folder: Path, place: Path) -> None:
    """A random row for each file, in random order, as threads would leave them."""
    settings = ExtractionSettings.checked()
    assert len(settings.plans.columns) == COLUMNS
    key, reader = settings_key(settings, Limits()), reader_of("libsndfile", is_whole=True)
    assert key is not None
    database, _ = open_database(CacheSettings.checked(place))
    store = Store(database, key)
    recordings = scan(folder).recordings
    rng = np.random.default_rng(0)
    for block in np.array_split(rng.permutation(len(recordings)), 20):
        entries = []
        for number in block.tolist():
            recording = recordings[number]
            assert recording.status is not None
            row = {"features": rng.random(COLUMNS, dtype=np.float32)}
            item = Item(recording.path, 0.0, 1.5, decoder="libsndfile")
            digest = b"%032d" % number
            origin = Origin(path_of(recording), recording.status.size, digest, key)
            record = record_of(Kept(item, 22_050, row, Heard(1.5, True)), reader).sealed(origin)
            entries.append(Entry(origin, recording.status.mtime_ns, record))
        store.write(entries)
    database.close()
