"""What is said of new files: clusters that stay what they are, what is far, and descriptors.

Whether k-means starts from the earlier centres was chosen on one-shot samples; what is measured
here is of spoken digits. The bound of what is far was not chosen on data.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
import pytest
from corpora import music
from numpy.typing import NDArray
from report import fact
from scipy.optimize import linear_sum_assignment
from support.data import DATA

import audioclust as ac

__all__ = ["music"]  # A fixture.

SUFFIXES = (".wav", ".mp3", ".ogg")


def sounds_of(*names: str) -> list[str]:
    folders = [DATA / name for name in names]
    found = sorted(
        str(path) for folder in folders for path in folder.rglob("*") if path.suffix in SUFFIXES
    )
    if not found:
        pytest.skip(f"no sounds in {folders}")
    return found


def same_number(old: NDArray[np.int32], new: NDArray[np.int32]) -> float:
    return float(np.mean(old == new))


def matched(old: NDArray[np.int32], new: NDArray[np.int32], k: int) -> NDArray[np.int32]:
    """New labels under the numbers of the old ones that they have most items in common with."""
    shared = np.zeros((k, k))
    np.add.at(shared, (new, old), 1)
    rows, columns = linear_sum_assignment(-shared)
    number = np.empty(k, np.int32)
    number[rows] = columns
    return number[new]


@pytest.mark.parametrize("k", [8, 12])
def bench_numbers_that_stay(k: int) -> None:
    table = ac.extract(sounds_of("digits"))
    kept, fresh = [], []
    for seed in range(10):
        is_old = np.ones(len(table), bool)
        draw = np.random.default_rng(seed).permutation(len(table))
        is_old[draw[: len(table) // 10]] = False
        old = ac.cluster(table.filter(is_old), k)
        anew = ac.cluster(table, k).labels[is_old]
        kept.append(same_number(old.labels, ac.cluster(table, previous=old).labels[is_old]))
        fresh.append(same_number(old.labels, matched(old.labels, anew, k)))
    what = f"300 digits in {k} clusters, a tenth new: old files that keep their number"
    fact(what, f"{np.mean(kept):.3f}; {np.mean(fresh):.3f} by matching with a fresh start")


def share_far(result: ac.Clustering, paths: Sequence[str]) -> float:
    return float(result.predict(list(paths), progress=False).is_far.mean())


@pytest.mark.parametrize("name", ["digits", "instruments"])
def bench_what_is_far(name: str) -> None:
    own = sounds_of(name)
    left_out = own[::5]
    result = ac.cluster([path for path in own if path not in left_out])
    others = [other for other in ("digits", "drums", "instruments", "samples") if other != name]
    shares = [f"{share_far(result, sounds_of(other)):.2f} of {other}" for other in others]
    words = f"{share_far(result, left_out):.2f} of {name} left out, {', '.join(shares)}"
    fact(f"far from all clusters of {name}", words)


def bench_a_kind_that_was_not_there() -> None:
    kinds = sorted(path for path in (DATA / "samples").iterdir() if path.is_dir())
    unseen, known = [], []
    for kind in kinds:
        others = sounds_of(*(f"samples/{other.name}" for other in kinds if other != kind))
        result = ac.cluster([path for i, path in enumerate(others) if i % 5], len(kinds) - 1)
        unseen.append(share_far(result, sounds_of(f"samples/{kind.name}")))
        known.append(share_far(result, others[::5]))
    words = f"{np.mean(unseen):.3f}; {np.mean(known):.3f} of files of known kinds"
    fact(f"far, of a kind of one-shot samples that was left out (mean of {len(kinds)})", words)


def bench_descriptors(music: list[Path]) -> None:
    def took(files: Sequence[str], *, descriptors: bool) -> float:
        start = process_time()
        ac.extract(files, descriptors=descriptors, n_jobs=1)
        return process_time() - start

    for what, files in (
        ("11 pieces of music", [str(path) for path in music]),
        ("114 drum hits", sounds_of("drums")),
    ):
        pairs = [
            (took(files, descriptors=True), took(files, descriptors=False)) for _ in range(7)
        ]
        ratio = median(ours / plain for ours, plain in pairs)
        fact(f"extract with descriptors, processor time beside that without: {what}",
             f"{ratio:.2f} ×")  # fmt: skip
