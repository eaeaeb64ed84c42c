"""Extraction and k-means on the workers of a Dask cluster, beside the threads of one process.

Two workers of one thread each, on this machine, beside two threads: processors are the same.
So what the cluster adds is what is measured. That both give the same bits is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import distributed
import numpy as np
import pytest
import soundfile
from corpora import music
from report import fact

import audioclust as ac
from audioclust import _core
from audioclust.clustering.parted.lloyd import fit_in_parts
from audioclust.distributed.parts import DaskParts
from audioclust.distributed.running import Tasks

__all__ = ["music"]

N_FILES = 1500
ROUNDS = 3
PART_ROWS = 62_500
N_PARTS = 16
COLUMNS = 150
K = 20
ITERATIONS = 10


@pytest.fixture(scope="module")
def client() -> Iterator[distributed.Client]:
    """The client of two workers, which are processes of their own."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def files(music: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """1,500 WAV files of one to two seconds, cut from the pieces."""
    folder = tmp_path_factory.mktemp("cut")
    rng = np.random.default_rng(0)
    pieces = [soundfile.read(piece, dtype="float32", always_2d=True) for piece in music]
    paths = []
    for number in range(N_FILES):
        y, sr = pieces[number % len(pieces)]
        length = int(rng.uniform(1, 2) * sr)
        start = rng.integers(0, len(y) - length)
        paths.append(folder / f"{number:04}.wav")
        soundfile.write(paths[-1], y[start : start + length], sr)
    return paths


def bench_extraction(files: list[Path], client: distributed.Client) -> None:
    def in_threads() -> ac.FeatureTable:
        return ac.extract(files, n_jobs=2, cache=False, progress=False)

    def on_workers(size: int) -> Callable[[], ac.FeatureTable]:
        return lambda: ac.extract(
            files, client=client, partition_size=size, cache=False, progress=False
        )

    works = {0: in_threads, 10: on_workers(10), 100: on_workers(100), 500: on_workers(500)}
    tables = {size: work() for size, work in works.items()}
    assert all(table == tables[0] for table in tables.values())
    times = interleaved(works)
    what = f"extract of {N_FILES:,} short WAV files"
    fact(f"{what}, two threads", f"{times[0]:.2f} s")
    for size in (10, 100, 500):
        n_tasks = N_FILES // size
        each = 1000 * (times[size] - times[0]) / n_tasks
        fact(
            f"{what}, two workers, {size} files a task",
            f"{times[size] / times[0]:.3f} × the time of two threads; {each:+.1f} ms a task",
        )


def interleaved(works: Mapping[Any, Callable[[], object]]) -> dict[Any, float]:
    """The median time of each work in seconds; all of them run once in each round."""
    times: dict[Any, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            start = perf_counter()
            work()
            times[name].append(perf_counter() - start)
    return {name: median(each) for name, each in times.items()}


def made(number: int) -> np.ndarray:
    """Rows of one part, the same in every process: 20 groups that overlap."""
    middles = np.random.default_rng(0).standard_normal((K, COLUMNS), np.float32)
    rng = np.random.default_rng([1, number])
    group = rng.integers(0, K, PART_ROWS)
    rows = rng.standard_normal((PART_ROWS, COLUMNS), np.float32)
    return (middles[group] + 3 * rows).astype(np.float64)


def bench_lloyd(client: distributed.Client) -> None:
    rows = np.concatenate([made(number) for number in range(N_PARTS)])
    start = rows[:K].copy()

    def gathered() -> tuple[Any, ...]:
        return _core.kmeans(
            rows,
            init=start,
            n_clusters=K,
            n_init=1,
            max_iter=ITERATIONS,
            tol=0.0,
            seed=0,
            n_threads=2,
        )

    with Tasks(client, "bench", "nothing was kept") as tasks:
        futures = [tasks.keep(f"{n:02}", made, n, what="rows") for n in range(N_PARTS)]
        parts = DaskParts(tasks, futures, [PART_ROWS] * N_PARTS)

        def in_parts() -> Any:
            return fit_in_parts(parts, start, max_iter=ITERATIONS, tol=0.0)

        labels, centers, inertia, n_iter, _ = gathered()
        fit = in_parts()
        assert n_iter == fit.n_iter == ITERATIONS
        assert np.array_equal(np.concatenate(fit.labels), labels)
        assert np.array_equal(fit.centers, centers)
        assert fit.inertia == inertia
        times = interleaved({"gathered": gathered, "in parts": in_parts})
    what = f"{ITERATIONS} iterations of k-means, {len(rows):,} × {COLUMNS}, k={K}"
    fact(f"{what}, one process of two threads", f"{times['gathered']:.2f} s")
    ratio = times["in parts"] / times["gathered"]
    fact(
        f"{what}, two workers, {N_PARTS} parts",
        f"{times['in parts']:.2f} s, {ratio:.2f} × that; the same bits",
    )
