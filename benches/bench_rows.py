"""k-means and self-organizing maps of rows of numbers, beside scikit-learn, faiss, MiniSom and
Somoclu: the same rows and starts, single precision, two threads unless said.
"""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import warnings
from collections.abc import Iterator
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from report import case, fact, measure
from sklearn.cluster import KMeans as ScikitLearn
from sklearn.cluster import kmeans_plusplus
from sklearn.datasets import make_blobs

import audioclust as ac
from audioclust import _core
from audioclust.clustering.maps.som import MapSettings, initial_codebook

THREADS = 2
LLOYD = [(100_000, 40, 64), (1_000_000, 20, 16)]
GOALS = {(100_000, 40, 64): "at least 2 ×", (1_000_000, 20, 16): "at least 2 ×"}


def blobs(n: int, d: int, k: int, std: float = 6) -> np.ndarray:
    rows: np.ndarray = make_blobs(n, d, centers=k, cluster_std=std, random_state=0)[0]
    return rows.astype(np.float32)


def noise(n: int, d: int, k: int) -> np.ndarray:  # noqa: ARG001
    return np.random.default_rng(0).random((n, d), dtype=np.float32)


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    """Keep the peers' BLAS and OpenMP to as many threads as ours get."""
    with (
        pytest.importorskip("threadpoolctl").threadpool_limits(THREADS),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


def lloyd(rows: np.ndarray, start: np.ndarray, max_iter: int = 25) -> Any:
    return _core.kmeans(
        rows,
        n_clusters=len(start),
        n_init=1,
        max_iter=max_iter,
        tol=0.0,
        seed=0,
        n_threads=THREADS,
        init=start,
    )


@pytest.mark.parametrize("make", [blobs, noise])
@pytest.mark.parametrize("shape", LLOYD, ids=str)
@pytest.mark.parametrize("role", ["ours", "scikit-learn", "faiss"])
def bench_lloyd(benchmark: Any, role: str, shape: tuple[int, int, int], make: Any) -> None:
    n, d, k = shape
    rows = make(n, d, k)
    start = rows[:k].copy()
    goal = GOALS[shape] if make is blobs and role == "scikit-learn" else ""
    if role == "faiss" and make is blobs and k == 64:
        goal = "at least 5 ×"
    case(
        benchmark, f"25 of Lloyd's iterations, {n:,} × {d}, k={k}, {make.__name__}", role, goal
    )
    if role == "ours":
        measure(benchmark, lambda: lloyd(rows, start))
    elif role == "scikit-learn":
        measure(
            benchmark,
            lambda: ScikitLearn(k, init=start, n_init=1, max_iter=25, tol=0).fit(rows),
        )
    else:
        faiss = pytest.importorskip("faiss")
        if k != 64:
            pytest.skip("measured on the first shape only")
        faiss.omp_set_num_threads(THREADS)
        # Without max_points_per_centroid it would use a sample of the rows.
        measure(
            benchmark,
            lambda: faiss.Kmeans(
                d, k, niter=25, max_points_per_centroid=n, verbose=False
            ).train(rows, init_centroids=start),
        )


def greedy_start(rows: np.ndarray, k: int) -> float:
    """Time the start alone: one iteration after it, less one iteration from given centres."""
    begin = perf_counter()
    _core.kmeans(rows, n_clusters=k, n_init=1, max_iter=1, tol=0.0, seed=0, n_threads=THREADS)
    middle = perf_counter()
    lloyd(rows, rows[:k].copy(), 1)
    return middle - begin - (perf_counter() - middle)


def bench_greedy_start() -> None:
    rows = blobs(100_000, 40, 64)
    ours, theirs = [], []
    for _ in range(5):
        ours.append(greedy_start(rows, 64))
        begin = perf_counter()
        kmeans_plusplus(rows, 64, random_state=0)
        theirs.append(perf_counter() - begin)
    one, other = median(ours), median(theirs)
    times = f"{1e3 * one:.0f} ms against {1e3 * other:.0f} ms"
    fact(
        "k-means++ start, 100,000 × 40, k=64, beside scikit-learn",
        f"{other / one:.2f} × ({times})",
        "at least 6 ×",
    )


@pytest.mark.parametrize("shape", [(100_000, 40, 64), (10_000, 40, 8)], ids=str)
@pytest.mark.parametrize("role", ["ours", "scikit-learn"])
def bench_whole_fit(benchmark: Any, role: str, shape: tuple[int, int, int]) -> None:
    n, d, k = shape
    rows = blobs(n, d, k, 3)
    goal = "at least 5 ×" if n == 10_000 else "at least 4 ×"
    case(benchmark, f"a whole fit, {n:,} × {d}, k={k}", role, goal)
    kind: Any = ac.KMeans if role == "ours" else ScikitLearn
    measure(benchmark, lambda: kind(k, n_init=1, random_state=0).fit(rows))


def bench_inertia_of_whole_fits() -> None:
    for n, d, k in ((100_000, 40, 64), (10_000, 40, 8)):
        rows = blobs(n, d, k, 3)
        kinds: tuple[Any, Any] = (ac.KMeans, ScikitLearn)
        ours, theirs = (
            median(kind(k, n_init=1, random_state=s).fit(rows).inertia_ for s in range(5))
            for kind in kinds
        )
        fact(
            f"inertia of whole fits, {n:,} × {d}, k={k}, median of five seeds",
            f"{ours / theirs:.4f} × scikit-learn's",
            "at most 1.02 ×",
        )


def settings(shape: tuple[int, int], training: Any, n_epochs: int, **more: Any) -> MapSettings:
    return MapSettings(shape, training=training, n_epochs=n_epochs, n_threads=THREADS, **more)


@pytest.mark.parametrize("role", ["ours, one thread", "MiniSom"])
def bench_online_map(benchmark: Any, role: str) -> None:
    rows = blobs(5000, 40, 8)
    role_name = "ours" if role.startswith("ours") else role
    case(
        benchmark, "5,000 online steps of a 20 × 20 map, 40 columns", role_name, "at least 35 ×"
    )
    if role_name == "ours":
        told = settings((20, 20), "online", 1, sigma=10.0)
        start, core = initial_codebook(rows, told), told.checked()
        measure(benchmark, lambda: core.train_online(rows, None, start, first=0, end=1), 9)
        return
    minisom = pytest.importorskip("minisom")
    som = minisom.MiniSom(20, 20, 40, sigma=10, learning_rate=0.5, random_seed=0)
    measure(benchmark, lambda: som.train(rows, 5000))


MAPS = [(50_000, (30, 30), "at least 20 ×"), (5000, (20, 20), "at least 15 ×")]


@pytest.mark.parametrize(("n", "shape", "goal"), MAPS, ids=["large", "small"])
@pytest.mark.parametrize("role", ["ours", "Somoclu"])
def bench_batch_map(benchmark: Any, role: str, n: int, shape: Any, goal: str) -> None:
    rows = blobs(n, 40, 8)
    name = f"ten batch epochs of a {shape[0]} × {shape[1]} map, {n:,} × 40"
    case(benchmark, name, role, goal)
    # Both start from the same plane. It is ordered already, so a narrow radius is enough.
    told = settings(shape, "batch", 10, sigma=4.0, init="pca")
    start = initial_codebook(rows, told)
    core = told.checked()
    if role == "ours":
        units = measure(
            benchmark, lambda: core.train_batch(rows, None, start, n_threads=THREADS)
        )
    else:
        somoclu = pytest.importorskip("somoclu")

        def train() -> np.ndarray:
            som = somoclu.Somoclu(
                shape[1], shape[0], initialcodebook=start.reshape(*shape, 40).copy()
            )
            with contextlib.redirect_stdout(io.StringIO()):
                som.train(rows, epochs=10)
            return np.asarray(som.codebook.reshape(-1, 40))

        units = measure(benchmark, train, 3)
    error = core.fit(rows, None, units.astype(np.float32), n_threads=THREADS)[2]
    fact(f"quantization error, {name}, {role}", f"{error:.3f}")


SIZES = [
    (10_000, 40, 16),
    (100_000, 40, 16),
    (1_000_000, 40, 16),
    (100_000, 10, 16),
    (100_000, 160, 16),
    (100_000, 40, 4),
    (100_000, 40, 64),
    (100_000, 40, 256),
]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("size", SIZES, ids=str)
def bench_growth(size: tuple[int, int, int], threads: int) -> None:
    """Time ten iterations by size, over noise, where bounds skip nothing."""
    n, d, k = size
    rows = noise(n, d, k)
    start = rows[:k].copy()
    times = []
    for _ in range(3):
        begin = perf_counter()
        _core.kmeans(
            rows, n_clusters=k, n_init=1, max_iter=10, tol=0.0, seed=0, n_threads=threads,
            init=start,
        )  # fmt: skip
        times.append(perf_counter() - begin)
    each = 1e9 * median(times) / 10 / n / (d * k)
    fact(
        f"ten iterations, {n:,} × {d}, k={k}, {threads} thread{'s' * (threads > 1)}",
        f"{1e3 * median(times):.1f} ms, {each:.4f} ns for each row, column and centre",
    )


MEMORY = """
import numpy as np
from audioclust import {name}
def peak():
    with open("/proc/self/status") as status:
        return int(next(l for l in status if l.startswith("VmHWM")).split()[1]) * 1024
x = np.random.default_rng(0).random((1_000_000, 40), dtype=np.float32)
model = {model}
model.fit(x[:5000])
before = peak()
model.fit(x)
print((peak() - before) / len(x))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("model", ["KMeans(64, max_iter=5)", "SOM((20, 20), n_epochs=3)"])
def bench_memory(model: str) -> None:
    code = MEMORY.format(name=model.partition("(")[0], model=model)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    fact(
        f"memory of {model}.fit(X) beside X, 1,000,000 × 40",
        f"{float(done.stdout):.1f} bytes a row",
        "at most 20",
    )
