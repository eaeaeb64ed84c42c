"""t-SNE beside scikit-learn's and openTSNE's: speed, quality, memory.

All have two threads, the same perplexity and their own defaults for the rest.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import openTSNE
import pytest
from report import case, fact, measure
from sklearn.manifold import TSNE, trustworthiness
from sklearn.neighbors import NearestNeighbors
from support.data import DATA
from support.labelled import SETS

import audioclust as ac
from audioclust.clustering.layouts.tsne import tsne

COLUMNS = 33
LAYOUTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "ours": lambda rows: tsne(rows, n_threads=2).points,
    "openTSNE": lambda rows: np.asarray(openTSNE.TSNE(n_jobs=2, random_state=0).fit(rows)),
    "scikit-learn": lambda rows: TSNE(n_jobs=2, random_state=0).fit_transform(rows),
}
MEMORY = """
import sys
import numpy as np
from audioclust.clustering.layouts.tsne import tsne
rows = np.random.default_rng(0).normal(size=(int(sys.argv[1]), 33))
def peak():
    # The peak of this program alone: getrusage() begins with that of the one that started it.
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024
before = peak()
tsne(rows, n_threads=2, max_iter=20)
print((peak() - before) / len(rows))
"""


def groups(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Give rows in 30 groups, each about a sheet of its own, and the groups' numbers."""
    rng = np.random.default_rng(0)
    label = rng.integers(0, 30, n)
    middle = 1.2 * rng.normal(size=(30, COLUMNS))
    sheets = 0.5 * rng.normal(size=(30, 4, COLUMNS))
    along = np.einsum("ik,ikc->ic", rng.normal(size=(n, 4)), sheets[label])
    rows = middle[label] + along + 0.3 * rng.normal(size=(n, COLUMNS))
    return (rows - rows.mean(axis=0)) / rows.std(axis=0), label


@pytest.mark.parametrize("role", LAYOUTS)
def bench_5000_rows(benchmark: Any, role: str) -> None:
    name = f"t-SNE of 5,000 rows of {COLUMNS} columns, two threads"
    goal = "3 x faster than openTSNE" if role == "openTSNE" else ""
    case(benchmark, name, role, goal)
    rows, labels = groups(5000)
    points = measure(benchmark, lambda: LAYOUTS[role](rows), rounds=3)
    told(f"{name}, {role}", rows, points, labels)


@pytest.mark.parametrize("role", ["ours", "openTSNE"])
def bench_50000_rows(benchmark: Any, role: str) -> None:
    name = f"t-SNE of 50,000 rows of {COLUMNS} columns, two threads"
    case(benchmark, name, role, "1.5 x faster than openTSNE" if role == "openTSNE" else "")
    rows, labels = groups(50_000)
    points = benchmark.pedantic(LAYOUTS[role], args=(rows,), rounds=1)
    # Trustworthiness ranks all pairs, which is too much memory: that of a sample is measured.
    some = np.random.default_rng(1).permutation(len(rows))[:5000]
    told(f"{name}, {role}", rows[some], points[some], labels[some])


@pytest.mark.parametrize("name", ["digits", "drums", "instruments"])
@pytest.mark.parametrize("role", LAYOUTS)
def bench_sounds(name: str, role: str) -> None:
    if not DATA.is_dir():
        pytest.skip(f"no sounds in {DATA}")
    pattern, label = SETS[name]
    paths = sorted(DATA.glob(pattern))
    rows = np.asarray(ac.cluster(paths, 2).scaled, np.float64)
    labels = np.array([label(path) for path in paths])
    told(f"t-SNE of {name}, {role}", rows, LAYOUTS[role](rows), labels)


def told(name: str, rows: np.ndarray, points: np.ndarray, labels: np.ndarray) -> None:
    """Add how well points show which rows are near which, and whose labels are alike."""
    nearest = NearestNeighbors(n_neighbors=5).fit(points).kneighbors()[1]
    alike = float(np.mean(labels[nearest] == labels[:, None]))
    trust = trustworthiness(rows, points)
    fact(f"{name}: trustworthiness / neighbours alike", f"{trust:.4f} / {alike:.4f}")


def bench_memory() -> None:
    for n in (50_000, 100_000):
        command = [sys.executable, "-c", MEMORY, str(n)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        each = float(done.stdout) / 1000
        fact(f"t-SNE of {n:,} rows: memory for each row", f"{each:.1f} kB", "the same for both")
