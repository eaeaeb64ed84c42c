"""Similar sounds, and duplicates: how fast they are found, and how many of them.

Thresholds of duplicates were chosen on a fifth of the recordings. What is measured here is of
the other four fifths.
"""

from __future__ import annotations

from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pytest
from report import case, fact
from sklearn.neighbors import NearestNeighbors
from support.copies import write_copies
from support.data import DATA

import audioclust as ac
from audioclust.audio.sources import scan
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.fingerprints.recorded import fingerprints_of
from audioclust.results.uses import same_recordings

SHAPE = (100_000, 150)


@pytest.fixture(scope="module")
def clustering() -> ac.Clustering:
    """One cluster of random rows."""
    rows = np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)
    table = ac.FeatureTable.from_array(rows, [f"{i}.wav" for i in range(len(rows))], "x")
    return ac.cluster(table, 1, scaling="standard", n_jobs=1)


@pytest.mark.parametrize("role", ["ours", "scikit-learn"])
def bench_similar(benchmark: Any, role: str, clustering: ac.Clustering) -> None:
    name = "the 10 nearest of 100,000 rows of 150 columns"
    goal = "at most 60 ms" if role == "ours" else ""
    case(benchmark, name, role, goal)
    rows = clustering.scaled
    peer = NearestNeighbors(n_neighbors=11, algorithm="brute", n_jobs=1).fit(rows)

    def theirs() -> set[int]:
        return set(peer.kneighbors(rows[:1])[1][0].tolist()) - {0}

    def ours() -> set[int]:
        return {int(item.path[:-4]) for item in clustering.similar("0.wav").items}

    assert ours() == theirs()
    benchmark(ours if role == "ours" else theirs)


def written(folder: Path, **how: Any) -> set[frozenset[str]]:
    if not DATA.is_dir():
        pytest.skip(f"no sounds in {DATA}")
    return write_copies(folder, tuning=False, n=1000, n_copies=200, **how)


@pytest.mark.parametrize(
    ("what", "least", "most"),
    [("of 4 s and more, cut by up to 2 s at each end", 3.9, 2.0),
     ("of 0.3 s and more, cut by up to 0.2 s at each end", 0.3, 0.2)],
)  # fmt: skip
def bench_duplicates(tmp_path: Path, what: str, least: float, most: float) -> None:
    copied = written(tmp_path, least=least, most=most)
    found = ac.duplicates(str(tmp_path), n_jobs=1)
    pairs = {frozenset({pair.first.path, pair.second.path}) for pair in found.pairs}
    right = len(pairs & copied)
    n_files = f"{found.n_compared} files"
    name = f"duplicates {what}: {len(copied)} copies (MP3, Opus, AAC; 6 dB) among {n_files}"
    goals = ("at least 0.95", "at least 0.9") if most == 2.0 else ("", "")
    fact(f"{name}, precision", f"{right / max(1, len(pairs)):.3f}", goals[0])
    fact(f"{name}, recall", f"{right / len(copied):.3f}", goals[1])


def bench_fingerprints_beside_features(long_files: list[str]) -> None:
    def fingerprints() -> None:
        fingerprints_of(scan(long_files), 1e6, BatchSettings())

    def features() -> None:
        ac.extract(long_files, n_jobs=1, progress=False)

    took: dict[str, list[float]] = {"fingerprints": [], "features": []}
    for _ in range(5):
        for work in (fingerprints, features):
            begun = process_time()
            work()
            took[work.__name__].append(process_time() - begun)
    share = min(took["fingerprints"]) / min(took["features"])
    fact("time of fingerprints beside that of the default features", f"{share:.2f} ×")


@pytest.mark.parametrize("n", [1000, 10_000])
def bench_matching(n: int) -> None:
    """Random fingerprints of 60 s; a tenth are copies, with a tenth of their bits wrong."""
    rng = np.random.default_rng(0)
    n_words = 5168
    prints = [rng.integers(1, 2**32, n_words, np.uint32) for _ in range(n - n // 10)]
    for words in prints[: n // 10]:
        wrong = np.packbits(rng.random((n_words, 32)) < 0.1, axis=1).view(np.uint32).ravel()
        prints.append(words[100:] ^ wrong[100:])
    begun = process_time()
    found = same_recordings.matched(prints, n_threads=1)
    took = process_time() - begun
    assert len(found) == n // 10
    fact(f"duplicates among {n:,} fingerprints of 60 s", f"{took:.2f} s of processor time")
