"""Measures the constants of docs/scale.md, and prints its two tables.

From the folder benches: PYTHONPATH=../tests ../.venv/bin/python calibrate_scale.py [--write]

With --write the tables of the page are replaced. Times are those of processors, the least of
several runs. The sounds are pieces of the shared music, written as WAV and as MP3.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import pickle
import subprocess
import sys
import tempfile
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from typing import Any

import distributed
import numpy as np
import soundfile
from corpora import write_mp3
from scale_model import COLUMNS, PAGE, PART_ROWS, Constants, K, computed, with_tables
from support.data import DATA

import audioclust as ac
from audioclust import _core
from audioclust.audio.sources import scan
from audioclust.clustering.parted.lloyd import fit_in_parts
from audioclust.clustering.parted.parts import InMemory
from audioclust.distributed.running import Tasks
from audioclust.distributed.workers.heads import head_of
from audioclust.extraction.partitions.cutting import cut
from audioclust.extraction.partitions.fingerprints import fingerprint
from audioclust.extraction.partitions.store import Store
from audioclust.extraction.table import FeatureTable

RUNS = 5
N_TINY = 20_000
N_TASKS = 1000
LLOYD_ROWS = 4 * PART_ROWS
ITERATIONS = 5
# Not getrusage(): its maximum includes that of the process that started this one.
FIT = """
import re, sys
import numpy as np
import audioclust as ac
from audioclust.audio.spans import Item
from audioclust.extraction.settings import ExtractionSettings
from audioclust.extraction.table import FeatureTable
n, k = map(int, sys.argv[1:])
settings = ExtractionSettings.checked()
columns = settings.plans.columns
values = np.random.default_rng(0).standard_normal((n, len(columns)), np.float32)
name = "/archive/{:05}/a sound of many {:08}.wav"
items = tuple(Item(name.format(i // 500, i), 0.0, 5.0) for i in range(n))
table = FeatureTable(
    values=values, columns=columns, items=items, errors=(), settings=settings
)
ac.cluster(table, k)
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) * 1.024)
"""


def least(work: Callable[[], object], runs: int = RUNS) -> float:
    """The least processor time of some runs, in ms."""
    times = []
    for _ in range(runs):
        start = process_time()
        work()
        times.append(process_time() - start)
    return 1000 * min(times)


def line(short: float, short_y: float, long: float, long_y: float) -> tuple[float, float]:
    """The line through two points: its value at 0 and its slope."""
    slope = (long_y - short_y) / (long - short)
    return short_y - slope * short, slope


def cut_sounds(folder: Path, n: int, seconds: float, suffix: str) -> list[Path]:
    """Write parts of the shared music, which is repeated where it is too short."""
    rng = np.random.default_rng(0)
    paths = []
    pieces = sorted((DATA / "music").glob("*.ogg"))
    assert pieces, f"no music in {DATA}"
    for number in range(n):
        y, sr = soundfile.read(pieces[number % len(pieces)], dtype="float32", always_2d=True)
        y = np.repeat(y, 2, axis=1) if y.shape[1] == 1 else y
        indices = (int(rng.integers(len(y))) + np.arange(int(seconds * sr))) % len(y)
        path = folder / f"{seconds:g}-{number:05}.{suffix}"
        if suffix == "mp3":
            write_mp3(path, y[indices], sr)
        else:
            soundfile.write(path, y[indices], sr, subtype="PCM_16")
        paths.append(path)
    return paths


def extraction(
    folder: Path, suffix: str, counts: dict[float, int]
) -> tuple[float, float, float]:
    """Processor time of a file and of each second, in ms, and kB of each second."""
    points: list[float] = []
    kb = 0.0
    for seconds, n in counts.items():
        paths = cut_sounds(folder, n, seconds, suffix)
        whole = functools.partial(ac.extract, paths, n_jobs=1, cache=False, progress=False)
        points += [seconds, least(whole) / n]
        kb = sum(path.stat().st_size for path in paths) / 1000 / n / seconds
    at_zero, slope = line(*points)
    return max(at_zero, 0.0), slope, kb


def finding(folder: Path) -> dict[str, float]:
    """What the client does for each file before anything is computed."""
    for number in range(N_TINY):
        file = folder / f"{number // 500:05}" / f"a sound of many {number:08}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    time = least(lambda: scan(folder)) / N_TINY
    tracemalloc.start()
    found = scan(folder)
    memory = tracemalloc.get_traced_memory()[0] / 1000 / N_TINY
    tracemalloc.stop()
    sent = len(pickle.dumps(cut(found, 100)[0])) / 1000 / 100
    return {"scan_time": time, "scan_memory": memory, "task_bytes": sent}


def moving(folder: Path) -> dict[str, float]:
    """How large rows are on the network and in a store."""
    found = scan(cut_sounds(folder, 1000, 0.5, "wav"))
    table = ac.extract([one.path for one in found.recordings], cache=False, progress=False)
    store = Store.checked(folder / "store")
    assert store is not None
    sizes: list[float] = []
    for n in (100, 1000):
        part: FeatureTable = table.filter(np.arange(1000) < n)
        known = store.write(0, part, fingerprint(cut(found, n)[0], table.settings, 0, 1))
        sizes += [n, known.n_bytes / 1000]
        if n == 100:
            row = len(pickle.dumps(part)) / 1000 / n
            head = len(pickle.dumps(head_of(part, known))) / 1000
    at_zero, slope = line(*sizes)
    return {
        "row_bytes": row,
        "head_bytes": head,
        "parquet_part": at_zero,
        "parquet_row": slope,
    }


def scheduling() -> dict[str, float]:
    """A task that does nothing: scheduler and client are in this process, workers are not."""
    given = b"x" * 12_000  # as long as 100 paths
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):

        def run() -> None:
            with Tasks(client, "nothing", "") as tasks:
                begun = 0
                for _ in range(N_TASKS):
                    while begun < N_TASKS and tasks.has_room():
                        tasks.submit(f"{begun:05}", len, given)
                        begun += 1
                    tasks.next()

        run()
        time = least(run, 3) / N_TASKS
        with counted(cluster.scheduler) as counts:
            run()
        return {"task_time": time, "task_messages": counts.total() / N_TASKS}


@contextlib.contextmanager
def counted(scheduler: Any) -> Iterator[Counter[str]]:
    """Count messages to and from a scheduler of this process, without signs of life."""
    counts: Counter[str] = Counter()

    def noting(name: str, work: Callable[..., Any], each: int) -> Callable[..., Any]:
        @functools.wraps(work)
        def noted(*arguments: Any, **named: Any) -> Any:
            counts[name] += each
            return work(*arguments, **named)

        @functools.wraps(work)
        async def awaited(*arguments: Any, **named: Any) -> Any:
            return await noted(*arguments, **named)

        return awaited if inspect.iscoroutinefunction(work) else noted

    before = dict(scheduler.stream_handlers), dict(scheduler.handlers)
    # A message in a stream has no answer; a call has one.
    for handlers, each in ((scheduler.stream_handlers, 1), (scheduler.handlers, 2)):
        for name, work in list(handlers.items()):
            if "heartbeat" not in name:
                handlers[name] = noting(name, work, each)
    senders = [*scheduler.stream_comms.values(), *scheduler.client_comms.values()]
    sends = [sender.send for sender in senders]
    for sender, send in zip(senders, sends, strict=True):
        sender.send = functools.partial(_sent, counts, send)
    try:
        yield counts
    finally:
        scheduler.stream_handlers.update(before[0])
        scheduler.handlers.update(before[1])
        for sender, send in zip(senders, sends, strict=True):
            sender.send = send


def _sent(counts: Counter[str], send: Callable[..., Any], *messages: Any) -> None:
    counts["sent"] += len(messages)
    send(*messages)


def grouping() -> dict[str, float]:
    """k-means of rows without any groups, for which it can leave out least, and its start."""
    rows = np.random.default_rng(0).standard_normal((LLOYD_ROWS, COLUMNS))
    start = rows[:K].copy()
    parts = InMemory(np.array_split(rows, LLOYD_ROWS // PART_ROWS))
    options = {"n_clusters": K, "n_init": 1, "max_iter": ITERATIONS, "tol": 0.0, "seed": 0}

    def whole() -> None:
        _core.kmeans(rows, init=start, n_threads=1, **options)  # type: ignore[arg-type]

    def parted() -> None:
        fit_in_parts(parts, start, max_iter=ITERATIONS, tol=0.0)

    each = 1e6 / (LLOYD_ROWS * COLUMNS * K * ITERATIONS)
    ward = functools.partial(_core.ward, rows[:5000].copy(), n_threads=1)
    return {
        "lloyd": each * least(whole),
        "parted_lloyd": each * least(parted),
        "fit_memory": fit_memory(),
        "ward": least(ward, 3) / 1000,
    }


def fit_memory() -> float:
    """Memory that cluster() takes for each row more, in kB."""
    points: list[float] = []
    for n in (50_000, 150_000):
        command = [sys.executable, "-c", FIT, str(n), str(K)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        points += [n, float(done.stdout)]
    return line(*points)[1]


def calibrated() -> Constants:
    with tempfile.TemporaryDirectory() as folder:
        names = ("wav", "mp3", "tiny", "moved")
        wav, mp3, tiny, moved = (Path(folder) / name for name in names)
        for one in (wav, mp3, tiny, moved):
            one.mkdir()
        wav_file, wav_second, wav_bytes = extraction(wav, "wav", {1: 60, 9: 60})
        mp3_file, mp3_second, mp3_bytes = extraction(mp3, "mp3", {1: 60, 181: 4})
        return Constants(
            wav_file=wav_file,
            wav_second=wav_second,
            wav_bytes=wav_bytes,
            mp3_file=mp3_file,
            mp3_second=mp3_second,
            mp3_bytes=mp3_bytes,
            **finding(tiny),
            **moving(moved),
            **scheduling(),
            **grouping(),
        )


def main() -> None:
    constants = calibrated()
    print(constants.as_markdown())
    print(computed(constants))
    if "--write" in sys.argv[1:]:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(with_tables(page, constants), encoding="utf-8")


if __name__ == "__main__":
    main()
